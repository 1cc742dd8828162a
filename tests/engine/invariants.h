/* Reads segments, and checks the invariants of the engine, which hold for any segments:
 *
 * - Each change is a cell of the transition table, or gives back the state from before a RST. A change begins in the state where the
 *   change before it ended, and no state differs without a change.
 * - The pending state follows from the state by rows of the table.
 * - The timeline is in the order of the capture, and has the states that the engine gave for each segment.
 * - Each finding has a sentence, and refers only to the same or earlier frames. Each history is complete.
 * - Memory: at most one connection for each segment, and for each connection at most one struct tcpstate_watch and one struct
 *   tcpstate_reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_INVARIANTS_H
#define TCPSTATE_TESTS_INVARIANTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tcpstate/record.h>

#include "model/connection.h"
#include "model/history.h"

enum {
    CHECKER_SEGMENTS = 256,
    CHECKER_PAIRS = 4,
    CHECKER_RECORDS = CHECKER_SEGMENTS * TCPSTATE_RECORDS_PER_SEGMENT,
    /* Bytes, enough for the largest number of allocations: see the last invariant. */
    CHECKER_MEMORY = CHECKER_SEGMENTS * (sizeof(struct tcpstate_connection) + sizeof(struct tcpstate_watch) +
                                         sizeof(struct tcpstate_reset) + TCPSTATE_QUOTE_MAX + sizeof(uint64_t)),
    CHECKER_LETTERS = 48, /* of a connection; 2 ends with 8 letters once and 4 counted letters 3 times (1st, 10th, 100th) are 40 */
};

/* Hash sums of all results of the engine, to compare two runs. */
struct checker_sums {
    uint64_t findings, letters, records, memory;
};

/* The states that the engine gave for a segment, packed as in struct tcpstate_record. */
struct checker_states {
    uint32_t frame, connection;
    uint8_t layer, state[2];
};

struct checker_pair {
    struct tcpstate_pair pair;
    struct tcpstate_record records[CHECKER_RECORDS];
    struct checker_states states[CHECKER_SEGMENTS];
    size_t record_count, states_count;
};

struct checker {
    struct tcpstate_observer observer; /* the caller may change its settings */
    struct checker_pair pairs[CHECKER_PAIRS];
    uint32_t segments, connections;
    uint32_t expected;       /* segments that were read on the fast path */
    uint32_t pieces, quotes; /* allocations besides connections */
    size_t memory_used;      /* bytes */
    uint64_t memory[CHECKER_MEMORY / sizeof(uint64_t)];
    struct tcpstate_history history;
    const struct tcpstate_connection *of[CHECKER_SEGMENTS];            /* by number */
    struct tcpstate_letter letters[CHECKER_SEGMENTS][CHECKER_LETTERS]; /* by connection */
    size_t letter_count[CHECKER_SEGMENTS];
    struct checker_sums sums;
};

/* Call it before the first segment of a sequence. The memory of the sequence before is used again, at the same addresses. */
void checker_begin(struct checker *checker);

/* Reads one segment and checks the outcome. A sequence has at most CHECKER_SEGMENTS; frames must not decrease, nor layers in a frame. */
void checker_segment(struct checker *checker, unsigned pair, const struct tcpstate_segment *segment);
void checker_bad_checksum(struct checker *checker, unsigned pair, const struct tcpstate_segment *segment);
void checker_icmp(struct checker *checker, unsigned pair, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp);

/* Call it after the last segment: checks the timelines and histories, and returns the sums. */
struct checker_sums checker_end(struct checker *checker);

/* Asserts that two runs had the same results. */
void checker_assert_same(const struct checker_sums *one, const struct checker_sums *other);

/* How many cells of the table and findings all sequences have reached. Cells that keep the state and rows of awaited events do not count.
 */
struct checker_coverage {
    unsigned cells, all_cells, findings, all_findings;
};

/* Prints what was not reached. */
struct checker_coverage checker_coverage(void);

#endif /* TCPSTATE_TESTS_INVARIANTS_H */
