/* Recognizes segments that were captured twice, with a hash table of the newest segments that has two slots for each
 * hash.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "copies.h"

#include "../findings/overlap.h"
#include "../model/history.h"

/* 250 ms, in nanoseconds. In another tunnel, a segment that is seen again within this time is a copy. Stacks wait longer
 * before they send a SYN,ACK again (1 s), and only a retransmitted SYN,ACK may have the same IP ID. */
#define NETWORK_COPY_TIME INT64_C(250000000)

/* 1 s, in nanoseconds: the longest time in which a router forwards a segment. */
#define FORWARD_TIME INT64_C(1000000000)

/* The flags that are compared. A router may set those of ECN (RFC 3168 section 5). */
enum { FLAGS = TCPSTATE_FIN | TCPSTATE_SYN | TCPSTATE_RST | TCPSTATE_PSH | TCPSTATE_ACK | TCPSTATE_URG };

static bool
has_same_header(const struct tcpstate_recent *recent, const struct tcpstate_pair *pair, const struct tcpstate_segment *seg)
{
    return recent->seq == seg->seq && recent->pair == pair && recent->ack == seg->ack && recent->payload == seg->payload &&
           recent->ip_id == seg->ip_id && ((recent->flags ^ effective_flags(seg->flags)) & FLAGS) == 0 && recent->from == seg->from;
}

static bool
has_same_timestamps(const struct tcpstate_recent *recent, const struct tcpstate_segment *seg)
{
    return recent->tsval == seg->options.tsval && recent->tsecr == seg->options.tsecr;
}

/* Whether the IP ID or the timestamps show that the stack did not send the segment twice. */
static bool
is_sent_once(const struct tcpstate_recent *recent, const struct tcpstate_segment *seg)
{
    return has_same_timestamps(recent, seg) && (seg->ip_id > 0 || seg->options.tsval != 0);
}

/* Whether both were captured on the device "any" of a router: as it came in and as it went out. */
static bool
is_forwarded(const struct tcpstate_recent *recent, const struct tcpstate_segment *seg)
{
    return recent->way != 0 && seg->way != 0 && (recent->way != seg->way || recent->ttl != seg->ttl) && seg->ip_id > 0 &&
           seg->options.tsval != 0;
}

/* The time within which a segment that is seen again is a copy. One that was sent once may have been captured in two places. No longer than
 * MIN_RTO, because a few stacks send with one IP ID, or have a slow timestamp clock; unless it was forwarded, which may take longer. */
static int64_t
copy_time(const struct tcpstate_recent *recent, const struct tcpstate_segment *seg)
{
    if (recent->network != seg->network)
        return NETWORK_COPY_TIME;
    if (!is_sent_once(recent, seg))
        return COPY_TIME;
    return is_forwarded(recent, seg) ? FORWARD_TIME : MIN_RTO;
}

static bool
is_within(int64_t gap, int64_t most)
{
    return gap > -most && gap < most;
}

/* After a longer time than COPY_TIME, the data is compared too, so that other data at the same number is seen. */
static bool
is_same(const struct reading *r, const struct tcpstate_recent *recent)
{
    int64_t gap = r->seg->time - recent->time;

    if (!has_same_header(recent, r->pair, r->seg) || !is_within(gap, copy_time(recent, r->seg)))
        return false;
    return is_within(gap, COPY_TIME) || recent->network != r->seg->network || r->pair->now == NULL ||
           !has_conflict(r->observer->history, r->pair->now, r->seg);
}

/* Returns the first of the two slots for the segment. The multipliers are odd, and spread the bits of each number over the word. */
static struct tcpstate_recent *
recent_slots(struct tcpstate_history *history, const struct tcpstate_segment *seg)
{
    uint32_t ports = (uint32_t)seg->src_port << 16 | seg->dst_port;
    uint32_t hash = (seg->seq ^ ports * UINT32_C(0x9e3779b1)) * UINT32_C(0x85ebca6b) + seg->ack * UINT32_C(0xc2b2ae35);

    return &history->recent[(hash >> 16) % TCPSTATE_RECENT_COUNT & ~1u];
}

static void
keep_segment(struct tcpstate_recent *slot, const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    *slot = (struct tcpstate_recent){.time = seg->time,
                                     .pair = r->pair,
                                     .frame = seg->frame,
                                     .seq = seg->seq,
                                     .ack = seg->ack,
                                     .payload = seg->payload,
                                     .tsval = seg->options.tsval,
                                     .tsecr = seg->options.tsecr,
                                     .network = seg->network,
                                     .ip_id = seg->ip_id,
                                     .flags = seg->flags,
                                     .from = seg->from,
                                     .layer = seg->layer,
                                     .way = seg->way,
                                     .ttl = seg->ttl};
}

bool
tcpstate_was_read(const struct tcpstate_observer *observer, const struct tcpstate_pair *pair, const struct tcpstate_segment *segment)
{
    const struct tcpstate_recent *slots = observer->history != NULL ? recent_slots(observer->history, segment) : NULL;

    for (int i = 0; slots != NULL && i < 2; i++)
        if (has_same_header(&slots[i], pair, segment) && has_same_timestamps(&slots[i], segment))
            return true;
    return false;
}

bool
tcpstate_newest(const struct tcpstate_observer *observer, unsigned index, struct tcpstate_segment *segment,
                const struct tcpstate_pair **pair)
{
    const struct tcpstate_recent *recent = observer->history != NULL ? &observer->history->recent[index] : NULL;

    if (recent == NULL || recent->pair == NULL)
        return false;
    *pair = recent->pair;
    *segment = (struct tcpstate_segment){.time = recent->time,
                                         .frame = recent->frame,
                                         .layer = recent->layer,
                                         .from = recent->from,
                                         .flags = recent->flags,
                                         .seq = recent->seq,
                                         .ack = recent->ack,
                                         .payload = recent->payload,
                                         .ip_id = recent->ip_id,
                                         .ttl = recent->ttl,
                                         .options = {.tsval = recent->tsval, .tsecr = recent->tsecr}};
    return true;
}

static struct tcpstate_recent *
older_slot(struct tcpstate_recent *slots)
{
    return &slots[slots[1].frame < slots[0].frame];
}

/* The same for a segment whose number is in a slot. */
static bool
is_copy_of_slots(struct reading *r, struct tcpstate_recent *slots)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_recent *same = is_same(r, &slots[0]) ? &slots[0] : is_same(r, &slots[1]) ? &slots[1] : NULL;

    if (same != NULL && same->frame == seg->frame && same->layer == seg->layer)
        return true;
    if (same != NULL && !has(seg, TCPSTATE_RST)) {
        r->out->copy_of = same->frame;
        return true;
    }
    keep_segment(same != NULL ? same : older_slot(slots), r);
    return false;
}

bool
is_copy(struct reading *r)
{
    struct tcpstate_recent *slots = recent_slots(r->observer->history, r->seg);

    if (slots[0].seq == r->seg->seq || slots[1].seq == r->seg->seq)
        return is_copy_of_slots(r, slots);
    keep_segment(older_slot(slots), r); /* the usual case */
    return false;
}
