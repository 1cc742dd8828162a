/* All findings are raised with these functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_RAISE_H
#define TCPSTATE_FINDINGS_RAISE_H

#include "../model/reading.h"

/* Raises a finding about one end. Frame, states and the segment's sequence number are filled in; the caller sets the other members. Never
 * NULL: where the family is muted, or the outcome is full, the finding goes to an element that is not read. */
struct tcpstate_finding *raise_finding(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about);

/* The segment is a RST that its sender has sent just before. Nothing is said of it alone; a capture has a few copies of a segment, not ten.
 */
void count_rst_copy(struct reading *r);

/* Sets the two sequence numbers of the finding, which `sender` uses: they are shown relative to its ISN. */
void set_finding_numbers(struct tcpstate_finding *finding, const struct tcpstate_peer *sender, uint32_t seq, uint32_t expected);

#endif /* TCPSTATE_FINDINGS_RAISE_H */
