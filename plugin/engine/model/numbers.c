/* Advances SND.NXT, RCV.NXT and the window of a segment's sender (RFC 9293 section 3.3.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "numbers.h"

bool
window_shift(const struct tcpstate_peer *self, const struct tcpstate_peer *peer, unsigned *shift)
{
    bool scaled = self->window_scale <= MAX_WINDOW_SCALE && peer->window_scale <= MAX_WINDOW_SCALE;

    *shift = scaled ? self->window_scale : 0;
    return self->window_scale != TCPSTATE_UNKNOWN_SCALE && peer->window_scale != TCPSTATE_UNKNOWN_SCALE;
}

enum placement
placement_of(const struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;
    uint32_t slack = tcpstate_seg_len(r->seg) > 0 ? target->window_max : 0;

    if (r->c->to_itself || !target->rcv_known)
        return PLACED_IN_WINDOW;
    if (seq_lt(tcpstate_seg_end(r->seg), target->rcv_nxt))
        return PLACED_BEFORE;
    if (target->window_known && both_syns_seen(r->c) && seq_gt(r->seg->seq, target->rcv_edge + slack))
        return PLACED_BEYOND;
    return PLACED_IN_WINDOW;
}

/* Whether the segment has no data, and a number beyond the window: this number is wrong. */
static bool
is_misplaced(const struct reading *r)
{
    return r->seg->payload == 0 && r->seg->seq != r->snd->snd_nxt && placement_of(r) == PLACED_BEYOND;
}

/* The segment ends beyond all that its sender had sent, or is the first of it. */
static void
advance_sent(struct reading *r, uint32_t end)
{
    struct tcpstate_peer *self = r->snd;
    bool is_first = !self->snd_known;

    if (!is_first && is_misplaced(r))
        return;
    self->last_missed = tcpstate_seg_len(r->seg) == 0 && !(is_first && self->iss_known);
    if (!self->fin_acked)
        self->waits_since = r->seg->time;
    self->snd_nxt = end;
    self->snd_known = true;
}

static bool
misses_data(const struct reading *r)
{
    const struct tcpstate_peer *peer = r->rcv;
    int64_t gap = r->seg->time - peer->waits_since;

    return gap > MIN_CROSSING_TIME && peer->snd_known && seq_lt(r->seg->ack, peer->snd_nxt) && gap > round_trip(r->c);
}

void
advance_numbers(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(seg);
    unsigned shift = 0;

    if (!self->snd_known || seq_gt(end, self->snd_nxt))
        advance_sent(r, end);
    else if (self->last_missed && end == self->snd_nxt && tcpstate_seg_len(seg) > 0)
        self->last_missed = false;
    if (!has(seg, TCPSTATE_ACK) || (self->rcv_known && seq_lt(seg->ack, self->rcv_nxt)))
        return;
    self->misses_data = misses_data(r);
    self->rcv_known = true;
    self->rcv_nxt = seg->ack;
    self->sack_known = (seg->options.present & TCPSTATE_OPTION_SACK) != 0;
    if (self->sack_known)
        watch_of(r)->stream[seg->from].sack_edge = seg->options.sack_edge;
    self->window_known = !seg->window_cut && (has(seg, TCPSTATE_SYN) || window_shift(self, r->rcv, &shift));
    self->rcv_edge = seg->ack + ((uint32_t)seg->window << shift);
}
