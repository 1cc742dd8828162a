/* -z tcpstate,points[,json][,FILTER]: the capture points, and what happened to segments between each two of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "../points/tally.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/point.h"
#include "command.h"
#include "connection_filter.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "table.h"

static const char name[] = "tcpstate,points";

struct listener {
    struct connection_filter filter;
    gboolean json;
};

static gboolean
is_selected(guint32 connection, const void *listener)
{
    return connection_filter_matches(&((const struct listener *)listener)->filter, connection);
}

/* ---- the points ---- */

static const struct column point_columns[] = {{"Point", TRUE}, {"Name", FALSE}, {"Segments", TRUE},
                                              {"First", TRUE}, {"Last", TRUE},  {"Near", FALSE}};

/* "client", or "client of 3, server of 1": to which ends the point is nearest. */
static char *
near_text(const struct point_tally *point)
{
    if (point->near_client > 0 && point->near_server > 0)
        return g_strdup_printf("client of %u, server of %u", point->near_client, point->near_server);
    if (point->near_client > 0)
        return g_strdup("client");
    return g_strdup(point->near_server > 0 ? "server" : "-");
}

static void
print_points(const struct tally *tally)
{
    struct table *table = table_new(point_columns, G_N_ELEMENTS(point_columns));

    for (guint i = 0; i < point_count(); i++) {
        const struct point_tally *point = &tally->points[i];
        char *title = point_name(NULL, i);

        table_add_number(table, i + 1, 1, 0);
        table_add_text(table, title);
        table_add_number(table, point->segments, 1, 0);
        table_add_number(table, point->segments > 0 ? point->first - clock_begin() : 0, TCPSTATE_SECOND, 6);
        table_add_number(table, point->segments > 0 ? point->last - clock_begin() : 0, TCPSTATE_SECOND, 6);
        table_add(table, near_text(point));
        wmem_free(NULL, title);
    }
    table_print(table);
}

static void
print_point_objects(const struct tally *tally)
{
    for (guint i = 0; i < point_count(); i++) {
        const struct point_tally *point = &tally->points[i];
        char *title = point_name(NULL, i);
        json_dumper dumper;

        json_begin(&dumper);
        json_number(&dumper, "point", i + 1);
        json_string(&dumper, "name", title);
        json_number(&dumper, "segments", point->segments);
        json_time(&dumper, "first", point->segments > 0 ? point->first - clock_begin() : 0);
        json_time(&dumper, "last", point->segments > 0 ? point->last - clock_begin() : 0);
        json_number(&dumper, "near_client", point->near_client);
        json_number(&dumper, "near_server", point->near_server);
        json_end(&dumper);
        wmem_free(NULL, title);
    }
}

/* ---- the ways between two of them ---- */

static const struct column way_columns[] = {{"From", TRUE},      {"To", TRUE},         {"Both", TRUE},     {"Changed", TRUE},
                                            {"Copied", TRUE},    {"Lost", TRUE},       {"Injected", TRUE}, {"Not known", TRUE},
                                            {"Overtaken", TRUE}, {"Median +ms", TRUE}, {"Worst +ms", TRUE}};

static void
add_way(struct table *table, const struct way_tally *way)
{
    table_add_number(table, way->from + 1, 1, 0);
    table_add_number(table, way->to + 1, 1, 0);
    table_add_number(table, way->fates[FATE_BOTH] + way->fates[FATE_CHANGED], 1, 0);
    table_add_number(table, way->fates[FATE_CHANGED], 1, 0);
    table_add_number(table, way->fates[FATE_COPIED], 1, 0);
    table_add_number(table, way->fates[FATE_LOST], 1, 0);
    table_add_number(table, way->fates[FATE_INJECTED], 1, 0);
    table_add_number(table, way->fates[FATE_UNKNOWN], 1, 0);
    table_add_number(table, way->overtaken, 1, 0);
    if (way->delays->len > 0) {
        table_add_number(table, tally_median(way), TCPSTATE_MILLISECOND, 3);
        table_add_number(table, tally_worst(way), TCPSTATE_MILLISECOND, 3);
    } else {
        table_add_text(table, "-");
        table_add_text(table, "-");
    }
}

/* "Changed from 1 to 2: MSS 2, options 1", with the number of segments. */
static void
print_changes(const struct way_tally *way)
{
    gboolean any = FALSE;

    for (guint i = 0; i < TCPSTATE_CHANGED_COUNT; i++) {
        if (way->changes[i] == 0)
            continue;
        if (!any)
            output_print("Changed from %u to %u:", way->from + 1, way->to + 1);
        output_print("%s %s %u", any ? "," : "", change_words((enum tcpstate_change_index)i), way->changes[i]);
        any = TRUE;
    }
    if (any)
        output_print("\n");
}

static void
print_clocks(const struct clock_tally *clocks)
{
    gint64 ahead = (clocks->low[0] + clocks->high[0]) / 2, at_end = (clocks->low[1] + clocks->high[1]) / 2;

    output_print("The clock of %u is %s s %s that of %u", clocks->second + 1, tcpstate_decimal(ABS(ahead), TCPSTATE_SECOND, 6).text,
                 ahead < 0 ? "behind" : "ahead of", clocks->first + 1);
    if (clocks->is_drifting)
        output_print(", and at the end %s s", tcpstate_decimal(ABS(at_end), TCPSTATE_SECOND, 6).text);
    output_print(", give or take %s s. ", tcpstate_decimal((clocks->high[0] - clocks->low[0] + 1) / 2, TCPSTATE_SECOND, 6).text);
    output_print("The way there and back takes at least %s ms.\n",
                 tcpstate_decimal(clocks->high[0] - clocks->low[0], TCPSTATE_MILLISECOND, 3).text);
}

static void
print_ways(const struct tally *tally)
{
    struct table *table = table_new(way_columns, G_N_ELEMENTS(way_columns));

    for (guint i = 0; i < tally->ways->len; i++)
        add_way(table, (const struct way_tally *)g_ptr_array_index(tally->ways, i));
    table_print(table);
    for (guint i = 0; i < tally->ways->len; i++)
        print_changes((const struct way_tally *)g_ptr_array_index(tally->ways, i));
    for (guint i = 0; i < tally->clocks->len; i++)
        print_clocks(&g_array_index(tally->clocks, struct clock_tally, i));
}

static void
print_way_objects(const struct tally *tally)
{
    static const struct {
        const char *name;
        enum fate fate;
    } fates[] = {{"both", FATE_BOTH}, {"changed", FATE_CHANGED},   {"copied", FATE_COPIED},
                 {"lost", FATE_LOST}, {"injected", FATE_INJECTED}, {"unknown", FATE_UNKNOWN}};

    for (guint i = 0; i < tally->ways->len; i++) {
        const struct way_tally *way = (const struct way_tally *)g_ptr_array_index(tally->ways, i);
        json_dumper dumper;

        json_begin(&dumper);
        json_number(&dumper, "from", way->from + 1);
        json_number(&dumper, "to", way->to + 1);
        for (guint j = 0; j < G_N_ELEMENTS(fates); j++)
            json_number(&dumper, fates[j].name, way->fates[fates[j].fate]);
        json_number(&dumper, "overtaken", way->overtaken);
        json_dumper_set_member_name(&dumper, "changes");
        json_dumper_begin_object(&dumper);
        for (guint j = 0; j < TCPSTATE_CHANGED_COUNT; j++)
            if (way->changes[j] > 0)
                json_number(&dumper, change_name((enum tcpstate_change_index)j), way->changes[j]);
        json_dumper_end_object(&dumper);
        if (way->delays->len > 0) {
            json_time(&dumper, "delay_median", tally_median(way));
            json_time(&dumper, "delay_worst", tally_worst(way));
        }
        json_end(&dumper);
    }
}

static void
print_clock_objects(const struct tally *tally)
{
    for (guint i = 0; i < tally->clocks->len; i++) {
        const struct clock_tally *clocks = &g_array_index(tally->clocks, struct clock_tally, i);
        json_dumper dumper;

        json_begin(&dumper);
        json_number(&dumper, "clock_of", clocks->second + 1);
        json_number(&dumper, "against", clocks->first + 1);
        json_time(&dumper, "ahead_first", (clocks->low[0] + clocks->high[0]) / 2);
        json_time(&dumper, "uncertainty_first", (clocks->high[0] - clocks->low[0] + 1) / 2);
        json_time(&dumper, "ahead_last", (clocks->low[1] + clocks->high[1]) / 2);
        json_time(&dumper, "uncertainty_last", (clocks->high[1] - clocks->low[1] + 1) / 2);
        json_time(&dumper, "round_trip", clocks->high[0] - clocks->low[0]);
        json_end(&dumper);
    }
}

/* ---- the connections ---- */

static const struct column connection_columns[] = {{"No", TRUE},       {"Client", FALSE}, {"Server", FALSE}, {"Lost", TRUE},
                                                   {"Injected", TRUE}, {"Changed", TRUE}, {"Copied", TRUE}};

static void
print_connections(const struct tally *tally)
{
    struct table *table = table_new(connection_columns, G_N_ELEMENTS(connection_columns));

    for (guint32 number = 0; number < tally->connections->len; number++) {
        const struct connection_tally *counts = &g_array_index(tally->connections, struct connection_tally, number);
        const struct flow_connection *conn = flow_connection(number);
        int client = tcpstate_client(flow_engine_connection(conn));

        if (!tally_has_difference(counts))
            continue;
        table_add_number(table, number, 1, 0);
        for (int i = 0; i < 2; i++) {
            char *end = flow_end_text(NULL, flow_end(conn->flow, i == 0 ? client : !client));

            table_add_text(table, end);
            wmem_free(NULL, end);
        }
        table_add_number(table, counts->fates[FATE_LOST], 1, 0);
        table_add_number(table, counts->fates[FATE_INJECTED], 1, 0);
        table_add_number(table, counts->fates[FATE_CHANGED], 1, 0);
        table_add_number(table, counts->fates[FATE_COPIED], 1, 0);
    }
    table_print(table);
}

static void
print_connection_objects(const struct tally *tally)
{
    for (guint32 number = 0; number < tally->connections->len; number++) {
        const struct connection_tally *counts = &g_array_index(tally->connections, struct connection_tally, number);
        json_dumper dumper;

        if (!tally_has_difference(counts))
            continue;
        json_begin(&dumper);
        json_number(&dumper, "connection", number);
        json_streams(&dumper, "tcp_streams", flow_connection(number));
        json_number(&dumper, "lost", counts->fates[FATE_LOST]);
        json_number(&dumper, "injected", counts->fates[FATE_INJECTED]);
        json_number(&dumper, "changed", counts->fates[FATE_CHANGED]);
        json_number(&dumper, "copied", counts->fates[FATE_COPIED]);
        json_end(&dumper);
    }
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    struct tally *tally = tally_new(is_selected, listener);

    if (listener->json) {
        print_point_objects(tally);
        print_way_objects(tally);
        print_clock_objects(tally);
        print_connection_objects(tally);
    } else {
        print_points(tally);
        if (tally->ways->len > 0) {
            output_print("\n");
            print_ways(tally);
            output_print("\n");
            print_connections(tally);
        }
    }
    tally_free(tally);
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    option_flag(&at, "json", &listener->json);
    (void)connection_filter_listen(name, &listener->filter, at, print);
}

void
points_register(void)
{
    command_register(name, "json", listen);
}
