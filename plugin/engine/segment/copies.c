/* Recognizes segments that were captured twice, with a hash table of the newest segments that has two slots for each
 * hash.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "copies.h"

#include "../model/history.h"

/* 250 ms, in nanoseconds. In another VLAN or virtual network, a segment that is seen again within this time is a copy. Stacks wait longer
 * before they send a SYN,ACK again (1 s), and only a retransmitted SYN,ACK may have the same IP ID. */
#define NETWORK_COPY_TIME INT64_C(250000000)

static bool
is_same(const struct tcpstate_recent *recent, const struct tcpstate_pair *pair, const struct tcpstate_segment *seg)
{
    int64_t gap, most;

    if (recent->seq != seg->seq || recent->pair != pair || recent->ack != seg->ack || recent->payload != seg->payload ||
        recent->ip_id != seg->ip_id || recent->flags != seg->flags || recent->from != seg->from)
        return false;
    gap = seg->time - recent->time;
    most = recent->network == seg->network ? COPY_TIME : NETWORK_COPY_TIME;
    return gap > -most && gap < most;
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
                                     .network = seg->network,
                                     .ip_id = seg->ip_id,
                                     .flags = seg->flags,
                                     .from = seg->from,
                                     .layer = seg->layer};
}

bool
is_copy(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_recent *slots = recent_slots(r->observer->history, seg), *same = NULL;

    for (int i = 0; i < 2 && same == NULL; i++)
        if (is_same(&slots[i], r->pair, seg))
            same = &slots[i];
    if (same != NULL && same->frame == seg->frame && same->layer == seg->layer)
        return true;
    if (same != NULL && !has(seg, TCPSTATE_RST)) {
        r->out->copy_of = same->frame;
        return true;
    }
    keep_segment(same != NULL ? same : &slots[slots[1].frame < slots[0].frame], r);
    return false;
}
