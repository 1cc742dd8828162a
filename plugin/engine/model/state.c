/* Sets the states of ends, and computes the pending state from what was sent to an end and not answered yet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "state.h"

#include "numbers.h"

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
    peer->basis = basis & 3;
}

bool
apply_event(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_basis basis)
{
    enum tcpstate_state to;

    if (!tcpstate_transition(event, (enum tcpstate_state)peer->state, &to))
        return false;
    set_state(r, peer, event, to, basis);
    return true;
}

static bool
awaits_rst(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    (void)peer;
    return self->rst_open == TCPSTATE_RST_UNCERTAIN || (self->rst_open == TCPSTATE_RST_DUE && self->state >= TCPSTATE_ESTABLISHED);
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
awaits_answer_to_old_fin(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return self->time_wait_over && peer->fin_sent && !peer->fin_acked;
}

/* X(condition, event, event where the end's own FIN is acknowledged). The events are applied one after the other in this order, each to the
 * state that the one before it leads to. */
#define AWAITED(X)                                                              \
    X(awaits_rst, TCPSTATE_AWAIT_RST, TCPSTATE_AWAIT_RST)                       \
    X(awaits_answer_to_syn, TCPSTATE_AWAIT_SYN, TCPSTATE_AWAIT_SYN)             \
    X(awaits_answer_to_syn_ack, TCPSTATE_AWAIT_SYN_ACK, TCPSTATE_AWAIT_SYN_ACK) \
    X(awaits_answer_to_fin, TCPSTATE_AWAIT_FIN, TCPSTATE_AWAIT_FIN_ACKED)       \
    X(awaits_ack_of_fin, TCPSTATE_AWAIT_ACKED, TCPSTATE_AWAIT_ACKED)            \
    X(awaits_answer_to_old_fin, TCPSTATE_AWAIT_OLD_FIN, TCPSTATE_AWAIT_OLD_FIN)

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
