/* Goes through all sightings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tally.h"

#include "../wireshark/capture/sightings.h"
#include "../wireshark/capture/twins.h"
#include "near.h"

gboolean
tally_has_difference(const struct connection_tally *counts)
{
    return counts->fates[FATE_LOST] + counts->fates[FATE_INJECTED] + counts->fates[FATE_CHANGED] + counts->fates[FATE_COPIED] > 0;
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;

    return (first > second) - (first < second);
}

gint64
tally_median(const struct way_tally *way)
{
    return g_array_index(way->delays, gint64, way->delays->len / 2);
}

gint64
tally_worst(const struct way_tally *way)
{
    return g_array_index(way->delays, gint64, way->delays->len - 1);
}

static void
free_way(gpointer data)
{
    struct way_tally *way = (struct way_tally *)data;

    g_array_free(way->delays, TRUE);
    g_free(way);
}

static struct way_tally *
way_of(const struct tally *tally, guint from, guint to)
{
    struct way_tally *way;

    for (guint i = 0; i < tally->ways->len; i++) {
        way = (struct way_tally *)g_ptr_array_index(tally->ways, i);
        if (way->from == from && way->to == to)
            return way;
    }
    way = g_new0(struct way_tally, 1);
    way->from = from;
    way->to = to;
    way->delays = g_array_new(FALSE, FALSE, sizeof(gint64));
    way->latest = G_MININT64;
    g_ptr_array_add(tally->ways, way);
    return way;
}

/* What became of the segment on this step. A segment that both points saw is counted where it arrived. FALSE if it is not counted here. */
static gboolean
fate_on_step(const struct between_item *item, enum fate *fate)
{
    const struct sighting *sighting = item->sighting;

    *fate = FATE_UNKNOWN;
    if (item->is_sent) {
        if (sighting->down != NULL || sighting->is_copy)
            return FALSE;
        if (sighting->fate == FATE_LOST)
            *fate = FATE_LOST;
        return TRUE;
    }
    if (sighting->up == NULL)
        *fate = sighting->fate == FATE_INJECTED ? FATE_INJECTED : FATE_UNKNOWN;
    else if (sighting->up->down != sighting && sighting->up->payload == sighting->payload)
        *fate = FATE_COPIED;
    else
        *fate = sighting->changes != 0 ? FATE_CHANGED : FATE_BOTH;
    return TRUE;
}

static void
count_arrival(struct way_tally *way, const struct sighting *sighting)
{
    gint64 earliest, delay;

    for (guint i = 0; i < TCPSTATE_CHANGED_COUNT; i++)
        way->changes[i] += sighting->changes >> i & 1;
    if (way->connection != sighting->connection)
        way->latest = G_MININT64;
    way->connection = sighting->connection;
    way->overtaken += sighting->up->time < way->latest;
    way->latest = MAX(way->latest, sighting->up->time);
    if (!clocks_earliest(way->from, way->to, sighting->up->time, &earliest))
        return;
    delay = MAX(sighting->time - earliest, 0);
    g_array_append_val(way->delays, delay);
}

static void
count_item(const struct between_item *item, void *data)
{
    struct tally *tally = (struct tally *)data;
    struct way_tally *way;
    enum fate fate;
    guint32 number = twins_first(item->sighting->connection);

    if (!tally->is_selected(number, tally->data) || !fate_on_step(item, &fate))
        return;
    way = way_of(tally, item->from, item->to);
    way->fates[fate]++;
    if (tally->connections->len <= number)
        g_array_set_size(tally->connections, number + 1);
    g_array_index(tally->connections, struct connection_tally, number).fates[fate]++;
    if (fate == FATE_BOTH || fate == FATE_CHANGED)
        count_arrival(way, item->sighting);
}

static void
count_segments(struct flow *flow, void *data)
{
    struct tally *tally = (struct tally *)data;
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++) {
        struct point_tally *point = &tally->points[point_of(sightings[i]->place)];

        if (!tally->is_selected(sightings[i]->connection, tally->data))
            continue;
        point->first = point->segments == 0 ? sightings[i]->time : MIN(point->first, sightings[i]->time);
        point->last = point->segments == 0 ? sightings[i]->time : MAX(point->last, sightings[i]->time);
        point->segments++;
    }
}

static void
count_near(struct tally *tally, const struct flow_connection *conn)
{
    guint32 number = tcpstate_number(flow_engine_connection(conn));
    gboolean is_compared = point_count() == 1 || twins_at(number, 0) != NULL; /* with what other points show */
    enum near_end near = is_compared ? near_of(conn) : NEAR_UNKNOWN;
    struct point_tally *point = &tally->points[near_point(conn)];

    point->near_client += near == NEAR_CLIENT;
    point->near_server += near == NEAR_SERVER;
}

static void
count_connections(struct tally *tally)
{
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct flow_connection *conn = flow_connection(number);

        if (twins_first(number) != number || !tally->is_selected(number, tally->data))
            continue;
        for (guint i = 0; conn != NULL; conn = twins_at(number, i++))
            count_near(tally, conn);
    }
}

static void
compare_clocks(struct tally *tally)
{
    const struct clock_pair *pair;

    for (guint i = 0; (pair = clocks_pair(i)) != NULL; i++) {
        struct clock_tally clocks = {.first = pair->first, .second = pair->second};
        gint64 first, last, moved;

        skew_range(pair->skew, &first, &last);
        if (!skew_at(pair->skew, first, &clocks.low[0], &clocks.high[0]) || !skew_at(pair->skew, last, &clocks.low[1], &clocks.high[1]))
            continue;
        moved = (clocks.low[1] + clocks.high[1] - clocks.low[0] - clocks.high[0]) / 2;
        clocks.is_drifting = ABS(moved) > (clocks.high[0] - clocks.low[0] + clocks.high[1] - clocks.low[1]) / 2;
        g_array_append_val(tally->clocks, clocks);
    }
}

struct tally *
tally_new(gboolean (*is_selected)(guint32 connection, const void *data), const void *data)
{
    struct tally *tally = g_new0(struct tally, 1);

    tally->is_selected = is_selected;
    tally->data = data;
    tally->ways = g_ptr_array_new_with_free_func(free_way);
    tally->clocks = g_array_new(FALSE, FALSE, sizeof(struct clock_tally));
    tally->connections = g_array_new(FALSE, TRUE, sizeof(struct connection_tally));
    (void)between_update();
    sightings_for_each_flow(count_segments, tally);
    count_connections(tally);
    between_for_each(count_item, tally);
    compare_clocks(tally);
    for (guint i = 0; i < tally->ways->len; i++)
        g_array_sort(((struct way_tally *)g_ptr_array_index(tally->ways, i))->delays, compare);
    return tally;
}

void
tally_free(struct tally *tally)
{
    g_ptr_array_free(tally->ways, TRUE);
    g_array_free(tally->clocks, TRUE);
    g_array_free(tally->connections, TRUE);
    g_free(tally);
}
