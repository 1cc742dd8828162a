/* Sorts the times of each point, to find the nearest one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "drops.h"

#include "../wireshark/capture/point.h"

/* 1 s, in nanoseconds. */
#define NEAR G_GINT64_CONSTANT(1000000000)

static GArray *times[POINTS_MAX]; /* gint64; NULL for none */

void
drops_reset(void)
{
    for (guint i = 0; i < POINTS_MAX; i++)
        if (times[i] != NULL)
            g_array_set_size(times[i], 0);
}

void
drops_add(guint point, gint64 time)
{
    if (times[point] == NULL)
        times[point] = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_val(times[point], time);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;

    return (first > second) - (first < second);
}

void
drops_finish(void)
{
    for (guint i = 0; i < POINTS_MAX; i++)
        if (times[i] != NULL)
            g_array_sort(times[i], compare);
}

gboolean
drops_near(guint point, gint64 time)
{
    guint low = 0, high = times[point] != NULL ? times[point]->len : 0, count = high;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(times[point], gint64, middle) < time - NEAR)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && g_array_index(times[point], gint64, low) <= time + NEAR;
}
