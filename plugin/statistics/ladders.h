/* The segments of each connection that are worth showing, as they are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_LADDERS_H
#define TCPSTATE_LADDERS_H

#include "compat.h"

#include <tcpstate/segment.h>

/* A segment that is shown, and what was left out before it. */
struct rung {
    struct tcpstate_segment segment;
    gboolean is_quoted; /* by an ICMP error */
    guint32 next;       /* 1 + index of the connection's next one; 0 for none */
    guint32 skipped;
    guint64 skipped_bytes;
};

struct ladder {
    guint32 first, last; /* 1 + indices; 0 for none */
    guint32 skipped;     /* since the last one */
    guint64 skipped_bytes;
};

struct ladders {
    gint64 connection; /* of one connection alone; -1 for all */
    gboolean all;      /* not only those with a change, a retry or a finding */
    GArray *rungs;
    GArray *ladders; /* by connection number */
};

/* Follows the segments of the capture. To be called once, after the options. */
void ladders_listen(const char *name, struct ladders *ladders);

/* NULL where nothing of the connection was read. */
const struct ladder *ladders_of(const struct ladders *ladders, guint32 connection);

/* The rung at 1 + index; NULL for 0. */
const struct rung *ladders_rung(const struct ladders *ladders, guint32 index_and_1);

#endif /* TCPSTATE_LADDERS_H */
