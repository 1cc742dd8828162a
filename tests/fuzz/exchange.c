/* An exchange is two bytes for the observer, and steps of 24 bytes; numbers in little endian. seeds.py writes the same form.
 *
 *     0      settings of the observer        1      muted families
 *
 *     0      pair (2 bits), direction, kind (2 bits), the same frame, length unknown, data not captured
 *     1      flags
 *     2      time since the step before: an index of gaps[], and how often, less one, in the upper half
 *     3      what seq and ack count from: 2 bits each
 *     4-7    seq, from there
 *     8-11   ack, from there; of an ICMP error type and code
 *     12-13  window
 *     14-15  bytes of data
 *     16     options that are present (4 bits), cut, one is wrong, VLAN (2 bits)
 *     17     window scale
 *     18-19  timestamp and echo, the least byte
 *     20     IP identification
 *     21     length of the header in words, and which bytes it has in the upper half
 *     22     right edge of the SACK blocks, from the ACK
 *     23     for later
 *
 * seq and ack count from 0, from what the sender's SYN had or the last ACK of it, from the next number of the sender or of its peer, from
 * the last ACK of the peer or the peer's SYN: kept here, and no matter of the engine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "exchange.h"

#include <string.h>

enum { HOSTS, HOSTS_TOO, TO_ITSELF, FROM_PORT_0 };
enum { SEGMENT, SEGMENT_TOO, BAD_CHECKSUM, ICMP };
enum { MOST_DATA = 65535, MOST_HEADER = 60, CONTENTS = 3 };

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static const int64_t gaps[16] = {0,
                                 MILLISECOND / 100,
                                 MILLISECOND / 10,
                                 MILLISECOND,
                                 5 * MILLISECOND,
                                 20 * MILLISECOND,
                                 60 * MILLISECOND,
                                 200 * MILLISECOND,
                                 300 * MILLISECOND,
                                 SECOND,
                                 3 * SECOND,
                                 20 * SECOND,
                                 61 * SECOND,
                                 301 * SECOND,
                                 -2 * MILLISECOND,
                                 -SECOND * 100000};

/* What one end sent, by the steps alone. */
struct end {
    uint32_t syn, next, acked;
};

struct exchange {
    struct witness *witness;
    struct end ends[WITNESS_PAIRS][2];
    int64_t time;
    uint32_t frame;
    uint8_t layer;
};

/* Bytes that a segment may have, headers before data: the second differs from the first and adds up to the same, the third does not. */
static const uint8_t *
content(unsigned which)
{
    static uint8_t bytes[CONTENTS][MOST_HEADER + MOST_DATA];

    if (bytes[0][0] == 0) {
        memset(bytes, 'a', sizeof bytes);
        for (size_t i = MOST_HEADER + 8; i + 4 < sizeof bytes[1]; i += 64) {
            bytes[1][i]++;
            bytes[1][i + 2]--;
            bytes[2][i]++;
        }
    }
    return bytes[which % CONTENTS];
}

static uint32_t
get16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t
get32(const uint8_t *at)
{
    return get16(at) | get16(at + 2) << 16;
}

static void
take_header(struct tcpstate_segment *seg, const uint8_t *step)
{
    uint8_t header_length = (step[21] & 0x0f) * 4;
    /* the data ends where the bytes end, so that a sanitizer sees who reads on */
    const uint8_t *data = content(step[21] >> 4) + MOST_HEADER + MOST_DATA - seg->payload;

    seg->header_length = header_length;
    seg->header = data - header_length;
    seg->data = (step[0] & 0x80) != 0 ? NULL : data;
}

static void
take_options(struct tcpstate_segment *seg, const uint8_t *step)
{
    seg->options = (struct tcpstate_options){.present = step[16] & 0x0f,
                                             .cut = (step[16] & 0x10) != 0,
                                             .bad_kind = (step[16] & 0x20) != 0 ? step[17] : 0,
                                             .window_scale = step[17],
                                             .tsval = step[18],
                                             .tsecr = step[19],
                                             .sack_edge = seg->ack + step[22]};
    seg->vlan = step[16] >> 6;
}

static struct tcpstate_segment
segment_of(struct exchange *exchange, const uint8_t *step)
{
    unsigned pair = step[0] & 3;
    bool to_itself = pair == TO_ITSELF;
    uint8_t from = to_itself ? 0 : step[0] >> 2 & 1;
    const struct end *self = &exchange->ends[pair][from], *peer = &exchange->ends[pair][to_itself ? 0 : !from];
    const uint32_t seq_from[] = {0, self->syn, self->next, peer->acked}, ack_from[] = {0, self->acked, peer->next, peer->syn};
    const uint16_t ports[] = {(uint16_t)(pair == FROM_PORT_0 ? 0 : 40000 + pair), to_itself ? (uint16_t)(40000 + pair) : 80};
    struct tcpstate_segment seg = {.time = exchange->time,
                                   .frame = exchange->frame,
                                   .layer = exchange->layer,
                                   .from = from,
                                   .to_itself = to_itself,
                                   .length_known = (step[0] & 0x40) == 0,
                                   .flags = step[1],
                                   .window = (uint16_t)get16(step + 12),
                                   .src_port = ports[from],
                                   .dst_port = ports[!from],
                                   .seq = seq_from[step[3] & 3] + get32(step + 4),
                                   .ack = ack_from[step[3] >> 2 & 3] + get32(step + 8),
                                   .payload = get16(step + 14),
                                   .ip_id = step[20]};

    take_header(&seg, step);
    take_options(&seg, step);
    return seg;
}

static void
note_sent(struct exchange *exchange, unsigned pair, const struct tcpstate_segment *seg)
{
    struct end *self = &exchange->ends[pair][seg->from];

    if ((seg->flags & TCPSTATE_SYN) != 0)
        self->syn = seg->seq;
    self->next = tcpstate_seg_end(seg);
    if ((seg->flags & TCPSTATE_ACK) != 0)
        self->acked = seg->ack;
}

static void
move_on(struct exchange *exchange, const uint8_t *step)
{
    if ((step[0] & 0x20) != 0 && exchange->frame > 0 && exchange->layer < UINT8_MAX) {
        exchange->layer++; /* another header of the frame */
        return;
    }
    exchange->frame++;
    exchange->layer = 0;
    exchange->time += gaps[step[2] & 0x0f] * (1 + (step[2] >> 4));
}

static void
read_step(struct exchange *exchange, const uint8_t *step)
{
    const struct tcpstate_icmp icmp = {.type = step[8], .code = step[9], .is_v6 = (step[10] & 1) != 0};
    unsigned pair = step[0] & 3;
    struct tcpstate_segment seg;

    move_on(exchange, step);
    seg = segment_of(exchange, step);
    switch (step[0] >> 3 & 3) {
    case ICMP:
        witness_icmp(exchange->witness, pair, &seg, &icmp);
        break;
    case BAD_CHECKSUM:
        witness_bad_checksum(exchange->witness, pair, &seg);
        break;
    default:
        note_sent(exchange, pair, &seg);
        witness_segment(exchange->witness, pair, &seg);
    }
}

static void
set(struct tcpstate_observer *observer, const uint8_t *head)
{
    uint16_t few = head[0] & 3; /* 0: never */

    observer->limits = (struct tcpstate_limits){.half_closed = few * 20 * SECOND,
                                                .zero_window = few * 10 * SECOND,
                                                .idle = few * 100 * SECOND,
                                                .stuck = few,
                                                .resent = few,
                                                .challenges = few};
    observer->two_msl = (head[0] >> 2 & 3) * 30 * SECOND;
    observer->muted = head[1];
}

struct witness_sums
exchange_read(struct witness *witness, const uint8_t *bytes, size_t size, bool thorough)
{
    struct exchange exchange = {.witness = witness, .time = 1000 * SECOND};
    size_t steps = size < EXCHANGE_HEAD ? 0 : (size - EXCHANGE_HEAD) / EXCHANGE_STEP;

    witness_begin(witness);
    if (size >= EXCHANGE_HEAD)
        set(&witness->observer, bytes);
    witness->observer.thorough = thorough;
    for (size_t i = 0; i < steps && i < WITNESS_SEGMENTS; i++)
        read_step(&exchange, bytes + EXCHANGE_HEAD + i * EXCHANGE_STEP);
    return witness_end(witness);
}
