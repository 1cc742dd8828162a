/* Sorts all RSTs by their numbers, to find those that are equal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "resets.h"

#include "../wireshark/capture/point.h"

/* 1 s, in nanoseconds. */
#define NEAR G_GINT64_CONSTANT(1000000000)

/* How many equal ones are searched, so that the time stays linear. */
enum { SEARCHED = 64 };

static GPtrArray *resets; /* struct sighting, by point, numbers and time */

void
resets_reset(void)
{
    if (resets == NULL)
        resets = g_ptr_array_new();
    g_ptr_array_set_size(resets, 0);
}

void
resets_add_flow(struct flow *flow, void *unused G_GNUC_UNUSED)
{
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++)
        if ((sightings[i]->flags & TCPSTATE_RST) != 0)
            g_ptr_array_add(resets, sightings[i]);
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static gint
compare_numbers(guint point, const struct sighting *a, const struct sighting *b)
{
    guint other = point_of(b->place);

    if (point != other)
        return COMPARE(point, other);
    if (a->seq != b->seq)
        return COMPARE(a->seq, b->seq);
    return a->ack != b->ack ? COMPARE(a->ack, b->ack) : COMPARE(a->flags, b->flags);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    const struct sighting *first = *(const struct sighting *const *)a, *second = *(const struct sighting *const *)b;
    gint numbers = compare_numbers(point_of(first->place), first, second);

    return numbers != 0 ? numbers : COMPARE(first->time, second->time);
}

void
resets_finish(void)
{
    g_ptr_array_sort(resets, compare);
}

/* The index of the first one at a point, with the numbers of `reset`, from a time on. */
static guint
index_at(guint point, const struct sighting *reset, gint64 time)
{
    guint low = 0, high = resets->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct sighting *at = (const struct sighting *)g_ptr_array_index(resets, middle);
        gint numbers = compare_numbers(point, reset, at);

        if (numbers > 0 || (numbers == 0 && at->time < time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gboolean
resets_are_elsewhere(guint point, const struct sighting *reset, gint64 time)
{
    guint first = index_at(point, reset, time - NEAR);

    for (guint i = first; i < MIN(first + SEARCHED, resets->len); i++) {
        const struct sighting *at = (const struct sighting *)g_ptr_array_index(resets, i);

        if (compare_numbers(point, reset, at) != 0 || at->time > time + NEAR)
            return FALSE;
        if (at->up == NULL && at->down == NULL)
            return TRUE;
    }
    return FALSE;
}

gboolean
resets_is_answer(const struct entry *reset, const struct entry *segment)
{
    if ((reset->sighting->flags & TCPSTATE_RST) == 0 || (segment->sighting->flags & TCPSTATE_RST) != 0)
        return FALSE;
    if ((segment->sighting->flags & TCPSTATE_ACK) != 0)
        return (reset->sighting->flags & TCPSTATE_ACK) == 0 && reset->seq == segment->ack;
    return (reset->sighting->flags & TCPSTATE_ACK) != 0 && reset->ack == entry_end(segment);
}
