/* Counts what happened between the capture points: for the statistic `points`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TALLY_H
#define TCPSTATE_TALLY_H

#include "../wireshark/capture/point.h"
#include "between.h"
#include "changes.h"

struct point_tally {
    guint segments;
    gint64 first, last;             /* their times, by the clock of the point; valid with segments > 0 */
    guint near_client, near_server; /* connections to whose client or server it is nearest */
};

/* The segments that go from one point to another one. */
struct way_tally {
    guint from, to;
    guint fates[FATE_LOST + 1];            /* by enum fate */
    guint changes[TCPSTATE_CHANGED_COUNT]; /* by enum tcpstate_change_index */
    guint overtaken;                       /* arrived before one that was sent earlier */
    GArray *delays;                        /* gint64: how much longer they took than the fastest one, nanoseconds; sorted */
    guint32 connection;                    /* of the last segment */
    gint64 latest;                         /* when the latest of those of this connection that have arrived so far was sent */
};

/* The clocks of two points, first < second, at the first and at the last segment that both saw: the second one is ahead by at least `low`
 * and at most `high` nanoseconds. */
struct clock_tally {
    guint first, second;
    gint64 low[2], high[2];
    gboolean is_drifting; /* the difference changes by more than its uncertainty */
};

struct connection_tally {
    guint fates[FATE_LOST + 1];
};

struct tally {
    gboolean (*is_selected)(guint32 connection, const void *data);
    const void *data;
    struct point_tally points[POINTS_MAX];
    GPtrArray *ways;     /* struct way_tally */
    GArray *clocks;      /* struct clock_tally */
    GArray *connections; /* struct connection_tally, by number */
};

/* Counts the segments of the connections for which `is_selected`. Free it with tally_free(). */
struct tally *tally_new(gboolean (*is_selected)(guint32 connection, const void *data), const void *data);
void tally_free(struct tally *tally);

/* Of the delays of a way, which has at least one. */
gint64 tally_median(const struct way_tally *way);
gint64 tally_worst(const struct way_tally *way);

/* Whether the points saw something different of the connection. */
gboolean tally_has_difference(const struct connection_tally *counts);

#endif /* TCPSTATE_TALLY_H */
