/* The rows of the timeline: the segments of each connection that are shown, and how many were skipped between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TIMELINE_ROWS_H
#define TCPSTATE_TIMELINE_ROWS_H

#include "../wireshark/api/compat.h"

#include <tcpstate/segment.h>

/* A segment that is shown. `skipped` segments with `skipped_bytes` of data before it are not shown. */
struct timeline_row {
    struct tcpstate_segment segment;
    gboolean is_quoted; /* quoted by an ICMP error */
    guint32 next;       /* index plus 1 of the connection's next row; 0 for none */
    guint32 skipped;
    guint64 skipped_bytes;
};

struct row_list {
    guint32 first, last; /* indices plus 1 in the array of rows; 0 for none */
    guint32 skipped;     /* since the last row */
    guint64 skipped_bytes;
};

struct timeline_rows {
    gint64 connection; /* number of the only connection; -1 for all connections */
    gboolean all;      /* show all segments, and not only those with a change, a retry or a finding */
    GArray *rows;
    GArray *lists; /* struct row_list for each connection number */
};

/* Registers the tap listener. Call it once, after the options are read. */
void timeline_rows_listen(const char *name, struct timeline_rows *rows);

/* The rows of a connection, or NULL if no segment of it was read. */
const struct row_list *timeline_rows_of(const struct timeline_rows *rows, guint32 connection);

/* The row at an index plus 1; NULL for 0. */
const struct timeline_row *timeline_row_at(const struct timeline_rows *rows, guint32 index_plus_1);

#endif /* TCPSTATE_TIMELINE_ROWS_H */
