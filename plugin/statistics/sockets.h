/* The sockets that the hosts of a capture have at a moment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SOCKETS_H
#define TCPSTATE_SOCKETS_H

#include "flow.h"
#include "picked.h"

struct socket {
    const struct flow_end *local, *foreign; /* foreign is NULL of one that listens */
    guint32 connection;                     /* of one that listens: the latest that shows it */
    int end;
    enum tcpstate_state state, pending; /* pending is the same as state where nothing is awaited */
    enum tcpstate_basis basis;
    gint64 since; /* nanoseconds since the epoch; 0 where it was in its state from the start */
};

/* An array of struct socket, for the caller to free, of the connections picked: by host, those that listen first, local port, foreign
 * address and port. Those in CLOSED are none; TIME_WAIT is over after 2MSL. `frame` is the last one up to that time. */
GArray *sockets_at(const struct picked *picked, guint32 frame, gint64 time);

#endif /* TCPSTATE_SOCKETS_H */
