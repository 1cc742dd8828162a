/* The timeline of a pair of addresses and ports: a record for each segment that changed something, in the order of the
 * capture. Nothing else is kept for display: a connection of a million data segments and eight changes has eight
 * records.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_RECORD_H
#define TCPSTATE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observer.h"

/* Most segments that change something make one or two changes. */
enum { TCPSTATE_RECORD_STEPS = 2 };

/* Both ends after a segment. A segment with more than TCPSTATE_RECORD_STEPS changes has several records. A capture of a million connections
 * has about ten million records, so a record is small. */
#pragma pack(push, 4)
struct tcpstate_record {
    int64_t time; /* nanoseconds since the epoch */
    uint32_t frame;
    uint32_t connection;                  /* number of the connection */
    uint16_t step[TCPSTATE_RECORD_STEPS]; /* packed changes: see tcpstate_record_change() */
    uint16_t retry : 13, retried : 2;     /* outcome.retry, outcome.retried */
    uint16_t to_itself : 1;
    uint8_t since[2]; /* see tcpstate_record_since() */
    uint8_t state[2]; /* the state in the low four bits, the pending state in the high four bits */
    uint8_t layer;
    uint8_t basis_0 : 2, basis_1 : 2, step_count : 2, client : 1;
    uint8_t continued : 1; /* of the same segment as the record before it */
};
#pragma pack(pop)

/* Writes the records of a segment to `to`, which needs room for TCPSTATE_RECORDS_PER_SEGMENT. Returns how many it wrote: 0 where nothing
 * differs from the last of the `count` records at `records`. */
enum { TCPSTATE_RECORDS_PER_SEGMENT = (TCPSTATE_CHANGES_MAX + TCPSTATE_RECORD_STEPS - 1) / TCPSTATE_RECORD_STEPS };
size_t tcpstate_record_segment(const struct tcpstate_record *records, size_t count, const struct tcpstate_segment *segment,
                               const struct tcpstate_outcome *outcome, struct tcpstate_record *to);

/* Returns 1 + the index of the last record at or before that segment; 0 where there is none. A binary search; the newest segment needs no
 * search. */
size_t tcpstate_record_at(const struct tcpstate_record *records, size_t count, uint32_t frame, uint8_t layer);

static inline enum tcpstate_state
tcpstate_record_state(const struct tcpstate_record *record, int end)
{
    return (enum tcpstate_state)(record->state[end] & 0x0f);
}

static inline enum tcpstate_state
tcpstate_record_pending(const struct tcpstate_record *record, int end)
{
    return (enum tcpstate_state)(record->state[end] >> 4);
}

static inline enum tcpstate_basis
tcpstate_record_basis(const struct tcpstate_record *record, int end)
{
    return (enum tcpstate_basis)(end == 0 ? record->basis_0 : record->basis_1);
}

/* Returns 1 + the index of the record in which the end came to the state that it has in the record at `index`; 0 where it had that state
 * from the beginning. */
size_t tcpstate_record_since(const struct tcpstate_record *records, size_t index, int end);

/* Unpacks a change of the record. `step` is 0 to step_count - 1. */
struct tcpstate_change tcpstate_record_change(const struct tcpstate_record *record, unsigned step);

#endif /* TCPSTATE_RECORD_H */
