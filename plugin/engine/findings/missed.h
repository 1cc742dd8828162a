/* Findings about what the capture does not have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_MISSED_H
#define TCPSTATE_FINDINGS_MISSED_H

#include "../model/reading.h"

/* For a segment without SYN and RST, before it advances its sender's numbers: numbers that the sender skips, sends after all, or
 * sends again. */
void note_gap(struct reading *r);

/* The same, after it has advanced them: numbers that were acknowledged although the capture does not have them. */
void report_gaps(struct reading *r);

/* For a segment without SYN, before it advances numbers or changes states: whether the capture has only its direction. */
void watch_direction(struct reading *r);

#endif /* TCPSTATE_FINDINGS_MISSED_H */
