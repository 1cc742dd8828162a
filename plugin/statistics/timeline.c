/* -z tcpstate,timeline[,connection=NUMBER][,seq=absolute][,all][,json][,FILTER]: a connection as a ladder, with the states of both ends at
 * its sides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "clock.h"
#include "command.h"
#include "json.h"
#include "ladders.h"
#include "options.h"
#include "output.h"
#include "picked.h"
#include "table.h"
#include "view.h"

static const char name[] = "tcpstate,timeline";

struct listener {
    struct picked picked;
    struct ladders ladders;
    gboolean absolute, json;
};

static const struct tcpstate_peer *
peer_of(const struct tcpstate_connection *connection, int end)
{
    return &connection->peer[connection->to_itself ? 0 : end];
}

/* Relative to the ISN of the end, where that is known; negative where it is rather from before that ISN than after all that was sent. */
static gint64
number_of(const struct listener *listener, const struct tcpstate_peer *peer, guint32 number)
{
    guint32 relative = number - peer->iss, sent = peer->snd_nxt - peer->iss;

    if (listener->absolute || !peer->iss_known)
        return number;
    return relative > sent && relative - sent > G_MAXUINT32 - relative ? (gint64)relative - (gint64)G_MAXUINT32 - 1 : relative;
}

static const struct {
    guint8 flag;
    const char *word;
} flag_words[] = {{TCPSTATE_SYN, "SYN"}, {TCPSTATE_FIN, "FIN"}, {TCPSTATE_RST, "RST"}, {TCPSTATE_ACK, "ACK"}};

static void
append_flags(GString *text, guint8 flags)
{
    gsize begin = text->len;

    for (guint i = 0; i < G_N_ELEMENTS(flag_words); i++)
        if ((flags & flag_words[i].flag) != 0)
            g_string_append_printf(text, "%s%s", text->len > begin ? "," : "", flag_words[i].word);
    if (text->len == begin)
        g_string_append(text, "none");
}

/* "SYN", "FIN,ACK"; of an ICMP error its name, for the flags that it quotes may be cut off. */
static void
append_kind(GString *text, const struct rung *rung)
{
    if (rung->is_quoted)
        g_string_append(text, "ICMP error");
    else
        append_flags(text, rung->segment.flags);
}

/* "SYN seq=0 -->", "<-- FIN,ACK seq=51 ack=102"; "<-- ICMP error seq=0" goes to the end whose segment it quotes. */
static char *
segment_text(const struct listener *listener, const struct tcpstate_connection *connection, const struct view *view,
             const struct rung *rung)
{
    const struct tcpstate_segment *seg = &rung->segment;
    gboolean to_server = (seg->from == view->client) != rung->is_quoted;
    GString *text = g_string_new(to_server ? "" : "<-- ");

    append_kind(text, rung);
    g_string_append_printf(text, " seq=%" G_GINT64_FORMAT, number_of(listener, peer_of(connection, seg->from), seg->seq));
    if ((seg->flags & TCPSTATE_ACK) != 0)
        g_string_append_printf(text, " ack=%" G_GINT64_FORMAT, number_of(listener, peer_of(connection, !seg->from), seg->ack));
    if (seg->payload > 0)
        g_string_append_printf(text, " len=%u", seg->payload);
    g_string_append(text, to_server ? " -->" : "");
    return g_string_free(text, FALSE);
}

static void
add_state(struct table *table, const struct view_end *end)
{
    char *text = view_state_name(NULL, end);

    table_add_text(table, text);
    wmem_free(NULL, text);
}

/* A tenth of a second is said in milliseconds. */
#define SHORT_GAP 100000000

static char *
note_text(const struct flow *flow, const struct view *view, const struct tcpstate_segment *seg, gint64 gap)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(flow, seg, &findings);
    GString *text = g_string_new(NULL);

    if (view->retry > 0)
        g_string_append_printf(text, "retry %u after %s s", view->retry,
                               tcpstate_decimal(gap, TCPSTATE_SECOND, gap < SHORT_GAP ? 3 : 1).text);
    for (guint i = 0; i < count; i++) {
        char *finding = view_finding_name(NULL, &findings[i]);

        if (!view_retry_tells(view, &findings[i]))
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", finding);
        wmem_free(NULL, finding);
    }
    return g_string_free(text, FALSE);
}

static const struct column columns[] = {
    {"Time", TRUE}, {"Frame", TRUE}, {"Client", FALSE}, {"Segment", FALSE}, {"Server", FALSE}, {"Note", FALSE},
};

static void
add_gap(struct table *table, guint32 segments, guint64 bytes)
{
    for (guint column = 0; segments > 0 && column < G_N_ELEMENTS(columns); column++)
        table_add(table, strcmp(columns[column].title, "Segment") == 0
                             ? g_strdup_printf("... %u segment%s, %" G_GUINT64_FORMAT " byte%s ...", segments, segments == 1 ? "" : "s",
                                               bytes, bytes == 1 ? "" : "s")
                             : g_strdup(""));
}

static void
add_row(const struct listener *listener, struct table *table, const struct flow_connection *of, const struct rung *rung, gint64 gap)
{
    const struct tcpstate_segment *seg = &rung->segment;
    struct view view;

    if (!view_at(of->flow, seg, &view))
        return;
    table_add_number(table, seg->time - clock_begin(), TCPSTATE_SECOND, 3);
    table_add_number(table, seg->frame, 1, 0);
    add_state(table, &view.end[view.client]);
    table_add(table, segment_text(listener, &of->connection, &view, rung));
    add_state(table, &view.end[!view.client]);
    table_add(table, note_text(of->flow, &view, seg, gap));
}

static void
add_state_members(json_dumper *dumper, const struct view *view)
{
    const struct view_end *client = &view->end[view->client], *server = &view->end[!view->client];

    json_string(dumper, "client_state", tcpstate_state_name(client->state));
    json_string(dumper, "client_pending", client->pending != client->state ? tcpstate_state_name(client->pending) : NULL);
    json_string(dumper, "server_state", tcpstate_state_name(server->state));
    json_string(dumper, "server_pending", server->pending != server->state ? tcpstate_state_name(server->pending) : NULL);
}

static void
add_segment_members(const struct listener *listener, json_dumper *dumper, const struct tcpstate_connection *connection,
                    const struct rung *rung)
{
    const struct tcpstate_segment *seg = &rung->segment;
    GString *flags = g_string_new(NULL);

    append_kind(flags, rung);
    json_string(dumper, "flags", flags->str);
    json_number(dumper, "seq", number_of(listener, peer_of(connection, seg->from), seg->seq));
    if ((seg->flags & TCPSTATE_ACK) != 0)
        json_number(dumper, "ack", number_of(listener, peer_of(connection, !seg->from), seg->ack));
    else
        json_null(dumper, "ack");
    json_number(dumper, "len", seg->payload);
    g_string_free(flags, TRUE);
}

static void
print_object(const struct listener *listener, const struct flow_connection *of, const struct rung *rung, gint64 gap)
{
    const struct tcpstate_segment *seg = &rung->segment;
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(of->flow, seg, &findings);
    struct view view;
    json_dumper dumper;

    if (!view_at(of->flow, seg, &view))
        return;
    json_begin(&dumper);
    json_number(&dumper, "connection", view.connection);
    json_number(&dumper, "skipped_segments", rung->skipped);
    json_number(&dumper, "skipped_bytes", (gint64)rung->skipped_bytes);
    json_time(&dumper, "time", seg->time - clock_begin());
    json_number(&dumper, "frame", seg->frame);
    json_string(&dumper, "sender", rung->is_quoted ? NULL : view_end_name(&view, seg->from));
    add_segment_members(listener, &dumper, &of->connection, rung);
    add_state_members(&dumper, &view);
    json_number(&dumper, "retry", view.retry);
    if (view.retry > 0)
        json_time(&dumper, "retry_after", gap);
    else
        json_null(&dumper, "retry_after");
    json_begin_array(&dumper, "findings");
    for (guint i = 0; i < count; i++)
        json_dumper_value_string(&dumper, tcpstate_finding_kinds[findings[i].id].name);
    json_dumper_end_array(&dumper);
    json_end(&dumper);
}

/* "Connection 0: client 10.9.0.1:40000 ISN 3570407558, server 10.9.0.2:80 ISN -" */
static void
print_heading(const struct flow_connection *of)
{
    const struct tcpstate_connection *connection = &of->connection;

    output_print("Connection %u:", connection->number);
    for (int i = 0; i < 2; i++) {
        int end = i == 0 ? connection->client : !connection->client;
        const struct tcpstate_peer *peer = peer_of(connection, end);
        char *text = flow_end_text(NULL, flow_end(of->flow, end));

        output_print(i == 0 ? " client %s ISN " : ", server %s ISN ", text);
        output_print(peer->iss_known ? "%u" : "-", peer->iss);
        wmem_free(NULL, text);
    }
    output_print("\n");
}

/* Since the end's last SYN, SYN,ACK or FIN: the gap before a retry. */
static gint64
gap_before(const struct tcpstate_segment *seg, gint64 sent[2])
{
    gint64 gap = seg->time - sent[seg->from];

    if ((seg->flags & (TCPSTATE_SYN | TCPSTATE_FIN)) != 0)
        sent[seg->from] = seg->time;
    return gap;
}

static void
print_objects(const struct listener *listener, const struct flow_connection *of, const struct ladder *ladder)
{
    gint64 sent[2] = {0, 0};

    for (const struct rung *rung = ladders_rung(&listener->ladders, ladder->first); rung != NULL;
         rung = ladders_rung(&listener->ladders, rung->next))
        print_object(listener, of, rung, gap_before(&rung->segment, sent));
}

static void
print_ladder(const struct listener *listener, const struct flow_connection *of, const struct ladder *ladder)
{
    struct table *table = table_new(columns, G_N_ELEMENTS(columns));
    gint64 sent[2] = {0, 0};

    for (const struct rung *rung = ladders_rung(&listener->ladders, ladder->first); rung != NULL;
         rung = ladders_rung(&listener->ladders, rung->next)) {
        add_gap(table, rung->skipped, rung->skipped_bytes);
        add_row(listener, table, of, rung, gap_before(&rung->segment, sent));
    }
    add_gap(table, ladder->skipped, ladder->skipped_bytes);
    print_heading(of);
    table_print(table);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    gboolean any = FALSE;

    if (listener->ladders.connection >= (gint64)flow_connection_count())
        tell_none(name, "connection", listener->ladders.connection);
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct ladder *ladder = ladders_of(&listener->ladders, number);

        if (ladder == NULL || !is_picked(&listener->picked, number))
            continue;
        if (any && !listener->json)
            output_print("\n");
        (listener->json ? print_objects : print_ladder)(listener, flow_connection(number), ladder);
        any = TRUE;
    }
}

static gboolean
seq_option(struct listener *listener, const char **at)
{
    const char *value = option_value(at, "seq");

    if (value == NULL)
        return FALSE;
    if (strcmp(value, "absolute") != 0 && strcmp(value, "relative") != 0)
        option_error(name, "seq=%s: not absolute or relative", value);
    listener->absolute = strcmp(value, "absolute") == 0;
    return TRUE;
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    listener->ladders.connection = -1;
    while (option_number(name, &at, "connection", &listener->ladders.connection) || seq_option(listener, &at) ||
           option_flag(&at, "all", &listener->ladders.all) || option_flag(&at, "json", &listener->json)) {
    }
    picked_listen(name, &listener->picked, at, print);
    ladders_listen(name, &listener->ladders);
}

void
timeline_register(void)
{
    command_register(name, listen);
}
