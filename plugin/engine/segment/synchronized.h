/* The rules for segments with ACK, without SYN and RST.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_SYNCHRONIZED_H
#define TCPSTATE_SEGMENT_SYNCHRONIZED_H

#include "../model/reading.h"

/* Reads the segment in r->c, which must be the connection that it belongs to: the end of the handshake, data, closing. */
void read_synchronized(struct reading *r);

#endif /* TCPSTATE_SEGMENT_SYNCHRONIZED_H */
