/* Findings about ends that make no progress: the same SYN, SYN,ACK or FIN sent again, and a peer that does not close.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stuck.h"

#include "../model/numbers.h"
#include "raise.h"

void
begin_retries(struct reading *r, struct tcpstate_peer *peer)
{
    if (r->c->watch != NULL) {
        r->c->watch->stream[end_of(r, peer)].last_gap = 0;
        r->c->watch->stream[end_of(r, peer)].time_outs = 0;
    }
    peer->retries = 0;
    peer->stuck_reported = false;
    peer->last_sent = r->seg->time;
    peer->last_frame = r->seg->frame;
}

static const struct {
    enum tcpstate_state state;
    enum tcpstate_finding_id id;
    enum tcpstate_detail unanswered, answered;
} stuck[] = {
    {TCPSTATE_SYN_SENT, TCPSTATE_FINDING_syn_sent_stuck, TCPSTATE_DETAIL_UNANSWERED, TCPSTATE_DETAIL_SYN_ACK_CAPTURED},
    {TCPSTATE_SYN_RCVD, TCPSTATE_FINDING_syn_rcvd_stuck, TCPSTATE_DETAIL_NO_ACK_CAPTURED, TCPSTATE_DETAIL_ACK_CAPTURED},
    {TCPSTATE_FIN_WAIT_1, TCPSTATE_FINDING_fin_wait_1_stuck, TCPSTATE_DETAIL_NOTHING_ARRIVED, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_LAST_ACK, TCPSTATE_FINDING_last_ack_stuck, TCPSTATE_DETAIL_NO_ACK_CAPTURED, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_CLOSING, TCPSTATE_FINDING_closing_stuck, TCPSTATE_DETAIL_NO_ACK_CAPTURED, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
};

static bool
answer_is_captured(const struct reading *r, const struct tcpstate_peer *peer)
{
    return peer->state == TCPSTATE_SYN_SENT ? r->rcv->syn_ack_sent : peer->acked_frame != 0;
}

/* Whether the other end has answered the last SYN with a RST. It does not count, else the end would be closed. */
static bool
rst_is_captured(const struct reading *r, const struct tcpstate_peer *peer)
{
    const struct tcpstate_reset *reset = r->c->reset;

    return reset != NULL && reset->last[!end_of(r, peer)].frame > peer->last_frame;
}

static void
report_stuck(struct reading *r, struct tcpstate_peer *peer, uint32_t seq, int64_t gap, int64_t gap_before)
{
    for (size_t i = 0; i < sizeof stuck / sizeof stuck[0]; i++)
        if (peer->state == stuck[i].state) {
            struct tcpstate_finding *finding = raise_finding(r, stuck[i].id, peer);

            set_finding_numbers(finding, peer, seq, seq);
            finding->detail = (uint8_t)(answer_is_captured(r, peer) ? stuck[i].answered : stuck[i].unanswered);
            if (finding->detail == TCPSTATE_DETAIL_UNANSWERED && rst_is_captured(r, peer))
                finding->detail = TCPSTATE_DETAIL_RST_CAPTURED;
            finding->related = peer->acked_frame;
            finding->count = watch_of(r)->stream[end_of(r, peer)].time_outs;
            finding->gap = gap;
            finding->gap_before = gap_before;
        }
}

static enum tcpstate_retried
retried_by(enum tcpstate_finding_id id)
{
    if (id == TCPSTATE_FINDING_fin_retransmitted)
        return TCPSTATE_RETRIED_FIN;
    return id == TCPSTATE_FINDING_syn_retransmitted ? TCPSTATE_RETRIED_SYN : TCPSTATE_RETRIED_SYN_ACK;
}

/* Why the segment was sent again. In the opening, a time-out takes a second; what comes sooner, or answers a SYN, is no sign of an end that
 * is stuck. */
static enum tcpstate_detail
cause_of_retry(const struct reading *r, const struct tcpstate_peer *peer, enum tcpstate_finding_id id)
{
    if (id == TCPSTATE_FINDING_fin_retransmitted)
        return TCPSTATE_DETAIL_RETRY;
    if (id == TCPSTATE_FINDING_synack_retransmitted && r->rcv->last_frame > peer->last_frame &&
        r->seg->time - r->rcv->last_sent < FIRST_TIME_OUT)
        return TCPSTATE_DETAIL_ASKED;
    return r->seg->time - peer->last_sent < FIRST_TIME_OUT ? TCPSTATE_DETAIL_NO_TIME_OUT : TCPSTATE_DETAIL_RETRY;
}

/* Counts a retry that a time-out sent, and reports that the end is stuck after enough of them. */
static void
count_time_out(struct reading *r, struct tcpstate_peer *peer, uint32_t seq, bool answered)
{
    struct tcpstate_stream *stream = &watch_of(r)->stream[end_of(r, peer)];
    int64_t gap_before = stream->last_gap;
    unsigned limit = r->observer->limits.stuck;

    stream->last_gap = r->seg->time - peer->last_sent;
    if (stream->time_outs < UINT16_MAX)
        stream->time_outs++;
    if (answered)
        peer->stuck_reported = true;
    if (peer->stuck_reported || limit == 0 || stream->time_outs < limit)
        return;
    peer->stuck_reported = true;
    report_stuck(r, peer, seq, stream->last_gap, gap_before);
}

struct tcpstate_finding *
report_retry(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_finding_id id, bool answered)
{
    uint32_t seq = id == TCPSTATE_FINDING_fin_retransmitted ? peer->fin_end - 1 : r->seg->seq;
    enum tcpstate_detail cause = cause_of_retry(r, peer, id);
    struct tcpstate_finding *finding = raise_finding(r, id, peer);

    if (peer->retries < UINT16_MAX)
        peer->retries++;
    set_finding_numbers(finding, peer, seq, seq);
    finding->detail = (uint8_t)cause;
    finding->related = cause == TCPSTATE_DETAIL_ASKED ? r->rcv->last_frame : peer->last_frame;
    finding->gap = r->seg->time - peer->last_sent;
    finding->gap_before = cause == TCPSTATE_DETAIL_RETRY ? watch_of(r)->stream[end_of(r, peer)].last_gap : 0;
    finding->count = peer->retries;
    if (cause == TCPSTATE_DETAIL_RETRY) {
        count_time_out(r, peer, seq, answered);
        peer->last_sent = r->seg->time;
    }
    peer->last_frame = r->seg->frame;
    r->out->retry = peer->retries;
    r->out->retried = (uint8_t)retried_by(id);
    return finding;
}

static void
report_long_half_closed(struct reading *r, int end)
{
    struct tcpstate_peer *self = &r->c->peer[end], *peer = &r->c->peer[!end];
    uint32_t later_frame = r->c->watch != NULL ? r->c->watch->stream[end].half_closed_frame : 0;
    uint32_t since_frame = later_frame != 0 ? later_frame : self->acked_frame;
    bool sends = r->snd == peer && (r->seg->payload > 0 || has(r->seg, TCPSTATE_FIN));
    int64_t gap = r->seg->time - self->waits_since;
    struct tcpstate_finding *finding;

    self->half_closed_reported = true;
    finding = raise_finding(r, TCPSTATE_FINDING_fin_wait_2_long, self);
    finding->related = since_frame;
    finding->gap = gap;
    if (sends)
        return; /* late, but it sends data or closes */
    finding = raise_finding(r, TCPSTATE_FINDING_close_wait_stuck, peer);
    finding->related = since_frame;
    finding->gap = gap;
}

static bool
is_half_closed(const struct tcpstate_connection *c, int end, int64_t before)
{
    const struct tcpstate_peer *self = &c->peer[end], *peer = &c->peer[!end];
    bool all_captured = peer->snd_known && self->rcv_known && seq_le(self->rcv_nxt, peer->snd_nxt);

    return peer->state == TCPSTATE_CLOSE_WAIT && self->acked_frame != 0 && !self->half_closed_reported && all_captured &&
           self->waits_since < before;
}

void
report_half_closed(struct reading *r)
{
    int64_t limit = r->observer->limits.half_closed;

    if (!r->c->watched || limit == 0 || r->c->to_itself)
        return;
    for (int end = 0; end < 2; end++)
        if (r->c->peer[end].state == TCPSTATE_FIN_WAIT_2 && is_half_closed(r->c, end, r->seg->time - limit))
            report_long_half_closed(r, end);
}
