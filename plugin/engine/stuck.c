/* Ends that get no further: what is sent again, and what is waited for too long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

/* A SYN, SYN,ACK or FIN left for the first time. */
void
sent(struct reading *r, struct tcpstate_peer *peer)
{
    if (r->c->watch != NULL)
        r->c->watch->stream[end_of(r, peer)].last_gap = 0;
    peer->retries = 0;
    peer->stuck_told = false;
    peer->last_sent = r->seg->time;
    peer->last_frame = r->seg->frame;
}

#define FIRST_TIMEOUT INT64_C(1000000000)

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

static void
find_stuck(struct reading *r, struct tcpstate_peer *peer, uint32_t seq, int64_t gap, int64_t gap_before)
{
    for (size_t i = 0; i < sizeof stuck / sizeof stuck[0]; i++)
        if (peer->state == stuck[i].state) {
            struct tcpstate_finding *finding = find(r, stuck[i].id, peer);

            set_numbers(finding, peer, seq, seq);
            finding->detail = (uint8_t)(answer_is_captured(r, peer) ? stuck[i].answered : stuck[i].unanswered);
            finding->related = peer->acked_frame;
            finding->count = peer->retries;
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

/* Enough retries; and in opening, no fewer than the time that stacks wait before the first one (RFC 6298 section 2). */
static bool
is_long(const struct reading *r, const struct tcpstate_peer *peer)
{
    unsigned limit = r->observer->limits.stuck;
    bool opening = peer->state == TCPSTATE_SYN_SENT || peer->state == TCPSTATE_SYN_RCVD;

    return limit > 0 && peer->retries >= limit && (!opening || r->seg->time - r->c->first_time >= FIRST_TIMEOUT);
}

/* The same once more, after what it takes back was taken back. What was answered with a refusal or a challenge is not stuck. */
struct tcpstate_finding *
sent_again(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_finding_id id, bool answered)
{
    uint32_t seq = id == TCPSTATE_FINDING_fin_retransmitted ? peer->fin_end - 1 : r->seg->seq;
    struct tcpstate_finding *finding = find(r, id, peer);
    struct tcpstate_stream *stream = &watch_of(r)->stream[end_of(r, peer)];
    int64_t gap_before = stream->last_gap;

    stream->last_gap = r->seg->time - peer->last_sent;
    if (peer->retries < UINT16_MAX)
        peer->retries++;
    set_numbers(finding, peer, seq, seq);
    finding->detail = TCPSTATE_DETAIL_RETRY;
    finding->related = peer->last_frame;
    finding->gap = stream->last_gap;
    finding->gap_before = gap_before;
    finding->count = peer->retries;
    if (!answered && !peer->stuck_told && is_long(r, peer)) {
        peer->stuck_told = true;
        find_stuck(r, peer, seq, stream->last_gap, gap_before);
    }
    if (answered)
        peer->stuck_told = true;
    peer->last_sent = r->seg->time;
    peer->last_frame = r->seg->frame;
    r->out->retry = peer->retries;
    r->out->retried = (uint8_t)retried_by(id);
    return finding;
}

static void
find_long_half_closed(struct reading *r, int end)
{
    struct tcpstate_peer *self = &r->c->peer[end], *peer = &r->c->peer[!end];
    uint32_t later_frame = r->c->watch != NULL ? r->c->watch->stream[end].half_closed_frame : 0;
    uint32_t since_frame = later_frame != 0 ? later_frame : self->acked_frame;
    bool speaks = r->snd == peer && (r->seg->payload > 0 || has(r->seg, TCPSTATE_FIN));
    int64_t gap = r->seg->time - self->waits_since;
    struct tcpstate_finding *finding;

    self->half_closed_told = true;
    finding = find(r, TCPSTATE_FINDING_fin_wait_2_long, self);
    finding->related = since_frame;
    finding->gap = gap;
    if (speaks)
        return; /* late, but it has not forgotten */
    finding = find(r, TCPSTATE_FINDING_close_wait_stuck, peer);
    finding->related = since_frame;
    finding->gap = gap;
}

static bool
is_half_closed(const struct tcpstate_connection *c, int end, int64_t before)
{
    const struct tcpstate_peer *self = &c->peer[end], *peer = &c->peer[!end];
    bool all_captured = peer->snd_known && self->rcv_known && seq_le(self->rcv_nxt, peer->snd_nxt);

    return peer->state == TCPSTATE_CLOSE_WAIT && self->acked_frame != 0 && !self->half_closed_told && all_captured &&
           self->waits_since < before;
}

/* One end has closed, and the other has not for longer than the limit. Known at their next segment. */
void
find_half_closed(struct reading *r)
{
    int64_t limit = r->observer->limits.half_closed;

    if (!r->c->watched || limit == 0 || r->c->to_itself)
        return;
    for (int end = 0; end < 2; end++)
        if (r->c->peer[end].state == TCPSTATE_FIN_WAIT_2 && is_half_closed(r->c, end, r->seg->time - limit))
            find_long_half_closed(r, end);
}
