/* Keeps the best sample of each direction for each span of time, and lets it hold for other times with what clocks may drift.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "skew.h"

enum { SPANS_MAX = 1024 };

struct sample {
    gint64 time, later;
    gboolean is_known;
};

struct skew {
    gint64 begin, span;               /* nanoseconds */
    gint64 first, last;               /* times of samples */
    struct sample best[2][SPANS_MAX]; /* by whether it went to the second point, and by span of time */
};

struct skew *
skew_new(gint64 begin, gint64 end)
{
    struct skew *skew = g_new0(struct skew, 1);

    skew->begin = begin;
    skew->span = MAX((end - begin) / SPANS_MAX + 1, 10000000); /* at least 10 ms */
    skew->first = G_MAXINT64;
    skew->last = G_MININT64;
    return skew;
}

void
skew_free(struct skew *skew)
{
    g_free(skew);
}

static guint
span_of(const struct skew *skew, gint64 time)
{
    return (guint)CLAMP((time - skew->begin) / skew->span, 0, SPANS_MAX - 1);
}

/* What a sample of time `from` says at `time`. */
static gint64
drifted(gint64 from, gint64 time, gint64 later, gboolean is_to_second)
{
    gint64 drift = ABS(time - from) / 1000000 * SKEW_DRIFT_PPM;

    return is_to_second ? later + drift : later - drift;
}

static gboolean
is_better(gboolean is_to_second, gint64 later, gint64 than)
{
    return is_to_second ? later < than : later > than;
}

/* Keeps `sample` at `best` if it says more there than what is known. */
static void
offer(struct sample *best, const struct sample *sample, gboolean is_to_second)
{
    if (!sample->is_known)
        return;
    if (!best->is_known || is_better(is_to_second, drifted(sample->time, best->time, sample->later, is_to_second), best->later))
        *best = *sample;
}

void
skew_add(struct skew *skew, gint64 time, gint64 later, gboolean is_to_second)
{
    struct sample sample = {.time = time, .later = later, .is_known = TRUE};

    offer(&skew->best[is_to_second != 0][span_of(skew, time)], &sample, is_to_second);
    skew->first = MIN(skew->first, time);
    skew->last = MAX(skew->last, time);
}

/* A sample also says something of the spans before and after its own. */
void
skew_finish(struct skew *skew)
{
    for (int direction = 0; direction < 2; direction++) {
        struct sample *best = skew->best[direction];

        for (guint i = 1; i < SPANS_MAX; i++)
            offer(&best[i], &best[i - 1], direction != 0);
        for (guint i = SPANS_MAX - 1; i > 0; i--)
            offer(&best[i - 1], &best[i], direction != 0);
    }
}

gboolean
skew_at(const struct skew *skew, gint64 time, gint64 *low, gint64 *high)
{
    guint span = span_of(skew, time);
    gint64 *bounds[2] = {low, high};

    for (int direction = 0; direction < 2; direction++) {
        gboolean found = FALSE;

        /* the best of the neighbours, because the one of the span itself may be at its other end */
        for (guint i = span > 0 ? span - 1 : 0; i <= MIN(span + 1, SPANS_MAX - 1); i++) {
            const struct sample *sample = &skew->best[direction][i];
            gint64 there;

            if (!sample->is_known)
                continue;
            there = drifted(sample->time, time, sample->later, direction != 0);
            if (!found || is_better(direction != 0, there, *bounds[direction]))
                *bounds[direction] = there;
            found = TRUE;
        }
        if (!found)
            return FALSE;
    }
    return TRUE;
}

void
skew_range(const struct skew *skew, gint64 *first, gint64 *last)
{
    *first = skew->first;
    *last = skew->last;
}
