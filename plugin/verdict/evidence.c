/* Gathers it from the records, the findings and the engine's part of the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "evidence.h"

#include "../points/near.h"
#include "../wireshark/capture/twins.h"

static void
add_changes(struct evidence *evidence, const struct tcpstate_record *record)
{
    for (guint i = 0; i < record->step_count; i++) {
        struct tcpstate_change change = tcpstate_record_change(record, i);

        if (change.event == TCPSTATE_SND_FIN_CROSSED)
            evidence->fins_crossed = TRUE;
        if ((change.event == TCPSTATE_SND_FIN || change.event == TCPSTATE_SND_FIN_CROSSED) && evidence->fin_of < 0)
            evidence->fin_of = change.end;
        if (change.event == TCPSTATE_SND_RST && evidence->rst_of < 0)
            evidence->rst_of = change.end;
    }
}

static void
add_records(struct evidence *evidence)
{
    const struct flow *flow = evidence->flow;

    for (guint32 i = evidence->conn->first_record; i < evidence->conn->end_record; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != evidence->number)
            continue;
        if (evidence->first == NULL)
            evidence->first = record;
        evidence->last = record;
        add_changes(evidence, record);
    }
}

static void
add_record(struct evidence_side *side, const struct tcpstate_record *record)
{
    if (side->last == NULL || tcpstate_record_state(side->last, side->end) != tcpstate_record_state(record, side->end))
        side->since = record->time;
    for (guint i = 0; i < record->step_count && side->fin_time == 0; i++) {
        struct tcpstate_change change = tcpstate_record_change(record, i);

        if (change.end == side->end && (change.event == TCPSTATE_SND_FIN || change.event == TCPSTATE_SND_FIN_CROSSED))
            side->fin_time = record->time;
    }
    side->last = record;
    side->retries[record->retry > 0 && !record->continued ? record->retried : TCPSTATE_RETRIED_NOTHING]++;
}

/* Both sides at once, for with one point they are of the same records. */
static void
add_side_records(struct evidence_side *side, struct evidence_side *same)
{
    const struct flow_connection *conn = side->conn;
    guint32 number = tcpstate_number(flow_engine_connection(conn));

    for (guint32 i = conn->first_record; i < conn->end_record; i++) {
        const struct tcpstate_record *record = &conn->flow->records[i];

        if (record->connection != number)
            continue;
        add_record(side, record);
        if (same != NULL)
            add_record(same, record);
    }
}

static void
add_sides(struct evidence *evidence)
{
    struct evidence_side *client = &evidence->side[ROLE_CLIENT], *server = &evidence->side[ROLE_SERVER];

    client->conn = server->conn = evidence->conn;
    client->end = evidence->client;
    if (twins_at(evidence->number, 0) != NULL) {
        client->conn = near_connection(evidence->number, TRUE);
        client->end = client->conn == evidence->conn ? evidence->client : near_client_end(evidence->number, client->conn);
        server->conn = near_connection(evidence->number, FALSE);
        server->end = server->conn == evidence->conn ? evidence->client : near_client_end(evidence->number, server->conn);
        server->end = !server->end;
        add_side_records(client, NULL);
        add_side_records(server, NULL);
        return;
    }
    server->end = evidence->last->to_itself ? client->end : !client->end;
    add_side_records(client, server);
}

static void
add_findings(struct evidence *evidence, const struct flow_connection *conn)
{
    int client = conn == evidence->conn ? evidence->client : near_client_end(evidence->number, conn);
    struct evidence_finding added = {.conn = conn};
    const struct tcpstate_record *record;

    while ((added.finding = flow_next_finding(conn, added.finding, &record)) != NULL) {
        added.is_about_client = added.finding->end == client;
        g_array_append_val(evidence->findings, added);
    }
}

/* A RST also ended the connection if it changed no state, as the RST that answers a SYN to a closed port. */
static void
find_refusal(struct evidence *evidence)
{
    const struct tcpstate_letter *letters = evidence->conn->letters;
    gboolean over = tcpstate_record_state(evidence->last, 0) == TCPSTATE_CLOSED &&
                    tcpstate_record_state(evidence->last, 1) == TCPSTATE_CLOSED;

    if (evidence->rst_of >= 0 || evidence->fin_of >= 0 || !over)
        return;
    for (guint32 i = evidence->conn->letter_count; i > 0 && evidence->rst_of < 0; i--)
        if (letters[i - 1].id == TCPSTATE_LETTER_RST)
            evidence->rst_of = letters[i - 1].from;
}

gboolean
evidence_gather(struct evidence *evidence, guint32 number)
{
    const struct flow_connection *conn = flow_connection(number);

    *evidence = (struct evidence){.number = number, .conn = conn, .flow = conn->flow, .fin_of = -1, .rst_of = -1};
    add_records(evidence);
    if (evidence->first == NULL)
        return FALSE;
    evidence->client = evidence->last->client;
    add_sides(evidence);
    find_refusal(evidence);
    evidence->start = evidence->first->time;
    evidence->end = MAX(tcpstate_last_time(flow_engine_connection(conn)), evidence->last->time);
    evidence->round_trip = tcpstate_round_trip(flow_engine_connection(evidence->side[ROLE_CLIENT].conn));
    evidence->findings = g_array_new(FALSE, FALSE, sizeof(struct evidence_finding));
    for (guint i = 0; conn != NULL; conn = twins_at(number, i++))
        add_findings(evidence, conn);
    return TRUE;
}

void
evidence_clear(struct evidence *evidence)
{
    g_array_free(evidence->findings, TRUE);
}

const struct tcpstate_finding *
evidence_worst(const struct evidence *evidence)
{
    const struct tcpstate_finding *worst = NULL;

    for (guint i = 0; i < evidence->findings->len; i++) {
        const struct tcpstate_finding *finding = g_array_index(evidence->findings, struct evidence_finding, i).finding;

        if (worst == NULL || tcpstate_finding_severity(finding) > tcpstate_finding_severity(worst))
            worst = finding;
    }
    return worst;
}

/* The last of these findings at a point, or at any other one; NULL for none. */
static const struct evidence_finding *
last_about(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role, const struct flow_connection *conn)
{
    for (guint i = evidence->findings->len; i > 0; i--) {
        const struct evidence_finding *found = &g_array_index(evidence->findings, struct evidence_finding, i - 1);

        if (found->finding->id == id && found->is_about_client == (role == ROLE_CLIENT) && (conn == NULL || found->conn == conn))
            return found;
    }
    return NULL;
}

const struct evidence_finding *
evidence_about(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role)
{
    const struct evidence_finding *nearest = last_about(evidence, id, role, evidence->side[role].conn);

    return nearest != NULL ? nearest : last_about(evidence, id, role, NULL);
}

guint
evidence_count_about(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role)
{
    const struct evidence_finding *last = evidence_about(evidence, id, role);
    guint count = 0;

    for (guint i = 0; last != NULL && i < evidence->findings->len; i++) {
        const struct evidence_finding *found = &g_array_index(evidence->findings, struct evidence_finding, i);

        count += found->finding->id == id && found->is_about_client == last->is_about_client && found->conn == last->conn ? 1 : 0;
    }
    return count;
}

gboolean
evidence_in_successor(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role, struct evidence_finding *found)
{
    const struct flow *flow = evidence->flow;
    guint32 frame = tcpstate_replaced_frame(flow_engine_connection(evidence->conn));
    size_t at = frame != 0 ? tcpstate_record_at(flow->records, flow->record_count, frame, G_MAXUINT8) : 0;
    const struct flow_connection *next = at > 0 ? twins_in_flow(flow, flow->records[at - 1].connection) : NULL;
    const struct tcpstate_record *record;

    *found = (struct evidence_finding){.finding = NULL};
    while (next != NULL && (found->finding = flow_next_finding(next, found->finding, &record)) != NULL) {
        found->is_about_client = found->finding->end == evidence->client;
        if (found->finding->id == id && found->is_about_client == (role == ROLE_CLIENT))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_open(enum tcpstate_state state)
{
    return state != TCPSTATE_CLOSED && state != TCPSTATE_TIME_WAIT && state != TCPSTATE_LISTEN;
}

enum tcpstate_state
evidence_state(const struct evidence *evidence, enum role role)
{
    return tcpstate_record_state(evidence->side[role].last, evidence->side[role].end);
}

gboolean
evidence_is_over(const struct evidence *evidence)
{
    return !is_open(evidence_state(evidence, ROLE_CLIENT)) && !is_open(evidence_state(evidence, ROLE_SERVER));
}

gboolean
evidence_was_replaced(const struct evidence *evidence)
{
    return tcpstate_replaced_frame(flow_engine_connection(evidence->conn)) != 0 && !evidence_is_over(evidence);
}

struct tcpstate_end
evidence_engine_end(const struct evidence *evidence, enum role role)
{
    const struct evidence_side *side = &evidence->side[role];

    return tcpstate_end(flow_engine_connection(side->conn), side->end);
}

struct tcpstate_traffic
evidence_traffic(const struct evidence *evidence, enum role role)
{
    const struct evidence_side *side = &evidence->side[role];

    return tcpstate_traffic(flow_engine_connection(side->conn), side->end);
}

guint32
evidence_last_frame(const struct evidence *evidence)
{
    guint32 last = tcpstate_last_frame(flow_engine_connection(evidence->conn));
    const struct flow_connection *twin;

    for (guint i = 0; (twin = twins_at(evidence->number, i)) != NULL; i++)
        last = MAX(last, tcpstate_last_frame(flow_engine_connection(twin)));
    return last;
}

gboolean
evidence_began_before(const struct evidence *evidence)
{
    const struct tcpstate_letter *letters = evidence->conn->letters;

    for (guint32 i = 0; i < evidence->conn->letter_count; i++)
        if (letters[i].id == TCPSTATE_LETTER_SYN || letters[i].id == TCPSTATE_LETTER_SYN_ACK)
            return FALSE;
    return TRUE;
}

gboolean
evidence_goes_on(const struct evidence *evidence)
{
    return !evidence_is_over(evidence) && !evidence_was_replaced(evidence);
}

guint
evidence_retries(const struct evidence *evidence, enum tcpstate_retried retried)
{
    guint near_client = evidence->side[ROLE_CLIENT].retries[retried], near_server = evidence->side[ROLE_SERVER].retries[retried];

    if (retried == TCPSTATE_RETRIED_FIN)
        return MAX(near_client, near_server);
    return retried == TCPSTATE_RETRIED_SYN ? near_client : near_server;
}

const struct flow_end *
evidence_end(const struct evidence *evidence, enum role role)
{
    return flow_end(evidence->flow, role == ROLE_CLIENT ? evidence->client : !evidence->client);
}
