/* A connection as Zeek's conn.log tells it, so that rows can be joined with one: `history` and `conn_state`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_ZEEK_H
#define TCPSTATE_ZEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a direction showed for the first time, with a letter of Zeek's history; of the counted ones also the tenth time, the hundredth and
 * so on. X(id, letter, counted) */
#define TCPSTATE_LETTERS(X)                                           \
    X(MULTI_FLAG, 'q', false)   /* SYN and FIN, or SYN and RST */     \
    X(INCONSISTENT, 'i', false) /* FIN and RST */                     \
    X(SYN, 's', false)                                                \
    X(SYN_ACK, 'h', false)                                            \
    X(FIN, 'f', false)                                                \
    X(RST, 'r', false)                                                \
    X(DATA, 'd', false)                                               \
    X(ACK, 'a', false)          /* and nothing else */                \
    X(RETRANSMITTED, 't', true) /* payload */                         \
    X(ZERO_WINDOW, 'w', true)                                         \
    X(GAP, 'g', true) /* its data is missing: the other end has it */ \
    X(BAD_CHECKSUM, 'c', true)

enum tcpstate_letter_id {
#define X(id, letter, counted) TCPSTATE_LETTER_##id,
    TCPSTATE_LETTERS(X)
#undef X
};
#define X(id, letter, counted) +1
enum { TCPSTATE_LETTER_COUNT = TCPSTATE_LETTERS(X) };
#undef X

/* As small as may be, for each connection has several. */
#pragma pack(push, 2)
struct tcpstate_letter {
    uint32_t frame;
    uint8_t layer;
    uint8_t from : 1; /* the end that it is of */
    uint8_t id : 7;   /* enum tcpstate_letter_id */
};
#pragma pack(pop)

/* How many of `count` letters, in the order of the capture, are at or before that segment. */
size_t tcpstate_letters_at(const struct tcpstate_letter *letters, size_t count, uint32_t frame, uint8_t layer);

/* Room for every history: all that is counted, up to its billionth time, of both ends. */
enum { TCPSTATE_HISTORY_SIZE = 128 };

/* The `count` letters of a connection, in capitals those of the originator, end 0 or 1, after a '^' where the responder was heard first.
 * Always terminated, cut at `size` bytes. */
void tcpstate_zeek_history(const struct tcpstate_letter *letters, size_t count, int originator, char *to, size_t size);

/* "SF", "S0", "OTH" ... of the same. A static string. */
const char *tcpstate_zeek_state(const struct tcpstate_letter *letters, size_t count, int originator);

#endif /* TCPSTATE_ZEEK_H */
