/* Prints fixed-point numbers without printf(), so that the locale does not matter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/decimal.h>

#include <string.h>

struct tcpstate_decimal
tcpstate_decimal(int64_t number, int64_t unit, unsigned decimals)
{
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number, step = (uint64_t)unit;
    char digits[sizeof(struct tcpstate_decimal)], *at = digits + sizeof digits - 1;
    struct tcpstate_decimal decimal;

    for (unsigned i = 0; i < decimals; i++)
        step /= 10;
    left = (left + step / 2) / step;
    *at = '\0';
    for (unsigned i = 0; i <= decimals || left > 0; i++, left /= 10) {
        if (i == decimals && decimals > 0)
            *--at = '.';
        *--at = (char)('0' + left % 10);
    }
    if (number < 0)
        *--at = '-';
    memcpy(decimal.text, at, (size_t)(digits + sizeof digits - at));
    return decimal;
}
