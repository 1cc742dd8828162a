/* Findings about ends that make no progress: what they send again, and what they wait for too long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_STUCK_H
#define TCPSTATE_FINDINGS_STUCK_H

#include "../model/reading.h"

/* The end sent a SYN, SYN,ACK or FIN for the first time: begins to count its retries. */
void begin_retries(struct reading *r, struct tcpstate_peer *peer);

/* The end sent the same SYN, SYN,ACK or FIN again: raises finding `id`, and the one that it is stuck if the limit is reached. Call it after
 * the retransmission has changed the state. `answered`: it was refused or challenged, and so is not stuck. Returns finding `id`, for more
 * details. */
struct tcpstate_finding *report_retry(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_finding_id id, bool answered);

/* Reports that one end has closed, and the other has not for longer than the limit. This is known only at the next segment. */
void report_half_closed(struct reading *r);

#endif /* TCPSTATE_FINDINGS_STUCK_H */
