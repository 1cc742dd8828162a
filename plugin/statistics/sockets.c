/* Finds, for each end of each flow, the connection that has the socket at a given time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sockets.h"

#include <string.h>

#include "../points/between.h"
#include "../points/near.h"
#include "../wireshark/capture/engine.h"
#include "../wireshark/capture/twins.h"
#include "../wireshark/show/view.h"

/* What connections show of a server's port: the latest answer to a SYN, and whether a later SYN has no answer. */
struct port {
    struct socket socket;
    guint32 answer_frame;     /* frame of the latest answer; 0 for none */
    guint32 unanswered_frame; /* frame of the latest SYN without an answer; 0 for none */
    gboolean listens;         /* the latest answer was a SYN,ACK, and not a RST */
    gboolean matches_filter;
};

struct inventory {
    const struct connection_filter *filter;
    guint32 frame;
    gint64 time;
    GArray *sockets;
    GHashTable *ports; /* struct flow_end -> struct port, owned */
};

static guint
hash_end(gconstpointer key)
{
    const struct flow_end *end = (const struct flow_end *)key;
    guint hash = end->port;

    for (guint i = 0; i < end->length; i++)
        hash = hash * 31 + end->bytes[i];
    return hash;
}

static gboolean
ends_equal(gconstpointer a, gconstpointer b)
{
    size_t size = flow_end_size(((const struct flow_end *)a)->length);

    return memcmp(a, b, size) == 0; /* the length is in the first bytes, so different sizes differ there */
}

static struct port *
port_of(struct inventory *inventory, const struct flow_end *local)
{
    struct port *port = (struct port *)g_hash_table_lookup(inventory->ports, local);

    if (port == NULL) {
        port = g_new0(struct port, 1);
        port->socket = (struct socket){.local = local, .state = TCPSTATE_LISTEN, .pending = TCPSTATE_LISTEN};
        g_hash_table_insert(inventory->ports, (gpointer)local, port);
    }
    return port;
}

static void
update_port(struct inventory *inventory, struct port *port, const struct tcpstate_record *record, int end)
{
    port->socket.connection = record->connection;
    port->socket.end = end;
    port->matches_filter |= connection_filter_matches(inventory->filter, record->connection);
}

/* With several capture points, the one nearest to an end tells its socket. */
static gboolean
tells_socket(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    return twins_at(record->connection, 0) == NULL || near_connection(record->connection, end == record->client)->flow == flow;
}

/* The number of an end in what flow_connection() gives: addresses may be translated between points. */
static int
end_of_first(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    const struct flow_connection *first = flow_connection(record->connection);
    int client = tcpstate_client(flow_engine_connection(first));

    if (first->flow == flow)
        return end;
    return end == record->client ? client : !client;
}

/* A SYN,ACK shows that a process listens on the port, except in a simultaneous open. A RST in answer to a SYN shows that none does. */
static void
update_ports(struct inventory *inventory, const struct flow *flow, const struct tcpstate_record *record)
{
    for (guint i = 0; i < record->step_count; i++) {
        struct tcpstate_change change = tcpstate_record_change(record, i);
        gboolean accepts = change.event == TCPSTATE_SND_SYN_ACK && change.from != TCPSTATE_SYN_SENT;
        gboolean refuses = change.event == TCPSTATE_SND_RST && change.from == TCPSTATE_LISTEN;
        struct port *port;

        if ((!accepts && !refuses) || !tells_socket(flow, record, change.end))
            continue;
        port = port_of(inventory, flow_end(flow, change.end));
        if (record->frame >= port->answer_frame) {
            port->answer_frame = record->frame;
            port->listens = accepts;
        }
        update_port(inventory, port, record, change.end);
    }
}

/* A retransmitted FIN starts the 2MSL timer again (RFC 9293 section 3.10.7.4). */
static gboolean
is_time_wait_over(const struct inventory *inventory, const struct flow *flow, guint32 index, const struct tcpstate_record *entered)
{
    gint64 begin = entered != NULL ? entered->time : flow->records[index].time;
    gint64 two_msl = engine_two_msl();

    for (const struct tcpstate_record *again = &flow->records[index]; again > entered && entered != NULL; again--)
        if (again->connection == entered->connection && again->retry > 0 && again->retried == TCPSTATE_RETRIED_FIN)
            begin = MAX(begin, again->time);
    return two_msl > 0 && inventory->time - begin > two_msl;
}

/* TRUE if the connection of the record at `index`, which is its last one, decides which socket the end has: no socket, or the one that this
 * adds. */
static gboolean
decide_socket(struct inventory *inventory, const struct flow *flow, guint32 index, int end)
{
    const struct tcpstate_record *record = &flow->records[index], *entered;
    struct view view;

    view_record(flow, index, &view);
    entered = view_entered(flow, record, end);
    if (view.end[end].state == TCPSTATE_LISTEN) {
        struct port *port = port_of(inventory, flow_end(flow, end));

        port->unanswered_frame = MAX(port->unanswered_frame, record->frame);
        update_port(inventory, port, record, end);
        return FALSE;
    }
    if (view.end[end].state == TCPSTATE_CLOSED ||
        (view.end[end].state == TCPSTATE_TIME_WAIT && is_time_wait_over(inventory, flow, index, entered)))
        return TRUE;
    if (connection_filter_matches(inventory->filter, record->connection)) {
        struct socket socket = {.local = flow_end(flow, end),
                                .foreign = flow_end(flow, !end),
                                .connection = record->connection,
                                .end = end_of_first(flow, record, end),
                                .state = view.end[end].state,
                                .pending = view.end[end].pending,
                                .basis = view.end[end].basis,
                                .since = entered != NULL ? entered->time : 0};

        g_array_append_val(inventory->sockets, socket);
    }
    return TRUE;
}

/* Walks back from the latest record. The socket of an end is that of the latest connection in which the end is in another state than
 * LISTEN. */
static void
add_flow(struct inventory *inventory, const struct flow *flow)
{
    guint32 index = (guint32)tcpstate_record_at(flow->records, flow->record_count, inventory->frame, G_MAXUINT8);
    gboolean decided[2] = {FALSE, FALSE};
    guint32 last_connection = G_MAXUINT32;

    while (index-- > 0) {
        const struct tcpstate_record *record = &flow->records[index];

        update_ports(inventory, flow, record);
        if (record->connection == last_connection)
            continue;
        last_connection = record->connection;
        for (int end = 0; end < (record->to_itself ? 1 : 2); end++)
            if (!decided[end] && tells_socket(flow, record, end))
                decided[end] = decide_socket(inventory, flow, index, end);
    }
}

static void
add_ports(struct inventory *inventory)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, inventory->ports);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct port *port = (struct port *)value;

        if (!port->matches_filter || (!port->listens && port->unanswered_frame <= port->answer_frame))
            continue;
        port->socket.basis = port->listens ? TCPSTATE_OBSERVED : TCPSTATE_ASSUMED;
        g_array_append_val(inventory->sockets, port->socket);
    }
}

static int
compare_ends(const struct flow_end *a, const struct flow_end *b)
{
    int by_address = a->length != b->length ? a->length - b->length : memcmp(a->bytes, b->bytes, a->length);

    return by_address != 0 ? by_address : a->port - b->port;
}

static int
compare_hosts(const struct flow_end *a, const struct flow_end *b)
{
    return a->length != b->length ? a->length - b->length : memcmp(a->bytes, b->bytes, a->length);
}

/* 0 if it is one of both hosts of the flow, else 1. */
static int
rank_of(const struct flow *flow, const struct flow_end *end)
{
    return flow == NULL || (compare_hosts(end, flow_end(flow, 0)) != 0 && compare_hosts(end, flow_end(flow, 1)) != 0);
}

static int
compare(gconstpointer one, gconstpointer other, gpointer first)
{
    const struct socket *a = (const struct socket *)one, *b = (const struct socket *)other;
    int by_host = rank_of((const struct flow *)first, a->local) - rank_of((const struct flow *)first, b->local), by_local;

    if (by_host == 0)
        by_host = compare_hosts(a->local, b->local);

    if (by_host != 0)
        return by_host;
    if ((a->foreign == NULL) != (b->foreign == NULL))
        return a->foreign == NULL ? -1 : 1;
    by_local = compare_ends(a->local, b->local);
    return by_local != 0 || a->foreign == NULL ? by_local : compare_ends(a->foreign, b->foreign);
}

GArray *
sockets_at(const struct connection_filter *filter, guint32 frame, gint64 time, const struct flow *first)
{
    struct inventory inventory = {.filter = filter, .frame = frame, .time = time};

    inventory.sockets = g_array_new(FALSE, FALSE, sizeof(struct socket));
    inventory.ports = g_hash_table_new_full(hash_end, ends_equal, NULL, g_free);
    (void)between_update();
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct flow_connection *conn = flow_connection(number);

        for (guint i = 0; conn != NULL; conn = twins_at(number, i++))
            if (tcpstate_before(flow_engine_connection(conn)) == NULL) /* the first of its flow */
                add_flow(&inventory, conn->flow);
    }
    add_ports(&inventory);
    g_hash_table_destroy(inventory.ports);
    g_array_sort_with_data(inventory.sockets, compare, (gpointer)first);
    return inventory.sockets;
}
