/* The same bytes sent twice with different content: of two such segments one is forged, and which one its receiver reads nobody can tell.
 * The data sent last is kept in one ring for all connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>
#include <string.h>

#include "observe.h"

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

/* Room for `size` bytes after the newest segment, at the cost of the oldest ones. */
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
keep(struct tcpstate_memory *memory, const struct reading *r)
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

/* What header, data and length add up to in the arithmetic of checksums (RFC 9293 section 3.1). Two segments of one direction that came
 * undamaged add up to the same. */
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

/* The bytes that both have. Numbers may be anything, so what is in and what is not goes by how far one begins after the other, modulo 2^32.
 */
struct overlap {
    uint32_t in_kept, in_segment, length; /* where it begins in each, and how long it is; bytes */
};

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

/* Compares what both have. True where it differed and was told. */
static bool
conflicts(struct reading *r, const struct tcpstate_kept *kept)
{
    const struct tcpstate_segment *seg = r->seg;
    const struct tcpstate_memory *memory = &r->observer->memory;
    struct overlap overlap = overlap_of(kept, seg);
    const uint8_t *old = data_of(memory, kept) + overlap.in_kept, *new = seg->data + overlap.in_segment;
    uint32_t from = seg->seq + overlap.in_segment, first = 0, count = 0;
    struct tcpstate_finding *finding;

    if (overlap.length == 0 || memcmp(old, new, overlap.length) == 0 || is_damaged(memory, kept, seg))
        return false;
    for (uint32_t i = 0; i < overlap.length; i++)
        if (old[i] != new[i] && count++ == 0)
            first = from + i;
    finding = find(r, TCPSTATE_FINDING_overlap_conflict, r->snd);
    set_numbers(finding, r->snd, first, first);
    finding->related = kept->frame;
    finding->count = count;
    return true;
}

/* Before the segment moves its sender's variables on. One byte again may be a keep-alive probe's, which says nothing. */
void
compare_data(struct reading *r)
{
    struct tcpstate_memory *memory = &r->observer->memory;
    const struct tcpstate_segment *seg = r->seg;

    if (seg->payload <= 1 || seg->data == NULL)
        return;
    if (r->snd->snd_known && seq_lt(seg->seq, r->snd->snd_nxt))
        for (uint32_t i = memory->oldest; i != memory->next; i++) {
            const struct tcpstate_kept *kept = kept_at(memory, i);

            if (kept->connection == r->c && kept->from == seg->from && conflicts(r, kept))
                break;
        }
    keep(memory, r);
}
