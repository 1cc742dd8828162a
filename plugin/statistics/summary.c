/* The text of each column, from the evidence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include <string.h>

#include <epan/to_str.h>

#include <tcpstate/decimal.h>

#include "../points/near.h"
#include "../verdict/verdict.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/conversation.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/twins.h"
#include "../wireshark/show/view.h"
#include "community_id.h"

const char *
summary_closed_by(const struct evidence *evidence, char *to _U_)
{
    if (evidence->fins_crossed)
        return "both";
    if (evidence->fin_of >= 0)
        return evidence->fin_of == evidence->client ? "client" : "server";
    if (evidence->rst_of >= 0)
        return evidence->rst_of == evidence->client ? "client,RST" : "server,RST";
    return NULL;
}

const char *
summary_state(const struct evidence *evidence, enum role role)
{
    const struct evidence_side *side = &evidence->side[role];

    if (tcpstate_replaced_frame(flow_engine_connection(side->conn)) != 0)
        return tcpstate_state_name(evidence_engine_end(evidence, role).state);
    return tcpstate_state_name(view_state(side->last, side->end));
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
summary_history(const struct evidence *evidence, char *to)
{
    tcpstate_zeek_history(evidence->conn->letters, evidence->conn->letter_count, evidence->client, to, TCPSTATE_HISTORY_SIZE);
    return to;
}

const char *
summary_zeek_state(const struct evidence *evidence, char *to _U_)
{
    return tcpstate_zeek_state(evidence->conn->letters, evidence->conn->letter_count, evidence->client);
}

enum { COUNT_SIZE = 11 }; /* characters of a 32-bit number in decimal, with the terminator */

static gint64
number_of(const struct evidence *evidence)
{
    return evidence->number;
}

/* Address and port; where they are translated between points, also those at the others: "10.0.0.2:40000 (192.0.2.1:61000 at 2)". */
static const char *
end_text(const struct evidence *evidence, gboolean of_client, char *to)
{
    char *first = flow_end_text(NULL, evidence_end(evidence, of_client ? ROLE_CLIENT : ROLE_SERVER));
    GString *text = g_string_new(first);
    const struct flow_connection *conn;

    for (guint i = 0; (conn = twins_at(evidence->number, i)) != NULL; i++) {
        int client = near_client_end(evidence->number, conn);
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
client_of(const struct evidence *evidence, char *to)
{
    return end_text(evidence, TRUE, to);
}

static const char *
server_of(const struct evidence *evidence, char *to)
{
    return end_text(evidence, FALSE, to);
}

static const char *
streams_of(const struct evidence *evidence, char *to)
{
    return copy_and_free(conversation_streams_text(NULL, evidence->conn), to);
}

static gint64
start_of(const struct evidence *evidence)
{
    return evidence->start - clock_begin();
}

static gint64
duration_of(const struct evidence *evidence)
{
    return evidence->end - evidence->start;
}

static const char *
client_state_of(const struct evidence *evidence, char *to _U_)
{
    return summary_state(evidence, ROLE_CLIENT);
}

static const char *
server_state_of(const struct evidence *evidence, char *to _U_)
{
    return summary_state(evidence, ROLE_SERVER);
}

/* Retries of SYN, SYN,ACK and FIN: "5/0/2". */
static const char *
retries_of(const struct evidence *evidence, char *to)
{
    char *at = to;

    for (int retried = TCPSTATE_RETRIED_SYN; retried <= TCPSTATE_RETRIED_FIN; retried++) {
        uint32_to_str_buf(evidence_retries(evidence, (enum tcpstate_retried)retried), at, COUNT_SIZE);
        at += strlen(at);
        *at++ = '/';
    }
    at[-1] = '\0';
    return to;
}

static const char *
round_trip_of(const struct evidence *evidence, char *to)
{
    if (evidence->round_trip <= 0)
        return NULL;
    g_strlcpy(to, tcpstate_decimal(evidence->round_trip, TCPSTATE_MILLISECOND, 3).text, SUMMARY_TEXT_SIZE);
    return to;
}

/* "client", or of several points: "1 client, 2 server". */
static const char *
near_text(const struct evidence *evidence, char *to)
{
    GString *text;

    if (twins_at(evidence->number, 0) == NULL)
        return near_name(near_of(evidence->conn));
    text = g_string_new(NULL);
    for (guint point = 0; point < point_count(); point++) {
        const struct flow_connection *conn = near_shown_at(evidence->number, point);

        if (conn != NULL && near_for(evidence->number, conn) != NEAR_UNKNOWN)
            g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", point + 1, near_name(near_for(evidence->number, conn)));
    }
    g_strlcpy(to, text->str, SUMMARY_TEXT_SIZE);
    g_string_free(text, TRUE);
    return to[0] != '\0' ? to : NULL;
}

static const char *
worst_of(const struct evidence *evidence, char *to)
{
    const struct tcpstate_finding *worst = evidence_worst(evidence);

    return worst != NULL ? copy_and_free(view_finding_name(NULL, worst), to) : NULL;
}

static const char *
verdict_of(const struct evidence *evidence, char *to _U_)
{
    struct verdict verdict = verdict_on(evidence);

    return verdict_name(&verdict);
}

/* A number of the client and one of the server: "7/4". */
static const char *
pair_text(guint64 of_client, guint64 of_server, char *to)
{
    g_snprintf(to, SUMMARY_TEXT_SIZE, "%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, of_client, of_server);
    return to;
}

#define TRAFFIC_COLUMN(member)                                                                                                \
    static const char *member##_of(const struct evidence *evidence, char *to)                                                 \
    {                                                                                                                         \
        return pair_text(evidence_traffic(evidence, ROLE_CLIENT).member, evidence_traffic(evidence, ROLE_SERVER).member, to); \
    }
TRAFFIC_COLUMN(segments)
TRAFFIC_COLUMN(bytes)
TRAFFIC_COLUMN(unique_bytes)
TRAFFIC_COLUMN(missed_bytes)

static const char *
frames_of(const struct evidence *evidence, char *to)
{
    g_snprintf(to, SUMMARY_TEXT_SIZE, "%u-%u", evidence->first->frame, evidence_last_frame(evidence));
    return to;
}

/* Which part of the connection the capture has. */
static const char *
seen_of(const struct evidence *evidence, char *to _U_)
{
    static const char *const words[2][2] = {{"whole", "begin"}, {"end", "middle"}};

    return words[evidence_began_before(evidence)][evidence_goes_on(evidence)];
}

static const char *
isn_text(const struct evidence *evidence, enum role role, char *to)
{
    struct tcpstate_end end = evidence_engine_end(evidence, role);

    if (!end.iss_known)
        return NULL;
    uint32_to_str_buf(end.iss, to, COUNT_SIZE);
    return to;
}

static const char *
client_isn_of(const struct evidence *evidence, char *to)
{
    return isn_text(evidence, ROLE_CLIENT, to);
}

static const char *
server_isn_of(const struct evidence *evidence, char *to)
{
    return isn_text(evidence, ROLE_SERVER, to);
}

const char *
summary_community_id(const struct evidence *evidence, char *to)
{
    return community_id(evidence->flow, to);
}

/* First what a narrow window shows. The round-trip time is text, because it may be unknown. */
const struct summary_column summary_columns[] = {
    {{"No", TRUE}, .number = number_of, .unit = 1},
    {{"Stream", TRUE}, .text = streams_of},
    {{"Client", FALSE}, .text = client_of},
    {{"Server", FALSE}, .text = server_of},
    {{"Client state", FALSE}, .text = client_state_of},
    {{"Server state", FALSE}, .text = server_state_of},
    {{"Verdict", FALSE}, .text = verdict_of},
    {{"Start", TRUE}, .number = start_of, .unit = TCPSTATE_SECOND, .decimals = 6},
    {{"Duration", TRUE}, .number = duration_of, .unit = TCPSTATE_SECOND, .decimals = 6},
    {{"Closed", FALSE}, .text = summary_closed_by},
    {{"Retries", FALSE}, .text = retries_of},
    {{"RTT ms", TRUE}, .text = round_trip_of},
    {{"Segments", FALSE}, .text = segments_of},
    {{"Bytes", FALSE}, .text = bytes_of},
    {{"Unique", FALSE}, .text = unique_bytes_of},
    {{"Missed", FALSE}, .text = missed_bytes_of},
    {{"Frames", FALSE}, .text = frames_of},
    {{"Seen", FALSE}, .text = seen_of},
    {{"Near", FALSE}, .text = near_text},
    {{"Client ISN", TRUE}, .text = client_isn_of},
    {{"Server ISN", TRUE}, .text = server_isn_of},
    {{"Zeek", FALSE}, .text = summary_zeek_state},
    {{"History", FALSE}, .text = summary_history},
    {{"Community ID", FALSE}, .text = summary_community_id},
    {{"Worst finding", FALSE}, .text = worst_of},
};

const char *
summary_text(const struct evidence *evidence, const struct summary_column *column, char *to)
{
    const char *text = column->text(evidence, to);

    return text != NULL ? text : "-";
}
