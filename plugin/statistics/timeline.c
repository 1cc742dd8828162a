/* -z tcpstate,timeline[,connection=NUMBER][,seq=absolute][,all][,json][,FILTER]: the segments of a connection as a ladder, with the states
 * of both ends at its sides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "../points/reports.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/conversation.h"
#include "../wireshark/capture/twins.h"
#include "../wireshark/show/view.h"
#include "command.h"
#include "connection_filter.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "timeline_points.h"
#include "timeline_rows.h"
#include "timeline_text.h"

static const char name[] = "tcpstate,timeline";

struct listener {
    struct connection_filter filter;
    struct timeline_rows rows;
    gboolean absolute, json;
};

/* "SYN seq=0 -->", "<-- FIN,ACK seq=51 ack=102". The arrow of "<-- ICMP error seq=0" points to the end whose segment is quoted. */
static char *
arrow_text(const struct listener *listener, const struct flow_connection *conn, const struct view *view, const struct timeline_row *row)
{
    gboolean to_server = (row->segment.from == view->client) != row->is_quoted;
    char *segment = timeline_segment(listener->absolute, conn, &row->segment, row->is_quoted);
    char *text = to_server ? g_strdup_printf("%s -->", segment) : g_strdup_printf("<-- %s", segment);

    g_free(segment);
    return text;
}

static const struct column columns[] = {
    {"Time", TRUE}, {"Frame", TRUE}, {"Client", FALSE}, {"Segment", FALSE}, {"Server", FALSE}, {"Note", FALSE},
};

static void
add_gap(struct table *table, guint32 segments, guint64 bytes)
{
    for (guint column = 0; segments > 0 && column < G_N_ELEMENTS(columns); column++)
        table_add(table, strcmp(columns[column].title, "Segment") == 0 ? timeline_skipped(segments, bytes) : g_strdup(""));
}

static void
add_row(const struct listener *listener, struct table *table, const struct flow_connection *conn, const struct timeline_row *row,
        gint64 gap)
{
    const struct tcpstate_segment *seg = &row->segment;
    struct view view;

    if (!view_at(conn->flow, seg, &view))
        return;
    table_add_number(table, seg->time - clock_begin(), TCPSTATE_SECOND, 3);
    table_add_number(table, seg->frame, 1, 0);
    timeline_add_state(table, &view.end[view.client]);
    table_add(table, arrow_text(listener, conn, &view, row));
    timeline_add_state(table, &view.end[!view.client]);
    table_add(table, timeline_note(conn->flow, &view, seg, gap));
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
add_segment_members(const struct listener *listener, json_dumper *dumper, const struct flow_connection *conn,
                    const struct timeline_row *row)
{
    const struct tcpstate_segment *seg = &row->segment;
    GString *flags = g_string_new(NULL);

    timeline_append_kind(flags, seg->flags, row->is_quoted);
    json_string(dumper, "flags", flags->str);
    json_number(dumper, "seq", timeline_number(listener->absolute, conn, seg->from, seg->seq));
    if ((seg->flags & TCPSTATE_ACK) != 0)
        json_number(dumper, "ack", timeline_number(listener->absolute, conn, !seg->from, seg->ack));
    else
        json_null(dumper, "ack");
    json_number(dumper, "len", seg->payload);
    g_string_free(flags, TRUE);
}

static void
print_object(const struct listener *listener, const struct flow_connection *conn, const struct timeline_row *row, gint64 gap)
{
    const struct tcpstate_segment *seg = &row->segment;
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(conn->flow, seg, &findings);
    struct view view;
    json_dumper dumper;

    if (!view_at(conn->flow, seg, &view))
        return;
    json_begin(&dumper);
    json_number(&dumper, "connection", view.connection);
    json_streams(&dumper, "tcp_streams", conn);
    json_number(&dumper, "skipped_segments", row->skipped);
    json_number(&dumper, "skipped_bytes", (gint64)row->skipped_bytes);
    json_time(&dumper, "time", seg->time - clock_begin());
    json_number(&dumper, "frame", seg->frame);
    json_string(&dumper, "sender", row->is_quoted ? NULL : view_end_name(&view, seg->from));
    add_segment_members(listener, &dumper, conn, row);
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

/* "Connection 0 (tcp.stream 0): client 10.9.0.1:40000 ISN 3570407558, server 10.9.0.2:80 ISN -" */
static void
print_heading(const struct flow_connection *conn)
{
    const struct tcpstate_connection *known = flow_engine_connection(conn);
    char *streams = conversation_streams_text(NULL, conn);

    output_print("Connection %u (tcp.stream %s):", tcpstate_number(known), streams);
    wmem_free(NULL, streams);
    for (int i = 0; i < 2; i++) {
        int index = i == 0 ? tcpstate_client(known) : !tcpstate_client(known);
        struct tcpstate_end end = tcpstate_end(known, index);
        char *text = flow_end_text(NULL, flow_end(conn->flow, index));

        output_print(i == 0 ? " client %s ISN " : ", server %s ISN ", text);
        output_print(end.iss_known ? "%u" : "-", end.iss);
        wmem_free(NULL, text);
    }
    output_print("\n");
}

/* Nanoseconds since the last SYN, SYN,ACK or FIN of this end. If the segment is a retry, this is the gap before it. */
static gint64
gap_before(const struct tcpstate_segment *seg, gint64 sent[2])
{
    gint64 gap = seg->time - sent[seg->from];

    if ((seg->flags & (TCPSTATE_SYN | TCPSTATE_FIN)) != 0)
        sent[seg->from] = seg->time;
    return gap;
}

static void
print_objects(const struct listener *listener, const struct flow_connection *conn, const struct row_list *list)
{
    gint64 sent[2] = {0, 0};

    for (const struct timeline_row *row = timeline_row_at(&listener->rows, list->first); row != NULL;
         row = timeline_row_at(&listener->rows, row->next))
        print_object(listener, conn, row, gap_before(&row->segment, sent));
}

static void
print_rows(const struct listener *listener, const struct flow_connection *conn, const struct row_list *list)
{
    struct table *table = table_new(columns, G_N_ELEMENTS(columns));
    gint64 sent[2] = {0, 0};

    for (const struct timeline_row *row = timeline_row_at(&listener->rows, list->first); row != NULL;
         row = timeline_row_at(&listener->rows, row->next)) {
        add_gap(table, row->skipped, row->skipped_bytes);
        add_row(listener, table, conn, row, gap_before(&row->segment, sent));
    }
    add_gap(table, list->skipped, list->skipped_bytes);
    table_print(table);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    gboolean any = FALSE;

    reports_update();
    if (listener->rows.connection >= (gint64)flow_connection_count())
        report_missing(name, "connection", listener->rows.connection);
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct row_list *list = timeline_rows_of(&listener->rows, number);

        if (list == NULL || !connection_filter_matches(&listener->filter, number))
            continue;
        if (listener->rows.connection < 0 && twins_first(number) != number)
            continue;
        if (any && !listener->json)
            output_print("\n");
        if (!listener->json)
            print_heading(flow_connection(number));
        if (timeline_points_exist(number))
            timeline_points_print(number, listener->rows.all, listener->absolute, listener->json);
        else
            (listener->json ? print_objects : print_rows)(listener, flow_connection(number), list);
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

    listener->rows.connection = -1;
    while (option_number(name, &at, "connection", &listener->rows.connection) || seq_option(listener, &at) ||
           option_flag(&at, "all", &listener->rows.all) || option_flag(&at, "json", &listener->json)) {
    }
    if (!connection_filter_listen(name, &listener->filter, at, print))
        return;
    timeline_rows_listen(name, &listener->rows);
}

void
timeline_register(void)
{
    command_register(name, "connection=NUMBER, seq=absolute, all, json", listen);
}
