/* Takes the times from the records of the handshake, and the order of several points from hosts.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "near.h"

#include "../wireshark/capture/point.h"
#include "../wireshark/capture/siblings.h"
#include "../wireshark/capture/twins.h"
#include "hosts.h"

const char *
near_name(enum near_end near)
{
    static const char *const names[] = {[NEAR_UNKNOWN] = NULL, [NEAR_CLIENT] = "client", [NEAR_SERVER] = "server"};

    return names[near];
}

/* Stacks begin with a TTL of 32, 64, 128 or 255. */
static gint
routers_passed(guint8 ttl)
{
    static const guint8 initial[] = {32, 64, 128, 255};

    for (guint i = 0; i < G_N_ELEMENTS(initial) && ttl > 0; i++)
        if (ttl <= initial[i])
            return initial[i] - ttl;
    return -1;
}

/* The times of the SYN, the SYN,ACK and the first sign that the client got it. A retry makes it unknown which of them was answered. */
static void
time_handshake(const struct flow_connection *conn, gint64 times[3])
{
    guint32 number = tcpstate_number(flow_engine_connection(conn));

    for (guint32 i = conn->first_record; i < conn->end_record && times[2] == 0; i++) {
        const struct tcpstate_record *record = &conn->flow->records[i];

        if (record->connection != number)
            continue;
        if (record->retry > 0)
            return;
        for (guint j = 0; j < record->step_count; j++) {
            struct tcpstate_change change = tcpstate_record_change(record, j);

            if (change.event == TCPSTATE_SND_SYN)
                times[0] = record->time;
            else if (change.event == TCPSTATE_SND_SYN_ACK)
                times[1] = record->time;
            else if (change.end == record->client && change.to == TCPSTATE_ESTABLISHED)
                times[2] = record->time;
        }
    }
}

struct near_distance
near_distance(const struct flow_connection *conn)
{
    const struct tcpstate_connection *connection = flow_engine_connection(conn);
    int client = tcpstate_client(connection);
    struct near_distance distance = {.to_client = -1,
                                     .to_server = -1,
                                     .client_routers = routers_passed(tcpstate_end(connection, client).ttl),
                                     .server_routers = routers_passed(tcpstate_end(connection, !client).ttl)};
    gint64 times[3] = {0, 0, 0};

    time_handshake(conn, times);
    if (times[0] != 0 && times[1] >= times[0])
        distance.to_server = times[1] - times[0];
    if (distance.to_server >= 0 && times[2] >= times[1])
        distance.to_client = times[2] - times[1];
    return distance;
}

static enum near_end
near_by_routers(const struct near_distance *distance)
{
    if (distance->client_routers < 0 || distance->server_routers < 0 || distance->client_routers == distance->server_routers)
        return NEAR_UNKNOWN;
    return distance->client_routers < distance->server_routers ? NEAR_CLIENT : NEAR_SERVER;
}

/* One distance is at most a third of the other: stacks take some time to answer. */
static enum near_end
near_by_times(const struct near_distance *distance)
{
    if (distance->to_client < 0 || distance->to_server < 0)
        return NEAR_UNKNOWN;
    if (distance->to_client <= distance->to_server / 3)
        return NEAR_CLIENT;
    return distance->to_server <= distance->to_client / 3 ? NEAR_SERVER : NEAR_UNKNOWN;
}

enum near_end
near_by_distance(const struct near_distance *distance)
{
    enum near_end times = near_by_times(distance), routers = near_by_routers(distance);

    if (times == NEAR_UNKNOWN || routers == NEAR_UNKNOWN)
        return times != NEAR_UNKNOWN ? times : routers;
    return times == routers ? times : NEAR_UNKNOWN;
}

/* The connection that a point shows: itself at index 0, then its twins. */
static const struct flow_connection *
shown_at(guint32 number, guint index)
{
    return index == 0 ? flow_connection(number) : twins_at(number, index - 1);
}

guint
near_point(const struct flow_connection *conn)
{
    return point_of(siblings_place(conn->flow));
}

enum near_end
near_of(const struct flow_connection *conn)
{
    const struct tcpstate_connection *connection = flow_engine_connection(conn);
    guint32 number = tcpstate_number(connection);
    guint others = 0, client_side = 0, server_side = 0;
    const struct flow_connection *other;

    for (guint i = 0; (other = shown_at(number, i)) != NULL; i++) {
        int near = other == conn ? -1 : hosts_near(conn->flow, near_point(conn), near_point(other));

        others += other != conn;
        client_side += near >= 0 && near == tcpstate_client(connection);
        server_side += near >= 0 && near != tcpstate_client(connection);
    }
    if (others == 0) {
        struct near_distance distance = near_distance(conn);

        return near_by_distance(&distance);
    }
    if (client_side == others)
        return NEAR_CLIENT;
    return server_side == others ? NEAR_SERVER : NEAR_UNKNOWN;
}

int
near_client_end(guint32 number, const struct flow_connection *conn)
{
    const struct flow_connection *first = flow_connection(number);

    return tcpstate_client(flow_engine_connection(flow_has_same_ends(first->flow, conn->flow) ? first : conn));
}

enum near_end
near_for(guint32 number, const struct flow_connection *conn)
{
    enum near_end near = near_of(conn);

    if (near == NEAR_UNKNOWN || near_client_end(number, conn) == tcpstate_client(flow_engine_connection(conn)))
        return near;
    return near == NEAR_CLIENT ? NEAR_SERVER : NEAR_CLIENT;
}

const struct flow_connection *
near_shown_at(guint32 number, guint point)
{
    const struct flow_connection *conn;

    for (guint i = 0; (conn = shown_at(number, i)) != NULL; i++)
        if (near_point(conn) == point)
            return conn;
    return NULL;
}

const struct flow_connection *
near_connection(guint32 number, gboolean to_client)
{
    const struct flow_connection *conn;

    for (guint i = 0; (conn = shown_at(number, i)) != NULL; i++)
        if (near_for(number, conn) == (to_client ? NEAR_CLIENT : NEAR_SERVER))
            return conn;
    return flow_connection(number);
}
