/* The functions of observer.h that read a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include <tcpstate/seq.h>

uint32_t
tcpstate_number(const struct tcpstate_connection *connection)
{
    return connection->number;
}

const struct tcpstate_connection *
tcpstate_before(const struct tcpstate_connection *connection)
{
    return connection->before;
}

uint32_t
tcpstate_replaced_frame(const struct tcpstate_connection *connection)
{
    return connection->replaced ? connection->last_frame : 0;
}

int
tcpstate_client(const struct tcpstate_connection *connection)
{
    return connection->client;
}

int64_t
tcpstate_round_trip(const struct tcpstate_connection *connection)
{
    return connection->round_trip;
}

int64_t
tcpstate_last_time(const struct tcpstate_connection *connection)
{
    return connection->peer[connection->last_from].last_time;
}

uint32_t
tcpstate_last_frame(const struct tcpstate_connection *connection)
{
    return connection->end_frame;
}

struct tcpstate_end
tcpstate_end(const struct tcpstate_connection *connection, int end)
{
    int index = connection->to_itself ? 0 : end;
    const struct tcpstate_peer *peer = &connection->peer[index];

    return (struct tcpstate_end){.state = (enum tcpstate_state)peer->state,
                                 .basis = (enum tcpstate_basis)peer->basis,
                                 .iss = peer->iss,
                                 .snd_nxt = peer->snd_nxt,
                                 .has_sent = connection->letters[end] != 0,
                                 .ttl = connection->origin[index].ttl,
                                 .iss_known = peer->iss_known,
                                 .retries = peer->retries,
                                 .sent_frame = peer->last_frame,
                                 .sent_time = peer->last_sent,
                                 .sent_gap = connection->watch != NULL ? connection->watch->stream[index].last_gap : 0};
}

/* Numbers of `self` that the other end has acknowledged, and the capture does not have. */
static uint64_t
missed_bytes(const struct tcpstate_connection *c, int index)
{
    const struct tcpstate_peer *self = &c->peer[index], *peer = &c->peer[!index];
    const struct tcpstate_gaps *gaps = c->watch != NULL ? c->watch->stream[index].skipped : NULL;
    uint64_t missed = gaps != NULL ? gaps->missed : 0;

    if (!self->snd_known || !peer->rcv_known || c->to_itself || self->state == TCPSTATE_SYN_SENT)
        return missed; /* in SYN_SENT, an ACK of more is of an old connection */
    for (unsigned i = 0; gaps != NULL && i < gaps->count; i++) {
        struct tcpstate_gap gap = gaps->gap[i];
        uint32_t end = seq_lt(gap.end, peer->rcv_nxt) ? gap.end : peer->rcv_nxt;

        missed += seq_lt(gap.seq, end) ? end - gap.seq : 0;
    }
    return missed + (seq_gt(peer->rcv_nxt, self->snd_nxt) ? peer->rcv_nxt - self->snd_nxt : 0);
}

static uint32_t
unacked(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return self->snd_known && peer->rcv_known && seq_gt(self->snd_nxt, peer->rcv_nxt) ? self->snd_nxt - peer->rcv_nxt : 0;
}

struct tcpstate_traffic
tcpstate_traffic(const struct tcpstate_connection *connection, int end)
{
    int index = connection->to_itself ? 0 : end;
    const struct tcpstate_peer *self = &connection->peer[index];

    return (struct tcpstate_traffic){.last_time = self->last_time,
                                     .segments = connection->peer[end].segments,
                                     .copies = connection->peer[end].copies,
                                     .window_is_closed = connection->watch != NULL && connection->watch->stream[index].zero_frame != 0,
                                     .bytes = connection->peer[end].bytes,
                                     .unique_bytes = self->bytes -
                                                     (connection->watch != NULL ? connection->watch->stream[index].repeated : 0),
                                     .missed_bytes = missed_bytes(connection, index),
                                     .unacked = unacked(self, &connection->peer[connection->to_itself ? 0 : !index])};
}
