/* Which end of a connection a capture point is nearer to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_NEAR_H
#define TCPSTATE_NEAR_H

#include "../wireshark/capture/flow.h"

enum near_end { NEAR_UNKNOWN, NEAR_CLIENT, NEAR_SERVER };

/* How far the point is from both ends. From the SYN to the SYN,ACK, a segment goes to the server and back; from there to the ACK, to the
 * client and back. What stacks take to answer is in it. */
struct near_distance {
    gint64 to_client, to_server;         /* there and back, nanoseconds; -1 where it is not known */
    gint client_routers, server_routers; /* passed by segments of the end, from the TTL of its first one; -1 where it is not known */
};
struct near_distance near_distance(const struct flow_connection *conn);

/* By the distances, of this point alone. */
enum near_end near_by_distance(const struct near_distance *distance);

/* The end that the connection's point is nearer to than all other points that saw it; with one point, than the other end. Call
 * between_update() before. */
enum near_end near_of(const struct flow_connection *conn);

/* The number of the point that shows it: see point.h. */
guint near_point(const struct flow_connection *conn);

/* The same, by client and server of flow_connection(). */
enum near_end near_for(guint32 number, const struct flow_connection *conn);

/* "client", "server"; NULL if it is not known. */
const char *near_name(enum near_end near);

/* The end of `conn`, which the point shows of the connection of this number, that is the client for flow_connection(). In a simultaneous
 * open, the point may have seen the SYN of the other end first. */
int near_client_end(guint32 number, const struct flow_connection *conn);

/* What a point shows of the connection of this number; NULL if it was not seen there. */
const struct flow_connection *near_shown_at(guint32 number, guint point);

/* What the point nearest to an end shows of it. Where that is not known, the first point. */
const struct flow_connection *near_connection(guint32 number, gboolean to_client);

#endif /* TCPSTATE_NEAR_H */
