/* Finds the connection that an ACK or a RST belongs to, also while a SYN challenges an open connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_CHALLENGE_H
#define TCPSTATE_SEGMENT_CHALLENGE_H

#include "../model/reading.h"

/* For a segment with ACK, without SYN and RST: reads it in its connection. */
void read_ack(struct reading *r);

/* For a segment with RST: reads it in its connection. */
void read_reset(struct reading *r);

#endif /* TCPSTATE_SEGMENT_CHALLENGE_H */
