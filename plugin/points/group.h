/* A group: all flows that show the same connections, at several capture points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_GROUP_H
#define TCPSTATE_GROUP_H

#include "../wireshark/capture/sightings.h"

/* The most points of a group that are compared. */
enum { GROUP_POINTS_MAX = 8 };

/* What one point saw of the group, in the order of the capture. */
struct group_point {
    guint point;             /* see point.h */
    const struct flow *flow; /* the first of its flows */
    gboolean is_flipped;     /* end 0 of its flows is end 1 of those of the first point: addresses were translated */
    struct sighting *const *sightings;
    guint count;
    GArray *own; /* of `sightings`; NULL if those are the array of the flow */
};

struct group {
    guint point_count;
    struct group_point points[GROUP_POINTS_MAX];
};

/* The groups of the capture, in the order of their first frames, until sightings are added. Free them with groups_free(), which does
 * nothing with NULL. */
struct groups;
struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* Calls `use` for each of them. */
void groups_for_each(const struct groups *groups, void (*use)(const struct group *group, void *data), void *data);

#endif /* TCPSTATE_GROUP_H */
