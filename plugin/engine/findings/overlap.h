/* Finds the same sequence numbers sent twice with different content. One of the two segments is forged; the capture does
 * not show which one the receiver read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_OVERLAP_H
#define TCPSTATE_FINDINGS_OVERLAP_H

#include "../model/history.h"
#include "../model/reading.h"

/* Compares the segment's data with earlier data, raises the finding, and keeps the data. Call it before the segment advances its sender's
 * numbers. Ignores segments of one byte: a keep-alive probe may carry any byte (RFC 9293 section 3.8.4). */
void compare_data(struct reading *r);

/* Whether the segment has other content than the data that its sender sent before under the same numbers in connection `c`. */
bool has_conflict(struct tcpstate_history *history, const struct tcpstate_connection *c, const struct tcpstate_segment *seg);

#endif /* TCPSTATE_FINDINGS_OVERLAP_H */
