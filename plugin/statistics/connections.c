/* -z tcpstate,connections[,json][,FILTER]: a row for each connection, with its last states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include "../points/near.h"
#include "../points/reports.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/twins.h"
#include "command.h"
#include "connection_filter.h"
#include "json.h"
#include "options.h"
#include "summary.h"

static const char name[] = "tcpstate,connections";

struct listener {
    struct connection_filter filter;
    gboolean json;
};

static void
named_end(json_dumper *dumper, const char *address_name, const char *port_name, const struct flow_end *end)
{
    char *text = flow_end_address(NULL, end);

    json_string(dumper, address_name, text);
    json_number(dumper, port_name, end->port);
    wmem_free(NULL, text);
}

static void
end_members(json_dumper *dumper, const struct summary *summary, gboolean of_client)
{
    const struct flow_end *end = summary_end(summary, of_client);

    named_end(dumper, of_client ? "client" : "server", of_client ? "client_port" : "server_port", end);
    json_string(dumper, of_client ? "client_state" : "server_state", summary_state(summary, of_client));
}

/* The points that saw the connection, and the addresses and ports that it had there. */
static void
point_members(json_dumper *dumper, guint32 number)
{
    json_begin_array(dumper, "points");
    for (guint point = 0; point < point_count(); point++) {
        const struct flow_connection *conn = near_shown_at(number, point);
        int client = conn != NULL ? near_client_end(number, conn) : 0;

        if (conn == NULL)
            continue;
        json_dumper_begin_object(dumper);
        json_number(dumper, "point", point + 1);
        json_string(dumper, "near", near_name(near_for(number, conn)));
        named_end(dumper, "client", "client_port", flow_end(conn->flow, client));
        named_end(dumper, "server", "server_port", flow_end(conn->flow, !client));
        json_dumper_end_object(dumper);
    }
    json_dumper_end_array(dumper);
}

static void
print_object(const struct summary *summary)
{
    json_dumper dumper;
    char text[SUMMARY_TEXT_SIZE];

    json_begin(&dumper);
    json_number(&dumper, "connection", summary->number);
    json_streams(&dumper, "tcp_streams", summary->conn);
    end_members(&dumper, summary, TRUE);
    end_members(&dumper, summary, FALSE);
    json_time(&dumper, "start", summary->start - clock_begin());
    json_time(&dumper, "duration", summary->end - summary->start);
    json_string(&dumper, "closed", summary_closed_by(summary, text));
    json_number(&dumper, "retry_syn", summary_retries(summary, TCPSTATE_RETRIED_SYN));
    json_number(&dumper, "retry_synack", summary_retries(summary, TCPSTATE_RETRIED_SYN_ACK));
    json_number(&dumper, "retry_fin", summary_retries(summary, TCPSTATE_RETRIED_FIN));
    if (summary->round_trip > 0)
        json_time(&dumper, "rtt", summary->round_trip);
    else
        json_null(&dumper, "rtt");
    point_members(&dumper, summary->number);
    json_string(&dumper, "zeek_state", summary_zeek_state(summary, text));
    json_string(&dumper, "zeek_history", summary_history(summary, text));
    json_begin_array(&dumper, "findings");
    for (guint i = 0; i < summary->findings->len; i++)
        json_dumper_value_string(&dumper,
                                 tcpstate_finding_kinds[g_array_index(summary->findings, const struct tcpstate_finding *, i)->id].name);
    json_dumper_end_array(&dumper);
    json_end(&dumper);
}

static void
add_row(struct table *table, const struct summary *summary)
{
    char text[SUMMARY_TEXT_SIZE];

    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        if (summary_columns[i].number != NULL)
            table_add_number(table, summary_columns[i].number(summary), summary_columns[i].unit, summary_columns[i].decimals);
        else
            table_add_text(table, summary_text(summary, &summary_columns[i], text));
}

static void
print(void *data)
{
    struct listener *listener = (struct listener *)data;
    struct column columns[SUMMARY_COLUMNS];
    struct table *table;

    reports_update();
    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        columns[i] = summary_columns[i].column;
    table = table_new(columns, SUMMARY_COLUMNS);
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        struct summary summary;

        if (twins_first(number) != number || !connection_filter_matches(&listener->filter, number) || !summarize(&summary, number))
            continue;
        if (listener->json)
            print_object(&summary);
        else
            add_row(table, &summary);
        summary_clear(&summary);
    }
    if (!listener->json)
        table_print(table);
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    option_flag(&at, "json", &listener->json);
    connection_filter_listen(name, &listener->filter, at, print);
}

void
connections_register(void)
{
    command_register(name, listen);
}
