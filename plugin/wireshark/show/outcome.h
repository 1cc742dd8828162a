/* What happened after a segment. This is known only after the first pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OUTCOME_H
#define TCPSTATE_OUTCOME_H

#include "../capture/flow.h"

/* What happened to an end after it was reported as stuck, as a sentence allocated in `scope`. NULL for other findings. */
const char *outcome_of(wmem_allocator_t *scope, const struct flow *flow, const struct tcpstate_finding *finding);

/* The frame in which the end leaves the state that the segment shows; 0 if it never does. */
guint32 outcome_until(const struct flow *flow, const struct tcpstate_segment *segment, int end);

/* The frame in which the end itself shows whether it came to the state that it awaits at the segment; 0 if it never does. */
guint32 outcome_answered(const struct flow *flow, const struct tcpstate_segment *segment, int end);

#endif /* TCPSTATE_OUTCOME_H */
