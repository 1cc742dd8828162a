/* The flows of a capture by their ends: a hash table. Its links are in the flows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOWS_H
#define TCPSTATE_FLOWS_H

#include "flow.h"

/* For a new capture. */
void flows_reset(void);

/* The flow of a segment. NULL where it has none yet, unless `create`. */
struct flow *flow_of(const packet_info *pinfo, const struct tcpstate_segment *segment, gboolean create);

#endif /* TCPSTATE_FLOWS_H */
