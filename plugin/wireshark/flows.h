/* The flows of a capture by their ends: a hash table. Its links are in the flows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOWS_H
#define TCPSTATE_FLOWS_H

#include "flow.h"

/* For a new capture. */
void flows_reset(void);

/* The flow between the two ends that `words` words have, as in struct flow. NULL where there is none, unless `create`. */
struct flow *flows_between(const guint32 *ends, guint words, gboolean create);

#endif /* TCPSTATE_FLOWS_H */
