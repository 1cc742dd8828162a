/* Reads bytes as an exchange: two bytes for the observer, then a step of 24 bytes for each segment. Numbers are in little endian, bit
 * fields begin with the lowest bit. seeds.py writes the same format.
 *
 * Head:
 *     0      settings of the observer: limits (2 bits), 2MSL (2 bits)
 *     1      muted families
 *
 * Step:
 *     0      pair (2 bits), direction, kind (2 bits), same frame as the step before, length unknown, data not captured
 *     1      flags
 *     2      time since the step before: index of gaps[] (4 bits), and its multiplier less one (4 bits)
 *     3      base of seq (2 bits), base of ack (2 bits), an option is there twice, which capture points see it (2 bits)
 *     4-7    seq, relative to its base
 *     8-11   ack, relative to its base; for an ICMP error: type, code, and in the lowest bit of byte 10 whether it is ICMPv6
 *     12-13  window
 *     14-15  bytes of data
 *     16     options that are present (4 bits), options cut, an option has a bad length, VLAN (2 bits)
 *     17     window scale; kind of the option with a bad length
 *     18-19  TSval and TSecr, each divided by 64
 *     20     IP identification
 *     21     header length in words of 4 bytes (4 bits), which of the contents the segment has (4 bits)
 *     22     right edge of the SACK blocks, relative to ack
 *     23     TTL
 *
 * The capture points that see a segment: the first, both, the second, both with another TTL and later. The bases of seq: 0, the sender's
 * SYN, the sender's next number, the peer's last ACK. The bases of ack: 0, the sender's last ACK, the peer's next number, the peer's SYN.
 * They are computed here from the steps, and do not depend on the engine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "exchange.h"

#include <string.h>

enum { HOSTS, OTHER_HOSTS, TO_ITSELF, FROM_PORT_0 }; /* pairs */
enum { SEGMENT, ALSO_SEGMENT, BAD_CHECKSUM, ICMP };  /* kinds of steps: half of all are ordinary segments */
enum { MOST_DATA = 65535, MOST_HEADER = 60, CONTENTS = 3 };

enum { FIRST_POINT, BOTH_POINTS, SECOND_POINT, FORWARDED }; /* which points see a step */

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

/* The last numbers that one end sent: its SYN, its next number, its ACK. */
struct end {
    uint32_t syn, next, acked;
};

struct exchange {
    struct checker *points[EXCHANGE_POINTS]; /* NULL for a point that is left out */
    struct end ends[CHECKER_PAIRS][2];
    int64_t time;
    uint32_t frame;
    uint8_t layer;
};

/* The contents that a segment may have, a header and data. The second differs from the first, and has the same checksum; the third has
 * another checksum. */
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
    /* the data ends at the end of the array, so that a sanitizer sees a read beyond it */
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
                                             .repeated_kind = (step[3] & 0x10) != 0 ? 2 : 0,
                                             .window_scale = step[17],
                                             .tsval = step[18] * 64u,
                                             .tsecr = step[19] * 64u,
                                             .sack_edge = seg->ack + step[22]};
    seg->network = step[16] >> 6;
    if ((seg->flags & (TCPSTATE_SYN | TCPSTATE_ACK)) == TCPSTATE_SYN)
        seg->hosts = seg->from + 1u; /* the same in all pairs */
}

static struct tcpstate_segment
segment_of(struct exchange *exchange, const uint8_t *step)
{
    unsigned pair = step[0] & 3;
    bool to_itself = pair == TO_ITSELF;
    uint8_t from = to_itself ? 0 : step[0] >> 2 & 1;
    const struct end *self = &exchange->ends[pair][from], *peer = &exchange->ends[pair][to_itself ? 0 : !from];
    const uint32_t seq_from[] = {0, self->syn, self->next, peer->acked}, ack_from[] = {0, self->acked, peer->next, peer->syn};
    const uint16_t ports[] = {pair == FROM_PORT_0 ? 0 : 40000, to_itself ? 40000 : 80};
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
                                   .ip_id = step[20],
                                   .ttl = step[23]};

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

/* The frame and time of the next step. */
static void
begin_step(struct exchange *exchange, const uint8_t *step)
{
    if ((step[0] & 0x20) != 0 && exchange->frame > 0 && exchange->layer < UINT8_MAX) {
        exchange->layer++; /* another TCP header of the same frame */
        return;
    }
    exchange->frame++;
    exchange->layer = 0;
    exchange->time += gaps[step[2] & 0x0f] * (1 + (step[2] >> 4));
}

/* What one point sees of a step. */
static void
read_at_point(struct checker *checker, const uint8_t *step, const struct tcpstate_segment *seg)
{
    const struct tcpstate_icmp icmp = {.type = step[8], .code = step[9], .is_v6 = (step[10] & 1) != 0};
    unsigned pair = step[0] & 3;

    switch (step[0] >> 3 & 3) {
    case ICMP:
        checker_icmp(checker, pair, seg, &icmp);
        break;
    case BAD_CHECKSUM:
        checker_bad_checksum(checker, pair, seg);
        break;
    default:
        checker_segment(checker, pair, seg);
    }
}

static void
read_step(struct exchange *exchange, const uint8_t *step)
{
    unsigned pair = step[0] & 3, kind = step[0] >> 3 & 3, seen = step[3] >> 5 & 3;
    struct tcpstate_segment seg;

    begin_step(exchange, step);
    seg = segment_of(exchange, step);
    if (kind == SEGMENT || kind == ALSO_SEGMENT)
        note_sent(exchange, pair, &seg);
    if (exchange->points[0] != NULL && seen != SECOND_POINT)
        read_at_point(exchange->points[0], step, &seg);
    if (seen == FORWARDED) {
        seg.time += 5 * MILLISECOND;
        seg.ttl--;
    }
    if (exchange->points[1] != NULL && seen != FIRST_POINT)
        read_at_point(exchange->points[1], step, &seg);
}

static void
set_observer(struct tcpstate_observer *observer, const uint8_t *head)
{
    uint16_t few = head[0] & 3; /* 0 switches the findings off */

    observer->limits = (struct tcpstate_limits){.half_closed = few * 20 * SECOND,
                                                .zero_window = few * 10 * SECOND,
                                                .idle = few * 100 * SECOND,
                                                .stuck = few,
                                                .resent = few,
                                                .challenges = few};
    observer->two_msl = (head[0] >> 2 & 3) * 30 * SECOND;
    observer->muted = head[1];
}

static void
begin_point(struct checker *checker, const uint8_t *bytes, size_t size, bool thorough)
{
    checker_begin(checker);
    if (size >= EXCHANGE_HEAD)
        set_observer(&checker->observer, bytes);
    checker->observer.thorough = thorough;
}

void
exchange_read(struct checker *const points[EXCHANGE_POINTS], const uint8_t *bytes, size_t size, bool thorough,
              struct checker_sums sums[EXCHANGE_POINTS])
{
    struct exchange exchange = {.points = {points[0], points[1]}, .time = 1000 * SECOND};
    size_t steps = size < EXCHANGE_HEAD ? 0 : (size - EXCHANGE_HEAD) / EXCHANGE_STEP;

    for (int i = 0; i < EXCHANGE_POINTS; i++)
        if (points[i] != NULL)
            begin_point(points[i], bytes, size, thorough);
    for (size_t i = 0; i < steps && i < CHECKER_SEGMENTS; i++)
        read_step(&exchange, bytes + EXCHANGE_HEAD + i * EXCHANGE_STEP);
    for (int i = 0; i < EXCHANGE_POINTS; i++)
        if (points[i] != NULL)
            sums[i] = checker_end(points[i]);
}
