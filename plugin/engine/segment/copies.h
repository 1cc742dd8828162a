/* Recognizes segments that were captured twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_COPIES_H
#define TCPSTATE_SEGMENT_COPIES_H

#include "../model/reading.h"

/* Whether the segment was read before: a mirror port or the `any` device captures a segment twice, and a caller may give the same frame
 * twice. For a copy, sets copy_of of the outcome. Two equal RSTs are not taken for copies: each may answer a segment of its own, and to
 * read a RST twice changes nothing. */
bool is_copy(struct reading *r);

#endif /* TCPSTATE_SEGMENT_COPIES_H */
