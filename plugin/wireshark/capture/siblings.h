/* The same addresses and ports in two networks: VLANs, virtual networks or tunnels. A segment in another network is a copy if its numbers
 * fit the connection, or if this network has shown copies before. Otherwise, if the connection is still open, the segment belongs to
 * another connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_NETWORKS_H
#define TCPSTATE_NETWORKS_H

#include "flows.h"

/* The flow that a segment belongs to, among the flows with the ends of `first`, which is the result of flows_find(). NULL if it belongs to
 * a new flow. */
struct flow *networks_find_flow(struct flow *first, const struct tcpstate_segment *segment);

/* Adds a flow to those with the ends of `first`. */
void networks_add(struct flow *first, struct flow *flow);

/* Whether several flows have the ends of `first`. */
gboolean networks_have_several_flows(const struct flow *first);

/* Call it after the engine has read the segment. `before` is the value of flow->pair.now before that. */
void networks_update(struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_connection *before);

#endif /* TCPSTATE_NETWORKS_H */
