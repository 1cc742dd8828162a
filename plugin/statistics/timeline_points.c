/* Draws a ladder with a rail for each point between those of client and server. Times are those of the point nearest to the client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timeline_points.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "../points/between.h"
#include "../points/changes.h"
#include "../points/near.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/sightings.h"
#include "../wireshark/capture/twins.h"
#include "json.h"
#include "timeline_text.h"

/* What the points nearest to both ends show of the connection. */
struct ladder {
    guint32 number;
    const struct flow_connection *client, *server;
    gboolean absolute;
};

/* A segment: its sightings at the points nearest to the client and to the server; one of them may be NULL. */
struct rung {
    const struct sighting *client, *server;
    gint64 time; /* when its first sighting was, by the clock of the client's point */
    gboolean is_from_client;
};

gboolean
timeline_points_exist(guint32 number)
{
    return twins_at(number, 0) != NULL && between_update() && near_connection(number, TRUE) != near_connection(number, FALSE);
}

static struct tcpstate_segment
segment_of(const struct sighting *sighting)
{
    return (struct tcpstate_segment){.time = sighting->time,
                                     .frame = sighting->frame,
                                     .layer = sighting->layer,
                                     .from = sighting->from,
                                     .flags = sighting->flags,
                                     .seq = sighting->seq,
                                     .ack = sighting->ack,
                                     .payload = sighting->payload};
}

/* The time of the server's point by the clock of the client's point. */
static gint64
time_at_client(const struct ladder *ladder, gint64 time)
{
    guint from = near_point(ladder->server), to = near_point(ladder->client);
    gint64 earliest, latest;

    if (!clocks_earliest(from, to, time, &earliest) || !clocks_latest(from, to, time, &latest))
        return time;
    return latest + (earliest - latest) / 2;
}

/* The sighting of the same segment at the last point of its way, or at the first one. */
static const struct sighting *
last_of(const struct sighting *sighting)
{
    while (sighting->down != NULL)
        sighting = sighting->down;
    return sighting;
}

static const struct sighting *
first_of(const struct sighting *sighting)
{
    while (sighting->up != NULL)
        sighting = sighting->up;
    return sighting;
}

/* Adds the segments that this point is the first one to see, on their way from an end. */
static void
add_rungs(const struct ladder *ladder, GArray *rungs, const struct flow_connection *conn, gboolean is_near_client)
{
    guint32 number = tcpstate_number(flow_engine_connection(conn));
    int client = near_client_end(ladder->number, conn);
    guint count;
    struct sighting *const *sightings = sightings_of(conn->flow, &count);

    for (guint i = 0; i < count; i++) {
        const struct sighting *at = sightings[i];
        struct rung rung = {.is_from_client = at->from == client};
        gboolean is_sent_here = rung.is_from_client == is_near_client;

        if (at->connection != number || at->is_copy || (!is_sent_here && first_of(at) != at))
            continue;
        rung.client = is_near_client ? at : (is_sent_here && at->down != NULL ? last_of(at) : NULL);
        rung.server = !is_near_client ? at : (is_sent_here && at->down != NULL ? last_of(at) : NULL);
        rung.time = is_near_client ? at->time : time_at_client(ladder, at->time);
        g_array_append_val(rungs, rung);
    }
}

static gint
by_time(gconstpointer a, gconstpointer b)
{
    const struct rung *first = (const struct rung *)a, *second = (const struct rung *)b;

    return (first->time > second->time) - (first->time < second->time);
}

static gboolean
is_event_at(const struct flow *flow, const struct sighting *sighting)
{
    struct tcpstate_segment segment;
    const struct tcpstate_finding *findings;
    struct view view;

    if (sighting == NULL)
        return FALSE;
    segment = segment_of(sighting);
    return (view_at(flow, &segment, &view) && (view.change_count > 0 || view.retry > 0)) ||
           flow_findings_at(flow, &segment, &findings) > 0 || (sighting->flags & TCPSTATE_RST) != 0 ||
           (sighting->fate != FATE_BOTH && sighting->fate != FATE_CHANGED);
}

static gboolean
is_event(const struct ladder *ladder, const struct rung *rung)
{
    return is_event_at(ladder->client->flow, rung->client) || is_event_at(ladder->server->flow, rung->server);
}

/* What each end's own point has shown of it so far, and what was not listed since the last row. */
struct progress {
    guint32 frame[2]; /* 0 if it has seen nothing */
    struct view view[2];
    guint skipped_segments;
    guint64 skipped_bytes;
};

static const struct flow_connection *
conn_of(const struct ladder *ladder, int which)
{
    return which == 0 ? ladder->client : ladder->server;
}

/* The views of both ends when the segment was sent or had arrived: each at the last segment of its own point up to then. */
static void
advance(const struct ladder *ladder, const struct rung *rung, struct progress *progress)
{
    const struct sighting *at[2] = {rung->client, rung->server};

    for (int which = 0; which < 2; which++) {
        struct tcpstate_segment segment;
        struct view view;

        if (at[which] == NULL)
            continue;
        segment = segment_of(at[which]);
        if (!view_at(conn_of(ladder, which)->flow, &segment, &view))
            continue;
        progress->frame[which] = at[which]->frame;
        progress->view[which] = view;
    }
}

/* The state of the client (0) or the server (1); NULL if its point has seen nothing so far. */
static const struct view_end *
end_at(const struct ladder *ladder, const struct progress *progress, int which)
{
    const struct flow_connection *conn = conn_of(ladder, which);
    const struct view *view = &progress->view[which];
    gboolean is_flipped = near_client_end(ladder->number, conn) != tcpstate_client(flow_engine_connection(conn));

    return progress->frame[which] > 0 ? &view->end[(view->client ^ is_flipped) != which] : NULL;
}

enum { WIDTH = 44 }; /* characters of the arrow between the points */

/* "SYN seq=0 ---------->"; "---x" if it was lost, "---?" if it is not known whether it came to the other point; "x-- RST seq=1 -->" if it
 * came from between. */
static char *
arrow(const struct ladder *ladder, const struct rung *rung)
{
    const struct sighting *at = rung->client != NULL ? rung->client : rung->server;
    const struct flow_connection *conn = rung->client != NULL ? ladder->client : ladder->server;
    struct tcpstate_segment segment = segment_of(at);
    char *text = timeline_segment(ladder->absolute, conn, &segment, FALSE);
    gboolean is_whole = rung->client != NULL && rung->server != NULL;
    const char *end = is_whole ? (rung->is_from_client ? ">" : "<") : at->fate == FATE_LOST ? "x" : at->fate == FATE_INJECTED ? "" : "?";
    const char *begin = !is_whole && at->fate == FATE_INJECTED ? "x-- " : "";
    guint length = (guint)strlen(text) + 6, dashes = length < WIDTH ? WIDTH - length + 2 : 2;
    char *line = g_strnfill(is_whole || *begin != '\0' ? dashes : dashes / 2, '-'), *whole;

    if (rung->is_from_client)
        whole = g_strdup_printf("%s%s %s%s", begin, text, line, *end != '\0' ? end : ">");
    else
        whole = g_strdup_printf("%s%s %s%s", *end != '\0' ? end : "<", line, text, *begin != '\0' ? " --x" : "");
    if (!rung->is_from_client && strlen(whole) < WIDTH && !is_whole) {
        char *padded = g_strdup_printf("%*s", WIDTH - 1, whole);

        g_free(whole);
        whole = padded;
    }
    g_free(line);
    g_free(text);
    return whole;
}

static void
add_frame(struct table *table, const struct sighting *sighting)
{
    if (sighting != NULL)
        table_add_number(table, sighting->frame, 1, 0);
    else
        table_add_text(table, "-");
}

static void
add_state(struct table *table, const struct view_end *end)
{
    if (end != NULL)
        timeline_add_state(table, end);
    else
        table_add_text(table, "-");
}

/* The notes of the point at which the segment was sent, and then those of the other one. */
static char *
note(const struct ladder *ladder, const struct rung *rung)
{
    const struct sighting *at[2] = {rung->client, rung->server};
    GString *text = g_string_new(NULL);

    for (int i = 0; i < 2; i++) {
        int index = rung->is_from_client ? i : !i;
        struct tcpstate_segment segment;
        const struct tcpstate_finding *findings;
        guint count;

        if (at[index] == NULL)
            continue;
        segment = segment_of(at[index]);
        count = flow_findings_at(conn_of(ladder, index)->flow, &segment, &findings);
        for (guint j = 0; j < count; j++) {
            char *finding = view_finding_name(NULL, &findings[j]);

            if (strstr(text->str, finding) == NULL)
                g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", finding);
            wmem_free(NULL, finding);
        }
    }
    return g_string_free(text, FALSE);
}

static void
add_gap(struct table *table, struct progress *progress)
{
    if (progress->skipped_segments == 0)
        return;
    for (int i = 0; i < 3; i++)
        table_add_text(table, "");
    table_add(table, timeline_skipped(progress->skipped_segments, progress->skipped_bytes));
    for (int i = 0; i < 3; i++)
        table_add_text(table, "");
    progress->skipped_segments = 0;
    progress->skipped_bytes = 0;
}

static void
add_rung(struct table *table, const struct ladder *ladder, const struct rung *rung, const struct progress *progress)
{
    table_add_number(table, rung->time - clock_begin(), TCPSTATE_SECOND, 3);
    add_state(table, end_at(ladder, progress, 0));
    add_frame(table, rung->client);
    table_add(table, arrow(ladder, rung));
    add_frame(table, rung->server);
    add_state(table, end_at(ladder, progress, 1));
    table_add(table, note(ladder, rung));
}

static void
count_skipped(struct progress *progress, const struct rung *rung)
{
    progress->skipped_segments++;
    progress->skipped_bytes += (rung->client != NULL ? rung->client : rung->server)->payload;
}

static void
print_table(const struct ladder *ladder, const GArray *rungs, gboolean all)
{
    char *titles[2] = {g_strdup_printf("At %u", near_point(ladder->client) + 1), g_strdup_printf("At %u", near_point(ladder->server) + 1)};
    const struct column columns[] = {{"Time", TRUE},    {"Client", FALSE}, {titles[0], TRUE}, {"Segment", FALSE},
                                     {titles[1], TRUE}, {"Server", FALSE}, {"Note", FALSE}};
    struct table *table = table_new(columns, G_N_ELEMENTS(columns));
    struct progress progress = {.frame = {0, 0}};

    for (guint i = 0; i < rungs->len; i++) {
        const struct rung *rung = &g_array_index(rungs, struct rung, i);

        advance(ladder, rung, &progress);
        if (!all && !is_event(ladder, rung)) {
            count_skipped(&progress, rung);
            continue;
        }
        add_gap(table, &progress);
        add_rung(table, ladder, rung, &progress);
    }
    add_gap(table, &progress);
    table_print(table);
    g_free(titles[0]);
    g_free(titles[1]);
}

static const char *
fate_word(const struct rung *rung)
{
    static const char *const words[] = {[FATE_UNKNOWN] = NULL,    [FATE_BOTH] = "both",         [FATE_CHANGED] = "changed",
                                        [FATE_COPIED] = "copied", [FATE_INJECTED] = "injected", [FATE_LOST] = "lost"};
    const struct sighting *at = rung->client != NULL ? rung->client : rung->server;

    return words[at->fate];
}

static void
add_state_members(json_dumper *dumper, const char *state, const char *pending, const struct view_end *end)
{
    json_string(dumper, state, end != NULL ? tcpstate_state_name(end->state) : NULL);
    json_string(dumper, pending, end != NULL && end->pending != end->state ? tcpstate_state_name(end->pending) : NULL);
}

static void
print_object(const struct ladder *ladder, const struct rung *rung, struct progress *progress)
{
    const struct sighting *at = rung->client != NULL ? rung->client : rung->server;
    const struct flow_connection *conn = conn_of(ladder, rung->client != NULL ? 0 : 1);
    GString *flags = g_string_new(NULL);
    json_dumper dumper;

    timeline_append_kind(flags, at->flags, FALSE);
    json_begin(&dumper);
    json_number(&dumper, "connection", ladder->number);
    json_streams(&dumper, "tcp_streams", flow_connection(ladder->number));
    json_number(&dumper, "skipped_segments", progress->skipped_segments);
    json_number(&dumper, "skipped_bytes", (gint64)progress->skipped_bytes);
    json_time(&dumper, "time", rung->time - clock_begin());
    json_count(&dumper, "frame_near_client", rung->client != NULL ? (gint64)rung->client->frame : -1);
    json_count(&dumper, "frame_near_server", rung->server != NULL ? (gint64)rung->server->frame : -1);
    json_string(&dumper, "sender", rung->is_from_client ? "client" : "server");
    json_string(&dumper, "flags", flags->str);
    json_number(&dumper, "seq", timeline_number(ladder->absolute, conn, at->from, at->seq));
    json_number(&dumper, "len", at->payload);
    json_string(&dumper, "between", fate_word(rung));
    add_state_members(&dumper, "client_state", "client_pending", end_at(ladder, progress, 0));
    add_state_members(&dumper, "server_state", "server_pending", end_at(ladder, progress, 1));
    json_end(&dumper);
    g_string_free(flags, TRUE);
    progress->skipped_segments = 0;
    progress->skipped_bytes = 0;
}

static void
print_objects(const struct ladder *ladder, const GArray *rungs, gboolean all)
{
    struct progress progress = {.frame = {0, 0}};

    for (guint i = 0; i < rungs->len; i++) {
        const struct rung *rung = &g_array_index(rungs, struct rung, i);

        advance(ladder, rung, &progress);
        if (all || is_event(ladder, rung))
            print_object(ladder, rung, &progress);
        else
            count_skipped(&progress, rung);
    }
}

void
timeline_points_print(guint32 number, gboolean all, gboolean absolute, gboolean json)
{
    struct ladder ladder = {
        .number = number, .client = near_connection(number, TRUE), .server = near_connection(number, FALSE), .absolute = absolute};
    GArray *rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));

    add_rungs(&ladder, rungs, ladder.client, TRUE);
    add_rungs(&ladder, rungs, ladder.server, FALSE);
    g_array_sort(rungs, by_time);
    if (json)
        print_objects(&ladder, rungs, all);
    else
        print_table(&ladder, rungs, all);
    g_array_free(rungs, TRUE);
}
