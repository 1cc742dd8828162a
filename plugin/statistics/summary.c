/* From a connection's records to its row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include "clock.h"
#include "view.h"

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

gboolean
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

void
summary_clear(struct summary *summary)
{
    g_array_free(summary->findings, TRUE);
}

static const char *
end_name(const struct summary *summary, int end)
{
    return end == summary->client ? "client" : "server";
}

char *
summary_closed_by(const struct summary *summary)
{
    if (summary->fins_crossed)
        return g_strdup("both");
    if (summary->fin_of >= 0)
        return g_strdup(end_name(summary, summary->fin_of));
    return summary->rst_of >= 0 ? g_strdup_printf("%s,RST", end_name(summary, summary->rst_of)) : NULL;
}

const char *
summary_state(const struct summary *summary, gboolean of_client)
{
    int end = of_client || summary->last->to_itself ? summary->client : !summary->client;

    return tcpstate_state_name(tcpstate_record_state(summary->last, end));
}

const struct flow_end *
summary_end(const struct summary *summary, gboolean of_client)
{
    return &summary->flow->end[of_client ? summary->client : !summary->client];
}

static char *
endpoint(const struct summary *summary, gboolean of_client)
{
    char *text = flow_end_text(NULL, summary_end(summary, of_client)), *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

char *
summary_history(const struct summary *summary)
{
    char history[64];

    tcpstate_zeek_history(summary->flow->letters, summary->of->end_letter, summary->number, summary->client, history, sizeof history);
    return g_strdup(history);
}

const char *
summary_zeek_state(const struct summary *summary)
{
    return tcpstate_zeek_state(summary->flow->letters, summary->of->end_letter, summary->number, summary->client);
}

static gint64
number_of(const struct summary *summary)
{
    return summary->number;
}

static char *
client_of(const struct summary *summary)
{
    return endpoint(summary, TRUE);
}

static char *
server_of(const struct summary *summary)
{
    return endpoint(summary, FALSE);
}

static gint64
start_of(const struct summary *summary)
{
    return summary->start - clock_begin();
}

static gint64
duration_of(const struct summary *summary)
{
    return summary->end - summary->start;
}

static char *
client_state_of(const struct summary *summary)
{
    return g_strdup(summary_state(summary, TRUE));
}

static char *
server_state_of(const struct summary *summary)
{
    return g_strdup(summary_state(summary, FALSE));
}

static char *
retries_of(const struct summary *summary)
{
    return g_strdup_printf("%u/%u/%u", summary->retries[TCPSTATE_RETRIED_SYN], summary->retries[TCPSTATE_RETRIED_SYN_ACK],
                           summary->retries[TCPSTATE_RETRIED_FIN]);
}

static char *
round_trip_of(const struct summary *summary)
{
    return summary->round_trip > 0 ? g_strdup_printf("%.3f", (double)summary->round_trip / 1e6) : NULL;
}

static char *
zeek_state_of(const struct summary *summary)
{
    return g_strdup(summary_zeek_state(summary));
}

static char *
worst_of(const struct summary *summary)
{
    char *text = summary->worst != NULL ? view_finding_name(NULL, summary->worst) : NULL, *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

#define SECOND 1000000000

/* The round trip may be unknown, so it is text. */
const struct summary_column summary_columns[] = {
    {{"No", TRUE}, .number = number_of, .unit = 1},
    {{"Client", FALSE}, .text = client_of},
    {{"Server", FALSE}, .text = server_of},
    {{"Start", TRUE}, .number = start_of, .unit = SECOND, .decimals = 6},
    {{"Duration", TRUE}, .number = duration_of, .unit = SECOND, .decimals = 6},
    {{"Client state", FALSE}, .text = client_state_of},
    {{"Server state", FALSE}, .text = server_state_of},
    {{"Closed", FALSE}, .text = summary_closed_by},
    {{"Retries", FALSE}, .text = retries_of},
    {{"RTT ms", TRUE}, .text = round_trip_of},
    {{"Zeek", FALSE}, .text = zeek_state_of},
    {{"History", FALSE}, .text = summary_history},
    {{"Worst finding", FALSE}, .text = worst_of},
};

char *
summary_text(const struct summary *summary, const struct summary_column *column)
{
    char *text = column->text(summary);

    return text != NULL ? text : g_strdup("-");
}
