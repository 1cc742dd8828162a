/* Computes the summary from the records of the connection, and the text of each column.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include <string.h>

#include <epan/to_str.h>

#include <tcpstate/decimal.h>

#include "../points/near.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/conversation.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/twins.h"
#include "../wireshark/show/view.h"

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

    for (guint32 i = summary->conn->first_record; i < summary->conn->end_record; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != summary->number)
            continue;
        if (summary->first == NULL)
            summary->first = record;
        summary->last = record;
        add_changes(summary, record);
    }
}

static struct summary_side
side_of(const struct flow_connection *conn)
{
    struct summary_side side = {.conn = conn};
    guint32 number = tcpstate_number(flow_engine_connection(conn));

    for (guint32 i = conn->first_record; i < conn->end_record; i++) {
        const struct tcpstate_record *record = &conn->flow->records[i];

        if (record->connection != number)
            continue;
        side.last = record;
        side.retries[record->retry > 0 && !record->continued ? record->retried : TCPSTATE_RETRIED_NOTHING]++;
    }
    return side;
}

static void
add_sides(struct summary *summary)
{
    if (twins_at(summary->number, 0) == NULL) {
        summary->side[0] = summary->side[1] = side_of(summary->conn);
        return;
    }
    summary->side[0] = side_of(near_connection(summary->number, TRUE));
    summary->side[1] = side_of(near_connection(summary->number, FALSE));
}

static void
add_findings(struct summary *summary, const struct flow_connection *conn)
{
    const struct tcpstate_record *record;

    for (const struct tcpstate_finding *finding = NULL; (finding = flow_next_finding(conn, finding, &record)) != NULL;) {
        g_array_append_val(summary->findings, finding);
        if (summary->worst == NULL || tcpstate_finding_severity(finding) > tcpstate_finding_severity(summary->worst))
            summary->worst = finding;
    }
}

/* A RST also ended the connection if it changed no state, as the RST that answers a SYN to a closed port. */
static void
find_refusal(struct summary *summary)
{
    const struct tcpstate_letter *letters = summary->conn->letters;
    gboolean over = tcpstate_record_state(summary->last, 0) == TCPSTATE_CLOSED &&
                    tcpstate_record_state(summary->last, 1) == TCPSTATE_CLOSED;

    if (summary->rst_of >= 0 || summary->fin_of >= 0 || !over)
        return;
    for (guint32 i = summary->conn->letter_count; i > 0 && summary->rst_of < 0; i--)
        if (letters[i - 1].id == TCPSTATE_LETTER_RST)
            summary->rst_of = letters[i - 1].from;
}

gboolean
summarize(struct summary *summary, guint32 number)
{
    const struct flow_connection *conn = flow_connection(number);

    *summary = (struct summary){.number = number, .conn = conn, .flow = conn->flow, .fin_of = -1, .rst_of = -1};
    add_records(summary);
    if (summary->first == NULL)
        return FALSE;
    add_sides(summary);
    find_refusal(summary);
    summary->client = summary->last->client;
    summary->start = summary->first->time;
    summary->end = MAX(tcpstate_last_time(flow_engine_connection(conn)), summary->last->time);
    summary->round_trip = tcpstate_round_trip(flow_engine_connection(summary->side[0].conn));
    summary->findings = g_array_new(FALSE, FALSE, sizeof(const struct tcpstate_finding *));
    for (guint i = 0; conn != NULL; conn = twins_at(number, i++))
        add_findings(summary, conn);
    return TRUE;
}

void
summary_clear(struct summary *summary)
{
    g_array_free(summary->findings, TRUE);
}

const char *
summary_closed_by(const struct summary *summary, char *to _U_)
{
    if (summary->fins_crossed)
        return "both";
    if (summary->fin_of >= 0)
        return summary->fin_of == summary->client ? "client" : "server";
    if (summary->rst_of >= 0)
        return summary->rst_of == summary->client ? "client,RST" : "server,RST";
    return NULL;
}

/* Those of a SYN count near the client, those of a SYN,ACK near the server, and those of FINs where more were seen. */
guint
summary_retries(const struct summary *summary, enum tcpstate_retried retried)
{
    guint near_client = summary->side[0].retries[retried], near_server = summary->side[1].retries[retried];

    if (retried == TCPSTATE_RETRIED_FIN)
        return MAX(near_client, near_server);
    return retried == TCPSTATE_RETRIED_SYN ? near_client : near_server;
}

const char *
summary_state(const struct summary *summary, gboolean of_client)
{
    const struct summary_side *side = &summary->side[of_client ? 0 : 1];
    const struct tcpstate_connection *connection = flow_engine_connection(side->conn);
    int client = side->conn == summary->conn ? side->last->client : near_client_end(summary->number, side->conn);
    int end = of_client || side->last->to_itself ? client : !client;

    if (tcpstate_replaced_frame(connection) != 0)
        return tcpstate_state_name(tcpstate_end(connection, end).state);
    return tcpstate_state_name(view_state(side->last, end));
}

const struct flow_end *
summary_end(const struct summary *summary, gboolean of_client)
{
    return flow_end(summary->flow, of_client ? summary->client : !summary->client);
}

/* Copies a text to `to`, and frees it. */
static const char *
copy_and_free(char *text, char *to)
{
    g_strlcpy(to, text, SUMMARY_TEXT_SIZE);
    wmem_free(NULL, text);
    return to;
}

const char *
summary_history(const struct summary *summary, char *to)
{
    tcpstate_zeek_history(summary->conn->letters, summary->conn->letter_count, summary->client, to, TCPSTATE_HISTORY_SIZE);
    return to;
}

const char *
summary_zeek_state(const struct summary *summary, char *to _U_)
{
    return tcpstate_zeek_state(summary->conn->letters, summary->conn->letter_count, summary->client);
}

enum { COUNT_SIZE = 11 }; /* characters of a 32-bit number in decimal, with the terminator */

static gint64
number_of(const struct summary *summary)
{
    return summary->number;
}

/* Address and port; where they are translated between points, also those at the others: "10.0.0.2:40000 (192.0.2.1:61000 at 2)". */
static const char *
end_text(const struct summary *summary, gboolean of_client, char *to)
{
    char *first = flow_end_text(NULL, summary_end(summary, of_client));
    GString *text = g_string_new(first);
    const struct flow_connection *conn;

    for (guint i = 0; (conn = twins_at(summary->number, i)) != NULL; i++) {
        int client = near_client_end(summary->number, conn);
        char *other = flow_end_text(NULL, flow_end(conn->flow, of_client ? client : !client));

        if (strcmp(other, first) != 0)
            g_string_append_printf(text, " (%s at %u)", other, near_point(conn) + 1);
        wmem_free(NULL, other);
    }
    wmem_free(NULL, first);
    g_strlcpy(to, text->str, SUMMARY_TEXT_SIZE);
    g_string_free(text, TRUE);
    return to;
}

static const char *
client_of(const struct summary *summary, char *to)
{
    return end_text(summary, TRUE, to);
}

static const char *
server_of(const struct summary *summary, char *to)
{
    return end_text(summary, FALSE, to);
}

static const char *
streams_of(const struct summary *summary, char *to)
{
    return copy_and_free(conversation_streams_text(NULL, summary->conn), to);
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

static const char *
client_state_of(const struct summary *summary, char *to _U_)
{
    return summary_state(summary, TRUE);
}

static const char *
server_state_of(const struct summary *summary, char *to _U_)
{
    return summary_state(summary, FALSE);
}

/* Retries of SYN, SYN,ACK and FIN: "5/0/2". */
static const char *
retries_of(const struct summary *summary, char *to)
{
    char *at = to;

    for (int retried = TCPSTATE_RETRIED_SYN; retried <= TCPSTATE_RETRIED_FIN; retried++) {
        uint32_to_str_buf(summary_retries(summary, (enum tcpstate_retried)retried), at, COUNT_SIZE);
        at += strlen(at);
        *at++ = '/';
    }
    at[-1] = '\0';
    return to;
}

static const char *
round_trip_of(const struct summary *summary, char *to)
{
    if (summary->round_trip <= 0)
        return NULL;
    g_strlcpy(to, tcpstate_decimal(summary->round_trip, TCPSTATE_MILLISECOND, 3).text, SUMMARY_TEXT_SIZE);
    return to;
}

/* "client", or of several points: "1 client, 2 server". */
static const char *
near_text(const struct summary *summary, char *to)
{
    GString *text;

    if (twins_at(summary->number, 0) == NULL)
        return near_name(near_of(summary->conn));
    text = g_string_new(NULL);
    for (guint point = 0; point < point_count(); point++) {
        const struct flow_connection *conn = near_shown_at(summary->number, point);

        if (conn != NULL && near_for(summary->number, conn) != NEAR_UNKNOWN)
            g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", point + 1, near_name(near_for(summary->number, conn)));
    }
    g_strlcpy(to, text->str, SUMMARY_TEXT_SIZE);
    g_string_free(text, TRUE);
    return to[0] != '\0' ? to : NULL;
}

static const char *
worst_of(const struct summary *summary, char *to)
{
    return summary->worst != NULL ? copy_and_free(view_finding_name(NULL, summary->worst), to) : NULL;
}

/* The round-trip time is text, because it may be unknown. */
const struct summary_column summary_columns[] = {
    {{"No", TRUE}, .number = number_of, .unit = 1},
    {{"Stream", TRUE}, .text = streams_of},
    {{"Client", FALSE}, .text = client_of},
    {{"Server", FALSE}, .text = server_of},
    {{"Start", TRUE}, .number = start_of, .unit = TCPSTATE_SECOND, .decimals = 6},
    {{"Duration", TRUE}, .number = duration_of, .unit = TCPSTATE_SECOND, .decimals = 6},
    {{"Client state", FALSE}, .text = client_state_of},
    {{"Server state", FALSE}, .text = server_state_of},
    {{"Closed", FALSE}, .text = summary_closed_by},
    {{"Retries", FALSE}, .text = retries_of},
    {{"RTT ms", TRUE}, .text = round_trip_of},
    {{"Near", FALSE}, .text = near_text},
    {{"Zeek", FALSE}, .text = summary_zeek_state},
    {{"History", FALSE}, .text = summary_history},
    {{"Worst finding", FALSE}, .text = worst_of},
};

const char *
summary_text(const struct summary *summary, const struct summary_column *column, char *to)
{
    const char *text = column->text(summary, to);

    return text != NULL ? text : "-";
}
