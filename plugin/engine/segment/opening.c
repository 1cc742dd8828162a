/* The rules for SYN and SYN,ACK: RFC 9293 sections 3.5 and 3.10.7.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "opening.h"

#include "../findings/challenging_syn.h"
#include "../findings/doubt.h"
#include "../findings/handshake.h"
#include "../findings/raise.h"
#include "../findings/stuck.h"
#include "../model/history.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "../model/state.h"
#include "after_reset.h"
#include "reset.h"

static void
take_syn_options(struct tcpstate_peer *peer, const struct tcpstate_options *options)
{
    uint8_t scale = options->window_scale < MAX_WINDOW_SCALE ? options->window_scale : MAX_WINDOW_SCALE;

    if (options->present & TCPSTATE_OPTION_WINDOW_SCALE)
        peer->window_scale = scale & 0x1fu;
    else
        peer->window_scale = options->cut ? TCPSTATE_UNKNOWN_SCALE : TCPSTATE_NO_SCALE;
    if (options->present & TCPSTATE_OPTION_FAST_OPEN)
        peer->fast_open = true;
}

/* The first SYN of its sender in this connection. */
static void
read_first_syn(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd;

    apply_event(r, self, TCPSTATE_SND_SYN, TCPSTATE_OBSERVED);
    self->iss = seg->seq;
    self->iss_known = self->syn_sent = true;
    self->from_listen = self->snd_known = false;
    self->tsval = seg->options.tsval;
    self->ts_known = self->tsval_changed = false;
    take_syn_options(self, &seg->options);
    advance_numbers(r);
    begin_retries(r, self);
    if (seg->payload > 0 && (seg->options.present & TCPSTATE_OPTION_FAST_OPEN) == 0)
        raise_finding(r, TCPSTATE_FINDING_syn_with_data, self)->count = seg->payload;
}

/* A SYN that was captured after the SYN,ACK or other segments of its connection. Returns false where it is no such SYN. */
static bool
take_late_syn(struct reading *r)
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

/* Keeps the oldest and the newest timestamp of the SYNs: a SYN,ACK may echo the timestamp of any of them (RFC 7323 section 3.2). The
 * capture may have them in the wrong order. */
static void
take_another_timestamp(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    uint32_t tsval = r->seg->options.tsval, *oldest;

    if (self->ts_known || self->tsval == tsval)
        return;
    oldest = &watch_of(r)->stream[r->seg->from].tsval_first;
    if (!self->tsval_changed)
        *oldest = self->tsval;
    self->tsval_changed = true;
    if (seq_lt(tsval, *oldest))
        *oldest = tsval;
    if (seq_gt(tsval, self->tsval))
        self->tsval = tsval;
}

/* Whether the SYN begins another connection, though it has the number of the SYN of this one: its sender is past that SYN, and the SYN was
 * sent later than its last segment. Then it is no copy. A stack may choose the same number again after a reboot. */
static bool
is_new_syn(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    const struct tcpstate_options *options = &r->seg->options;
    bool stamped = self->ts_known && (options->present & TCPSTATE_OPTION_TIMESTAMPS) != 0;
    bool past_syn = self->state >= TCPSTATE_ESTABLISHED && self->first_known;

    if (!past_syn || r->seg->time <= self->last_time)
        return false;
    return stamped ? seq_gt(options->tsval, self->tsval) : r->seg->time - last_time(r->c) > MAX_SEGMENT_LIFETIME;
}

/* The connection's own SYN again: a retransmission, or an old copy that changes nothing. Returns false where its sender had closed the
 * connection itself: then the same number begins another connection. */
static bool
take_repeated_syn(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool refused = self->reset == TCPSTATE_RESET_BY_PEER, was_stuck = self->stuck_reported;
    struct tcpstate_finding *finding;

    if (is_new_syn(r))
        return false;

    take_back_rst(r); /* no finding about the RST: some stacks send a refused SYN again */
    self->syn_repeated = true;
    take_another_timestamp(r);
    if (self->state == TCPSTATE_CLOSED)
        return false;
    if (self->state != TCPSTATE_SYN_SENT) {
        report_late_syn(r);
        return true;
    }
    if (is_let_in(r))
        presume_rst_accepted(r);
    if (r->c->challenging || peer->state == TCPSTATE_LISTEN || peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT ||
        peer->state == TCPSTATE_SYN_SENT)
        peer->syn_due = true;
    finding = report_retry(r, self, TCPSTATE_FINDING_syn_retransmitted, refused || (r->c->challenging && r->c->challenge_reported));
    if (refused)
        finding->detail = TCPSTATE_DETAIL_RETRY_REFUSED;
    else if (!was_stuck && self->stuck_reported)
        report_older_timestamp(r);
    if (r->c->challenging)
        report_challenging_syn(r, TCPSTATE_DETAIL_SYN_RETRIED);
    return true;
}

/* A bare SYN to an end whose own SYN is not answered: a simultaneous open (RFC 9293 figure 7). Where the sender has acknowledged the other
 * SYN before, the SYNs have not crossed: a split handshake. */
static void
read_crossing_syn(struct reading *r)
{
    bool split = r->snd->first_known && r->rcv->syn_acked;
    struct tcpstate_finding *finding = raise_finding(r, split ? TCPSTATE_FINDING_split_handshake : TCPSTATE_FINDING_simultaneous_open,
                                                     r->snd);

    finding->seq_is_relative = false;
    finding->related = split ? r->rcv->acked_frame : r->rcv->last_frame;
    finding->detail = TCPSTATE_DETAIL_ACK_AND_SYN;
    r->c->simultaneous = true;
    r->rcv->syn_acked = false;
    r->rcv->syn_due = r->snd->syn_due = true;
    read_first_syn(r);
}

static void
remember_syn(const struct reading *r)
{
    struct tcpstate_history *history = r->observer->history;

    history->syns[history->next_syn++ % TCPSTATE_SYNS_MAX] = (struct tcpstate_syn){.time = r->seg->time,
                                                                                   .pair = r->pair,
                                                                                   .frame = r->seg->frame,
                                                                                   .seq = r->seg->seq,
                                                                                   .hosts = r->seg->hosts,
                                                                                   .tsval = r->seg->options.tsval,
                                                                                   .src_port = r->seg->src_port};
}

void
read_syn(struct reading *r)
{
    const struct tcpstate_peer *old = NULL;

    remember_syn(r);
    if (r->c != NULL) {
        if (take_late_syn(r))
            return;
        if (r->snd->iss_known && r->snd->iss == r->seg->seq && take_repeated_syn(r))
            return;
        if (r->rcv->state == TCPSTATE_SYN_SENT && !r->snd->iss_known) {
            if (r->c->challenging)
                keep_new_connection(r);
            read_crossing_syn(r);
            return;
        }
        old = r->snd;
    }
    open_for_syn(r);
    report_reuse(r);
    read_first_syn(r);
    if (old != NULL)
        report_changed_syn(r, old);
}

/* Notes an ISN of the server, and overwrites the oldest one if there are too many. The count stays between 4 and 7 then, so that its
 * remainder is the next index. */
static void
note_offered_isn(struct tcpstate_watch *w, uint32_t iss)
{
    w->offered[w->offered_count % TCPSTATE_OFFERED_MAX] = iss;
    w->offered_count = w->offered_count < 2 * TCPSTATE_OFFERED_MAX - 1 ? w->offered_count + 1 : TCPSTATE_OFFERED_MAX;
}

/* A server that keeps no state may send SYN,ACKs with different ISNs; the client has not acknowledged one yet. Returns false where this is
 * not so. */
static bool
take_another_isn(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    struct tcpstate_watch *w;

    if (self->state != TCPSTATE_SYN_RCVD || !self->from_listen || r->rcv->state != TCPSTATE_SYN_SENT)
        return false;
    w = watch_of(r);
    report_changed_syn_ack(r, TCPSTATE_FINDING_synack_changed_seq, self, r->seg->seq, self->iss);
    if (w->offered_count == 0)
        note_offered_isn(w, self->iss);
    note_offered_isn(w, r->seg->seq);
    self->iss = r->seg->seq;
    self->snd_known = false;
    advance_numbers(r);
    begin_retries(r, self);
    return true;
}

static bool
covers_syn_of_peer(const struct reading *r)
{
    return !r->rcv->iss_known || covers_syn(r->rcv, r->seg->ack);
}

static bool
is_over(const struct tcpstate_peer *peer)
{
    return peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_TIME_WAIT;
}

/* The SYN,ACK answers a SYN that a RST of the same end has refused. A host answers a SYN once. */
static void
report_contradicted_refusal(struct reading *r)
{
    const struct tcpstate_peer *peer = r->rcv;
    struct tcpstate_finding *finding;

    if (r->snd->reset != TCPSTATE_RESET_BY_SELF || peer->reset != TCPSTATE_RESET_BY_PEER || !peer->syn_sent || peer->syn_copied ||
        !covers_syn(peer, r->seg->ack) || peer->last_frame > reset_of(r, r->c)->frame)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_refusal_contradicted, r->snd);
    finding->related = reset_of(r, r->c)->frame;
    finding->gap = r->seg->time - reset_of(r, r->c)->time;
}

/* A SYN,ACK from an end in LISTEN, CLOSED or TIME_WAIT. Returns false where it is an old SYN,ACK of this connection. */
static bool
take_answer_to_syn(struct reading *r)
{
    uint32_t seq = r->seg->seq;
    bool ended = is_over(r->snd);

    report_contradicted_refusal(r);
    if (is_over(r->rcv) && r->rcv->iss_known && !covers_syn(r->rcv, r->seg->ack)) {
        open_for_syn_ack(r);
    } else if (ended && r->snd->iss_known) {
        bool awaited = r->snd->state == TCPSTATE_CLOSED && r->rcv->state == TCPSTATE_SYN_SENT;

        if (r->snd->iss == seq && !awaited)
            return false;
        if (r->snd->iss != seq && r->rcv->state != TCPSTATE_SYN_SENT)
            open_for_syn_ack(r);
    }
    apply_event(r, r->snd, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
    r->snd->iss = seq;
    r->snd->iss_known = r->snd->from_listen = true;
    r->snd->snd_known = r->snd->rcv_known = r->snd->fin_sent = r->snd->syn_ack_sent = false;
    r->snd->syn_acked = r->rcv->rcv_known && r->rcv->rcv_nxt == seq + 1; /* in a simultaneous open whose first SYN was not captured */
    r->snd->reset = TCPSTATE_NOT_RESET;
    return true;
}

/* A SYN,ACK again from an end in ESTABLISHED: the ACK was lost, or ignored because of a deferred accept or a full accept queue. But it is
 * an old copy if its sender has sent data, which only with Fast Open may be sent before that ACK, or if it has the timestamp of the last
 * SYN,ACK and no time-out was between. netstack sends its SYN,ACK again with the old timestamp. */
static void
take_back_handshake_ack(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    bool has_sent_data = self->snd_known && self->snd_nxt != self->iss + 1;
    bool same_timestamp = self->syn_ack_sent && !self->ts_known && self->tsval != 0 && self->tsval == r->seg->options.tsval;
    bool is_copy = same_timestamp && r->seg->time - self->last_sent < FIRST_TIME_OUT;

    if ((has_sent_data && !r->rcv->fast_open) || is_copy || !apply_event(r, self, TCPSTATE_SND_SYN_ACK_AGAIN, TCPSTATE_OBSERVED))
        return;
    self->syn_acked = false;
    if (!r->rcv->syn_repeated && self->acked_frame != 0)
        raise_finding(r, TCPSTATE_FINDING_handshake_ack_lost, self)->related = self->acked_frame;
}

/* The SYN,ACK acknowledges the peer's SYN, and the peer will reply to it. */
static void
expect_reply_to_syn_ack(struct reading *r)
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
        peer->fast_open = true; /* it accepted the data of the SYN before the end of the handshake */
    else if (peer->state == TCPSTATE_SYN_SENT && peer->syn_sent && data > 0 && r->snd->retries == 0)
        raise_finding(r, TCPSTATE_FINDING_tfo_data_ignored, r->snd)->count = data;
}

/* A SYN,ACK whose ISN differs from that of its sender: one of several that a server offers, or one of another connection. */
static void
read_foreign_syn_ack(struct reading *r)
{
    bool open = r->snd->state >= TCPSTATE_ESTABLISHED && r->rcv->state >= TCPSTATE_ESTABLISHED;

    if (covers_syn_of_peer(r) && take_another_isn(r))
        r->rcv->syn_acked = true;
    else if (open && !is_of_predecessor(r->c, r->seg->from, r->seg->seq))
        raise_doubt(r, TCPSTATE_FINDING_synack_in_connection, r->seg->seq, r->snd->iss);
}

/* The first SYN,ACK comes after an ACK of the peer. If the ACK covers it, the order of the capture is wrong, or the capture missed a
 * SYN,ACK before this one. If it does not, that ACK was wrong: the peer is still in SYN_SENT, and its FIN does not count. */
static void
take_first_syn_ack(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool covered = seq_gt(peer->rcv_nxt, r->seg->seq) && is_within_reach(peer->rcv_nxt, r->seg->seq);

    if (covered && r->seg->time - peer->last_time < COPY_TIME)
        return;
    apply_event(r, self, TCPSTATE_SND_SYN_ACK_AGAIN, TCPSTATE_OBSERVED);
    self->syn_acked = false;
    if (covered || !apply_event(r, peer, TCPSTATE_ACK_WRONG, TCPSTATE_OBSERVED))
        return;
    report_wrong_early_ack(r);
    peer->fin_sent = peer->rcv_known = peer->first_known = false;
    peer->snd_nxt = peer->iss + 1;
}

/* A SYN,ACK from an end that is in the connection already: of a simultaneous open, captured late, or sent again. */
static void
read_own_syn_ack(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    bool covers = covers_syn_of_peer(r);

    if (!self->iss_known && self->state == TCPSTATE_ESTABLISHED && self->basis == TCPSTATE_PRESUMED && r->rcv->first_known && covers)
        take_first_syn_ack(r);
    else if (self->state == TCPSTATE_SYN_SENT && covers)
        apply_event(r, self, TCPSTATE_SND_SYN_ACK, TCPSTATE_OBSERVED);
    else if (!self->iss_known && self->state == TCPSTATE_ESTABLISHED && r->rcv->state == TCPSTATE_SYN_SENT && covers)
        apply_event(r, self, TCPSTATE_SND_SYN_ACK_AGAIN, TCPSTATE_OBSERVED);
    else
        take_back_handshake_ack(r);
}

/* What is common to all SYN,ACKs of this connection: numbers, options, retries, and what they await. */
static void
note_syn_ack(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd;
    bool covers = covers_syn_of_peer(r);

    if (!covers)
        doubt_syn_ack(r);
    if (self->syn_ack_sent)
        report_syn_ack_again(r);
    else
        begin_retries(r, self);
    self->iss = seg->seq;
    self->iss_known = self->syn_sent = self->syn_ack_sent = true;
    self->syn_due = false;
    if (!self->ts_known)
        self->tsval = seg->options.tsval;
    take_syn_options(self, &seg->options);
    advance_numbers(r);
    if (covers)
        expect_reply_to_syn_ack(r);
    if (has(seg, TCPSTATE_FIN) && self->state == TCPSTATE_SYN_RCVD) {
        self->fin_sent = true;
        self->fin_end = tcpstate_seg_end(seg);
        apply_event(r, self, TCPSTATE_SND_FIN, TCPSTATE_OBSERVED);
    }
}

/* The states after a SYN,ACK, by the state of its sender. Returns false where the SYN,ACK does not belong to this connection. */
static bool
apply_syn_ack(struct reading *r)
{
    if (r->snd->state == TCPSTATE_LISTEN || is_over(r->snd))
        return take_answer_to_syn(r);
    if (r->snd->iss_known && r->snd->iss != r->seg->seq) {
        read_foreign_syn_ack(r);
        return false;
    }
    read_own_syn_ack(r);
    return true;
}

void
read_syn_ack(struct reading *r)
{
    if (r->c == NULL)
        open_for_syn_ack(r);
    if (r->c->challenging && r->seg->from != r->c->client && (covers_syn(r->rcv, r->seg->ack) || acks_earlier_syn(r))) {
        report_challenging_syn(r, TCPSTATE_DETAIL_SYN_ACK);
        keep_new_connection(r);
    }
    report_wrong_direction(r);
    if (covers_syn_of_peer(r) && r->snd->iss_known && r->snd->iss == r->seg->seq && r->snd->reset == TCPSTATE_RESET_BY_PEER) {
        take_back_rst(r);
        report_rst_if_ignored(r);
    }
    if (apply_syn_ack(r))
        note_syn_ack(r);
}
