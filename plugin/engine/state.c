/* The one setter of states, the bookkeeping of numbers, and the pending state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

void
set_state(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_state to, enum tcpstate_basis basis)
{
    struct tcpstate_outcome *out = r->out;

    if (to != peer->state && out->change_count < TCPSTATE_CHANGES_MAX)
        out->change[out->change_count++] = (struct tcpstate_change){
            .end = end_of(r, peer), .from = peer->state, .to = (uint8_t)to, .event = (uint8_t)event};
    if (to == TCPSTATE_TIME_WAIT)
        peer->waits_since = r->seg->time;
    peer->state = to & 0x0f;
    peer->basis = basis & 0x0f;
}

/* Runs the table. False, and nothing done, where the event changes nothing. */
bool
apply(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_basis basis)
{
    enum tcpstate_state to;

    if (!tcpstate_transition(event, (enum tcpstate_state)peer->state, &to))
        return false;
    set_state(r, peer, event, to, basis);
    return true;
}

void
read_in(struct reading *r, struct tcpstate_connection *c)
{
    r->c = c;
    r->snd = &c->peer[r->seg->from];
    r->rcv = c->to_itself ? r->snd : &c->peer[!r->seg->from];
    for (int end = 0; end < 2; end++)
        r->before[end] = (enum tcpstate_state)c->peer[end].state;
}

/* Raises a finding about one of the ends, with what all of them have in common; its numbers are the sender's. Of a family that is off, or
 * where there is no more room, it goes nowhere. */
struct tcpstate_finding *
find(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about)
{
    uint8_t end = end_of(r, about);
    bool muted = (r->observer->muted >> tcpstate_finding_kinds[id].family & 1) != 0 || r->out->finding_count == TCPSTATE_FINDINGS_MAX;
    struct tcpstate_finding *finding = &r->out->finding[muted ? TCPSTATE_FINDINGS_MAX : r->out->finding_count++];

    *finding = (struct tcpstate_finding){
        .frame = r->seg->frame,
        .connection = r->c->number,
        .layer = r->seg->layer,
        .id = (uint8_t)id,
        .end = end,
        .end_is_client = end == r->c->client,
        .state = (uint8_t)r->before[end],
        .other = (uint8_t)r->before[!end],
    };
    set_numbers(finding, r->snd, r->seg->seq, r->seg->seq);
    return finding;
}

/* Sequence numbers of what `space` sends. */
void
set_numbers(struct tcpstate_finding *finding, const struct tcpstate_peer *space, uint32_t seq, uint32_t expected)
{
    finding->seq = seq;
    finding->expected = expected;
    finding->seq_base = space->iss;
    finding->seq_is_relative = space->iss_known;
}

/* The shift for the windows that `self` offers outside SYNs; false where its SYN or the peer's was not seen. Both must have offered
 * the option (RFC 7323 section 2.2). */
bool
window_shift(const struct tcpstate_peer *self, const struct tcpstate_peer *peer, unsigned *shift)
{
    bool scaled = self->window_scale <= TCPSTATE_MOST_SCALE && peer->window_scale <= TCPSTATE_MOST_SCALE;

    *shift = scaled ? self->window_scale : 0;
    return self->window_scale != TCPSTATE_UNKNOWN_SCALE && peer->window_scale != TCPSTATE_UNKNOWN_SCALE;
}

/* Moves the sender's variables on by what the segment carries. */
void
account(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(seg);
    unsigned shift = 0;

    if (!self->snd_known || seq_ge(end, self->snd_nxt)) {
        self->snd_nxt = end;
        self->snd_known = true;
    }
    if (!has(seg, TCPSTATE_ACK) || (self->rcv_known && seq_lt(seg->ack, self->rcv_nxt)))
        return;
    self->rcv_known = true;
    self->rcv_nxt = seg->ack;
    self->sack_known = (seg->options.present & TCPSTATE_OPTION_SACK) != 0;
    if (self->sack_known)
        watch_of(r)->stream[seg->from].sack_edge = seg->options.sack_edge;
    self->window_known = has(seg, TCPSTATE_SYN) || window_shift(self, r->rcv, &shift);
    self->rcv_edge = seg->ack + ((uint32_t)seg->window << shift);
}

static bool
awaits_answer_to_syn(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    if (self->state != TCPSTATE_SYN_SENT)
        return self->syn_due;
    return self->syn_due && peer->syn_sent && !(peer->syn_ack_sent && self->syn_acked);
}

static bool
awaits_answer_to_syn_ack(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return self->syn_acked && (self->state == TCPSTATE_SYN_RCVD || (self->state == TCPSTATE_SYN_SENT && peer->syn_ack_sent));
}

static bool
awaits_answer_to_fin(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return peer->fin_sent && !has_acked_fin_of(self, peer);
}

static bool
awaits_ack_of_fin(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    (void)peer;
    return self->fin_acked;
}

static bool
awaits_rst(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    (void)peer;
    return self->rst_due;
}

/* X(what holds, event, event where its own FIN is acknowledged): in this order what is on its way adds up. */
#define AWAITED(X)                                                              \
    X(awaits_answer_to_syn, TCPSTATE_AWAIT_SYN, TCPSTATE_AWAIT_SYN)             \
    X(awaits_answer_to_syn_ack, TCPSTATE_AWAIT_SYN_ACK, TCPSTATE_AWAIT_SYN_ACK) \
    X(awaits_answer_to_fin, TCPSTATE_AWAIT_FIN, TCPSTATE_AWAIT_FIN_ACKED)       \
    X(awaits_ack_of_fin, TCPSTATE_AWAIT_ACKED, TCPSTATE_AWAIT_ACKED)            \
    X(awaits_rst, TCPSTATE_AWAIT_RST, TCPSTATE_AWAIT_RST)

enum tcpstate_state
tcpstate_pending(const struct tcpstate_connection *connection, int end)
{
    const struct tcpstate_peer *self = &connection->peer[end];
    const struct tcpstate_peer *peer = connection->to_itself ? self : &connection->peer[!end];
    enum tcpstate_state state = (enum tcpstate_state)self->state;

#define X(holds, event, event_when_acked) \
    if (holds(self, peer))                \
        (void)tcpstate_transition(self->fin_acked ? (event_when_acked) : (event), state, &state);
    AWAITED(X)
#undef X
    return state;
}
