/* Which connection a segment belongs to. A connection ends when its endpoints end, not where an ISN changes: a SYN with another ISN
 * against an open connection stands beside it until the answer decides (RFC 9293 section 3.10.7.4, RFC 5961 section 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

#define LARGE_WINDOW (UINT32_C(1) << 20)

enum { NEAR = 0xffff };
enum { PREDECESSORS = 4 }; /* whose segments may still be on their way */

static bool
is_open(const struct tcpstate_peer *peer)
{
    return peer->state != TCPSTATE_CLOSED && peer->state != TCPSTATE_LISTEN && peer->state != TCPSTATE_SYN_SENT;
}

static void
fresh_peer(struct tcpstate_peer *peer, enum tcpstate_state state)
{
    *peer = (struct tcpstate_peer){
        .state = state & 0x0f, .basis = TCPSTATE_ASSUMED, .from_listen = true, .window_scale = TCPSTATE_UNKNOWN_SCALE};
}

/* Begins a connection after r->c, and reads on in it. */
void
open_connection(struct reading *r, uint8_t client, enum tcpstate_state client_state, enum tcpstate_state server_state)
{
    struct tcpstate_connection *c = r->observer->new_connection(r->observer->owner);

    c->before = r->c;
    c->client = client & 1u;
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
    peer->waits_since = old->waits_since;
    peer->former_state = old->former_state;
    peer->former_basis = old->former_basis;
    peer->reset = old->reset;
    peer->snd_nxt = old->snd_nxt;
    peer->snd_known = old->snd_known;
    peer->rcv_nxt = old->rcv_nxt;
    peer->rcv_known = old->rcv_known;
}

/* RFC 6191 section 2: whether TIME_WAIT is to take the SYN. */
static void
find_reuse(struct reading *r, const struct tcpstate_connection *old, const struct tcpstate_peer *target)
{
    const struct tcpstate_peer *self = &old->peer[r->seg->from];
    bool stamped = self->ts_known && (r->seg->options.present & TCPSTATE_OPTION_TIMESTAMPS) != 0;
    bool newer = stamped && seq_gt(r->seg->options.tsval, self->tsval);
    bool older = stamped && seq_lt(r->seg->options.tsval, self->tsval);
    bool larger = seq_gt(r->seg->seq, target->rcv_nxt);
    struct tcpstate_finding *finding;

    if (target->state != TCPSTATE_TIME_WAIT || !target->rcv_known)
        return;
    r->c->too_soon = !newer && (older || !larger);
    if (r->c->too_soon)
        return; /* told when it is not taken */
    finding = find(r, TCPSTATE_FINDING_time_wait_reuse, r->snd);
    finding->seq_is_relative = false;
    finding->detail = (uint8_t)(newer ? TCPSTATE_DETAIL_NEWER_TIMESTAMP : TCPSTATE_DETAIL_LARGER_NUMBER);
}

/* A SYN with a number of its own begins a connection. Where the other end is still open, or was closed only by a RST that went
 * towards it, the old connection may yet answer. */
void
open_for_syn(struct reading *r)
{
    const struct tcpstate_connection *old = NULL;
    const struct tcpstate_peer *target = NULL;

    if (r->c != NULL) {
        if (r->c->challenging)
            read_in(r, r->c->before);
        old = r->c;
        target = r->c->to_itself ? NULL : r->rcv; /* nothing challenges itself */
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
    find_reuse(r, old, target);
}

/* As far as is known the SYN's sender has not closed, and the capture has missed nothing that might tell otherwise. */
static bool
was_surely_open(const struct tcpstate_connection *old, uint8_t client)
{
    const struct tcpstate_peer *self = &old->peer[client], *peer = &old->peer[!client];
    bool all_captured = self->snd_known && peer->snd_known && (!self->rcv_known || seq_le(self->rcv_nxt, peer->snd_nxt)) &&
                        (!peer->rcv_known || seq_le(peer->rcv_nxt, self->snd_nxt));

    return both_syns_seen(old) && all_captured && !self->fin_sent;
}

/* What became of the SYN that challenges an open connection, or one in TIME_WAIT. */
void
tell_syn(struct reading *r, enum tcpstate_detail answer)
{
    struct tcpstate_connection *c = r->c;
    const struct tcpstate_peer *client = &c->peer[c->client], *target = &c->peer[!c->client];
    bool time_wait = target->state == TCPSTATE_TIME_WAIT, taken = answer == TCPSTATE_DETAIL_SYN_ACK;
    struct tcpstate_finding *finding;

    if (!c->challenging || c->syn_told || (time_wait ? taken || !c->too_soon : target->state < TCPSTATE_ESTABLISHED))
        return;
    if (!time_wait && !taken && !was_surely_open(c->before, c->client))
        return;
    c->syn_told = true;
    finding = find(r, time_wait ? TCPSTATE_FINDING_reuse_too_soon : TCPSTATE_FINDING_syn_in_connection, client);
    set_numbers(finding, client, client->iss, target->rcv_nxt);
    finding->seq_is_relative = false;
    finding->related = client->last_frame;
    finding->detail = (uint8_t)answer;
    finding->lesser = taken || (!time_wait && answer == TCPSTATE_DETAIL_SYN_RETRIED); /* it may have ended unseen */
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

/* A number that the end used in a connection before this one on the same pair. */
bool
is_of_predecessor(const struct tcpstate_connection *c, int end, uint32_t seq)
{
    const struct tcpstate_connection *old = c->before;

    for (int i = 0; i < PREDECESSORS && old != NULL; i++, old = old->before)
        if (old->peer[end].snd_known && (seq - old->peer[end].snd_nxt < NEAR || old->peer[end].snd_nxt - seq < NEAR))
            return true;
    return false;
}

/* After a RST, numbers that are far from the old ones are of a connection whose SYN the capture missed. */
bool
is_of_unseen_connection(const struct reading *r)
{
    uint32_t from_seq = r->seg->seq - r->snd->snd_nxt, from_ack = r->seg->ack - r->snd->rcv_nxt;
    bool over = r->snd->reset != TCPSTATE_NOT_RESET && (r->snd->state == TCPSTATE_CLOSED || r->snd->state == TCPSTATE_LISTEN);

    return over && !r->c->challenging && r->snd->snd_known && r->snd->rcv_known && from_seq > LARGE_WINDOW && 0 - from_seq > LARGE_WINDOW &&
           from_ack > LARGE_WINDOW && 0 - from_ack > LARGE_WINDOW;
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
    bool in_order = r->seg->time - r->snd->last_sent > TCPSTATE_COPY_TIME;

    if (in_order && (r->seg->payload > 0 || has(r->seg, TCPSTATE_FIN)))
        tell_syn(r, TCPSTATE_DETAIL_WENT_ON);
    r->pair->now = r->c->before;
    read_in(r, r->pair->now);
}

/* What a segment changed in the old connection, the changes from `first` on, as the challenging one tells it, in which its sender was shown
 * in the state `from`. Its peer has begun anew. Where the sender was in another state in the old connection, a RST had closed it. */
static void
retell_changes(struct reading *r, uint8_t first, uint8_t from)
{
    struct tcpstate_outcome *out = r->out;
    uint8_t kept = first;

    for (uint8_t i = first; i < out->change_count; i++)
        if (out->change[i].end == r->seg->from)
            out->change[kept++] = out->change[i];
    out->change_count = kept;
    if ((kept > first ? out->change[first].from : r->snd->state) == from)
        return;
    out->change_count = first;
    if (from != r->snd->state && first < TCPSTATE_CHANGES_MAX)
        out->change[out->change_count++] = (struct tcpstate_change){
            .end = r->seg->from, .from = from, .to = r->snd->state, .event = TCPSTATE_SND_AFTER_RST};
}

/* A segment of the old numbers from the target of a challenging SYN belongs to the old connection, and is read there; the SYN's sender
 * stays where it is. */
void
read_in_old_connection(struct reading *r)
{
    struct tcpstate_connection *challenger = r->c;
    const struct tcpstate_peer *target = &challenger->before->peer[r->seg->from];
    uint8_t shown = challenger->peer[r->seg->from].state, first = r->out->change_count;
    uint32_t syn_frame = r->rcv->last_frame;
    bool challenges = r->seg->payload == 0 && !has(r->seg, TCPSTATE_FIN) && target->rcv_known && r->seg->ack == target->rcv_nxt &&
                      target->snd_known && r->seg->seq == target->snd_nxt;

    if (challenges)
        tell_syn(r, TCPSTATE_DETAIL_OLD_ACK);
    read_in(r, challenger->before);
    if (challenges)
        count_challenge(r, syn_frame);
    r->rcv->syn_repeated = true;
    read_ack(r);
    if (r->c != challenger->before)
        return; /* it was of neither, and began one of its own */
    watch_time(r);
    retell_changes(r, first, shown);
    mirror(&challenger->peer[r->seg->from], r->snd);
    challenger->peer[r->seg->from].syn_due = false;
    r->c = challenger;
}
