/* Doubts about ACKs and FINs that their receiver may not accept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_ACCEPTABLE_H
#define TCPSTATE_FINDINGS_ACCEPTABLE_H

#include "../model/reading.h"

/* For a segment with ACK, without SYN and RST. Call it before the segment advances its sender's numbers. */
void doubt_unacceptable(struct reading *r);

#endif /* TCPSTATE_FINDINGS_ACCEPTABLE_H */
