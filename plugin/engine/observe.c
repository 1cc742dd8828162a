/* The entry: a segment in, what it did out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

/* With RST set, SYN and FIN mean nothing; a FIN on a bare SYN does not count (RFC 9293 section 3.10.7). */
static uint8_t
meaning(uint8_t flags)
{
    if (flags & TCPSTATE_RST)
        return flags & (uint8_t) ~(TCPSTATE_SYN | TCPSTATE_FIN);
    if ((flags & (TCPSTATE_SYN | TCPSTATE_ACK)) == TCPSTATE_SYN)
        return flags & (uint8_t)~TCPSTATE_FIN;
    return flags;
}

static bool
is_same(const struct tcpstate_recent *recent, const struct tcpstate_pair *pair, const struct tcpstate_segment *seg)
{
    int64_t gap, most;

    if (recent->seq != seg->seq || recent->pair != pair || recent->ack != seg->ack || recent->payload != seg->payload ||
        recent->ip_id != seg->ip_id || recent->flags != seg->flags || recent->from != seg->from)
        return false;
    gap = seg->time - recent->time;
    most = recent->vlan == seg->vlan ? TCPSTATE_COPY_TIME : TCPSTATE_VLAN_COPY_TIME;
    return gap > -most && gap < most;
}

/* Two slots a hash. */
static struct tcpstate_recent *
recent_slots(struct tcpstate_observer *observer, const struct tcpstate_segment *seg)
{
    uint32_t ports = (uint32_t)seg->src_port << 16 | seg->dst_port;
    uint32_t hash = (seg->seq ^ ports * UINT32_C(0x9e3779b1)) * UINT32_C(0x85ebca6b) + seg->ack * UINT32_C(0xc2b2ae35);

    return &observer->recent[(hash >> 16) % TCPSTATE_RECENT_COUNT & ~1u];
}

static void
remember(struct tcpstate_recent *slot, const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    *slot = (struct tcpstate_recent){.time = seg->time,
                                     .pair = r->pair,
                                     .frame = seg->frame,
                                     .seq = seg->seq,
                                     .ack = seg->ack,
                                     .payload = seg->payload,
                                     .vlan = seg->vlan,
                                     .ip_id = seg->ip_id,
                                     .flags = seg->flags,
                                     .from = seg->from,
                                     .layer = seg->layer};
}

/* A mirror port or the `any` device shows a segment twice; a frame may also be given twice. True where nothing is new. Two RSTs alike
 * are no copies: each answers a segment of its own, and reading one twice changes nothing. */
static bool
is_copy(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_recent *slots = recent_slots(r->observer, seg), *same = NULL;

    for (int i = 0; i < 2 && same == NULL; i++)
        if (is_same(&slots[i], r->pair, seg))
            same = &slots[i];
    if (same != NULL && same->frame == seg->frame && same->layer == seg->layer)
        return true;
    if (same != NULL && !has(seg, TCPSTATE_RST)) {
        r->out->copy_of = same->frame;
        return true;
    }
    remember(same != NULL ? same : &slots[slots[1].frame < slots[0].frame], r);
    return false;
}

/* By the clock of the capture, TIME_WAIT ends after 2MSL; also of an end that a SYN challenges, in the connection that it has. */
static void
expire_time_wait(struct reading *r)
{
    for (int end = 0; end < 2; end++) {
        struct tcpstate_peer *peer = &r->c->peer[end];

        if (peer->state != TCPSTATE_TIME_WAIT || r->observer->two_msl <= 0 || r->seg->time - peer->waits_since <= r->observer->two_msl)
            continue;
        apply(r, peer, TCPSTATE_TWO_MSL, TCPSTATE_PRESUMED);
        if (r->c->challenging && end != r->c->client)
            r->c->before->peer[end].state = peer->state;
    }
}

/* None of SYN, RST, ACK: every stack drops it, and it is no event. */
static void
read_nothing(struct reading *r)
{
    bool has_fin = has(r->seg, TCPSTATE_FIN);

    if (r->c == NULL) {
        open_connection(r, r->seg->from, TCPSTATE_CLOSED, TCPSTATE_LISTEN);
        if (has_fin)
            find(r, TCPSTATE_FINDING_fin_unknown, r->snd)->detail = TCPSTATE_DETAIL_FIN_SCAN;
    }
    if (r->snd->state != TCPSTATE_SYN_SENT)
        return;
    if (has_fin)
        find(r, TCPSTATE_FINDING_fin_before_established, r->snd);
    if (r->seg->payload > 0)
        find(r, TCPSTATE_FINDING_data_before_established, r->snd)->count = r->seg->payload;
}

static void
read_segment(struct reading *r)
{
    if (has(r->seg, TCPSTATE_RST))
        read_rst(r);
    else if (!has(r->seg, TCPSTATE_SYN | TCPSTATE_ACK))
        read_nothing(r);
    else if (!has(r->seg, TCPSTATE_ACK))
        read_syn(r);
    else if (has(r->seg, TCPSTATE_SYN))
        read_syn_ack(r);
    else
        read_ack(r);
}

/* Nothing that a record shows is new after it. */
static void
read_expected(struct reading *r)
{
    watch_expected(r);
    account(r);
    watch_time(r);
    r->out->expected = true;
}

void
begin_outcome(struct reading *r)
{
    r->out->connection = r->pair->now;
    r->out->copy_of = 0;
    r->out->retry = 0;
    r->out->retried = TCPSTATE_RETRIED_NOTHING;
    r->out->expected = false;
    r->out->change_count = r->out->finding_count = r->out->letter_count = 0;
}

void
tcpstate_observe(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                 struct tcpstate_outcome *outcome)
{
    struct reading r = {.observer = observer, .pair = pair, .out = outcome, .seg = segment};
    struct tcpstate_segment meant;

    if (meaning(segment->flags) != segment->flags) {
        meant = *segment;
        meant.flags = meaning(segment->flags);
        r.seg = &meant;
    }
    begin_outcome(&r);
    if (is_copy(&r))
        return;
    if (pair->now != NULL) {
        read_in(&r, pair->now);
        if (!observer->thorough && is_expected(&r)) {
            read_expected(&r);
            return;
        }
        find_half_closed(&r);
        settle_doubt(&r);
        expire_time_wait(&r);
    }
    read_segment(&r);
    find_in_header(&r, segment->flags);
    spell(&r, segment->flags);
    watch_time(&r);
    outcome->connection = pair->now;
}

void
tcpstate_observe_bad_checksum(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                              struct tcpstate_outcome *outcome)
{
    struct reading r = {.observer = observer, .pair = pair, .out = outcome, .seg = segment};

    begin_outcome(&r);
    if (pair->now == NULL)
        return;
    read_in(&r, pair->now);
    spell_bad_checksum(&r);
}
