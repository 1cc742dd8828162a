/* -z tcpstate,connections[,json][,FILTER]: a row for each connection, with its last states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include "../points/near.h"
#include "../points/reports.h"
#include "../verdict/verdict.h"
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

/* The members of one end, each with its name: "client_port". */
static void
end_members(json_dumper *dumper, const struct evidence *evidence, enum role role)
{
    const char *end = role == ROLE_CLIENT ? "client" : "server";
    struct tcpstate_end engine_end = evidence_engine_end(evidence, role);
    struct tcpstate_traffic traffic = evidence_traffic(evidence, role);
    const struct {
        const char *name;
        gint64 value; /* negative for null */
    } counts[] = {
        {"isn", engine_end.iss_known ? (gint64)engine_end.iss : -1},
        {"next", traffic.segments > 0 ? (gint64)engine_end.snd_nxt : -1},
        {"segments", traffic.segments},
        {"bytes", (gint64)traffic.bytes},
        {"unique_bytes", (gint64)traffic.unique_bytes},
        {"missed_bytes", (gint64)traffic.missed_bytes},
    };
    char member[32], port[32];

    g_snprintf(port, sizeof port, "%s_port", end);
    named_end(dumper, end, port, evidence_end(evidence, role));
    g_snprintf(member, sizeof member, "%s_state", end);
    json_string(dumper, member, summary_state(evidence, role));
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_snprintf(member, sizeof member, "%s_%s", end, counts[i].name);
        json_count(dumper, member, counts[i].value);
    }
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
print_object(const struct evidence *evidence)
{
    struct verdict verdict = verdict_on(evidence);
    json_dumper dumper;
    char text[SUMMARY_TEXT_SIZE];

    json_begin(&dumper);
    json_number(&dumper, "connection", evidence->number);
    json_streams(&dumper, "tcp_streams", evidence->conn);
    json_string(&dumper, "community_id", summary_community_id(evidence, text));
    end_members(&dumper, evidence, ROLE_CLIENT);
    end_members(&dumper, evidence, ROLE_SERVER);
    json_string(&dumper, "verdict", verdict_name(&verdict));
    json_number(&dumper, "verdict_severity", verdict_severity(&verdict));
    json_number(&dumper, "first_frame", evidence->first->frame);
    json_number(&dumper, "last_frame", evidence_last_frame(evidence));
    json_flag(&dumper, "began_before", evidence_began_before(evidence));
    json_flag(&dumper, "goes_on", evidence_goes_on(evidence));
    json_time(&dumper, "start", evidence->start - clock_begin());
    json_time(&dumper, "duration", evidence->end - evidence->start);
    json_string(&dumper, "closed", summary_closed_by(evidence, text));
    json_number(&dumper, "retry_syn", evidence_retries(evidence, TCPSTATE_RETRIED_SYN));
    json_number(&dumper, "retry_synack", evidence_retries(evidence, TCPSTATE_RETRIED_SYN_ACK));
    json_number(&dumper, "retry_fin", evidence_retries(evidence, TCPSTATE_RETRIED_FIN));
    if (evidence->round_trip > 0)
        json_time(&dumper, "rtt", evidence->round_trip);
    else
        json_null(&dumper, "rtt");
    point_members(&dumper, evidence->number);
    json_string(&dumper, "zeek_state", summary_zeek_state(evidence, text));
    json_string(&dumper, "zeek_history", summary_history(evidence, text));
    json_begin_array(&dumper, "findings");
    for (guint i = 0; i < evidence->findings->len; i++)
        json_dumper_value_string(&dumper,
                                 tcpstate_finding_kinds[g_array_index(evidence->findings, struct evidence_finding, i).finding->id].name);
    json_dumper_end_array(&dumper);
    json_end(&dumper);
}

static void
add_row(struct table *table, const struct evidence *evidence)
{
    char text[SUMMARY_TEXT_SIZE];

    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        if (summary_columns[i].number != NULL)
            table_add_number(table, summary_columns[i].number(evidence), summary_columns[i].unit, summary_columns[i].decimals);
        else
            table_add_text(table, summary_text(evidence, &summary_columns[i], text));
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
        struct evidence evidence;

        if (twins_first(number) != number || !connection_filter_matches(&listener->filter, number) || !evidence_gather(&evidence, number))
            continue;
        if (listener->json)
            print_object(&evidence);
        else
            add_row(table, &evidence);
        evidence_clear(&evidence);
    }
    if (!listener->json)
        table_print(table);
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    option_flag(&at, "json", &listener->json);
    (void)connection_filter_listen(name, &listener->filter, at, print);
}

void
connections_register(void)
{
    command_register(name, "json", listen);
}
