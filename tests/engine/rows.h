/* Tests as rows: a segment, and both ends after it.
 *
 *     peer A                    segment                 peer B
 *     "SYN_SENT",               "> SYN 100",            "LISTEN [SYN_RCVD]"
 *     "SYN_SENT [ESTABLISHED]", "< SYN,ACK 300 101",    "SYN_RCVD"
 *
 * A segment: [+SECONDS] DIRECTION FLAGS SEQ [ACK] [WORD=VALUE...]. It comes 10 ms after the one before, or as many seconds as said.
 * DIRECTION is > from A, < from B, = from A to itself. FLAGS are joined by commas, - for none. Words: data (bytes), id (IP ID; else
 * each segment has its own), vlan, win, scale, sack (right edge), ts (value), ecr (echo), tfo=1, frag=1 (length unknown).
 * A state is that of the end, and in brackets what is awaited. `findings` are names in the order raised, NULL for "do not look".
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

#include <tcpstate/timeline.h>

struct row {
    const char *a, *segment, *b, *findings;
};

/* Where the rows are read. */
struct bench {
    struct tcpstate_observer observer;
    struct tcpstate_pair pair;
    struct tcpstate_connection connections[64];
    uint32_t connection_count;
    uint64_t memory[8192]; /* what the connections have besides */
    size_t memory_used;
    struct tcpstate_segment segment; /* the last one */
    struct tcpstate_outcome outcome; /* what it did */
};

void bench_start(struct bench *bench);

/* Reads one segment; adds `shift` to its sequence and acknowledgment numbers. */
void bench_read(struct bench *bench, const char *segment, uint32_t shift);

/* Reads all rows, with every number shifted, and asserts both ends and the findings after each. */
void bench_assert_rows(struct bench *bench, const struct row *rows, size_t count, uint32_t shift);

/* The same on a new bench: the rows as they stand, and with the sequence numbers of both ends wrapping inside the exchange. */
void assert_rows(const struct row *rows, size_t count);
#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#endif /* TCPSTATE_TESTS_ROWS_H */
