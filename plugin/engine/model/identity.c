/* Decides which connection a segment belongs to. A connection ends when its ends are closed, not when an ISN changes: a
 * SYN with another ISN against an open connection is kept beside it until an answer decides (RFC 9293 section 3.10.7.4,
 * RFC 5961 section 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "identity.h"

#include "numbers.h"

/* How many earlier connections of the pair are searched: segments of older ones are not expected in the network any more, and the search is
 * short even where a pair has thousands of connections. */
enum { PREDECESSORS = 4 };

static bool
is_open(const struct tcpstate_peer *peer)
{
    return peer->state != TCPSTATE_CLOSED && peer->state != TCPSTATE_LISTEN && peer->state != TCPSTATE_SYN_SENT;
}

static void
init_peer(struct tcpstate_peer *peer, enum tcpstate_state state)
{
    *peer = (struct tcpstate_peer){
        .state = state & 0x0f, .basis = TCPSTATE_ASSUMED, .from_listen = true, .window_scale = TCPSTATE_UNKNOWN_SCALE};
}

void
open_connection(struct reading *r, uint8_t client, enum tcpstate_state client_state, enum tcpstate_state server_state)
{
    uint32_t number = 0;
    struct tcpstate_connection *c = r->observer->new_connection(r->observer->owner, sizeof *c, &number);

    c->number = number;
    c->before = r->c;
    c->client = client & 1u;
    c->first_time = r->seg->time;
    c->to_itself = r->seg->to_itself;
    init_peer(&c->peer[client], client_state);
    init_peer(&c->peer[!client], server_state);
    r->pair->now = c;
    read_in(r, c);
}

void
abandon_connection(const struct reading *r, struct tcpstate_connection *c)
{
    c->replaced = true;
    c->last_frame = r->seg->frame;
    for (int end = 0; end < 2; end++) {
        struct tcpstate_peer *peer = &c->peer[end];

        if (peer->state == TCPSTATE_CLOSED || peer->state == TCPSTATE_LISTEN || peer->state == TCPSTATE_TIME_WAIT)
            continue;
        peer->state = TCPSTATE_CLOSED;
        peer->basis = TCPSTATE_PRESUMED;
    }
}

void
copy_old_end(struct tcpstate_peer *peer, const struct tcpstate_peer *old)
{
    peer->state = old->state;
    peer->basis = old->basis;
    peer->waits_since = old->waits_since;
    peer->former_state = old->former_state;
    peer->former_basis = old->former_basis;
    peer->reset = old->reset;
    peer->rst_open = old->rst_open;
    peer->snd_nxt = old->snd_nxt;
    peer->snd_known = old->snd_known;
    peer->rcv_nxt = old->rcv_nxt;
    peer->rcv_known = old->rcv_known;
}

/* Another SYN replaces the one that challenged the connection. Its ISN is kept, because it may still be answered. */
static void
leave_challenger(struct reading *r)
{
    uint32_t iss = r->c->peer[r->c->client].iss;
    struct tcpstate_watch *w;

    abandon_connection(r, r->c);
    read_in(r, r->c->before);
    w = watch_of(r);
    w->challengers[w->challenger_count % TCPSTATE_CHALLENGERS_MAX] = iss;
    w->challenger_count = w->challenger_count < 2 * TCPSTATE_CHALLENGERS_MAX - 1 ? w->challenger_count + 1 : TCPSTATE_CHALLENGERS_MAX;
}

/* Whether the end may still send segments of its connection: it is open, or it is presumed to be closed by a RST or an ACK that it may not
 * have received. */
static bool
may_be_open(const struct tcpstate_peer *peer)
{
    return is_open(peer) || peer->reset == TCPSTATE_RESET_BY_PEER ||
           (peer->state == TCPSTATE_CLOSED && peer->basis == TCPSTATE_PRESUMED && peer->fin_acked);
}

bool
is_let_in(const struct reading *r)
{
    const struct tcpstate_connection *old = r->c->challenging ? r->c->before : r->c;

    return r->rcv->rst_open == TCPSTATE_RST_UNCERTAIN && (old->reset == NULL || !old->reset->survived);
}

void
open_for_syn(struct reading *r)
{
    const struct tcpstate_peer *target = NULL;
    struct tcpstate_connection *old;
    bool let_in = false;

    if (r->c != NULL) {
        if (r->c->challenging)
            leave_challenger(r);
        let_in = is_let_in(r);
        target = r->c->to_itself ? NULL : r->rcv; /* a socket connected to itself has no other end to challenge */
    }
    old = r->c;
    open_connection(r, r->seg->from, TCPSTATE_CLOSED, TCPSTATE_LISTEN);
    r->rcv->syn_due = true;
    if (target == NULL)
        return;
    if (is_open(target) && !let_in)
        copy_old_end(r->rcv, target);
    r->c->challenging = may_be_open(target);
    if (!r->c->challenging)
        abandon_connection(r, old);
    read_in(r, r->c);
}

static void
abandon_if_any(struct reading *r)
{
    if (r->c != NULL)
        abandon_connection(r, r->c);
}

void
open_for_syn_ack(struct reading *r)
{
    abandon_if_any(r);
    open_connection(r, !r->seg->from, TCPSTATE_SYN_SENT, TCPSTATE_LISTEN);
    r->rcv->iss = r->seg->ack - 1;
    r->rcv->iss_known = true;
    r->rcv->snd_nxt = r->seg->ack;
    r->rcv->snd_known = true;
    r->rcv->from_listen = false;
}

void
open_midway(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    abandon_if_any(r);
    open_connection(r, seg->src_port >= seg->dst_port ? seg->from : !seg->from, TCPSTATE_ESTABLISHED, TCPSTATE_ESTABLISHED);
    r->c->roles_assumed = true;
}

bool
is_of_predecessor(const struct tcpstate_connection *c, int end, uint32_t seq)
{
    const struct tcpstate_connection *old = c->before;

    for (int i = 0; i < PREDECESSORS && old != NULL; i++, old = old->before)
        if (old->peer[end].snd_known && is_near(seq, old->peer[end].snd_nxt))
            return true;
    return false;
}

static bool
is_challenger(const struct tcpstate_connection *c, uint32_t iss)
{
    const struct tcpstate_watch *w = c->watch;

    for (int i = 0; w != NULL && i < w->challenger_count && i < TCPSTATE_CHALLENGERS_MAX; i++)
        if (w->challengers[i] == iss)
            return true;
    return false;
}

bool
acks_earlier_syn(const struct reading *r)
{
    const struct tcpstate_connection *old = r->c->before;
    uint32_t iss = r->seg->ack - 1;

    for (int i = 0; i < PREDECESSORS && old != NULL; i++, old = old->before) {
        const struct tcpstate_peer *peer = &old->peer[!r->seg->from];

        if ((is_syn_unanswered(peer) && peer->iss == iss) || is_challenger(old, iss))
            return true;
    }
    return false;
}

bool
has_earlier_syn(const struct reading *r)
{
    const struct tcpstate_connection *old = r->c->before;

    return old != NULL && (is_syn_unanswered(&old->peer[!r->seg->from]) || (old->watch != NULL && old->watch->challenger_count > 0));
}

static uint32_t
distance(uint32_t a, uint32_t b)
{
    return seq_gt(a, b) ? a - b : b - a;
}

bool
is_after_syn(const struct tcpstate_connection *c, int end, uint32_t number, uint32_t old_number, bool old_known)
{
    const struct tcpstate_peer *peer = &c->peer[end];

    if (!seq_gt(number, peer->iss))
        return false;
    if (seq_le(number, peer->snd_nxt))
        return true;
    return is_within_reach(number, peer->iss) && (!old_known || distance(number, peer->iss) < distance(number, old_number));
}

bool
is_of_unseen_connection(const struct reading *r)
{
    bool over = r->snd->reset != TCPSTATE_NOT_RESET && (r->snd->state == TCPSTATE_CLOSED || r->snd->state == TCPSTATE_LISTEN);

    return over && !r->c->challenging && r->snd->snd_known && r->snd->rcv_known && !is_within_reach(r->seg->seq, r->snd->snd_nxt) &&
           !is_within_reach(r->seg->ack, r->snd->rcv_nxt);
}

void
keep_new_connection(struct reading *r)
{
    struct tcpstate_peer *server = &r->c->peer[!r->c->client];
    bool known = server->state == TCPSTATE_TIME_WAIT || server->state == TCPSTATE_CLOSED;

    abandon_connection(r, r->c->before);
    r->c->challenging = false;
    init_peer(server, known ? (enum tcpstate_state)server->state : TCPSTATE_LISTEN);
    server->waits_since = r->c->before->peer[!r->c->client].waits_since; /* an end may stay in TIME_WAIT */
    read_in(r, r->c);
}
