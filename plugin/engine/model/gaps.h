/* Gaps: numbers of an end that the capture has skipped. They may still come: the capture may have them in the wrong order, or they were
 * lost and will be sent again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_GAPS_H
#define TCPSTATE_MODEL_GAPS_H

#include "connection.h"

/* Adds a gap from `seq` up to but without `end`, after all others. If there is no room, the first one is given up: see gaps_give_up(). */
void gaps_open(struct tcpstate_gaps *gaps, uint32_t seq, uint32_t end);

/* The numbers from `seq` up to but without `end` have come. Returns how many of them were in gaps. */
uint32_t gaps_fill(struct tcpstate_gaps *gaps, uint32_t seq, uint32_t end);

/* How many numbers are in gaps. */
uint32_t gaps_left(const struct tcpstate_gaps *gaps);

/* The capture has missed the first `count` gaps. */
void gaps_give_up(struct tcpstate_gaps *gaps, unsigned count);

#endif /* TCPSTATE_MODEL_GAPS_H */
