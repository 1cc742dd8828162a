/* Segments with ACK and without SYN or RST: the end of the handshake, data, and closing. RFC 9293 sections 3.6 and 3.10.7.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

static bool
covers_fin(const struct tcpstate_peer *peer, uint32_t ack)
{
    return peer->fin_sent && seq_ge(ack, peer->fin_end);
}

static bool
is_fin_again(const struct reading *r)
{
    return has(r->seg, TCPSTATE_FIN) && r->snd->fin_sent && r->snd->fin_end == tcpstate_seg_end(r->seg);
}

/* Offload may regroup the data of one of two copies, but not move the FIN. */
static bool
is_copy_of_fin(const struct reading *r)
{
    int64_t gap = r->seg->time - r->snd->last_sent;

    return gap > -TCPSTATE_COPY_TIME && gap < TCPSTATE_COPY_TIME;
}

/* Of several ISNs that the server offered, the one that the client acknowledges counts. */
static void
take_offer(struct reading *r)
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

static void
goes_on_from_syn_sent(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool peer_unseen = !peer->iss_known && !peer->syn_ack_sent &&
                       (peer->state == TCPSTATE_LISTEN || peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT);

    find_bad_handshake(r);
    find_split_handshake(r);
    if (peer_unseen && seq_gt(seg->seq, self->iss)) {
        /* only a SYN,ACK that the capture missed lets it past its SYN */
        apply(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
        apply(r, peer, TCPSTATE_OPENING_MISSED, TCPSTATE_PRESUMED);
        peer->syn_due = false;
    } else if (!peer_unseen && (!peer->iss_known || seq_gt(seg->ack, peer->iss))) {
        apply(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
        if (self->retries == 0 && peer->retries == 0)
            r->c->round_trip = seg->time - r->c->first_time;
    }
    if (self->state != TCPSTATE_SYN_SENT)
        self->syn_due = false; /* the peer's bare SYN, of a simultaneous open: this answers it, or it was lost */
}

static void
goes_on_from_syn_rcvd(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool bare = seg->payload == 0 && !has(seg, TCPSTATE_FIN);
    bool answers_syn_again = bare && peer->syn_repeated && !self->syn_acked && seg->seq == self->iss + 1 && seg->ack == self->rcv_nxt;

    if (answers_syn_again || (peer->fast_open && !self->syn_acked))
        return;
    apply(r, self, TCPSTATE_SND_PAST_OPENING, TCPSTATE_OBSERVED);
    if (peer->state == TCPSTATE_SYN_SENT && peer->syn_acked && self->from_listen)
        apply(r, peer, TCPSTATE_OPENING_MISSED, TCPSTATE_PRESUMED);
}

/* False where the ACK belongs to a connection older than the capture, so that nothing else in the segment is of this one. */
static bool
goes_on_from_listen(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    if (peer->state >= TCPSTATE_SYN_RCVD && peer->iss_known && covers_syn(peer, r->seg->ack))
        apply(r, self, TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED); /* the capture missed its SYN, which crossed the peer's */
    if (peer->state != TCPSTATE_SYN_SENT)
        return true;
    self->syn_due = false;
    if (!covers_syn(peer, r->seg->ack)) {
        apply(r, self, TCPSTATE_SND_OLD_ACK, TCPSTATE_ASSUMED);
        account(r);
        if (r->seg->payload == 0 && !has(r->seg, TCPSTATE_FIN))
            count_challenge(r, peer->last_frame);
        return false;
    }
    peer->syn_acked = true; /* the capture missed its SYN,ACK */
    peer->acked_frame = r->seg->frame;
    apply(r, self, peer->fast_open ? TCPSTATE_SND_SYN_ACK : TCPSTATE_SND_ACK_OF_SYN, TCPSTATE_OBSERVED);
    return true;
}

/* False where the rest of the segment is not of this connection. */
static bool
sender_goes_on(struct reading *r)
{
    switch (r->snd->state) {
    case TCPSTATE_LISTEN:
        return goes_on_from_listen(r);
    case TCPSTATE_SYN_SENT:
        goes_on_from_syn_sent(r);
        break;
    case TCPSTATE_SYN_RCVD:
        goes_on_from_syn_rcvd(r);
        break;
    case TCPSTATE_ESTABLISHED:
        r->snd->basis = TCPSTATE_OBSERVED;
        break;
    default:
        break;
    }
    return true;
}

/* Its FIN again: the ACK of it was lost or is late. The peer's 2MSL starts over. */
static void
fin_again(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (r->rcv->state == TCPSTATE_TIME_WAIT)
        r->rcv->waits_since = r->seg->time;
    if (self->fin_acked && self->reset == TCPSTATE_NOT_RESET) {
        struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_last_ack_lost, self);

        finding->related = self->acked_frame;
        set_numbers(finding, self, self->fin_end - 1, self->fin_end - 1);
        apply(r, self, TCPSTATE_SND_FIN_AGAIN, TCPSTATE_OBSERVED);
        self->fin_acked = false;
    }
    sent_again(r, self, TCPSTATE_FINDING_fin_retransmitted, false);
}

/* Data over the number of its FIN: that FIN never counted. */
static void
fin_void(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);

    if (!self->fin_sent || has(r->seg, TCPSTATE_FIN) || r->seg->payload == 0 || seq_lt(end, self->fin_end) ||
        seq_ge(r->seg->seq, self->fin_end))
        return;
    self->fin_sent = self->fin_acked = false;
    apply(r, self, TCPSTATE_FIN_VOID, TCPSTATE_OBSERVED);
}

static void
ack_of_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (covers_fin(r->rcv, r->seg->ack))
        apply(r, self, self->fin_acked ? TCPSTATE_SND_ACK_OF_FIN_ACKED : TCPSTATE_SND_ACK_OF_FIN, TCPSTATE_OBSERVED);
    else if (self->basis == TCPSTATE_PRESUMED && self->fin_acked && !has(r->seg, TCPSTATE_FIN))
        apply(r, self, TCPSTATE_SND_NO_ACK_OF_FIN, TCPSTATE_OBSERVED);
}

/* A FIN counts whose number was never used and whose ACK is not beyond all that its peer can have sent. */
static bool
fin_counts(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    uint32_t fin = tcpstate_seg_end(r->seg) - 1;

    if (!r->seg->length_known || (self->snd_known && seq_lt(fin, self->snd_nxt)))
        return false;
    return !peer->iss_known || !peer->snd_known || seq_le(r->seg->ack, peer->snd_nxt + NEVER_ACCEPTABLE);
}

static void
first_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool crossed = peer->fin_sent && peer != self && !covers_fin(peer, r->seg->ack);

    if (!fin_counts(r))
        return;
    self->fin_sent = true;
    self->fin_end = tcpstate_seg_end(r->seg);
    self->fin_acked = false;
    if (self->state != TCPSTATE_FIN_WAIT_2) /* where the one before it was acknowledged */
        self->acked_frame = 0;
    sent(r, self);
    if (apply(r, self, crossed ? TCPSTATE_SND_FIN_CROSSED : TCPSTATE_SND_FIN, TCPSTATE_OBSERVED) && crossed && !r->c->fins_crossed) {
        r->c->fins_crossed = true;
        find(r, TCPSTATE_FINDING_simultaneous_close, self)->seq = self->fin_end - 1;
    }
}

/* What the segment does to its receiver if it forces no reply; a FIN that is new to it does. */
static void
receiver_events(struct reading *r, uint32_t fin_end)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->rcv;
    bool new_fin = has(seg, TCPSTATE_FIN) && !(self->rcv_known && seq_ge(self->rcv_nxt, fin_end));
    bool peer_fin_unanswered = r->snd->fin_sent && !has_acked_fin_of(self, r->snd);

    if (self->state == TCPSTATE_SYN_RCVD && !self->iss_known) {
        self->iss = seg->ack - 1;
        self->iss_known = true;
    }
    if (self->state == TCPSTATE_SYN_RCVD && covers_syn(self, seg->ack)) {
        self->syn_acked = true;
        self->acked_frame = seg->frame;
        if (!new_fin)
            apply(r, self, TCPSTATE_RCV_ACK_OF_SYN, TCPSTATE_PRESUMED);
    }
    if (!covers_fin(self, seg->ack))
        return;
    if (!self->fin_acked) {
        self->acked_frame = seg->frame;
        self->waits_since = seg->time;
        if (r->c->watch != NULL)
            r->c->watch->stream[end_of(r, self)].half_closed_frame = 0;
    }
    self->fin_acked = true;
    if (!new_fin)
        apply(r, self, peer_fin_unanswered ? TCPSTATE_RCV_ACK_OF_FIN_AFTER_FIN : TCPSTATE_RCV_ACK_OF_FIN, TCPSTATE_PRESUMED);
}

/* While a SYN challenges the connection, an ACK decides which of the two it belongs to. True where it was read in the old one. */
static bool
settle_challenge(struct reading *r)
{
    if (r->seg->from != r->c->client) {
        if (!covers_syn(r->rcv, r->seg->ack)) {
            read_in_old_connection(r);
            return true;
        }
        new_connection_stands(r); /* its SYN,ACK was missed */
    } else if (seq_gt(r->seg->seq, r->snd->iss) && seq_le(r->seg->seq, r->snd->snd_nxt)) {
        new_connection_stands(r);
    } else {
        old_connection_stands(r);
    }
    return false;
}

void
read_ack(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    if (r->c == NULL || is_of_unseen_connection(r)) {
        open_midway(r);
        find(r, has(seg, TCPSTATE_FIN) ? TCPSTATE_FINDING_fin_unknown : TCPSTATE_FINDING_picked_up, r->snd)->detail =
            TCPSTATE_DETAIL_ASSUMED_BEFORE;
    }
    if (r->c->challenging && settle_challenge(r))
        return;
    revive(r);
    doubt_rst(r);
    if (!r->snd->first_known) {
        r->snd->first_known = true;
        r->snd->first_seq = seg->seq;
    }
    take_offer(r);
    if (!sender_goes_on(r))
        return;

    watch_data(r);
    find_beyond_fin(r);

    bool again = is_fin_again(r);
    uint32_t fin_end = again || !r->snd->fin_sent ? tcpstate_seg_end(seg) : r->snd->fin_end;

    if (again && !is_copy_of_fin(r))
        fin_again(r);
    fin_void(r);
    ack_of_fin(r);
    if (has(seg, TCPSTATE_FIN) && !again)
        first_fin(r);
    account(r);
    receiver_events(r, r->snd->fin_sent ? r->snd->fin_end : fin_end);
}
