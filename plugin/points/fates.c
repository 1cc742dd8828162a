/* Goes along the way, from each point to the next one, and then to those after it for what the next one's capture has missed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fates.h"

#include <tcpstate/seq.h>

#include "../wireshark/capture/point.h"
#include "changes.h"
#include "clocks.h"
#include "hosts.h"
#include "match.h"
#include "missing.h"

static void
link_pair(struct sighting *sent, struct sighting *arrived, const struct group_point *from, const struct group_point *to)
{
    guint changes = changes_between(from->flow, sent, to->flow, arrived);

    arrived->up = sent;
    arrived->changes = (guint16)(arrived->changes | changes);
    sent->changes = (guint16)(sent->changes | changes);
    if (sent->down == NULL)
        sent->down = arrived;
}

static void
link_lanes(struct lane lanes[2], const struct group_point *from, const struct group_point *to)
{
    for (guint i = 0; i < lanes[1].count; i++)
        if (lanes[1].entries[i].twin != NULL)
            link_pair(lanes[1].entries[i].twin, lanes[1].entries[i].sighting, from, to);
    for (guint i = 0; i < lanes[0].count; i++) {
        struct entry *entry = &lanes[0].entries[i];

        if (entry->is_again)
            entry->sighting->is_copy = TRUE;
        else if (entry->twin != NULL && entry->sighting->down == NULL)
            entry->sighting->down = entry->twin;
    }
    for (int lane = 0; lane < 2; lane++)
        for (guint i = 0; i < lanes[lane].count; i++)
            if (lanes[lane].entries[i].is_unsure)
                lanes[lane].entries[i].sighting->is_unsure = TRUE;
}

/* A step of the way of the segments of one direction. */
struct step {
    const struct group_point *from, *to;
    int direction;
};

static void
link_step(const struct step *step)
{
    struct lane lanes[2];

    lane_fill(lanes, step->from, step->to, step->direction);
    match_sure(lanes);
    match_rest(lanes, step->from->point, step->to->point);
    link_lanes(lanes, step->from, step->to);
    lane_free(lanes);
}

/* The higher fate is told. */
static void
raise_fate(struct sighting *sighting, enum fate fate)
{
    if ((guint)fate > sighting->fate)
        sighting->fate = fate & 7u;
}

/* Whether any segment was seen at both points. If none was, what they saw may be of different connections. */
static gboolean
has_link(const struct step *step)
{
    for (guint i = 0; i < step->from->count; i++)
        if (step->from->sightings[i]->down != NULL || step->from->sightings[i]->up != NULL)
            return TRUE;
    return FALSE;
}

/* The fates of what both points of the step saw, or one of them. */
static void
settle_step(const struct step *step)
{
    struct missing *missing;

    if (step->to->count > 0 && step->from->count > 0 && !has_link(step))
        return;
    missing = missing_new(step->from, step->to, step->direction);

    for (guint i = 0; i < step->from->count; i++) {
        struct sighting *sighting = step->from->sightings[i];

        if ((sighting->from ^ step->from->is_flipped) != step->direction || sighting->is_copy || sighting->is_unsure)
            continue;
        if (sighting->down != NULL)
            raise_fate(sighting, sighting->changes != 0 ? FATE_CHANGED : FATE_BOTH);
        else if (missing_is_lost(missing, sighting))
            raise_fate(sighting, FATE_LOST);
    }
    for (guint i = 0; i < step->to->count; i++) {
        struct sighting *sighting = step->to->sightings[i];

        if ((sighting->from ^ step->to->is_flipped) != step->direction || sighting->is_unsure)
            continue;
        if (sighting->up != NULL && sighting->up->down != sighting && sighting->up->payload == sighting->payload)
            raise_fate(sighting, FATE_COPIED);
        else if (sighting->up != NULL)
            raise_fate(sighting, sighting->changes != 0 ? FATE_CHANGED : FATE_BOTH);
        else if (missing_is_injected(missing, sighting))
            raise_fate(sighting, FATE_INJECTED);
    }
    missing_free(missing);
}

/* Calls `use` for each step from a point to the one that is `distance` after it, in both directions. */
static void
for_each_step(const struct group_point *const *way, guint count, guint distance, void (*use)(const struct step *step))
{
    for (guint i = 0; i + distance < count; i++) {
        use(&(struct step){.from = way[i], .to = way[i + distance], .direction = 0});
        use(&(struct step){.from = way[i + distance], .to = way[i], .direction = 1});
    }
}

static void
find_drops(const struct step *step)
{
    struct missing *missing = missing_new(step->from, step->to, step->direction);

    missing_find_drops(missing);
    missing_free(missing);
}

void
fates_link(const struct group_point *const *way, guint count)
{
    for (guint distance = 1; distance < count; distance++)
        for_each_step(way, count, distance, link_step);
    for_each_step(way, count, 1, find_drops);
}

void
fates_settle(const struct group_point *const *way, guint count)
{
    for_each_step(way, count, 1, settle_step);
}

/* Calls `use` for each step between this point and another one that has seen nothing. */
static void
for_each_step_alone(const struct group_point *alone, void (*use)(const struct step *step))
{
    for (guint other = 0; other < point_count(); other++) {
        int near = other == alone->point ? -1 : hosts_near(alone->flow, alone->point, other);
        struct group_point nothing = {.point = other, .flow = alone->flow};

        if (near < 0)
            continue;
        use(&(struct step){.from = alone, .to = &nothing, .direction = near});
        use(&(struct step){.from = &nothing, .to = alone, .direction = !near});
    }
}

void
fates_link_alone(const struct group_point *alone)
{
    for_each_step_alone(alone, find_drops);
}

void
fates_settle_alone(const struct group_point *alone)
{
    for_each_step_alone(alone, settle_step);
}
