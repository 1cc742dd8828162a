/* Compares sequence numbers modulo 2^32 (RFC 9293 section 3.4): a is before b where b is 1 to 2^31 ahead of a. Sequence
 * numbers are compared only with these functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEQ_H
#define TCPSTATE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
seq_lt(uint32_t a, uint32_t b)
{
    return ((a - b) & UINT32_C(0x80000000)) != 0;
}

static inline bool
seq_le(uint32_t a, uint32_t b)
{
    return a == b || seq_lt(a, b);
}

static inline bool
seq_gt(uint32_t a, uint32_t b)
{
    return !seq_le(a, b);
}

static inline bool
seq_ge(uint32_t a, uint32_t b)
{
    return !seq_lt(a, b);
}

#endif /* TCPSTATE_SEQ_H */
