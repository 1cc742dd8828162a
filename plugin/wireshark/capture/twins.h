/* Twins: what several capture points show of one connection. Each point has a struct flow_connection of its own, and all have one number.
 *
 * They belong together where the ISN of the client says so; or if the middle of a connection was captured, where the numbers fit. If
 * addresses, ports or sequence numbers are translated between the points, the timestamps or the IP ID of the SYN must agree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TWINS_H
#define TCPSTATE_TWINS_H

#include <tcpstate/segment.h>

#include "flow.h"

/* Call it at the start of each capture. */
void twins_begin_capture(void);

/* The number of the connection that a segment begins in a flow, if another point has shown the connection already; else TWINS_NONE. */
#define TWINS_NONE G_MAXUINT32
guint32 twins_find(const struct flow *flow, const struct tcpstate_segment *segment);

/* Adds a connection to those of its number. */
void twins_add(struct flow_connection *conn, guint32 number);

/* A SYN of the connection, which has begun before, may show that another point has it too, under another number. Then each becomes a twin
 * of the other one. */
void twins_link(struct flow_connection *conn, const struct tcpstate_segment *syn);

/* What the flow shows of the connection of this number: itself or one of its twins; NULL if the flow shows nothing of it. */
struct flow_connection *twins_in_flow(const struct flow *flow, guint32 number);

/* The lowest number that the connection of this number has at any point: statistics count it under that one. */
guint32 twins_first(guint32 number);

/* The twin at `index` (from 0) of the connection that flow_connection() returns; NULL after the last one. */
struct flow_connection *twins_at(guint32 number, guint index);

#endif /* TCPSTATE_TWINS_H */
