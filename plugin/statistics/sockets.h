/* Lists the sockets of all hosts in a capture at a given time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SOCKETS_H
#define TCPSTATE_SOCKETS_H

#include "../wireshark/capture/flow.h"
#include "connection_filter.h"

struct socket {
    const struct flow_end *local, *foreign; /* foreign is NULL for a listening socket */
    guint32 connection;                     /* for a listening socket: the latest connection to its port */
    int end;                                /* of what flow_connection() gives */
    enum tcpstate_state state, pending;     /* pending is the awaited state; equal to `state` if there is none */
    enum tcpstate_basis basis;
    gint64 since; /* nanoseconds since the epoch; 0 if it was in that state before the connection's first frame */
};

/* An array of struct socket, owned by the caller, for the connections that the filter selects. Sorted by host, listening sockets first,
 * then local port, foreign address and foreign port. Sockets in CLOSED, and in TIME_WAIT for more than 2MSL, are left out. `time` is in
 * nanoseconds since the epoch, `frame` is the last frame up to that time. The hosts of `first` come before all others; it may be NULL. */
GArray *sockets_at(const struct connection_filter *filter, guint32 frame, gint64 time, const struct flow *first);

#endif /* TCPSTATE_SOCKETS_H */
