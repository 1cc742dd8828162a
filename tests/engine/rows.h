/* Tests written as rows: a segment, with the states of both ends after it.
 *
 *     peer A                    segment                 peer B
 *     "SYN_SENT",               "> SYN 100",            "LISTEN [SYN_RCVD]"
 *     "SYN_SENT [ESTABLISHED]", "< SYN,ACK 300 101",    "SYN_RCVD"
 *
 * A segment is [+SECONDS] DIRECTION FLAGS SEQ [ACK] [WORD=VALUE...]. It comes SECONDS after the segment before, or else 10 ms after it.
 * DIRECTION: > from A to B, < from B to A, = from A to itself. FLAGS are separated by commas; - for none. Words: data (bytes), id (IP ID;
 * without it each segment has its own), net (network), win, scale, sack (right edge), ts (TSval), ecr (TSecr), tfo=1, frag=1 (length
 * unknown). A state is followed by the pending state in brackets, where it differs. `findings` are the names in the order in which they
 * are raised; NULL: they are not compared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_ROWS_H
#define TCPSTATE_TESTS_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tcpstate/record.h>

#include "model/connection.h"
#include "model/history.h"

struct row {
    const char *a, *segment, *b, *findings;
};

/* An observer with one pair, and memory for its connections. */
struct bench {
    struct tcpstate_observer observer;
    struct tcpstate_history history;
    struct tcpstate_pair pair;
    struct tcpstate_connection connections[64];
    uint32_t connection_count;
    uint64_t memory[8192];           /* for new_memory() */
    size_t memory_used;              /* elements of memory[] */
    struct tcpstate_segment segment; /* the last segment */
    struct tcpstate_outcome outcome; /* of the last segment */
};

/* Sets up the bench for a new capture. */
void bench_start(struct bench *bench);

/* Reads one segment; adds `shift` to its sequence and acknowledgment numbers. */
void bench_read(struct bench *bench, const char *segment, uint32_t shift);

/* Reads all rows, with every number shifted, and asserts both ends and the findings after each. */
void bench_assert_rows(struct bench *bench, const struct row *rows, size_t count, uint32_t shift);

/* The same on a new bench, several times: with the numbers as written, and shifted so that the numbers of each end wrap inside the
 * exchange. */
void assert_rows(const struct row *rows, size_t count);
#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#endif /* TCPSTATE_TESTS_ROWS_H */
