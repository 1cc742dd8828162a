/* Finds the flow between two addresses and ports. Wireshark's conversations cannot be used for this: finding one takes several times as
 * long, and the TCP dissector creates it only after the engine has read the segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOWS_H
#define TCPSTATE_FLOWS_H

#include <tcpstate/segment.h>

#include "flow.h"

/* Call it at the start of each capture. */
void flows_reset(void);

/* Both ends of a segment, in the format of flow->ends. */
struct flow_key {
    guint64 words[FLOW_END_SIZE_MAX / sizeof(guint64) * 2];
    guint count; /* number of words in use */
};
void flow_key_set(struct flow_key *key, const packet_info *pinfo, const struct tcpstate_segment *segment);

/* The flow with these ends, or NULL. */
struct flow *flows_find(const struct flow_key *key);

/* The flow that flows_find() returns for the ends of this flow. */
struct flow *flows_first(const struct flow *flow);

/* Creates a flow. If `listed`, flows_find() finds it from now on. */
struct flow *flows_new(const struct flow_key *key, gboolean listed);

#endif /* TCPSTATE_FLOWS_H */
