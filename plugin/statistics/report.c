/* -z tcpstate,report[,all][,json][,FILTER]: what is wrong in the capture, worst first, grouped by cause and by the end to look at.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <tcpstate/decimal.h>

#include "../points/near.h"
#include "../points/reports.h"
#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/frame.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/twins.h"
#include "command.h"
#include "connection_filter.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "report_text.h"

static const char name[] = "tcpstate,report";

/* How many groups are printed without `all`. */
enum { GROUPS_SHOWN = 10 };

struct listener {
    struct connection_filter filter;
    gboolean json, all;
};

/* What was counted of all connections. */
struct totals {
    guint32 connections, began_before, goes_on, one_direction;
    guint32 near[NEAR_SERVER + 1];           /* connections with one point, by enum near_end */
    guint32 verdicts[VERDICT_COUNT][2];      /* by enum role */
    guint64 segments, bytes, missed, copies; /* of both ends */
};

static void
add_traffic(struct totals *totals, const struct evidence *evidence)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
        struct tcpstate_traffic traffic = evidence_traffic(evidence, role);

        totals->segments += traffic.segments;
        totals->bytes += traffic.bytes;
        totals->missed += traffic.missed_bytes;
        totals->copies += traffic.copies;
    }
}

static void
add_connection(struct totals *totals, const struct evidence *evidence, const struct verdict *verdict)
{
    totals->connections++;
    totals->began_before += evidence_began_before(evidence) ? 1 : 0;
    totals->goes_on += evidence_goes_on(evidence) ? 1 : 0;
    totals->one_direction += verdict->id == VERDICT_ONE_DIRECTION;
    totals->near[twins_at(evidence->number, 0) == NULL ? near_of(evidence->conn) : NEAR_UNKNOWN]++;
    totals->verdicts[verdict->id][verdict_is_about_end(verdict->id) ? verdict->role : ROLE_CLIENT]++;
    add_traffic(totals, evidence);
}

/* Puts all selected connections into the totals, and those with something wrong into the groups. */
static void
gather(const struct listener *listener, struct totals *totals, struct troubles *troubles)
{
    reports_update();
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        struct evidence evidence;
        struct verdict verdict;

        if (twins_first(number) != number || !connection_filter_matches(&listener->filter, number) || !evidence_gather(&evidence, number))
            continue;
        verdict = verdict_on(&evidence);
        add_connection(totals, &evidence, &verdict);
        if (verdict_severity(&verdict) != TCPSTATE_NONE)
            troubles_add(troubles, &evidence, &verdict);
        evidence_clear(&evidence);
    }
    troubles_sort(troubles);
}

/* ---- as text ---- */

static const char *
plural(guint64 count)
{
    return count == 1 ? "" : "s";
}

/* "3 closed, 1 client_fin_lost": the healthy ones first. */
static void
print_verdicts(const struct totals *totals)
{
    const char *separator = "";

    for (guint i = VERDICT_COUNT; i > 0; i--)
        for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
            if (totals->verdicts[i - 1][role] == 0)
                continue;
            output_print("%s%u %s", separator, totals->verdicts[i - 1][role], verdict_kinds[i - 1].names[role]);
            separator = ", ";
        }
    output_print("\n");
}

/* Where the capture has not all of the connections, or has it twice. */
static void
print_gaps(const struct totals *totals)
{
    const struct {
        guint64 count;
        const char *one, *many;
    } gaps[] = {
        {totals->began_before, "connection began before the capture", "connections began before the capture"},
        {totals->goes_on, "connection goes on after the capture", "connections go on after the capture"},
        {totals->one_direction, "connection has one direction only", "connections have one direction only"},
        {totals->missed, "byte was missed by the capture", "bytes were missed by the capture"},
        {totals->copies, "segment was captured twice", "segments were captured twice"},
    };
    const char *separator = "";

    for (guint i = 0; i < G_N_ELEMENTS(gaps); i++) {
        if (gaps[i].count == 0)
            continue;
        output_print("%s%" G_GUINT64_FORMAT " %s", separator, gaps[i].count, gaps[i].count == 1 ? gaps[i].one : gaps[i].many);
        separator = "; ";
    }
    if (*separator != '\0')
        output_print("\n");
}

static void
print_near(const struct totals *totals)
{
    if (point_count() > 1)
        output_print("%u capture points: -z tcpstate,points compares them\n", point_count());
    if (totals->near[NEAR_CLIENT] > 0)
        output_print("Taken near the client of %u connection%s\n", totals->near[NEAR_CLIENT], plural(totals->near[NEAR_CLIENT]));
    if (totals->near[NEAR_SERVER] > 0)
        output_print("Taken near the server of %u connection%s\n", totals->near[NEAR_SERVER], plural(totals->near[NEAR_SERVER]));
}

static void
print_head(const struct totals *totals)
{
    output_print("%u frame%s in %s s: %u connection%s, %" G_GUINT64_FORMAT " segment%s, %" G_GUINT64_FORMAT " bytes\n", frame_last(),
                 plural(frame_last()), tcpstate_decimal(MAX(clock_end() - clock_begin(), 0), TCPSTATE_SECOND, 3).text, totals->connections,
                 plural(totals->connections), totals->segments, plural(totals->segments), totals->bytes);
    if (totals->connections == 0)
        return;
    print_verdicts(totals);
    print_gaps(totals);
    print_near(totals);
}

static void
print_trouble(const struct trouble *trouble, guint number)
{
    static const char severities[] = {'-', 'C', 'N', 'W', 'E'};
    const struct verdict_kind *kind = &verdict_kinds[trouble->worst.id];
    char *headline = report_text(trouble, kind->headline), *text = report_text(trouble, kind->text),
         *look = report_text(trouble, kind->look);
    char *filter = report_filter(trouble);

    output_print("\n%u. %c %s\n", number, severities[trouble->severity], headline);
    output_print("   %s\n", text);
    output_print("   Look at: %s\n", look);
    output_print(trouble->count == 1 ? "   Since %s s: connection %u, frame %u\n" : "   Since %s s; longest in connection %u, frame %u\n",
                 tcpstate_decimal(trouble->since - clock_begin(), TCPSTATE_SECOND, 3).text, trouble->worst_connection,
                 trouble->worst.frame);
    output_print("   Filter: %s\n", filter);
    output_offer_filter(filter);
    g_free(headline);
    g_free(text);
    g_free(look);
    g_free(filter);
}

static void
print_troubles(const struct troubles *troubles, const struct totals *totals, gboolean all)
{
    guint count = troubles_count(troubles), shown = all ? count : MIN(count, GROUPS_SHOWN);

    if (count == 0 && totals->connections > 0)
        output_print("\nNothing is wrong with the connections, as far as the capture shows.\n");
    for (guint i = 0; i < shown; i++)
        print_trouble(troubles_at(troubles, i), i + 1);
    if (count > shown)
        output_print("\nAnd %u more: -z %s,all prints them.\n", count - shown, name);
}

/* ---- as JSON ---- */

static void
print_head_object(const struct totals *totals)
{
    json_dumper dumper;

    json_begin(&dumper);
    json_number(&dumper, "frames", frame_last());
    json_time(&dumper, "duration", MAX(clock_end() - clock_begin(), 0));
    json_number(&dumper, "connections", totals->connections);
    json_number(&dumper, "segments", (gint64)totals->segments);
    json_number(&dumper, "bytes", (gint64)totals->bytes);
    json_number(&dumper, "missed_bytes", (gint64)totals->missed);
    json_number(&dumper, "copies", (gint64)totals->copies);
    json_number(&dumper, "began_before", totals->began_before);
    json_number(&dumper, "goes_on", totals->goes_on);
    json_number(&dumper, "one_direction", totals->one_direction);
    json_number(&dumper, "near_client", totals->near[NEAR_CLIENT]);
    json_number(&dumper, "near_server", totals->near[NEAR_SERVER]);
    json_dumper_set_member_name(&dumper, "verdicts");
    json_dumper_begin_object(&dumper);
    for (guint i = 0; i < VERDICT_COUNT; i++)
        for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
            if (totals->verdicts[i][role] > 0)
                json_number(&dumper, verdict_kinds[i].names[role], totals->verdicts[i][role]);
    json_dumper_end_object(&dumper);
    json_end(&dumper);
}

/* Takes the string, and frees it. */
static void
member(json_dumper *dumper, const char *member_name, char *text)
{
    json_string(dumper, member_name, text);
    g_free(text);
}

static void
print_trouble_object(const struct trouble *trouble)
{
    const struct verdict_kind *kind = &verdict_kinds[trouble->worst.id];
    char *server = flow_end_address(NULL, trouble_end(trouble, ROLE_SERVER));
    json_dumper dumper;

    json_begin(&dumper);
    json_string(&dumper, "verdict", verdict_name(&trouble->worst));
    json_number(&dumper, "severity", trouble->severity);
    json_string(&dumper, "server", server);
    json_number(&dumper, "server_port", trouble_end(trouble, ROLE_SERVER)->port);
    member(&dumper, "headline", report_text(trouble, kind->headline));
    member(&dumper, "text", report_text(trouble, kind->text));
    member(&dumper, "look_at", report_text(trouble, kind->look));
    json_number(&dumper, "connections", trouble->count);
    json_number(&dumper, "clients", trouble->clients);
    json_time(&dumper, "since", trouble->since - clock_begin());
    json_time(&dumper, "shortest", trouble->shortest);
    json_time(&dumper, "longest", trouble->longest);
    json_number(&dumper, "worst_connection", trouble->worst_connection);
    json_number(&dumper, "worst_frame", trouble->worst.frame);
    member(&dumper, "filter", report_filter(trouble));
    json_end(&dumper);
    wmem_free(NULL, server);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    struct totals totals = {.connections = 0};
    struct troubles *troubles = troubles_new();
    const struct trouble *trouble;

    gather(listener, &totals, troubles);
    if (listener->json) {
        print_head_object(&totals);
        for (guint i = 0; (trouble = troubles_at(troubles, i)) != NULL; i++)
            print_trouble_object(trouble);
    } else {
        print_head(&totals);
        print_troubles(troubles, &totals, listener->all);
    }
    troubles_free(troubles);
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    while (option_flag(&at, "json", &listener->json) || option_flag(&at, "all", &listener->all))
        ;
    (void)connection_filter_listen(name, &listener->filter, at, print);
}

void
report_register(void)
{
    command_register(name, "all, json", listen);
}
