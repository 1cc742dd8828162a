/* SYN and SYN,ACK: RFC 9293 section 3.5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

static void
take_syn_options(struct tcpstate_peer *peer, const struct tcpstate_options *options)
{
    uint8_t scale = options->window_scale < TCPSTATE_MOST_SCALE ? options->window_scale : TCPSTATE_MOST_SCALE;

    if (options->present & TCPSTATE_OPTION_WINDOW_SCALE)
        peer->window_scale = scale & 0x1fu;
    else
        peer->window_scale = options->cut ? TCPSTATE_UNKNOWN_SCALE : TCPSTATE_NO_SCALE;
    if (options->present & TCPSTATE_OPTION_FAST_OPEN)
        peer->fast_open = true;
}

/* Its SYN, for the first time. */
static void
start(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd;

    apply(r, self, TCPSTATE_SND_SYN, TCPSTATE_OBSERVED);
    self->iss = seg->seq;
    self->iss_known = self->syn_sent = true;
    self->from_listen = self->snd_known = false;
    self->tsval = seg->options.tsval;
    self->ts_known = self->tsval_changed = false;
    take_syn_options(self, &seg->options);
    account(r);
    sent(r, self);
    if (seg->payload > 0 && (seg->options.present & TCPSTATE_OPTION_FAST_OPEN) == 0)
        find(r, TCPSTATE_FINDING_syn_with_data, self)->count = seg->payload;
}

/* The SYN of a connection whose SYN,ACK or later segments were captured before it. True where it was that. */
static bool
turned_up_late(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    bool before_first = !self->iss_known && self->first_known && r->seg->seq + 1 == self->first_seq;
    bool before_answer = self->iss_known && self->iss == r->seg->seq && !self->syn_sent && !self->syn_ack_sent;

    if (!before_first && !before_answer)
        return false;
    self->iss = r->seg->seq;
    self->iss_known = self->syn_sent = true;
    self->tsval = r->seg->options.tsval;
    self->ts_known = self->tsval_changed = false;
    take_syn_options(self, &r->seg->options);
    self->last_sent = r->seg->time;
    self->last_frame = r->seg->frame;
    r->c->client = r->seg->from & 1u;
    r->c->roles_assumed = false;
    return true;
}

/* What a SYN,ACK may echo: the timestamp of any of the SYNs. */
static void
take_later_timestamp(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (self->ts_known || self->tsval == r->seg->options.tsval)
        return;
    if (!self->tsval_changed)
        watch_of(r)->stream[r->seg->from].tsval_first = self->tsval;
    self->tsval_changed = true;
    self->tsval = r->seg->options.tsval;
}

/* The connection's own SYN once more: a retransmission, or an old one that changes nothing. False where its sender had closed the
 * connection itself, so that the same number begins another. */
static bool
same_syn_again(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    bool refused = self->reset == TCPSTATE_RESET_BY_PEER;
    struct tcpstate_finding *finding;

    revive(r); /* some stacks try a refused SYN again: no word about that RST */
    self->syn_repeated = true;
    take_later_timestamp(r);
    if (self->state == TCPSTATE_CLOSED)
        return false;
    if (self->state != TCPSTATE_SYN_SENT) {
        find_late_syn(r);
        return true;
    }
    if (peer->state == TCPSTATE_LISTEN || peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT ||
        peer->state == TCPSTATE_SYN_SENT)
        peer->syn_due = true;

    finding = sent_again(r, self, TCPSTATE_FINDING_syn_retransmitted, refused || (r->c->challenging && r->c->syn_told));
    if (refused)
        finding->detail = TCPSTATE_DETAIL_RETRY_REFUSED;
    if (r->c->challenging)
        tell_syn(r, TCPSTATE_DETAIL_SYN_RETRIED);
    return true;
}

/* The peer's bare SYN comes while its own is unanswered. Where the peer has acknowledged that one before, they have not crossed. */
static void
simultaneous_open(struct reading *r)
{
    bool split = r->snd->first_known && r->rcv->syn_acked;
    struct tcpstate_finding *finding = find(r, split ? TCPSTATE_FINDING_split_handshake : TCPSTATE_FINDING_simultaneous_open, r->snd);

    finding->seq_is_relative = false;
    finding->related = split ? r->rcv->acked_frame : r->rcv->last_frame;
    finding->detail = TCPSTATE_DETAIL_ACK_AND_SYN;
    r->c->simultaneous = true;
    r->rcv->syn_acked = false;
    r->rcv->syn_due = r->snd->syn_due = true;
    start(r);
}

void
read_syn(struct reading *r)
{
    const struct tcpstate_peer *old = NULL;

    if (r->c != NULL) {
        if (turned_up_late(r))
            return;
        if (r->snd->iss_known && r->snd->iss == r->seg->seq && same_syn_again(r))
            return;
        if (r->rcv->state == TCPSTATE_SYN_SENT && !r->snd->iss_known) {
            if (r->c->challenging)
                new_connection_stands(r);
            simultaneous_open(r);
            return;
        }
        old = r->snd;
    }
    open_for_syn(r);
    start(r);
    if (old != NULL)
        find_changed_syn(r, old);
}

/* A server without memory may offer several ISNs while the client has not chosen one. */
static void
offer(struct tcpstate_watch *w, uint32_t iss)
{
    w->offered[w->offered_count % TCPSTATE_OFFERED_MAX] = iss;
    w->offered_count = w->offered_count < 2 * TCPSTATE_OFFERED_MAX - 1 ? w->offered_count + 1 : TCPSTATE_OFFERED_MAX;
}

static bool
offers_another_isn(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    struct tcpstate_watch *w;

    if (self->state != TCPSTATE_SYN_RCVD || !self->from_listen || r->rcv->state != TCPSTATE_SYN_SENT)
        return false;
    w = watch_of(r);
    find_changed_syn_ack(r, TCPSTATE_FINDING_synack_changed_seq, self, r->seg->seq, self->iss);
    if (w->offered_count == 0)
        offer(w, self->iss);
    offer(w, r->seg->seq);
    self->iss = r->seg->seq;
    self->snd_known = false;
    account(r);
    sent(r, self);
    return true;
}

static bool
is_over(const struct tcpstate_peer *peer)
{
    return peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT;
}

/* From an end that was not yet, or no longer, in the connection. False where it is an old SYN,ACK of this one. */
static bool
answers_syn(struct reading *r)
{
    uint32_t seq = r->seg->seq;
    bool ended = is_over(r->snd);

    if (is_over(r->rcv) && r->rcv->iss_known && !covers_syn(r->rcv, r->seg->ack)) {
        open_for_syn_ack(r);
    } else if (ended && r->snd->iss_known) {
        bool awaited = r->snd->state == TCPSTATE_CLOSED && r->rcv->state == TCPSTATE_SYN_SENT;

        if (r->snd->iss == seq && !awaited)
            return false;
        if (r->snd->iss != seq && r->rcv->state != TCPSTATE_SYN_SENT)
            open_for_syn_ack(r);
    }
    apply(r, r->snd, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
    r->snd->iss = seq;
    r->snd->iss_known = r->snd->from_listen = true;
    r->snd->snd_known = r->snd->fin_sent = r->snd->syn_acked = r->snd->syn_ack_sent = false;
    r->snd->reset = TCPSTATE_NOT_RESET;
    return true;
}

/* SYN,ACK again from an end that was ESTABLISHED by presumption only: the ACK was lost, or ignored by a deferred accept or a full
 * queue. With Fast Open a server may be ESTABLISHED, as far as its peer goes, before that ACK. */
static void
take_back_handshake_ack(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (self->basis != TCPSTATE_PRESUMED || r->rcv->fast_open || !apply(r, self, TCPSTATE_SND_SYN_ACK_AGAIN, TCPSTATE_OBSERVED))
        return;
    self->syn_acked = false;
    if (!r->rcv->syn_repeated)
        find(r, TCPSTATE_FINDING_handshake_ack_lost, self)->related = self->acked_frame;
}

/* The SYN,ACK covers the peer's SYN, and waits for its reply. */
static void
syn_ack_is_due(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *peer = r->rcv;
    uint32_t data = peer->snd_nxt - (peer->iss + 1);
    uint32_t first = peer->tsval_changed ? r->c->watch->stream[!seg->from].tsval_first : peer->tsval;
    bool both_stamped = first != 0 && seg->options.tsecr != 0;

    peer->wrong_echo = both_stamped && !(seq_ge(seg->options.tsecr, first) && seq_le(seg->options.tsecr, peer->tsval));
    peer->syn_acked = true;
    if (!peer->iss_known)
        return;
    if (seg->ack != peer->iss + 1)
        peer->fast_open = true; /* data on the SYN was taken before the handshake was over */
    else if (peer->state == TCPSTATE_SYN_SENT && peer->syn_sent && data > 0 && r->snd->retries == 0)
        find(r, TCPSTATE_FINDING_tfo_data_ignored, r->snd)->count = data;
}

void
read_syn_ack(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    bool covers;

    if (r->c == NULL)
        open_for_syn_ack(r);
    if (r->c->challenging && seg->from != r->c->client && covers_syn(r->rcv, seg->ack)) {
        tell_syn(r, TCPSTATE_DETAIL_SYN_ACK);
        new_connection_stands(r);
    }
    find_wrong_direction(r);
    covers = !r->rcv->iss_known || covers_syn(r->rcv, seg->ack);
    if (covers && r->snd->iss_known && r->snd->iss == seg->seq && r->snd->reset == TCPSTATE_RESET_BY_PEER) {
        revive(r);
        doubt_rst(r);
    }

    switch (r->snd->state) {
    case TCPSTATE_LISTEN:
    case TCPSTATE_CLOSED:
    case TCPSTATE_TIME_WAIT:
        if (!answers_syn(r))
            return;
        covers = !r->rcv->iss_known || covers_syn(r->rcv, seg->ack);
        break;
    default:
        if (r->snd->iss_known && r->snd->iss != seg->seq) {
            if (covers && offers_another_isn(r))
                r->rcv->syn_acked = true;
            else if (r->snd->state >= TCPSTATE_ESTABLISHED && r->rcv->state >= TCPSTATE_ESTABLISHED &&
                     !is_of_predecessor(r->c, seg->from, seg->seq))
                doubt(r, TCPSTATE_FINDING_synack_in_connection, seg->seq, r->snd->iss);
            return; /* else a foreign SYN,ACK: not this connection's */
        }
        if (r->snd->state == TCPSTATE_SYN_SENT && covers)
            apply(r, r->snd, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
        else if (!r->snd->iss_known && r->snd->state == TCPSTATE_ESTABLISHED && r->rcv->state == TCPSTATE_SYN_SENT && covers)
            apply(r, r->snd, TCPSTATE_SND_SYN_ACK_AGAIN, TCPSTATE_OBSERVED);
        else
            take_back_handshake_ack(r);
    }

    if (!covers)
        find_bad_syn_ack(r);
    if (r->snd->syn_ack_sent)
        find_syn_ack_again(r);
    else
        sent(r, r->snd);
    r->snd->iss = seg->seq;
    r->snd->iss_known = r->snd->syn_sent = r->snd->syn_ack_sent = true;
    r->snd->syn_due = false;
    take_syn_options(r->snd, &seg->options);
    account(r);
    if (covers)
        syn_ack_is_due(r);
    if (has(seg, TCPSTATE_FIN) && r->snd->state == TCPSTATE_SYN_RCVD) {
        r->snd->fin_sent = true;
        r->snd->fin_end = tcpstate_seg_end(seg);
        apply(r, r->snd, TCPSTATE_SND_FIN, TCPSTATE_OBSERVED);
    }
}
