/* -z tcpstate,connections[,json][,FILTER]: a row for each connection, as it was left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <stdio.h>
#include <string.h>

#include <epan/stat_tap_ui.h>

#include "clock.h"
#include "flow.h"
#include "json.h"
#include "options.h"
#include "picked.h"
#include "table.h"
#include "view.h"

static const char name[] = "tcpstate,connections";

struct listener {
    struct picked picked;
    gboolean json;
};

/* A connection as it was left. */
struct summary {
    guint32 number;
    const struct flow_connection *of;
    const struct flow *flow;
    const struct tcpstate_record *first, *last;
    gint64 start, end;  /* nanoseconds */
    gint64 round_trip;  /* nanoseconds; 0 for unknown */
    int client;         /* index of its end */
    int fin_of, rst_of; /* ends; -1 for none */
    gboolean fins_crossed;
    guint retries[TCPSTATE_RETRIED_FIN + 1]; /* by enum tcpstate_retried */
    GArray *findings;                        /* of struct tcpstate_finding pointers */
    const struct tcpstate_finding *worst;    /* NULL for none */
};

static void
add_changes(struct summary *summary, const struct tcpstate_record *record)
{
    for (guint i = 0; i < record->step_count; i++) {
        struct tcpstate_change change = tcpstate_record_change(record, i);

        if (change.event == TCPSTATE_SND_FIN_CROSSED)
            summary->fins_crossed = TRUE;
        if ((change.event == TCPSTATE_SND_FIN || change.event == TCPSTATE_SND_FIN_CROSSED) && summary->fin_of < 0)
            summary->fin_of = change.end;
        if (change.event == TCPSTATE_SND_RST && summary->rst_of < 0)
            summary->rst_of = change.end;
    }
}

static void
add_records(struct summary *summary)
{
    const struct flow *flow = summary->flow;

    for (guint32 i = summary->of->first_record; i < summary->of->end_record; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != summary->number)
            continue;
        if (summary->first == NULL)
            summary->first = record;
        summary->last = record;
        summary->retries[record->retry > 0 ? record->retried : TCPSTATE_RETRIED_NOTHING]++;
        add_changes(summary, record);
    }
}

static void
add_findings(struct summary *summary)
{
    const struct tcpstate_record *record;

    for (const struct tcpstate_finding *finding = NULL; (finding = flow_next_finding(summary->number, finding, &record)) != NULL;) {
        g_array_append_val(summary->findings, finding);
        if (summary->worst == NULL || tcpstate_finding_severity(finding) > tcpstate_finding_severity(summary->worst))
            summary->worst = finding;
    }
}

/* A RST that changed no state has ended it too: of a SYN that nobody waits for. */
static void
find_refusal(struct summary *summary)
{
    const struct flow *flow = summary->flow;
    gboolean over = tcpstate_record_state(summary->last, 0) == TCPSTATE_CLOSED &&
                    tcpstate_record_state(summary->last, 1) == TCPSTATE_CLOSED;

    if (summary->rst_of >= 0 || summary->fin_of >= 0 || !over)
        return;
    for (guint32 i = summary->of->end_letter; i > 0 && summary->rst_of < 0; i--)
        if (flow->letters[i - 1].connection == summary->number && flow->letters[i - 1].id == TCPSTATE_LETTER_RST)
            summary->rst_of = flow->letters[i - 1].from;
}

static gboolean
summarize(struct summary *summary, guint32 number)
{
    const struct flow_connection *of = flow_connection(number);
    const struct tcpstate_connection *connection = of->connection;

    *summary = (struct summary){.number = number, .of = of, .flow = of->flow, .fin_of = -1, .rst_of = -1};
    add_records(summary);
    if (summary->first == NULL)
        return FALSE;
    find_refusal(summary);
    summary->findings = g_array_new(FALSE, FALSE, sizeof(const struct tcpstate_finding *));
    add_findings(summary);
    summary->client = summary->last->client;
    summary->start = summary->first->time;
    summary->end = connection->watch != NULL ? MAX(connection->watch->last_time, summary->last->time) : summary->last->time;
    summary->round_trip = connection->round_trip;
    return TRUE;
}

static const char *
end_name(const struct summary *summary, int end)
{
    return end == summary->client ? "client" : "server";
}

/* Who closed: the sender of the first FIN, else of the RST. NULL for nobody. */
static char *
closed_by(const struct summary *summary)
{
    if (summary->fins_crossed)
        return g_strdup("both");
    if (summary->fin_of >= 0)
        return g_strdup(end_name(summary, summary->fin_of));
    return summary->rst_of >= 0 ? g_strdup_printf("%s,RST", end_name(summary, summary->rst_of)) : NULL;
}

static const char *
state_of(const struct summary *summary, gboolean of_client)
{
    int end = of_client || summary->last->to_itself ? summary->client : !summary->client;

    return tcpstate_state_name(tcpstate_record_state(summary->last, end));
}

static const struct flow_end *
end_of(const struct summary *summary, gboolean of_client)
{
    return &summary->flow->end[of_client ? summary->client : !summary->client];
}

static char *
endpoint(const struct summary *summary, gboolean of_client)
{
    char *text = flow_end_text(NULL, end_of(summary, of_client)), *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

static char *
history_of(const struct summary *summary)
{
    char history[64];

    tcpstate_zeek_history(summary->flow->letters, summary->of->end_letter, summary->number, summary->client, history, sizeof history);
    return g_strdup(history);
}

static const char *
zeek_state_of(const struct summary *summary)
{
    return tcpstate_zeek_state(summary->flow->letters, summary->of->end_letter, summary->number, summary->client);
}

static const struct column columns[] = {
    {"No", TRUE},
    {"Client", FALSE},
    {"Server", FALSE},
    {"Start", TRUE},
    {"Duration", TRUE},
    {"Client state", FALSE},
    {"Server state", FALSE},
    {"Closed", FALSE},
    {"Retries", FALSE},
    {"RTT ms", TRUE},
    {"Zeek", FALSE},
    {"History", FALSE},
    {"Worst finding", FALSE},
};

static char *
or_none(char *text)
{
    return text != NULL ? text : g_strdup("-");
}

static char *
worst_of(const struct summary *summary)
{
    char *text = summary->worst != NULL ? view_finding_name(NULL, summary->worst) : NULL, *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

static void
add_row(struct table *table, const struct summary *summary)
{
    table_add(table, g_strdup_printf("%u", summary->number));
    table_add(table, endpoint(summary, TRUE));
    table_add(table, endpoint(summary, FALSE));
    table_add(table, g_strdup_printf("%.6f", (double)(summary->start - clock_begin()) / 1e9));
    table_add(table, g_strdup_printf("%.6f", (double)(summary->end - summary->start) / 1e9));
    table_add(table, g_strdup(state_of(summary, TRUE)));
    table_add(table, g_strdup(state_of(summary, FALSE)));
    table_add(table, or_none(closed_by(summary)));
    table_add(table, g_strdup_printf("%u/%u/%u", summary->retries[TCPSTATE_RETRIED_SYN], summary->retries[TCPSTATE_RETRIED_SYN_ACK],
                                     summary->retries[TCPSTATE_RETRIED_FIN]));
    table_add(table, summary->round_trip > 0 ? g_strdup_printf("%.3f", (double)summary->round_trip / 1e6) : g_strdup("-"));
    table_add(table, g_strdup(zeek_state_of(summary)));
    table_add(table, history_of(summary));
    table_add(table, or_none(worst_of(summary)));
}

static void
end_members(json_dumper *dumper, const struct summary *summary, gboolean of_client)
{
    const struct flow_end *end = end_of(summary, of_client);
    char *address = flow_end_address(NULL, end);

    json_string(dumper, of_client ? "client" : "server", address);
    json_number(dumper, of_client ? "client_port" : "server_port", end->port);
    json_string(dumper, of_client ? "client_state" : "server_state", state_of(summary, of_client));
    wmem_free(NULL, address);
}

static void
print_object(const struct summary *summary)
{
    json_dumper dumper;
    char *closed = closed_by(summary), *history = history_of(summary);

    json_begin(&dumper);
    json_number(&dumper, "connection", summary->number);
    end_members(&dumper, summary, TRUE);
    end_members(&dumper, summary, FALSE);
    json_time(&dumper, "start", summary->start - clock_begin());
    json_time(&dumper, "duration", summary->end - summary->start);
    json_string(&dumper, "closed", closed);
    json_number(&dumper, "retry_syn", summary->retries[TCPSTATE_RETRIED_SYN]);
    json_number(&dumper, "retry_synack", summary->retries[TCPSTATE_RETRIED_SYN_ACK]);
    json_number(&dumper, "retry_fin", summary->retries[TCPSTATE_RETRIED_FIN]);
    if (summary->round_trip > 0)
        json_time(&dumper, "rtt", summary->round_trip);
    else
        json_null(&dumper, "rtt");
    json_string(&dumper, "zeek_state", zeek_state_of(summary));
    json_string(&dumper, "zeek_history", history);
    json_begin_array(&dumper, "findings");
    for (guint i = 0; i < summary->findings->len; i++)
        json_dumper_value_string(&dumper,
                                 tcpstate_finding_kinds[g_array_index(summary->findings, const struct tcpstate_finding *, i)->id].name);
    json_dumper_end_array(&dumper);
    json_end(&dumper);
    g_free(closed);
    g_free(history);
}

static void
print(void *data)
{
    struct listener *listener = (struct listener *)data;
    struct table *table = table_new(columns, G_N_ELEMENTS(columns));

    for (guint32 number = 0; number < flow_connection_count(); number++) {
        struct summary summary;

        if (!is_picked(&listener->picked, number) || !summarize(&summary, number))
            continue;
        if (listener->json)
            print_object(&summary);
        else
            add_row(table, &summary);
        g_array_free(summary.findings, TRUE);
    }
    if (!listener->json)
        table_print(table);
}

static void
listen(const char *argument, void *userdata _U_)
{
    const char *at = argument + strlen(name);
    struct listener *listener = g_new0(struct listener, 1);

    option_flag(&at, "json", &listener->json);
    picked_listen(name, &listener->picked, at, print);
}

void
connections_register(void)
{
    static stat_tap_ui ui = {REGISTER_STAT_GROUP_GENERIC, NULL, name, listen, 0, NULL};

    register_stat_tap_ui(&ui, NULL);
}
