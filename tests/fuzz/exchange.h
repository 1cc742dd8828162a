/* Bytes as segments, so that any bytes are an exchange and a capture is one: see exchange.c for the form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_EXCHANGE_H
#define TCPSTATE_TESTS_EXCHANGE_H

#include "witness.h"

enum {
    EXCHANGE_HEAD = 2, /* bytes: what the observer is set to */
    EXCHANGE_STEP = 24 /* bytes a segment */
};

/* Reads all of it. `thorough`: see struct tcpstate_observer. */
struct witness_sums exchange_read(struct witness *witness, const uint8_t *bytes, size_t size, bool thorough);

#endif /* TCPSTATE_TESTS_EXCHANGE_H */
