/* -z tcpstate,netstat[,at=SECONDS|,frame=NUMBER][,names=rfc|netstat|ss][,connection=NUMBER][,json][,FILTER]: the sockets that `netstat
 * -ant` would list on each host, at the end of the capture or earlier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "../wireshark/capture/clock.h"
#include "command.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "queues.h"
#include "snapshot.h"
#include "sockets.h"
#include "table.h"

static const char name[] = "tcpstate,netstat";

/* Names of the states in Linux netstat, and in ss. */
static const char *const other_names[TCPSTATE_STATE_COUNT][2] = {
    [TCPSTATE_CLOSED] = {"CLOSE", "UNCONN"},
    [TCPSTATE_LISTEN] = {"LISTEN", "LISTEN"},
    [TCPSTATE_SYN_SENT] = {"SYN_SENT", "SYN-SENT"},
    [TCPSTATE_SYN_RCVD] = {"SYN_RECV", "SYN-RECV"},
    [TCPSTATE_ESTABLISHED] = {"ESTABLISHED", "ESTAB"},
    [TCPSTATE_FIN_WAIT_1] = {"FIN_WAIT1", "FIN-WAIT-1"},
    [TCPSTATE_FIN_WAIT_2] = {"FIN_WAIT2", "FIN-WAIT-2"},
    [TCPSTATE_CLOSE_WAIT] = {"CLOSE_WAIT", "CLOSE-WAIT"},
    [TCPSTATE_CLOSING] = {"CLOSING", "CLOSING"},
    [TCPSTATE_LAST_ACK] = {"LAST_ACK", "LAST-ACK"},
    [TCPSTATE_TIME_WAIT] = {"TIME_WAIT", "TIME-WAIT"},
};

enum names { NAMES_RFC, NAMES_NETSTAT, NAMES_SS };

static const enum_val_t names_values[] = {{"rfc", "rfc (FIN_WAIT_1, SYN_RCVD)", NAMES_RFC},
                                          {"netstat", "netstat (FIN_WAIT1, SYN_RECV)", NAMES_NETSTAT},
                                          {"ss", "ss (FIN-WAIT-1, SYN-RECV)", NAMES_SS},
                                          {NULL, NULL, 0}};

static gint pref_names = NAMES_RFC;

struct listener {
    struct connection_filter filter;
    struct snapshot snapshot;
    struct queues queues;
    gint names;        /* enum names; -1 to use the preference */
    gint64 connection; /* whose hosts come first; -1 for none */
    gboolean json;
};

static const char *
state_name(const struct listener *listener, enum tcpstate_state state)
{
    int names = listener->names >= 0 ? listener->names : pref_names;

    return names == NAMES_RFC ? tcpstate_state_name(state) : other_names[state][names - NAMES_NETSTAT];
}

static const char *
pending_name(const struct listener *listener, const struct socket *socket)
{
    return socket->pending != socket->state ? state_name(listener, socket->pending) : NULL;
}

static const struct column columns[] = {
    {"Proto", FALSE}, {"Recv-Q", TRUE},   {"Send-Q", TRUE}, {"Local Address", FALSE}, {"Foreign Address", FALSE},
    {"State", FALSE}, {"Pending", FALSE}, {"Since", TRUE},  {"Basis", FALSE},
};

static const char *
protocol(const struct socket *socket)
{
    return socket->local->type == AT_IPv6 ? "tcp6" : "tcp";
}

static void
add_end(struct table *table, const struct flow_end *end)
{
    char *text = flow_end_text(NULL, end);

    table_add_text(table, text);
    wmem_free(NULL, text);
}

static void
add_row(const struct listener *listener, struct table *table, const struct socket *socket)
{
    gint64 send_q = queues_send_q(&listener->queues, socket->connection, socket->end, socket->state);
    const char *pending = pending_name(listener, socket);

    table_add_text(table, protocol(socket));
    table_add_text(table, "-");
    if (send_q >= 0)
        table_add_number(table, send_q, 1, 0);
    else
        table_add_text(table, "-");
    add_end(table, socket->local);
    if (socket->foreign != NULL)
        add_end(table, socket->foreign);
    else
        table_add_text(table, socket->local->type == AT_IPv6 ? "[::]:*" : "0.0.0.0:*");
    table_add_text(table, state_name(listener, socket->state));
    table_add_text(table, pending != NULL ? pending : "-");
    if (socket->since > 0)
        table_add_number(table, socket->since - clock_begin(), TCPSTATE_SECOND, 6);
    else
        table_add_text(table, "-");
    table_add_text(table, tcpstate_basis_name(socket->basis));
}

static void
print_object(const struct listener *listener, const struct socket *socket)
{
    char *local = flow_end_address(NULL, socket->local), *foreign = socket->foreign ? flow_end_address(NULL, socket->foreign) : NULL;
    json_dumper dumper;

    json_begin(&dumper);
    json_time(&dumper, "at", snapshot_time(&listener->snapshot) - clock_begin());
    json_number(&dumper, "frame", listener->snapshot.last);
    json_number(&dumper, "connection", socket->connection);
    json_streams(&dumper, "tcp_streams", flow_connection(socket->connection));
    json_string(&dumper, "proto", protocol(socket));
    json_count(&dumper, "send_q", queues_send_q(&listener->queues, socket->connection, socket->end, socket->state));
    json_string(&dumper, "local", local);
    json_number(&dumper, "local_port", socket->local->port);
    json_string(&dumper, "foreign", foreign);
    json_count(&dumper, "foreign_port", socket->foreign != NULL ? socket->foreign->port : -1);
    json_string(&dumper, "state", state_name(listener, socket->state));
    json_string(&dumper, "pending", pending_name(listener, socket));
    if (socket->since > 0)
        json_time(&dumper, "since", socket->since - clock_begin());
    else
        json_null(&dumper, "since");
    json_string(&dumper, "basis", tcpstate_basis_name(socket->basis));
    json_end(&dumper);
    wmem_free(NULL, local);
    wmem_free(NULL, foreign);
}

static void
add_host(struct table *table, const struct flow_end *end)
{
    char *host = flow_end_host(NULL, end);

    table_section(table, g_strdup_printf("Host %s", host));
    wmem_free(NULL, host);
}

static void
print_table(const struct listener *listener, const GArray *sockets)
{
    struct table *table = table_new(columns, G_N_ELEMENTS(columns));
    char *host = NULL;

    output_print("At %s s, after frame %u\n", tcpstate_decimal(snapshot_time(&listener->snapshot) - clock_begin(), TCPSTATE_SECOND, 6).text,
                 listener->snapshot.last);
    for (guint i = 0; i < sockets->len; i++) {
        const struct socket *socket = &g_array_index(sockets, struct socket, i);
        char *local = flow_end_address(NULL, socket->local);

        if (g_strcmp0(local, host) != 0)
            add_host(table, socket->local);
        wmem_free(NULL, host);
        host = local;
        add_row(listener, table, socket);
    }
    wmem_free(NULL, host);
    table_print(table);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    GArray *sockets;

    if (!snapshot_exists(&listener->snapshot)) {
        report_missing(name, "frame", listener->snapshot.frame);
        return;
    }
    if (listener->connection >= (gint64)flow_connection_count()) {
        report_missing(name, "connection", listener->connection);
        return;
    }
    sockets = sockets_at(&listener->filter, listener->snapshot.last, snapshot_time(&listener->snapshot),
                         listener->connection >= 0 ? flow_connection((guint32)listener->connection)->flow : NULL);
    if (listener->json)
        for (guint i = 0; i < sockets->len; i++)
            print_object(listener, &g_array_index(sockets, struct socket, i));
    else
        print_table(listener, sockets);
    g_array_free(sockets, TRUE);
}

static gboolean
names_option(struct listener *listener, const char **at)
{
    const char *value = option_value(at, "names");

    if (value == NULL)
        return FALSE;
    for (const enum_val_t *names = names_values; names->name != NULL; names++)
        if (strcmp(value, names->name) == 0) {
            listener->names = names->value;
            return TRUE;
        }
    option_error(name, "names=%s: not rfc, netstat or ss", value);
    return FALSE;
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    snapshot_init(&listener->snapshot);
    listener->names = -1;
    listener->connection = -1;
    while (snapshot_option(name, &listener->snapshot, &at) || names_option(listener, &at) ||
           option_number(name, &at, "connection", &listener->connection) || option_flag(&at, "json", &listener->json)) {
    }
    if (!connection_filter_listen(name, &listener->filter, at, print))
        return;
    snapshot_listen(name, &listener->snapshot);
    queues_listen(name, &listener->queues, &listener->snapshot);
}

void
netstat_register(void)
{
    command_register(name, "at=SECONDS, frame=NUMBER, names=rfc|netstat|ss, connection=NUMBER, json", listen);
}

void
netstat_register_preferences(module_t *module)
{
    prefs_register_enum_preference(module, "netstat_names", "Names of states in netstat",
                                   "The names that -z tcpstate,netstat uses; those of fields are always RFC 9293's.", &pref_names,
                                   names_values, FALSE);
}
