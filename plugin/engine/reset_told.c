/* What is told of a RST: before it changes anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

#define A_MOMENT INT64_C(1000000000) /* nanoseconds */
enum { NEAR = 0xffff };

static uint32_t
unacknowledged(const struct tcpstate_peer *sender, const struct tcpstate_peer *receiver)
{
    bool known = sender->snd_known && receiver->rcv_known && seq_gt(sender->snd_nxt, receiver->rcv_nxt);

    return known ? sender->snd_nxt - receiver->rcv_nxt : 0;
}

/* The answer of an end that knows no connection, to what the other one sent last: as far as is known, it had not closed. */
static bool
is_from_amnesia(const struct reading *r, const struct tcpstate_connection *c)
{
    const struct tcpstate_peer *self = &c->peer[r->seg->from], *peer = &c->peer[!r->seg->from];

    return !has(r->seg, TCPSTATE_ACK) && !self->fin_sent && self->reset == TCPSTATE_NOT_RESET && self->state >= TCPSTATE_ESTABLISHED &&
           self->basis == TCPSTATE_OBSERVED && peer->rcv_known && r->seg->seq == peer->rcv_nxt && self->snd_known &&
           self->snd_nxt == r->seg->seq && c->peer[c->last_from].last_time != 0 && c->last_from != r->seg->from;
}

/* Since the sender was last heard. If that is a moment ago, it may have closed with a FIN that crossed the segment which the RST answers,
 * and that the capture missed. */
static int64_t
silence(const struct reading *r)
{
    return r->seg->time - r->snd->last_time;
}

static void
find_amnesia(struct reading *r, const struct tcpstate_connection *c, uint32_t frame, bool certain)
{
    const struct tcpstate_peer *self = &c->peer[r->seg->from];
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_half_open_found, r->snd);

    finding->lesser = !certain;
    finding->detail = (uint8_t)(finding->lesser ? TCPSTATE_DETAIL_AMNESIA_OR_CLOSE : TCPSTATE_DETAIL_AMNESIA);
    finding->related = frame;
    set_numbers(finding, self, r->seg->seq, r->seg->seq);
}

void
tell_refused(struct reading *r)
{
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_refused, r->snd);

    set_numbers(finding, r->rcv, r->seg->ack, r->rcv->iss + 1);
    if (r->c->peer[!r->c->client].state == TCPSTATE_TIME_WAIT)
        tell_syn(r, TCPSTATE_DETAIL_MET_RST);
}

static void
tell_reset(struct reading *r)
{
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_reset, r->snd);

    finding->untested = !r->rcv->rcv_known;
    finding->count = unacknowledged(r->rcv, r->snd);
    if (is_from_amnesia(r, r->c))
        find_amnesia(r, r->c, r->c->last_frame, silence(r) >= A_MOMENT);
}

static void
tell_after_fin(struct reading *r)
{
    uint32_t left = unacknowledged(r->snd, r->rcv) + unacknowledged(r->rcv, r->snd);
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_rst_after_fin, r->snd);

    finding->count = left;
    finding->lesser = left == 0;
    finding->detail = (uint8_t)(left == 0 ? TCPSTATE_DETAIL_ALL_ACKED : TCPSTATE_DETAIL_NOT_ALL_ACKED);
}

static bool
ends_time_wait(const struct reading *r)
{
    return r->rcv->state == TCPSTATE_TIME_WAIT && !has(r->seg, TCPSTATE_ACK) && r->rcv->answered_old;
}

/* What a RST that counts has ended. */
void
tell_rst(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool self_over = self->state <= TCPSTATE_LISTEN, peer_over = peer->state <= TCPSTATE_LISTEN;

    if (peer->state == TCPSTATE_SYN_SENT && peer->iss_known)
        tell_refused(r);
    else if (self->state == TCPSTATE_SYN_SENT && peer_over)
        find(r, TCPSTATE_FINDING_syn_aborted, self);
    else if (self->state == TCPSTATE_SYN_SENT && peer->state == TCPSTATE_SYN_RCVD && !has(r->seg, TCPSTATE_ACK))
        find(r, TCPSTATE_FINDING_half_open_scan, self);
    else if (self_over && (peer_over || self->reset == TCPSTATE_RESET_BY_SELF))
        find(r, TCPSTATE_FINDING_rst_unknown, self)->detail = TCPSTATE_DETAIL_ALREADY_OVER;
    else if (ends_time_wait(r))
        find(r, TCPSTATE_FINDING_time_wait_assassinated, self);
    else if (self->fin_sent || peer->fin_sent)
        tell_after_fin(r);
    else if (self->state >= TCPSTATE_SYN_SENT && peer->state >= TCPSTATE_SYN_RCVD)
        tell_reset(r);
    watch_rst(r);
}

/* Far from the SYN, it may answer another one that the capture missed. */
static void
tell_bad_refusal(struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;
    uint32_t ack = r->seg->ack, below = target->iss + 1 - ack;

    if (!has(r->seg, TCPSTATE_ACK) || !target->syn_sent || is_of_predecessor(r->c, !r->seg->from, ack))
        return;
    if (below < NEAR)
        set_numbers(find(r, TCPSTATE_FINDING_refused_bad_ack, r->snd), target, ack, target->iss + 1);
    else
        doubt(r, TCPSTATE_FINDING_refused_bad_ack, ack, target->iss + 1);
}

/* Left of the window: an answer to what its target sent before, or to a segment without ACK, which has no number to answer with. */
static bool
answers_older_segment(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t seq = r->seg->seq;

    return (has(r->seg, TCPSTATE_ACK) && seq == 0) || (seq_gt(seq, self->iss) && seq_le(seq, r->rcv->rcv_nxt)) ||
           is_of_predecessor(r->c, r->seg->from, seq - 1);
}

/* One that does not count. Where the capture may have missed what makes it right, its target will show. */
void
tell_unacceptable_rst(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *target = r->rcv;
    uint32_t seq = r->seg->seq, slack = target->window_max;
    bool inside = seq_lt(target->rcv_nxt, seq) && seq_lt(seq, target->rcv_edge + slack);
    bool certain = self->snd_known && seq_le(seq, self->snd_nxt);
    enum tcpstate_finding_id id = inside ? TCPSTATE_FINDING_rst_inexact : TCPSTATE_FINDING_rst_out_of_window;

    if (target->state == TCPSTATE_SYN_SENT) {
        tell_bad_refusal(r);
        return;
    }
    if (target->state < TCPSTATE_SYN_RCVD || target->state > TCPSTATE_LAST_ACK || !target->window_known || !both_syns_seen(r->c))
        return;
    if (answers_older_segment(r)) {
        find(r, TCPSTATE_FINDING_rst_unknown, self)->detail = TCPSTATE_DETAIL_ANSWERS_OLDER;
        return;
    }
    doubt(r, id, seq, target->rcv_nxt);
    if (!certain)
        return;
    r->c->watch->stream[!r->seg->from].doubt.told = true;
    set_numbers(find(r, id, self), self, seq, target->rcv_nxt);
}

/* The segment that a RST from SYN_SENT rejects: the peer's last one, or the last that was taken for a challenge. 0 for none. */
static uint32_t
rejected_frame(const struct reading *r)
{
    const struct tcpstate_connection *c = r->c;

    if (c->watched && c->last_from != r->seg->from)
        return c->last_frame;
    return c->watch != NULL ? c->watch->stream[!r->seg->from].challenge_frame : 0;
}

/* One that rejects, from SYN_SENT, the ACK of an older connection. */
void
tell_rejected(struct reading *r)
{
    if (r->c->challenging && is_from_amnesia(r, r->c->before))
        find_amnesia(r, r->c->before, r->c->before->last_frame, both_syns_seen(r->c->before));
    else if (!r->c->challenging && r->rcv->basis == TCPSTATE_ASSUMED && rejected_frame(r) != 0)
        find_amnesia(r, r->c, rejected_frame(r), false);
}
