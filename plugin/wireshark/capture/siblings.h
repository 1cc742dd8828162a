/* Siblings: flows with the same addresses and ports, at several capture points, or at one point in several VLANs, virtual networks or
 * tunnels.
 *
 * Each point has a flow of its own, so that the states at a point come from its own segments. At one point, a segment in another network is
 * a copy if its numbers fit the connection, or if this network has shown copies before. Otherwise, if the connection is still open, the
 * segment belongs to another connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SIBLINGS_H
#define TCPSTATE_SIBLINGS_H

#include "flows.h"

/* A segment, and where it was captured. `counts`: it is not only quoted, or dropped by its receiver. */
struct placed_segment {
    const struct tcpstate_segment *segment;
    guint16 place; /* see place.h */
    gboolean counts;
};

/* The flow that a segment belongs to, among the siblings of `first`, which is the result of flows_find(). NULL if it belongs to a new flow.
 * The segment may show that two places are different capture points. */
struct flow *siblings_find(struct flow *first, const struct placed_segment *placed);

/* Adds a flow, which begins with this segment, to the siblings of `first`; or `first` itself. */
void siblings_add(struct flow *first, struct flow *flow, const struct placed_segment *placed);

/* The oldest flow that began at that place, or `first` if none did. And whether that is `flow` for good, whatever begins later. */
struct flow *siblings_of_place(struct flow *first, guint16 place);
gboolean siblings_place_tells(struct flow *first, const struct flow *flow, guint16 place);

/* Where sightings.c keeps what it has of a flow; and what it keeps there, or NULL. */
struct flow_sightings **siblings_sightings(struct flow *flow);
const struct flow_sightings *siblings_known_sightings(const struct flow *flow);

/* Whether there are several flows with the ends of `first`. */
gboolean siblings_exist(const struct flow *first);

/* The sibling after `flow` in the list that begins with the result of flows_find(); NULL after the last one. */
struct flow *siblings_next(const struct flow *flow);

/* The place where the flow began. */
guint16 siblings_place(const struct flow *flow);

/* The observer of the flow's capture point: see observers.h. */
struct tcpstate_observer *siblings_observer(const struct flow *flow);

/* Call it after the engine has read the segment. `before` is the value of flow->pair.now before that. */
void siblings_update(struct flow *flow, const struct placed_segment *placed, const struct tcpstate_connection *before);

#endif /* TCPSTATE_SIBLINGS_H */
