/* Links the flows that have the same ends in a list, and stores the networks in which each flow was seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "networks.h"

#include <string.h>

#include "engine.h"
#include "memory.h"

/* The most flows that may have the same ends. A segment may be compared with all of them, so a limit keeps this fast. Further networks
 * share the first flow. */
enum { MAX_FLOWS = 16 };

/* The networks in which the flow was seen, by direction (segment.from): the last two, because a device between two networks shows a segment
 * in both. Stored as the network plus 1; 0 for none. They are cleared when a connection begins in a network that is not among them. */
struct flow_networks {
    guint64 seen[2][2];
    struct flow *next; /* next flow with the same ends */
};

static struct flow *
next_flow(const struct flow *flow)
{
    return flow->networks != NULL ? flow->networks->next : NULL;
}

static gboolean
is_among(const guint64 seen[2], guint64 network)
{
    return seen[0] == network + 1 || seen[1] == network + 1;
}

/* Whether the flow was seen in the segment's network. Without struct flow_networks, it was seen only in network 0. If the segment's
 * direction has no network yet, those of the other direction count. */
static gboolean
is_seen(const struct flow *flow, const struct tcpstate_segment *segment)
{
    const struct flow_networks *networks = flow->networks;

    if (networks == NULL)
        return segment->network == 0;
    return is_among(networks->seen[networks->seen[segment->from][0] != 0 ? segment->from : !segment->from], segment->network);
}

struct flow *
networks_find_flow(struct flow *first, const struct tcpstate_segment *segment)
{
    struct flow *flow;
    guint count = 0;

    for (flow = first; flow != NULL; flow = next_flow(flow))
        if (is_seen(flow, segment))
            return flow;
    for (flow = first; flow != NULL; flow = next_flow(flow))
        if (engine_fits(flow, segment))
            return flow;
    for (flow = first; flow != NULL; flow = next_flow(flow), count++)
        if (tcpstate_is_over(&flow->pair))
            return flow;
    return count < MAX_FLOWS ? NULL : first;
}

static struct flow_networks *
networks_of(struct flow *flow)
{
    if (flow->networks == NULL) {
        flow->networks = (struct flow_networks *)memory_new0(sizeof *flow->networks);
        if (flow->pair.now != NULL) /* all its segments were in network 0 */
            flow->networks->seen[0][0] = flow->networks->seen[1][0] = 1;
    }
    return flow->networks;
}

void
networks_add(struct flow *first, struct flow *flow)
{
    networks_of(flow)->next = networks_of(first)->next;
    networks_of(first)->next = flow;
}

gboolean
networks_have_several_flows(const struct flow *first)
{
    return next_flow(first) != NULL;
}

void
networks_update(struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_connection *before)
{
    struct flow_networks *networks = networks_of(flow);
    guint64 *seen = networks->seen[segment->from];

    if (is_among(seen, segment->network))
        return;
    if (before != flow->pair.now && !is_seen(flow, segment))
        memset(networks->seen, 0, sizeof networks->seen);
    seen[1] = seen[0];
    seen[0] = segment->network + 1;
}
