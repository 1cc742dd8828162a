/* How it went on with an end that was reported as stuck: known only when the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OUTCOME_H
#define TCPSTATE_OUTCOME_H

#include "flow.h"

/* A sentence in `scope`, NULL where there is nothing to tell: the finding is of another kind. */
const char *outcome_of(wmem_allocator_t *scope, const struct flow *flow, const struct tcpstate_finding *finding);

#endif /* TCPSTATE_OUTCOME_H */
