/* The rules for RST.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_RESET_H
#define TCPSTATE_SEGMENT_RESET_H

#include "../model/reading.h"

/* For a segment with RST. */
void read_rst(struct reading *r);

/* For a RST of the end that a SYN challenges, with its old numbers. Read it in the old connection, which it ends: the other end has given
 * it up, so its numbers are not tested. */
void read_rst_of_challenged(struct reading *r);

/* For a SYN that a RST was to let in: takes its target for closed. No finding says so where the target answers from TIME_WAIT all the same.
 */
void presume_rst_accepted(struct reading *r);

#endif /* TCPSTATE_SEGMENT_RESET_H */
