/* Keeps a span for each point, and the difference of the clocks for each pair of points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clocks.h"

#include "../wireshark/capture/point.h"

static struct span spans[POINTS_MAX];
static GArray *pairs; /* struct clock_pair */

/* The places of a point have one clock. */
static void
read_spans(void)
{
    for (guint i = 0; i < POINTS_MAX; i++)
        spans[i] = (struct span){.begin = G_MAXINT64, .end = G_MININT64};
    for (guint i = 0; i < place_count(); i++) {
        struct span *span = &spans[point_of((guint16)i)], at = sightings_span((guint16)i);

        span->begin = MIN(span->begin, at.begin);
        span->end = MAX(span->end, at.end);
    }
}

void
clocks_reset(void)
{
    if (pairs == NULL)
        pairs = g_array_new(FALSE, FALSE, sizeof(struct clock_pair));
    for (guint i = 0; i < pairs->len; i++)
        skew_free(g_array_index(pairs, struct clock_pair, i).skew);
    g_array_set_size(pairs, 0);
    read_spans();
}

struct span
clocks_span(guint point)
{
    return spans[point];
}

const struct clock_pair *
clocks_pair(guint index)
{
    return pairs != NULL && index < pairs->len ? &g_array_index(pairs, struct clock_pair, index) : NULL;
}

struct skew *
clocks_skew(guint first, guint second, gboolean create)
{
    struct clock_pair added = {.first = first, .second = second};
    const struct clock_pair *pair;

    for (guint i = 0; (pair = clocks_pair(i)) != NULL; i++)
        if (pair->first == first && pair->second == second)
            return pair->skew;
    if (!create)
        return NULL;
    added.skew = skew_new(spans[first].begin, spans[first].end);
    g_array_append_val(pairs, added);
    return added.skew;
}

void
clocks_finish(void)
{
    for (guint i = 0; i < pairs->len; i++)
        skew_finish(g_array_index(pairs, struct clock_pair, i).skew);
}

/* The bounds of how much later the clock of `to` is at a time of `from`. */
static gboolean
bounds(guint from, guint to, gint64 time, gint64 *low, gint64 *high)
{
    const struct skew *skew = clocks_skew(MIN(from, to), MAX(from, to), FALSE);
    gint64 least, most;

    if (skew == NULL || !skew_at(skew, time, &least, &most))
        return FALSE;
    if (from > to && !skew_at(skew, time - (least + most) / 2, &least, &most)) /* by the other clock */
        return FALSE;
    *low = from < to ? least : -most;
    *high = from < to ? most : -least;
    return TRUE;
}

gboolean
clocks_earliest(guint from, guint to, gint64 time, gint64 *there)
{
    gint64 low, high;

    if (!bounds(from, to, time, &low, &high))
        return FALSE;
    *there = time + high;
    return TRUE;
}

gboolean
clocks_latest(guint from, guint to, gint64 time, gint64 *there)
{
    gint64 low, high;

    if (!bounds(from, to, time, &low, &high))
        return FALSE;
    *there = time + low;
    return TRUE;
}
