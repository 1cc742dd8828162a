/* The rules for RST: which RST its target accepts, and what it ends (RFC 9293 sections 3.5.2, 3.5.3 and 3.10.7, RFC 5961 section 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reset.h"

#include "../findings/doubt.h"
#include "../findings/raise.h"
#include "../findings/rst.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "../model/state.h"

static bool
in_window(const struct tcpstate_peer *self, uint32_t seq)
{
    return self->window_known && seq_le(self->rcv_nxt, seq) && seq_lt(seq, self->rcv_edge);
}

/* Whether the RST is at the number that its target expects, as far as is known. Every stack accepts it, but not in TIME_WAIT. */
static bool
is_exact(const struct reading *r)
{
    const struct tcpstate_peer *sender = r->snd, *target = r->rcv;
    const struct tcpstate_segment *seg = r->seg;

    return !target->rcv_known || seg->seq == target->rcv_nxt ||
           (sender->snd_known && seg->seq == sender->snd_nxt && !target->misses_data) ||
           (target->sack_known && seg->seq == r->c->watch->stream[end_of(r, target)].sack_edge);
}

/* Whether some stacks accept the RST though it is not exact: Linux in SYN_RCVD, and in FIN_WAIT_2 after close(), where it keeps only a
 * small structure and tests only the window; Linux also at the number of the sender's FIN; stacks before RFC 5961 in all states. */
static bool
is_accepted_by_some(const struct reading *r)
{
    const struct tcpstate_peer *sender = r->snd, *target = r->rcv;

    if (target->state == TCPSTATE_SYN_RCVD && !target->from_listen)
        return false;
    if (target->state >= TCPSTATE_CLOSE_WAIT && target->state <= TCPSTATE_LAST_ACK && sender->fin_sent &&
        r->seg->seq == sender->fin_end - 1)
        return true;
    return target->state >= TCPSTATE_SYN_RCVD && in_window(target, r->seg->seq);
}

/* Whether the sender of the RST is closed, since the RST is one that it sends when it closes, although not every stack accepts it. */
static bool
is_of_closing_sender(const struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;

    return is_accepted_by_some(r) &&
           (target->state == TCPSTATE_SYN_RCVD || target->state == TCPSTATE_FIN_WAIT_2 || !in_window(target, r->seg->seq));
}

/* Whether the target of the RST accepts it: the tests that stacks make, by the state of the target. */
static bool
is_acceptable(const struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;

    if (target->state == TCPSTATE_LISTEN || target->state == TCPSTATE_CLOSED)
        return true;                                             /* it changes only its sender */
    if (target->state == TCPSTATE_SYN_SENT && target->iss_known) /* the sequence number is not tested: RFC 9293 erratum 8167 */
        return has(r->seg, TCPSTATE_ACK) && covers_syn(target, r->seg->ack);
    return is_exact(r) || is_of_closing_sender(r);
}

static void
keep_former_state(struct tcpstate_peer *peer, enum tcpstate_closed_by by)
{
    peer->former_state = peer->state;
    peer->former_basis = peer->basis;
    peer->reset = by & 3;
}

/* Whether an end in TIME_WAIT may refuse a SYN and stay, as lwIP does where the SYN is in the window of the old connection. Its RSTs offer
 * a window. Most other stacks answer with an ACK, or are closed and their RSTs offer none. */
static bool
refuses_in_time_wait(const struct reading *r)
{
    const struct tcpstate_connection *old = r->c->before;

    return r->snd->state == TCPSTATE_TIME_WAIT && r->snd->rst_open != TCPSTATE_RST_UNCERTAIN && r->seg->window != 0 &&
           has(r->seg, TCPSTATE_ACK) && covers_syn(r->rcv, r->seg->ack) && old != NULL && in_window(&old->peer[r->seg->from], r->rcv->iss);
}

static void
close_sender(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (refuses_in_time_wait(r)) {
        self->rst_open = TCPSTATE_RST_UNCERTAIN;
        return;
    }
    if (self->state != TCPSTATE_CLOSED)
        keep_former_state(self, TCPSTATE_RESET_BY_SELF);
    self->reset = TCPSTATE_RESET_BY_SELF;
    reset_of(r, r->c)->seq[r->seg->from] = r->seg->seq;
    reset_of(r, r->c)->sent[r->seg->from] = self->snd_known && seq_gt(self->snd_nxt, r->seg->seq) ? self->snd_nxt : r->seg->seq;
    if (!apply_event(r, self, TCPSTATE_SND_RST, TCPSTATE_OBSERVED))
        self->basis = TCPSTATE_OBSERVED;
}

/* Whether it depends on the stack of the target what the RST does. In TIME_WAIT, RFC 1337 says to ignore it; lwIP and netstack do, Linux
 * only if it is told to. */
static bool
depends_on_stack(const struct reading *r, const struct tcpstate_peer *target)
{
    return target->state == TCPSTATE_TIME_WAIT || (!is_exact(r) && is_accepted_by_some(r));
}

static void
close_target(struct reading *r, struct tcpstate_peer *target)
{
    bool passive = target->state == TCPSTATE_SYN_RCVD && target->from_listen;

    if (target->state == TCPSTATE_LISTEN || target->state == TCPSTATE_CLOSED)
        return;
    if (depends_on_stack(r, target)) {
        target->rst_open = TCPSTATE_RST_UNCERTAIN;
        return;
    }
    keep_former_state(target, TCPSTATE_RESET_BY_PEER);
    apply_event(r, target, passive ? TCPSTATE_RCV_RST_PASSIVE : TCPSTATE_RCV_RST, TCPSTATE_PRESUMED);
}

static void
note_rst(struct reading *r, struct tcpstate_connection *c)
{
    struct tcpstate_reset *reset = reset_of(r, c);

    reset->time = r->seg->time;
    reset->frame = r->seg->frame;
    reset->ignored = reset->crossed = false;
    c->peer[0].rst_open = c->peer[1].rst_open = TCPSTATE_RST_SETTLED;
}

/* Gives the end that a SYN challenges the state in the old connection that it has in the new one: the old connection is over. */
static void
end_old_connection(struct reading *r)
{
    struct tcpstate_peer *target = &r->c->before->peer[!r->seg->from];

    if (target->state == TCPSTATE_CLOSED || target->state == TCPSTATE_LISTEN)
        return;
    keep_former_state(target, TCPSTATE_RESET_BY_PEER);
    target->state = r->rcv->state;
    target->basis = r->rcv->basis;
}

/* The old connection's answer to a challenging SYN was rejected with this RST, which ends the old connection. */
static void
close_old_connection(struct reading *r)
{
    struct tcpstate_connection *old = r->c->before;

    note_rst(r, old);
    old->peer[!r->seg->from].rst_open = r->rcv->rst_open;
    if (r->rcv->rst_open != TCPSTATE_RST_UNCERTAIN)
        end_old_connection(r);
}

/* Whether an end in SYN_SENT rejects a bare ACK with a RST at its own number: lwIP does so where the SYN,ACK before that ACK was lost. */
static bool
rejects_ack_without_syn(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    return has(r->seg, TCPSTATE_ACK) && r->seg->seq == self->iss + 1 && peer->state == TCPSTATE_SYN_RCVD && peer->first_known &&
           r->c->last_from != r->seg->from;
}

/* In SYN_SENT an end rejects a wrong ACK with a RST without ACK, and stays in SYN_SENT (RFC 9293 section 3.10.7.3). Returns false where the
 * segment is no such RST. */
static bool
rejects_an_ack(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool of_old_connection = !covers_syn(self, seg->seq) && (r->c->challenging || is_of_predecessor(r->c, seg->from, seg->seq));

    bool is_ack = peer->rcv_known && seg->seq == peer->rcv_nxt;

    if (self->state != TCPSTATE_SYN_SENT || !self->iss_known || (has(seg, TCPSTATE_ACK) && !of_old_connection && !is_ack))
        return false;
    if (!self->wrong_echo && covers_syn(self, seg->seq) && !rejects_ack_without_syn(r))
        return false;
    if (peer->rcv_known && seg->seq == peer->rcv_nxt) {
        report_rejected(r);
        note_rst(r, r->c);
        close_target(r, peer);
        if (r->c->challenging)
            close_old_connection(r);
        self->syn_acked = self->wrong_echo = false;
    } else if (peer->state == TCPSTATE_SYN_RCVD && is_accepted_by_some(r)) {
        peer->rst_open = TCPSTATE_RST_UNCERTAIN;
    }
    return true;
}

/* Whether an end in SYN_RCVD rejects a wrong ACK of its SYN,ACK: the RST has the number of that ACK, and not its own (RFC 9293 section
 * 3.10.7.4, fifth check). It stays in SYN_RCVD, and the other end does not accept the RST. The end may be presumed to be ESTABLISHED, if it
 * has sent nothing since its SYN,ACK; but if the ACK is for one number more, the capture may have missed a FIN. */
static bool
rejects_handshake_ack(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool silent = self->state == TCPSTATE_ESTABLISHED && self->basis == TCPSTATE_PRESUMED && self->syn_ack_sent && self->from_listen &&
                  self->snd_nxt == self->iss + 1;
    bool is_own = r->seg->seq == self->iss + 1 || r->seg->seq == self->snd_nxt;
    bool is_ack = peer->rcv_known && r->seg->seq == peer->rcv_nxt, is_ack_of_fin = r->seg->seq == self->iss + 2;

    if (!self->iss_known || is_own || (has(r->seg, TCPSTATE_ACK) && !is_ack))
        return false;
    if (self->state != TCPSTATE_SYN_RCVD && !(silent && is_ack && !is_ack_of_fin))
        return false;
    if (apply_event(r, self, TCPSTATE_SND_RST_OF_HANDSHAKE_ACK, TCPSTATE_OBSERVED))
        self->syn_acked = false;
    if (is_ack) {
        peer->rcv_edge -= peer->rcv_nxt - (self->iss + 1);
        peer->rcv_nxt = self->iss + 1;
    }
    return true;
}

/* An end that is presumed to be ESTABLISHED, because an ACK acknowledges more than its SYN, rejects that ACK: it is still in SYN_SENT. */
static void
take_back_missed_opening(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    if (self->state == TCPSTATE_ESTABLISHED && self->basis == TCPSTATE_PRESUMED && self->syn_sent && !self->syn_ack_sent &&
        !self->first_known && !peer->syn_sent && peer->rcv_known && r->seg->seq == peer->rcv_nxt && seq_gt(r->seg->seq, self->snd_nxt))
        apply_event(r, r->snd, TCPSTATE_SND_RST_OF_ACK, TCPSTATE_OBSERVED);
}

/* Whether an end in SYN_SENT refuses the SYN that crossed its own. Its socket does not exist any more (RFC 9293 section 3.10.7.1). The
 * peer, which is in a later state, does not accept this RST. */
static bool
refuses_too_late(const struct reading *r)
{
    return r->c->simultaneous && r->snd->state == TCPSTATE_SYN_SENT && has(r->seg, TCPSTATE_ACK) && r->rcv->iss_known &&
           r->seg->ack == r->rcv->iss + 1;
}

/* Whether the RST is from an end without a socket (RFC 9293 section 3.5.2). Then it has no ACK, and the number that its target acknowledged
 * before, so it answers an older segment of the target. Or it has the number 0, and answers a segment without ACK. */
static bool
has_no_socket(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *target = r->rcv;

    if (has(r->seg, TCPSTATE_ACK) && r->seg->seq == 0)
        return self->state >= TCPSTATE_ESTABLISHED && self->snd_known && !is_within_reach(0, self->snd_nxt);
    return !has(r->seg, TCPSTATE_ACK) && self->state >= TCPSTATE_ESTABLISHED && self->iss_known && target->rcv_known &&
           seq_gt(r->seg->seq, self->iss) && seq_lt(r->seg->seq, target->rcv_nxt);
}

/* A RST that its target does not accept. It closes at most its sender. */
static void
read_unacceptable_rst(struct reading *r)
{
    bool aborts = r->seg->seq == r->snd->snd_nxt && r->rcv->misses_data, refuses = refuses_too_late(r);

    if (aborts)
        report_rst(r);
    else if (refuses)
        report_refused(r);
    else
        report_unacceptable_rst(r);
    if (is_accepted_by_some(r))
        r->rcv->rst_open = TCPSTATE_RST_UNCERTAIN;
    if (!aborts && !refuses && !has_no_socket(r))
        return;
    note_rst(r, r->c);
    close_sender(r);
    r->snd->syn_due = false;
    if (aborts)
        r->rcv->rst_open = TCPSTATE_RST_DUE;
}

static void
close_both(struct reading *r)
{
    note_rst(r, r->c);
    if (r->rcv != r->snd)
        close_target(r, r->rcv);
    close_sender(r);
}

/* Whether only the window of FIN_WAIT_2 lets the RST in: a socket that still exists would answer it with a challenge ACK. */
static bool
is_inexact(const struct reading *r)
{
    return r->rcv->state == TCPSTATE_FIN_WAIT_2 && r->rcv->rcv_known && r->seg->seq != r->rcv->rcv_nxt && r->seg->seq != r->snd->snd_nxt &&
           both_syns_seen(r->c);
}

void
read_rst(struct reading *r)
{
    bool unknown = r->c == NULL;

    if (unknown)
        open_midway(r);
    report_rst_text(r);
    take_back_missed_opening(r);
    if (rejects_handshake_ack(r) || rejects_an_ack(r))
        return;
    if (!is_acceptable(r)) {
        read_unacceptable_rst(r);
        return;
    }
    if (unknown)
        raise_finding(r, TCPSTATE_FINDING_rst_unknown, r->snd)->detail = TCPSTATE_DETAIL_NO_CONNECTION;
    else
        report_rst(r);
    if (is_inexact(r))
        raise_doubt(r, TCPSTATE_FINDING_rst_inexact, r->seg->seq, r->rcv->rcv_nxt);
    close_both(r);
    r->snd->syn_due = r->rcv->syn_due = false;
}

void
read_rst_of_challenged(struct reading *r)
{
    report_rst(r);
    close_both(r);
}

/* A stack that ignores the RST is no finding. */
static void
mark_reported(struct reading *r, struct tcpstate_connection *c)
{
    reset_of(r, c)->ignored = reset_of(r, c)->crossed = true;
}

void
presume_rst_accepted(struct reading *r)
{
    r->rcv->rst_open = TCPSTATE_RST_SETTLED;
    keep_former_state(r->rcv, TCPSTATE_RESET_BY_PEER);
    apply_event(r, r->rcv, TCPSTATE_AWAIT_RST, TCPSTATE_PRESUMED);
    mark_reported(r, r->c);
    if (!r->c->challenging)
        return;
    mark_reported(r, r->c->before);
    end_old_connection(r);
}
