/* The rules for segments with ACK, without SYN and RST: the end of the handshake, and what the segment means to its receiver
 * (RFC 9293 section 3.10.7.4). closing.c has the rules for FINs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "synchronized.h"

#include "../findings/after_fin.h"
#include "../findings/doubt.h"
#include "../findings/handshake.h"
#include "../findings/missed.h"
#include "../findings/watch.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "../model/state.h"
#include "closing.h"
#include "after_reset.h"

/* The server has offered several ISNs: the one that the client acknowledges is valid. */
static void
choose_offered_isn(struct reading *r)
{
    struct tcpstate_watch *w = r->c->watch;

    if (w == NULL)
        return;
    for (int i = 0; i < TCPSTATE_OFFERED_MAX && i < w->offered_count; i++)
        if (w->offered[i] == r->seg->ack - 1) {
            r->rcv->iss = r->seg->ack - 1;
            r->rcv->snd_nxt = r->seg->ack;
        }
    w->offered_count = 0;
}

/* The end has answered a SYN with a SYN,ACK that the capture missed. The numbers of its earlier SYN,ACK, which a RST has ended, are not
 * valid any more. */
static void
forget_numbers(struct tcpstate_peer *peer)
{
    peer->syn_due = peer->iss_known = peer->snd_known = peer->first_known = peer->syn_ack_sent = peer->syn_sent = false;
    peer->reset = TCPSTATE_NOT_RESET;
}

static void
proceed_from_syn_sent(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool peer_unseen = peer->state == TCPSTATE_LISTEN || peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT;

    report_bad_handshake_ack(r);
    report_split_handshake(r);
    if (peer_unseen && seq_gt(seg->seq, self->iss)) {
        /* the sender is past its SYN, so it has received a SYN,ACK that the capture missed */
        apply_event(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
        apply_event(r, peer, TCPSTATE_OPENING_MISSED, TCPSTATE_PRESUMED);
        forget_numbers(peer);
    } else if (!peer_unseen && (!peer->iss_known || seq_gt(seg->ack, peer->iss))) {
        apply_event(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
        if (self->retries == 0 && peer->retries == 0)
            r->c->round_trip = seg->time - r->c->first_time;
    }
    if (self->state != TCPSTATE_SYN_SENT)
        self->syn_due = false; /* in a simultaneous open: the segment answers the peer's SYN, or that SYN was lost */
}

/* Whether the segment echoes a timestamp that is newer than that of the peer's SYN: its sender has received a segment that the capture
 * missed (RFC 7323 section 4.3). */
static bool
echoes_missed_segment(const struct reading *r)
{
    const struct tcpstate_options *options = &r->seg->options;

    return (options->present & TCPSTATE_OPTION_TIMESTAMPS) != 0 && r->rcv->tsval != 0 && seq_gt(options->tsecr, r->rcv->tsval);
}

static void
proceed_from_syn_rcvd(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool bare = seg->payload == 0 && !has(seg, TCPSTATE_FIN);
    bool own_numbers = bare && seg->seq == self->iss + 1 && self->rcv_known && seg->ack == self->rcv_nxt && !echoes_missed_segment(r);

    if (!self->syn_acked && (peer->fast_open || (own_numbers && (!r->c->simultaneous || peer->syn_repeated || peer->syn_copied))))
        return;
    apply_event(r, self, TCPSTATE_SND_PAST_OPENING, TCPSTATE_OBSERVED);
    if (peer->state == TCPSTATE_SYN_SENT && peer->syn_acked && self->from_listen)
        apply_event(r, peer, TCPSTATE_OPENING_MISSED, TCPSTATE_PRESUMED);
}

/* A bare ACK of a SYN from an end whose SYN,ACK was not captured, to an end that has sent two different SYNs: the sender is still in
 * SYN_RCVD, and answers the SYN that does not fit. */
static bool
answers_second_syn(const struct reading *r)
{
    bool bare = r->seg->payload == 0 && !has(r->seg, TCPSTATE_FIN), exact = r->seg->ack == r->rcv->iss + 1;

    return bare && (acks_earlier_syn(r) || (exact && has_earlier_syn(r)));
}

/* Whether the segment acknowledges the SYN, and perhaps data that the capture has missed. */
static bool
covers_syn_with_missed_data(const struct reading *r)
{
    return is_after_syn(r->c, !r->seg->from, r->seg->ack, 0, false) &&
           (covers_syn(r->rcv, r->seg->ack) || !is_of_predecessor(r->c, !r->seg->from, r->seg->ack));
}

/* The sender was in LISTEN. Returns false where the ACK belongs to a connection from before the capture: then the other rules do not apply
 * to the segment. */
static bool
proceed_from_listen(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    self->syn_due = false;
    if (peer->state >= TCPSTATE_SYN_RCVD && peer->iss_known && covers_syn(peer, r->seg->ack))
        apply_event(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED); /* the SYNs crossed, and the capture missed its SYN */
    if (peer->state != TCPSTATE_SYN_SENT)
        return true;
    if (answers_second_syn(r)) {
        apply_event(r, self, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
        self->iss = r->seg->seq - 1;
        self->iss_known = true;
        advance_numbers(r);
        return false;
    }
    if (!covers_syn_with_missed_data(r)) {
        apply_event(r, self, TCPSTATE_SND_OLD_ACK, TCPSTATE_ASSUMED);
        advance_numbers(r);
        if (r->seg->payload == 0 && !has(r->seg, TCPSTATE_FIN))
            report_challenge(r, peer->last_frame);
        return false;
    }
    peer->syn_acked = true; /* the capture missed its SYN,ACK */
    peer->acked_frame = r->seg->frame;
    if (peer->fast_open && r->seg->ack == peer->snd_nxt) {
        apply_event(r, self, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
        return true;
    }
    apply_event(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
    if (r->seg->ack != peer->iss + 1) /* data of the peer, which it sends after the SYN,ACK */
        apply_event(r, peer, TCPSTATE_OPENING_MISSED, TCPSTATE_PRESUMED);
    return true;
}

/* What the segment proves about the opening, by the state of its sender. Returns false where the segment does not belong to this
 * connection. */
static bool
advance_sender(struct reading *r)
{
    switch (r->snd->state) {
    case TCPSTATE_LISTEN:
        return proceed_from_listen(r);
    case TCPSTATE_SYN_SENT:
        proceed_from_syn_sent(r);
        break;
    case TCPSTATE_SYN_RCVD:
        proceed_from_syn_rcvd(r);
        break;
    case TCPSTATE_ESTABLISHED:
        r->snd->basis = TCPSTATE_OBSERVED;
        break;
    default:
        break;
    }
    return true;
}

static void
apply_ack_of_syn(struct reading *r, bool forces_reply)
{
    struct tcpstate_peer *self = r->rcv;

    self->syn_acked = true;
    self->acked_frame = r->seg->frame;
    if (!forces_reply)
        apply_event(r, self, TCPSTATE_RCV_ACK_OF_SYN, TCPSTATE_PRESUMED);
}

static void
apply_ack_of_fin(struct reading *r, bool forces_reply)
{
    struct tcpstate_peer *self = r->rcv;
    bool peer_fin_unanswered = r->snd->fin_sent && !has_acked_fin_of(self, r->snd) && !self->misses_data;

    if (!self->fin_acked) {
        self->acked_frame = r->seg->frame;
        self->waits_since = r->seg->time;
        if (r->c->watch != NULL)
            r->c->watch->stream[end_of(r, self)].half_closed_frame = 0;
    }
    self->fin_acked = true;
    if (!forces_reply)
        apply_event(r, self, peer_fin_unanswered ? TCPSTATE_RCV_ACK_OF_FIN_AFTER_FIN : TCPSTATE_RCV_ACK_OF_FIN, TCPSTATE_PRESUMED);
}

/* The events of the segment's receiver. If the segment has a FIN that the receiver has not acknowledged, it forces a reply: then these
 * events are not applied, but awaited until that reply. Outside the window, nothing is. */
static void
apply_receiver_events(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->rcv;
    bool acks_syn, acks_fin = covers_fin(self, seg->ack), forces_reply;

    if (self->state == TCPSTATE_SYN_RCVD && !self->iss_known) {
        self->iss = seg->ack - 1;
        self->iss_known = true;
    }
    acks_syn = self->state == TCPSTATE_SYN_RCVD && covers_syn(self, seg->ack);
    if ((!acks_syn && !acks_fin) || placement_of(r) != PLACED_IN_WINDOW)
        return;
    forces_reply = has(seg, TCPSTATE_FIN) &&
                   !(self->rcv_known && seq_ge(self->rcv_nxt, r->snd->fin_sent ? r->snd->fin_end : tcpstate_seg_end(seg)));
    if (acks_syn)
        apply_ack_of_syn(r, forces_reply);
    if (acks_fin)
        apply_ack_of_fin(r, forces_reply);
}

void
read_synchronized(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    take_back_rst(r);
    report_rst_if_ignored(r);
    watch_direction(r);
    if (!r->snd->first_known) {
        r->snd->first_known = true;
        r->snd->first_seq = seg->seq;
    }
    choose_offered_isn(r);
    if (!advance_sender(r))
        return;

    watch_data(r);
    report_beyond_fin(r);

    read_closing(r);
    advance_numbers(r);
    report_gaps(r);
    apply_receiver_events(r);
}
