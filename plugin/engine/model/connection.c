/* The functions of observer.h that read a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

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
