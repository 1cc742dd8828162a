/* Findings about a RST: what it ended, or why its target ignores it. They need the states and numbers from before the
 * RST.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rst.h"

#include "../model/history.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "doubt.h"
#include "handshake.h"
#include "raise.h"
#include "watch.h"

/* 1 s, in nanoseconds: the initial time-out of a stack (RFC 6298 section 2). An end that was silent for less may just have closed, with a
 * FIN that the capture missed. */
#define UNSEEN_CLOSE_TIME INT64_C(1000000000)

/* The sequence numbers in flight from `sender` to `receiver`. */
static uint32_t
unacknowledged(const struct tcpstate_peer *sender, const struct tcpstate_peer *receiver)
{
    bool known = sender->snd_known && receiver->rcv_known && seq_gt(sender->snd_nxt, receiver->rcv_nxt);

    return known ? sender->snd_nxt - receiver->rcv_nxt : 0;
}

/* Whether the RST shows a half-open connection (RFC 9293 section 3.5.1): its sender knows no connection, and answers the last segment of
 * the other end at once with a RST, although the capture has no FIN or RST of it before. A later RST answers nothing: it is an abort. */
static bool
shows_half_open(const struct reading *r, const struct tcpstate_connection *c)
{
    const struct tcpstate_peer *self = &c->peer[r->seg->from], *peer = &c->peer[!r->seg->from];

    return !self->fin_sent && self->reset == TCPSTATE_NOT_RESET && self->state >= TCPSTATE_ESTABLISHED &&
           self->basis == TCPSTATE_OBSERVED && peer->rcv_known && r->seg->seq == peer->rcv_nxt && self->snd_known &&
           self->snd_nxt == r->seg->seq && c->peer[c->last_from].last_time != 0 && c->last_from != r->seg->from &&
           may_have_crossed(r, last_time(c));
}

/* The time since the last segment of the RST's sender, nanoseconds. */
static int64_t
silence_of_sender(const struct reading *r)
{
    return r->seg->time - r->snd->last_time;
}

static void
report_half_open(struct reading *r, const struct tcpstate_connection *c, uint32_t frame, bool certain)
{
    const struct tcpstate_peer *self = &c->peer[r->seg->from];
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_half_open_found, r->snd);

    finding->lesser = !certain;
    finding->detail = (uint8_t)(finding->lesser ? TCPSTATE_DETAIL_HALF_OPEN_OR_CLOSED : TCPSTATE_DETAIL_HALF_OPEN);
    finding->related = frame;
    set_finding_numbers(finding, self, r->seg->seq, r->seg->seq);
}

void
report_refused(struct reading *r)
{
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_refused, r->snd);

    set_finding_numbers(finding, r->rcv, r->seg->ack, r->rcv->iss + 1);
}

static void
report_reset(struct reading *r)
{
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_reset, r->snd);

    finding->untested = !r->rcv->rcv_known;
    finding->count = unacknowledged(r->rcv, r->snd);
    if (!has(r->seg, TCPSTATE_ACK) && shows_half_open(r, r->c)) /* with ACK, it may be an abort */
        report_half_open(r, r->c, r->c->last_frame, silence_of_sender(r) >= UNSEEN_CLOSE_TIME);
}

static void
report_rst_after_fin(struct reading *r)
{
    uint32_t left = unacknowledged(r->snd, r->rcv) + unacknowledged(r->rcv, r->snd);
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_rst_after_fin, r->snd);

    finding->count = left;
    finding->lesser = left == 0;
    finding->detail = (uint8_t)(left == 0 ? TCPSTATE_DETAIL_ALL_ACKED : TCPSTATE_DETAIL_NOT_ALL_ACKED);
}

/* Whether the RST is the answer to the SYN,ACK before it. lwIP sets ACK on every RST; on others, a RST with ACK is an abort, of an end
 * whose last ACK may not be captured. */
static bool
answers_syn_ack(const struct reading *r)
{
    return !has(r->seg, TCPSTATE_ACK) || (r->seg->window != 0 && r->c->last_from != r->seg->from && may_have_crossed(r, r->rcv->last_sent));
}

/* The frame of the same SYN between other addresses, which were translated, and between which the capture has no answer; 0 for none. */
static uint32_t
syn_elsewhere(const struct reading *r)
{
    const struct tcpstate_history *history = r->observer->history;

    for (int i = 0; i < TCPSTATE_SYNS_MAX; i++) {
        const struct tcpstate_syn *syn = &history->syns[i];

        if (syn->frame != 0 && syn->pair != r->pair && syn->seq == r->snd->iss && syn->src_port == r->seg->src_port &&
            syn->pair->now != NULL && !has_syn_ack(syn->pair->now))
            return syn->frame;
    }
    return 0;
}

/* The client rejects a SYN,ACK with a RST. */
static void
report_rejected_syn_ack(struct reading *r)
{
    uint32_t frame = syn_elsewhere(r);

    if (frame != 0)
        raise_finding(r, TCPSTATE_FINDING_synack_wrong_address, r->snd)->related = frame;
    else if (r->snd->syn_sent)
        raise_finding(r, TCPSTATE_FINDING_half_open_scan, r->snd);
    else
        report_unasked_syn_ack(r, r->rcv, TCPSTATE_DETAIL_MET_REJECTION);
}

/* The printable characters of the RST's data; NULL where the capture does not have it. */
static const char *
quote(const struct reading *r)
{
    size_t length = r->seg->payload < TCPSTATE_QUOTE_MAX ? r->seg->payload : TCPSTATE_QUOTE_MAX;
    char *text;

    if (r->seg->data == NULL)
        return NULL;
    text = r->observer->new_memory(r->observer->owner, TCPSTATE_QUOTE_MAX + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(r->seg->data[i] >= ' ' && r->seg->data[i] <= '~' ? r->seg->data[i] : '.');
    return text;
}

void
report_rst_text(struct reading *r)
{
    struct tcpstate_finding *finding;

    if (r->seg->payload == 0 || r->is_quiet)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_rst_with_text, r->snd);
    finding->count = r->seg->payload;
    finding->quote = quote(r);
}

static bool
ends_time_wait(const struct reading *r)
{
    return r->rcv->state == TCPSTATE_TIME_WAIT && !has(r->seg, TCPSTATE_ACK) && r->rcv->answered_old_segment;
}

void
report_rst(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool self_over = self->state <= TCPSTATE_LISTEN, peer_over = peer->state <= TCPSTATE_LISTEN;

    if (peer->state == TCPSTATE_SYN_SENT && peer->iss_known)
        report_refused(r);
    else if (self->state == TCPSTATE_SYN_SENT && peer_over)
        raise_finding(r, TCPSTATE_FINDING_syn_aborted, self);
    else if (self->state == TCPSTATE_SYN_SENT && peer->state == TCPSTATE_SYN_RCVD && answers_syn_ack(r))
        report_rejected_syn_ack(r);
    else if (self_over && (peer_over || self->reset == TCPSTATE_RESET_BY_SELF))
        raise_finding(r, TCPSTATE_FINDING_rst_unknown, self)->detail = TCPSTATE_DETAIL_ALREADY_OVER;
    else if (ends_time_wait(r))
        raise_finding(r, TCPSTATE_FINDING_time_wait_assassinated, self);
    else if (self->fin_sent || peer->fin_sent)
        report_rst_after_fin(r);
    else if (self->state >= TCPSTATE_SYN_SENT && peer->state >= TCPSTATE_SYN_RCVD)
        report_reset(r);
    watch_rst(r);
}

/* A RST to SYN_SENT that does not acknowledge the SYN. Where its ACK is far from the SYN, it may answer another SYN that the capture
 * missed; then this is a doubt. */
static void
report_bad_refusal(struct reading *r)
{
    const struct tcpstate_peer *target = r->rcv;
    uint32_t ack = r->seg->ack, below = target->iss + 1 - ack;

    if (!has(r->seg, TCPSTATE_ACK) || !target->syn_sent || is_of_predecessor(r->c, !r->seg->from, ack))
        return;
    if (below < NEAR) {
        struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_refused_bad_ack, r->snd);

        set_finding_numbers(finding, target, ack, target->iss + 1);
        finding->lesser = below == 1;
        finding->detail = (uint8_t)(below == 1 ? TCPSTATE_DETAIL_SYN_NOT_COUNTED : TCPSTATE_DETAIL_STALE_OR_FORGED);
    } else
        raise_doubt(r, TCPSTATE_FINDING_refused_bad_ack, ack, target->iss + 1);
}

/* Whether the RST answers an older segment: its number was acknowledged before, or is 0, as in the answer to a segment without ACK (RFC
 * 9293 section 3.5.2). */
static bool
answers_older_segment(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t seq = r->seg->seq;

    return (has(r->seg, TCPSTATE_ACK) && seq == 0) || (seq_gt(seq, self->iss) && seq_le(seq, r->rcv->rcv_nxt)) ||
           is_of_predecessor(r->c, r->seg->from, seq - 1);
}

void
report_unacceptable_rst(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *target = r->rcv;
    uint32_t seq = r->seg->seq, slack = target->window_max;
    bool inside = seq_lt(target->rcv_nxt, seq) && seq_lt(seq, target->rcv_edge + slack);
    bool certain = self->snd_known && seq_le(seq, self->snd_nxt);
    enum tcpstate_finding_id id = inside ? TCPSTATE_FINDING_rst_inexact : TCPSTATE_FINDING_rst_out_of_window;
    struct tcpstate_doubt *doubt;

    if (target->state == TCPSTATE_SYN_SENT) {
        report_bad_refusal(r);
        return;
    }
    if (target->state < TCPSTATE_SYN_RCVD || target->state > TCPSTATE_LAST_ACK || !target->window_known || !both_syns_seen(r->c))
        return;
    if (answers_older_segment(r)) {
        raise_finding(r, TCPSTATE_FINDING_rst_unknown, self)->detail = TCPSTATE_DETAIL_ANSWERS_OLDER;
        return;
    }
    if (certain && self->fin_sent) {
        report_rst_after_fin(r);
        return;
    }
    doubt = raise_doubt(r, id, seq, target->rcv_nxt);
    if (doubt == NULL || !certain)
        return;
    doubt->reported = true;
    set_finding_numbers(raise_finding(r, id, self), self, seq, target->rcv_nxt);
}

/* The frame of the segment that a RST from SYN_SENT rejects: the peer's last segment, or its last challenge ACK; 0 for none. */
static uint32_t
rejected_frame(const struct reading *r)
{
    const struct tcpstate_connection *c = r->c;

    if (c->watched && c->last_from != r->seg->from)
        return c->last_frame;
    return c->watch != NULL ? c->watch->stream[!r->seg->from].challenge_frame : 0;
}

void
report_rejected(struct reading *r)
{
    if (r->c->challenging && shows_half_open(r, r->c->before))
        report_half_open(r, r->c->before, r->c->before->last_frame, both_syns_seen(r->c->before));
    else if (!r->c->challenging && r->rcv->basis == TCPSTATE_ASSUMED && rejected_frame(r) != 0)
        report_half_open(r, r->c, rejected_frame(r), false);
}
