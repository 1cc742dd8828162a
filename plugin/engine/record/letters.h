/* Adds the letters of Zeek's history to the outcome of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_RECORD_LETTERS_H
#define TCPSTATE_RECORD_LETTERS_H

#include "../model/reading.h"

/* `flags`: the flags as sent. r->seg->flags has only those that a receiver regards. */
void add_letters(struct reading *r, uint8_t flags);

/* For a segment with a bad checksum, which adds no other letter. */
void add_bad_checksum_letter(struct reading *r);

/* Whether a data segment or a bare ACK adds no letter: its sender has had that letter before. */
bool adds_no_letter(const struct reading *r);

#endif /* TCPSTATE_RECORD_LETTERS_H */
