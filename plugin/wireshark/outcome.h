/* How it went on after a segment: known only when the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OUTCOME_H
#define TCPSTATE_OUTCOME_H

#include "flow.h"

/* How it went on with an end that was reported as stuck: a sentence in `scope`, NULL where there is nothing to tell: the finding is of
 * another kind. */
const char *outcome_of(wmem_allocator_t *scope, const struct flow *flow, const struct tcpstate_finding *finding);

/* The frame in which the end leaves the state that it is shown in at the segment; 0 where it is in it to the end. */
guint32 outcome_until(const struct flow *flow, const struct tcpstate_segment *segment, int end);

/* The frame in which the end itself shows whether it came to the state that it awaits at the segment; 0 where it never does. */
guint32 outcome_answered(const struct flow *flow, const struct tcpstate_segment *segment, int end);

#endif /* TCPSTATE_OUTCOME_H */
