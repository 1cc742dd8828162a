/* Which connection a segment belongs to. A connection ends when its endpoints end, not where an ISN changes: a SYN with another ISN
 * against an open connection stands beside it until the answer decides (RFC 9293 section 3.10.7.4, RFC 5961 section 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observe.h"

static bool
is_open(const struct tcpstate_peer *peer)
{
    return peer->state != TCPSTATE_CLOSED && peer->state != TCPSTATE_LISTEN && peer->state != TCPSTATE_SYN_SENT;
}

static void
fresh_peer(struct tcpstate_peer *peer, enum tcpstate_state state)
{
    *peer = (struct tcpstate_peer){
        .state = (uint8_t)state, .basis = TCPSTATE_ASSUMED, .from_listen = true, .window_scale = TCPSTATE_NO_SCALE};
}

/* Begins a connection after r->c, and reads on in it. */
void
open_connection(struct reading *r, uint8_t client, enum tcpstate_state client_state, enum tcpstate_state server_state)
{
    struct tcpstate_connection *c = r->observer->new_connection(r->observer->owner);

    c->before = r->c;
    c->client = client;
    c->first_time = r->seg->time;
    c->to_itself = r->seg->to_itself;
    fresh_peer(&c->peer[client], client_state);
    fresh_peer(&c->peer[!client], server_state);
    r->pair->now = c;
    read_in(r, c);
}

/* Copies into a challenging connection what its target is in the old one. */
static void
mirror(struct tcpstate_peer *peer, const struct tcpstate_peer *old)
{
    peer->state = old->state;
    peer->basis = old->basis;
    peer->time_wait_since = old->time_wait_since;
    peer->former_state = old->former_state;
    peer->former_basis = old->former_basis;
    peer->reset = old->reset;
    peer->snd_nxt = old->snd_nxt;
    peer->snd_known = old->snd_known;
    peer->rcv_nxt = old->rcv_nxt;
    peer->rcv_known = old->rcv_known;
}

/* A SYN with a number of its own begins a connection. Where the other end is still open, or was closed only by a RST that went
 * towards it, the old connection may yet answer. */
void
open_for_syn(struct reading *r)
{
    const struct tcpstate_peer *target = NULL;

    if (r->c != NULL) {
        if (r->c->challenging)
            read_in(r, r->c->before);
        target = r->rcv;
    }
    open_connection(r, r->seg->from, TCPSTATE_CLOSED, TCPSTATE_LISTEN);
    r->rcv->syn_due = true;
    if (target == NULL)
        return;
    if (is_open(target)) {
        mirror(r->rcv, target);
        r->rcv->syn_due = target->state == TCPSTATE_TIME_WAIT;
    }
    r->c->challenging = is_open(target) || target->reset == TCPSTATE_RESET_BY_PEER;
    read_in(r, r->c);
}

/* A SYN,ACK whose SYN was missed, or comes later in the capture. */
void
open_for_syn_ack(struct reading *r)
{
    open_connection(r, !r->seg->from, TCPSTATE_SYN_SENT, TCPSTATE_LISTEN);
    r->rcv->iss = r->seg->ack - 1;
    r->rcv->iss_known = true;
    r->rcv->snd_nxt = r->seg->ack;
    r->rcv->snd_known = true;
    r->rcv->from_listen = false;
}

/* A capture that begins inside a connection: by custom the higher port is the client's. */
void
open_midway(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;

    open_connection(r, seg->src_port >= seg->dst_port ? seg->from : !seg->from, TCPSTATE_ESTABLISHED, TCPSTATE_ESTABLISHED);
    r->c->roles_assumed = true;
}

/* The SYN that challenged was answered by what belongs to it. */
void
new_connection_stands(struct reading *r)
{
    struct tcpstate_peer *server = &r->c->peer[!r->c->client];
    bool time_wait = server->state == TCPSTATE_TIME_WAIT;

    r->c->challenging = false;
    fresh_peer(server, time_wait ? TCPSTATE_TIME_WAIT : TCPSTATE_LISTEN);
    read_in(r, r->c);
}

/* Its sender went on with the old numbers: that SYN was stale or forged. */
void
old_connection_stands(struct reading *r)
{
    r->pair->now = r->c->before;
    read_in(r, r->pair->now);
}

/* A segment of the old numbers from the target of a challenging SYN belongs to the old connection, and is read there; the SYN's sender
 * stays where it is. */
void
read_in_old_connection(struct reading *r)
{
    struct tcpstate_connection *challenger = r->c;

    read_in(r, challenger->before);
    r->rcv->syn_repeated = true;
    read_ack(r);
    mirror(&challenger->peer[r->seg->from], r->snd);
    challenger->peer[r->seg->from].syn_due = false;
    r->c = challenger;
}
