/* The flows of a capture by their ends: a hash table. Its links are in the flows, and it grows without hashing again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOWS_H
#define TCPSTATE_FLOWS_H

#include "flow.h"

/* For a new capture. */
void flows_reset(void);

/* The flow between these two ends, zero behind their addresses. NULL where there is none, unless `create`. */
struct flow *flows_between(const struct flow_end ends[2], gboolean create);

#endif /* TCPSTATE_FLOWS_H */
