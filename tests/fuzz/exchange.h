/* Reads any bytes as an exchange of segments, which two capture points see. exchange.c describes the format.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_EXCHANGE_H
#define TCPSTATE_TESTS_EXCHANGE_H

#include "invariants.h"

enum {
    EXCHANGE_HEAD = 2,  /* bytes: the settings of the observers */
    EXCHANGE_STEP = 24, /* bytes of each segment */
    EXCHANGE_POINTS = 2 /* capture points */
};

/* Reads the exchange, at most CHECKER_SEGMENTS steps of it, at the points that are not NULL, and sets the sums of their results.
 * `thorough`: see struct tcpstate_observer. */
void exchange_read(struct checker *const points[EXCHANGE_POINTS], const uint8_t *bytes, size_t size, bool thorough,
                   struct checker_sums sums[EXCHANGE_POINTS]);

#endif /* TCPSTATE_TESTS_EXCHANGE_H */
