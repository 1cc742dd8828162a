/* Reads segments and holds the engine to what must be so whatever comes:
 *
 * - a change is a cell of the table, or gives back what a RST had taken; changes join up, and no state changes without one;
 * - what is awaited follows from the state by rows of the table;
 * - the timeline is in the capture's order, and says of each segment what the engine said then;
 * - a finding has its sentence, and names frames that came before it; a history is whole;
 * - memory: at most one connection a segment, and of what troubled or reset one, one each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TESTS_WITNESS_H
#define TCPSTATE_TESTS_WITNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tcpstate/timeline.h>

enum {
    WITNESS_SEGMENTS = 256,
    WITNESS_PAIRS = 4,
    WITNESS_RECORDS = WITNESS_SEGMENTS * TCPSTATE_RECORDS_PER_SEGMENT,
    WITNESS_LETTERS = 48, /* of a connection: each once, or of the counted ones the 1st, 10th and 100th, of both ends, is fewer */
};

/* Sums of all that came out: equal where it was the same. */
struct witness_sums {
    uint64_t findings, letters, records, memory;
};

struct witness_shown {
    uint32_t frame, connection;
    uint8_t layer, state[2];
};

struct witness_pair {
    struct tcpstate_pair pair;
    struct tcpstate_record records[WITNESS_RECORDS];
    struct witness_shown shown[WITNESS_SEGMENTS];
    size_t record_count, shown_count;
};

struct witness {
    struct tcpstate_observer observer; /* for the caller to set, all but its functions and owner */
    struct witness_pair pairs[WITNESS_PAIRS];
    uint32_t segments, connections;
    uint32_t expected;                                                 /* segments read the short way */
    uint32_t pieces;                                                   /* of memory, besides connections */
    size_t memory_used;                                                /* bytes */
    const struct tcpstate_connection *of[WITNESS_SEGMENTS];            /* by number */
    struct tcpstate_letter letters[WITNESS_SEGMENTS][WITNESS_LETTERS]; /* by connection */
    size_t letter_count[WITNESS_SEGMENTS];
    struct witness_sums sums;
};

/* Before the first segment of a sequence. The memory of the one before is used again, in the same places. */
void witness_begin(struct witness *witness);

/* At most WITNESS_SEGMENTS of a sequence; frames must not decrease, nor layers inside a frame. */
void witness_segment(struct witness *witness, unsigned pair, const struct tcpstate_segment *segment);
void witness_bad_checksum(struct witness *witness, unsigned pair, const struct tcpstate_segment *segment);
void witness_icmp(struct witness *witness, unsigned pair, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp);

/* After the last one: looks at the timelines, and gives the sums. */
struct witness_sums witness_end(struct witness *witness);

void witness_assert_same(const struct witness_sums *one, const struct witness_sums *other);

/* Of all sequences that were read. Cells that change nothing are not counted, nor those of what is only awaited. */
struct witness_coverage {
    unsigned cells, all_cells, findings;
};

/* With what is missing printed. */
struct witness_coverage witness_coverage(void);

#endif /* TCPSTATE_TESTS_WITNESS_H */
