/* Reads any bytes as an exchange of segments. exchange.c describes the format.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_EXCHANGE_H
#define TCPSTATE_TESTS_EXCHANGE_H

#include "invariants.h"

enum {
    EXCHANGE_HEAD = 2, /* bytes: the settings of the observer */
    EXCHANGE_STEP = 24 /* bytes of each segment */
};

/* Reads the exchange, at most CHECKER_SEGMENTS steps of it, and returns the sums of its results. `thorough`: see struct tcpstate_observer.
 */
struct checker_sums exchange_read(struct checker *checker, const uint8_t *bytes, size_t size, bool thorough);

#endif /* TCPSTATE_TESTS_EXCHANGE_H */
