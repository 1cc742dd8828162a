/* The timeline of an address/port pair: a record for each segment that changed something, in the order of the capture. It is
 * all that is kept for showing, so a connection of a million data segments that changes state eight times keeps eight.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TIMELINE_H
#define TCPSTATE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backoff.h"
#include "connection.h"

enum { TCPSTATE_RECORD_STEPS = 2 };

/* Both ends as they are from one segment on. A segment with more than TCPSTATE_RECORD_STEPS changes has several records. Captures of a
 * million connections keep some ten million of these, so they are small. */
#pragma pack(push, 4)
struct tcpstate_record {
    int64_t time; /* nanoseconds since the epoch */
    uint32_t frame;
    uint32_t connection;                  /* its number */
    uint16_t step[TCPSTATE_RECORD_STEPS]; /* packed changes, see tcpstate_record_change() */
    uint16_t retry : 13, retried : 2;     /* outcome.retry, outcome.retried */
    uint16_t to_itself : 1;
    uint8_t since[2]; /* see tcpstate_record_since() */
    uint8_t state[2]; /* state in the low, pending state in the high four bits */
    uint8_t layer;
    uint8_t basis_0 : 2, basis_1 : 2, step_count : 2, client : 1;
    uint8_t continued : 1; /* of the record before */
};
#pragma pack(pop)

/* Writes at most TCPSTATE_RECORDS_PER_SEGMENT records of what a segment did to `to`, and returns how many: 0 where all stays as it
 * was in the last of the `count` records at `records`. */
enum { TCPSTATE_RECORDS_PER_SEGMENT = (TCPSTATE_CHANGES_MAX + TCPSTATE_RECORD_STEPS - 1) / TCPSTATE_RECORD_STEPS };
size_t tcpstate_record_segment(const struct tcpstate_record *records, size_t count, const struct tcpstate_segment *segment,
                               const struct tcpstate_outcome *outcome, struct tcpstate_record *to);

/* 1 + index of the last record at or before that segment; 0 for none. Binary search, and at once at the newest segment. */
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

/* 1 + index of the record in which the end came to the state that it has in the one at `index`; 0: it was in it from the start. */
size_t tcpstate_record_since(const struct tcpstate_record *records, size_t index, int end);

/* A packed change as one again, but for the state it came from. */
struct tcpstate_change tcpstate_record_change(const struct tcpstate_record *record, unsigned step);

#endif /* TCPSTATE_TIMELINE_H */
