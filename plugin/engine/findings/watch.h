/* Findings about data: windows, keep-alive probes, retransmissions, timestamps, silence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_WATCH_H
#define TCPSTATE_FINDINGS_WATCH_H

#include "../model/reading.h"

/* For a segment without SYN and RST. Call it before the segment advances its sender's numbers. */
void watch_data(struct reading *r);

/* The same for an expected segment (see segment/expected.c): only the tests that can find something then. */
void watch_expected(struct reading *r);

/* Whether watch_expected() is enough: there is no doubt, no long silence, no zero window, no unanswered probe or retransmission. */
bool watch_is_quiet(const struct reading *r);

/* For a RST that its target accepts: unanswered probes and silence before it. Call it before the RST changes anything. */
void watch_rst(struct reading *r);

/* Notes frame, time and sender of the segment. Call it after all other functions. */
void note_last_segment(struct reading *r);

#endif /* TCPSTATE_FINDINGS_WATCH_H */
