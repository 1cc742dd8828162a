/* The rules for FINs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_CLOSING_H
#define TCPSTATE_SEGMENT_CLOSING_H

#include "../model/reading.h"

/* What a segment with ACK, without SYN and RST, shows about the FINs of both ends. Call it before the numbers advance. */
void read_closing(struct reading *r);

#endif /* TCPSTATE_SEGMENT_CLOSING_H */
