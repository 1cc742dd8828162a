/* Findings about who sent a segment: whether it comes from the machine that sent the other segments in the same name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_ORIGIN_H
#define TCPSTATE_FINDINGS_ORIGIN_H

#include "../model/reading.h"

/* For a RST, FIN or SYN,ACK, before it is read: compares it with what its sender has sent before. */
void report_origin(struct reading *r);

/* Notes what the header of the segment shows of its origin. Not for RSTs: they are compared with the others. */
void note_origin(struct reading *r);

#endif /* TCPSTATE_FINDINGS_ORIGIN_H */
