/* Compares data that is sent again with the data that was sent first, byte by byte. The newest data of all connections
 * is in one ring: see model/history.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "overlap.h"

#include <string.h>

#include "../model/numbers.h"
#include "raise.h"

/* A sum in ones' complement arithmetic of 16 bits (RFC 1071) is the sum modulo 2^16 - 1. */
enum { CHECKSUM_MODULUS = 0xffff };

static const uint8_t *
header_of(const struct tcpstate_memory *memory, const struct tcpstate_kept *kept)
{
    return memory->bytes + kept->at;
}

static const uint8_t *
data_of(const struct tcpstate_memory *memory, const struct tcpstate_kept *kept)
{
    return header_of(memory, kept) + kept->header_length;
}

static struct tcpstate_kept *
kept_at(struct tcpstate_memory *memory, uint32_t index)
{
    return &memory->kept[index % TCPSTATE_KEPT_COUNT];
}

/* Makes room for `size` bytes after the newest segment: removes the oldest segments that are in the way. */
static void
make_room(struct tcpstate_memory *memory, uint32_t size)
{
    if (memory->head + size > TCPSTATE_KEPT_BYTES) {
        while (memory->oldest != memory->next && kept_at(memory, memory->oldest)->at >= memory->head)
            memory->oldest++;
        memory->head = 0;
    }
    while (memory->oldest != memory->next) {
        const struct tcpstate_kept *oldest = kept_at(memory, memory->oldest);
        bool in_the_way = oldest->at >= memory->head && oldest->at < memory->head + size;

        if (!in_the_way && memory->next - memory->oldest < TCPSTATE_KEPT_COUNT)
            return;
        memory->oldest++;
    }
}

static void
keep_data(struct tcpstate_memory *memory, const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    uint32_t size = seg->header_length + seg->payload;

    if (size > TCPSTATE_KEPT_BYTES / 2)
        return;
    make_room(memory, size);
    *kept_at(memory, memory->next++) = (struct tcpstate_kept){.connection = r->c,
                                                              .frame = seg->frame,
                                                              .seq = seg->seq,
                                                              .length = seg->payload,
                                                              .at = memory->head,
                                                              .from = seg->from,
                                                              .header_length = seg->header_length};
    memcpy(memory->bytes + memory->head, seg->data - seg->header_length, size);
    memory->head += size;
}

/* The checksum's sum (RFC 9293 section 3.1) over header, data and length, without the addresses. It is equal for all undamaged segments
 * between the same addresses. */
static uint32_t
residue(const uint8_t *header, uint32_t header_length, const uint8_t *data, uint32_t length)
{
    uint64_t sum = header_length + length;

    for (uint32_t i = 0; i < header_length; i++)
        sum += (uint64_t)header[i] << (i % 2 == 0 ? 8 : 0);
    for (uint32_t i = 0; i < length; i++)
        sum += (uint64_t)data[i] << (i % 2 == 0 ? 8 : 0);
    return (uint32_t)(sum % CHECKSUM_MODULUS);
}

static bool
is_damaged(const struct tcpstate_memory *memory, const struct tcpstate_kept *kept, const struct tcpstate_segment *seg)
{
    return residue(header_of(memory, kept), kept->header_length, data_of(memory, kept), kept->length) !=
           residue(seg->header, seg->header_length, seg->data, seg->payload);
}

/* The bytes that two segments have in common. */
struct overlap {
    uint32_t in_kept, in_segment, length; /* offsets where the common bytes begin in each, and how many they are; bytes */
};

/* Sequence numbers may wrap, so each offset is a difference modulo 2^32. */
static struct overlap
overlap_of(const struct tcpstate_kept *kept, const struct tcpstate_segment *seg)
{
    uint32_t after = seg->seq - kept->seq, before = kept->seq - seg->seq;
    struct overlap overlap = {.length = 0};

    if (after < kept->length)
        overlap.in_kept = after;
    else if (before < seg->payload)
        overlap.in_segment = before;
    else
        return overlap;
    overlap.length = kept->length - overlap.in_kept;
    if (overlap.length > seg->payload - overlap.in_segment)
        overlap.length = seg->payload - overlap.in_segment;
    return overlap;
}

static bool
is_conflict(const struct tcpstate_memory *memory, const struct tcpstate_kept *kept, const struct tcpstate_segment *seg,
            const struct overlap *overlap)
{
    return overlap->length > 0 && memcmp(data_of(memory, kept) + overlap->in_kept, seg->data + overlap->in_segment, overlap->length) != 0 &&
           !is_damaged(memory, kept, seg);
}

/* Returns the oldest segment with other content under the same numbers; NULL for none. */
static const struct tcpstate_kept *
find_conflict(struct tcpstate_memory *memory, const struct tcpstate_connection *c, const struct tcpstate_segment *seg,
              struct overlap *overlap)
{
    for (uint32_t i = memory->oldest; i != memory->next; i++) {
        const struct tcpstate_kept *kept = kept_at(memory, i);

        if (kept->connection != c || kept->from != seg->from)
            continue;
        *overlap = overlap_of(kept, seg);
        if (is_conflict(memory, kept, seg, overlap))
            return kept;
    }
    return NULL;
}

static void
report_conflict(struct reading *r, const struct tcpstate_kept *kept, const struct overlap *overlap)
{
    const uint8_t *old = data_of(&r->observer->history->memory, kept) + overlap->in_kept, *new = r->seg->data + overlap->in_segment;
    uint32_t from = r->seg->seq + overlap->in_segment, first = 0, count = 0;
    struct tcpstate_finding *finding;

    for (uint32_t i = 0; i < overlap->length; i++)
        if (old[i] != new[i] && count++ == 0)
            first = from + i;
    finding = raise_finding(r, TCPSTATE_FINDING_overlap_conflict, r->snd);
    set_finding_numbers(finding, r->snd, first, first);
    finding->related = kept->frame;
    finding->count = count;
}

static bool
is_compared(const struct tcpstate_peer *snd, const struct tcpstate_segment *seg)
{
    return seg->payload > 1 && seg->data != NULL && snd->snd_known && seq_lt(seg->seq, snd->snd_nxt);
}

bool
has_conflict(struct tcpstate_history *history, const struct tcpstate_connection *c, const struct tcpstate_segment *seg)
{
    struct overlap overlap;

    return is_compared(&c->peer[seg->from], seg) && find_conflict(&history->memory, c, seg, &overlap) != NULL;
}

void
compare_data(struct reading *r)
{
    struct tcpstate_memory *memory = &r->observer->history->memory;
    const struct tcpstate_segment *seg = r->seg;

    if (seg->payload <= 1 || seg->data == NULL)
        return;
    if (is_compared(r->snd, seg)) {
        struct overlap overlap;
        const struct tcpstate_kept *kept = find_conflict(memory, r->c, seg, &overlap);

        if (kept != NULL)
            report_conflict(r, kept, &overlap);
    }
    keep_data(memory, r);
}
