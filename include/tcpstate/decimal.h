/* Numbers with decimals: a point in every locale, as Wireshark's own fields have it, and several times as fast as printf(), which counts in
 * a long table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DECIMAL_H
#define TCPSTATE_DECIMAL_H

#include <stdint.h>

struct tcpstate_decimal {
    char text[32];
};

/* A number of so many to the unit that is shown, a power of ten of at least as many digits as are wanted: 250 of 1000, as "0.250". Rounded,
 * halves away from zero. */
struct tcpstate_decimal tcpstate_decimal(int64_t number, int64_t unit, unsigned decimals);

/* Units of numbers of nanoseconds. */
#define TCPSTATE_SECOND 1000000000
#define TCPSTATE_MILLISECOND 1000000

#endif /* TCPSTATE_DECIMAL_H */
