/* What two points saw of one direction of a group, with numbers that can be compared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_LANE_H
#define TCPSTATE_LANE_H

#include "group.h"

/* Nanoseconds. A segment mostly takes no longer than this beyond the fastest one that is known. */
#define LANE_JITTER G_GINT64_CONSTANT(10000000)

/* A sighting, with its numbers as the first of the two points has them. */
struct entry {
    struct sighting *sighting;
    struct sighting *twin; /* at the other point; NULL for none */
    guint32 seq, ack;
    guint32 connection;        /* its lowest number at any point, as twins_first() */
    guint32 order;             /* index in the lane */
    gboolean is_again;         /* the segment was sent once, and is here for the second time */
    gboolean is_shift_unknown; /* the sequence number may have been changed on the way, by an unknown number */
    gboolean is_unsure;        /* it is one of several that are alike, and it cannot be told which of them have arrived */
};

/* The sequence number after the segment. */
guint32 entry_end(const struct entry *entry);

/* What one point saw of one direction, in the order of the capture. */
struct lane {
    struct entry *entries;
    guint count;
    gboolean is_partial; /* of some segments, options and window are not known */
};

/* The lanes of one direction at both points, from the first one to the second one. `direction`: the end that sends, 0 or 1, as numbered at
 * the first point of the group. lane_fill() leaves out what was linked with its twin already. Free them with lane_free(). */
void lane_fill(struct lane lanes[2], const struct group_point *first, const struct group_point *second, int direction);
void lane_fill_all(struct lane lanes[2], const struct group_point *first, const struct group_point *second, int direction);
void lane_free(struct lane lanes[2]);

#endif /* TCPSTATE_LANE_H */
