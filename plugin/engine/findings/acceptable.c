/* Doubts about ACKs and FINs that their receiver may not accept (RFC 9293 section 3.10.7.4, first and fifth check).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "acceptable.h"

#include "../model/numbers.h"
#include "doubt.h"

/* Whether the number is below the window by more than a late segment. */
static bool
is_far_below(const struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;
    uint32_t end = tcpstate_seg_end(r->seg), below = target->rcv_nxt - end;

    return target->rcv_known && seq_lt(end, target->rcv_nxt) && below > NEAR && below > target->window_max;
}

/* A FIN below numbers that its receiver has acknowledged cannot be the last that its sender sends. */
static void
doubt_fin(struct reading *r)
{
    enum placement placement = placement_of(r);
    bool again = r->snd->fin_sent && r->snd->fin_end == tcpstate_seg_end(r->seg);

    if (placement != PLACED_IN_WINDOW && !again && r->seg->length_known)
        raise_doubt(r, TCPSTATE_FINDING_fin_not_acceptable, r->seg->seq, r->rcv->rcv_nxt);
}

/* An ACK without data has its sender's next number. */
static void
doubt_bare_ack(struct reading *r)
{
    if (r->seg->seq != r->snd->snd_nxt && (placement_of(r) == PLACED_BEYOND || is_far_below(r)))
        raise_doubt(r, TCPSTATE_FINDING_ack_not_acceptable, r->seg->seq, r->rcv->rcv_nxt);
}

/* Whether the ACK is below what RFC 5961 section 5.2 lets pass: the largest window of its sender below what it has acknowledged, or the
 * peer's ISN. */
static bool
acks_too_old(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    uint32_t ack = r->seg->ack;

    if (!self->rcv_known || !seq_lt(ack, self->rcv_nxt))
        return false;
    return (self->window_max > 0 && self->rcv_nxt - ack > self->window_max) ||
           (peer->iss_known && self->rcv_nxt - peer->iss < MAX_WINDOW && seq_le(ack, peer->iss));
}

void
doubt_unacceptable(struct reading *r)
{
    if (r->c->to_itself || !both_syns_seen(r->c))
        return;
    if (has(r->seg, TCPSTATE_FIN))
        doubt_fin(r);
    else if (r->seg->payload == 0)
        doubt_bare_ack(r);
    if (acks_too_old(r))
        raise_doubt(r, TCPSTATE_FINDING_ack_too_old, r->seg->ack, r->snd->rcv_nxt);
}
