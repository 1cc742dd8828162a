/* Findings that wait until a later segment proves them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_DOUBT_H
#define TCPSTATE_FINDINGS_DOUBT_H

#include "../model/reading.h"

/* Notes that the segment is wrong, unless the capture has missed others. The finding is raised later, with this frame, when the receiver's
 * segments prove it. `seq` and `expected`: the segment's number, and the expected one. An end has one doubt: a new one replaces it.
 * Returns the doubt, or NULL where nothing is reported about the segment. */
struct tcpstate_doubt *raise_doubt(struct reading *r, enum tcpstate_finding_id id, uint32_t seq, uint32_t expected);

/* Decides the doubt about an earlier segment that the present segment's sender received. Raises the finding where it is certain. */
void settle_doubt(struct reading *r);

/* The segment is a challenge ACK (RFC 5961 sections 3.2 and 4.2), for the segment in `frame`. */
void report_challenge(struct reading *r, uint32_t frame);

#endif /* TCPSTATE_FINDINGS_DOUBT_H */
