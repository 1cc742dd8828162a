/* The fields `history` and `conn_state` of Zeek's conn.log. With them, connections here can be matched with those of a
 * conn.log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_ZEEK_H
#define TCPSTATE_ZEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(id, letter, counted): the letters of Zeek's history. A letter is added for each direction when it applies for the first time; a counted
 * letter also at the 10th, 100th, 1000th time and so on. */
#define TCPSTATE_LETTERS(X)                                              \
    X(MULTI_FLAG, 'q', false)   /* SYN and FIN, or SYN and RST */        \
    X(INCONSISTENT, 'i', false) /* FIN and RST */                        \
    X(SYN, 's', false)                                                   \
    X(SYN_ACK, 'h', false)                                               \
    X(FIN, 'f', false)                                                   \
    X(RST, 'r', false)                                                   \
    X(DATA, 'd', false)                                                  \
    X(ACK, 'a', false)          /* a bare ACK */                         \
    X(RETRANSMITTED, 't', true) /* data */                               \
    X(ZERO_WINDOW, 'w', true)                                            \
    X(GAP, 'g', true) /* data that was acknowledged, but not captured */ \
    X(BAD_CHECKSUM, 'c', true)

enum tcpstate_letter_id {
#define X(id, letter, counted) TCPSTATE_LETTER_##id,
    TCPSTATE_LETTERS(X)
#undef X
};
#define X(id, letter, counted) +1
enum { TCPSTATE_LETTER_COUNT = TCPSTATE_LETTERS(X) };
#undef X

/* One letter of one direction. Packed, because each connection has several of them. */
#pragma pack(push, 2)
struct tcpstate_letter {
    uint32_t frame;
    uint8_t layer;
    uint8_t from : 1; /* the end whose direction it is */
    uint8_t id : 7;   /* enum tcpstate_letter_id */
};
#pragma pack(pop)

/* Returns how many of the `count` letters, which are in the order of the capture, are at or before that segment. */
size_t tcpstate_letters_at(const struct tcpstate_letter *letters, size_t count, uint32_t frame, uint8_t layer);

/* Bytes that are enough for every history: 2 directions with 8 letters that come once and 4 that come up to 10 times (a 32-bit counter),
 * '^' and '\0' are 98. */
enum { TCPSTATE_HISTORY_SIZE = 128 };

/* Writes the `count` letters of a connection to `to`. Letters of the originator (end 0 or 1) are capitals; '^' is in front where the
 * responder sent first. The text is cut at `size` bytes, and always terminated if size > 0. */
void tcpstate_zeek_history(const struct tcpstate_letter *letters, size_t count, int originator, char *to, size_t size);

/* Returns the conn_state of the same letters: "SF", "S0", "OTH" and so on. A static string. */
const char *tcpstate_zeek_state(const struct tcpstate_letter *letters, size_t count, int originator);

#endif /* TCPSTATE_ZEEK_H */
