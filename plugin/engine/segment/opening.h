/* The rules for SYN and SYN,ACK.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_OPENING_H
#define TCPSTATE_SEGMENT_OPENING_H

#include "../model/reading.h"

/* For a segment with SYN, without ACK and RST. */
void read_syn(struct reading *r);

/* For a segment with SYN and ACK, without RST. */
void read_syn_ack(struct reading *r);

#endif /* TCPSTATE_SEGMENT_OPENING_H */
