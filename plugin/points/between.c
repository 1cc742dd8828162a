/* First compares what the points of each group saw, to find the way and the clocks. Then tells with these what became of each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "between.h"

#include "../wireshark/capture/point.h"
#include "drops.h"
#include "fates.h"
#include "group.h"
#include "match.h"
#include "resets.h"

static guint done_count = G_MAXUINT; /* sightings at the last update */
static struct groups *groups;        /* of the last update */

void
between_begin_capture(void)
{
    done_count = G_MAXUINT;
    groups_free(groups);
    groups = NULL;
}

/* Forgets what an earlier update has found. */
static void
clear_flow(struct flow *flow, void *data G_GNUC_UNUSED)
{
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++) {
        sightings[i]->up = sightings[i]->down = NULL;
        sightings[i]->is_copy = sightings[i]->is_unsure = FALSE;
        sightings[i]->fate = FATE_UNKNOWN;
        sightings[i]->changes = 0;
    }
}

/* How much later the other point saw the segment, by its own clock. */
static gint64
lateness(const struct entry *entry)
{
    return entry->twin->time - entry->sighting->time;
}

/* Which end is nearer to the first point: a segment of this end comes to the second point later, and one of the other end comes there
 * sooner. Each segment is compared with the next one of the other direction. Positive for end 0, and 0 if nothing tells. */
static gint
vote(struct lane of[2][2])
{
    const struct lane *lanes[2] = {&of[0][0], &of[1][0]};
    const struct entry *last[2] = {NULL, NULL};
    guint at[2] = {0, 0};
    gint votes = 0;

    while (at[0] < lanes[0]->count || at[1] < lanes[1]->count) {
        gboolean is_first = at[1] == lanes[1]->count || (at[0] < lanes[0]->count && lanes[0]->entries[at[0]].sighting->frame <
                                                                                        lanes[1]->entries[at[1]].sighting->frame);
        int direction = is_first ? 0 : 1;
        const struct entry *entry = &lanes[direction]->entries[at[direction]++];

        if (entry->twin == NULL)
            continue;
        last[direction] = entry;
        if (last[!direction] != NULL)
            votes += (lateness(last[0]) > lateness(last[1])) - (lateness(last[0]) < lateness(last[1]));
    }
    return votes;
}

/* The hop limit of a segment is lower at the point that it comes to later. */
static gint
vote_by_ttl(struct lane of[2][2])
{
    gint votes = 0;

    for (int direction = 0; direction < 2; direction++)
        for (guint i = 0; i < of[direction][0].count; i++) {
            const struct entry *entry = &of[direction][0].entries[i];
            gint lower = entry->twin == NULL ? 0 : entry->sighting->ttl - entry->twin->ttl;

            if (lower != 0)
                votes += (lower > 0) == (direction == 0) ? 1 : -1;
        }
    return votes;
}

static void
add_samples(struct skew *skew, const struct lane *lane, gboolean is_to_second)
{
    for (guint i = 0; i < lane->count; i++)
        if (lane->entries[i].twin != NULL)
            skew_add(skew, lane->entries[i].sighting->time, lateness(&lane->entries[i]), is_to_second);
}

/* Compares two points of a group. The number of the first one is the lower one. */
static void
compare_points(const struct group_point *first, const struct group_point *second)
{
    struct lane of[2][2];
    gint votes;

    for (int direction = 0; direction < 2; direction++) {
        lane_fill(of[direction], first, second, direction);
        match_sure(of[direction]);
    }
    votes = vote(of);
    if (votes == 0)
        votes = vote_by_ttl(of);
    if (votes != 0) {
        int near = votes > 0 ? 0 : 1;
        struct skew *skew = clocks_skew(first->point, second->point, TRUE);

        hosts_set_near(first->flow, first->point, second->point, near ^ first->is_flipped);
        hosts_set_near(second->flow, second->point, first->point, !near ^ second->is_flipped);
        for (int direction = 0; direction < 2; direction++)
            add_samples(skew, &of[direction][0], direction == near);
    }
    lane_free(of[0]);
    lane_free(of[1]);
}

static void
compare_group(const struct group *group, void *data G_GNUC_UNUSED)
{
    for (guint i = 0; i < group->point_count; i++)
        for (guint j = 0; j < group->point_count; j++)
            if (group->points[i].point < group->points[j].point)
                compare_points(&group->points[i], &group->points[j]);
}

/* Puts the points of a group in order, on the way from end 0 to end 1. FALSE if that is not known of two of them, or if what is known
 * contradicts itself. */
static gboolean
order_points(const struct group *group, const struct group_point *way[GROUP_POINTS_MAX])
{
    for (guint i = 0; i < group->point_count; i++)
        way[i] = NULL;
    for (guint i = 0; i < group->point_count; i++) {
        const struct group_point *here = &group->points[i];
        guint before = 0; /* how many points are nearer to end 0 */

        for (guint j = 0; j < group->point_count; j++) {
            int near = i == j ? -1 : hosts_near(here->flow, here->point, group->points[j].point);

            if (i != j && near < 0)
                return FALSE;
            before += i != j && (near ^ here->is_flipped) != 0;
        }
        if (way[before] != NULL)
            return FALSE;
        way[before] = here;
    }
    return TRUE;
}

static void
link_group(const struct group *group, void *data G_GNUC_UNUSED)
{
    const struct group_point *way[GROUP_POINTS_MAX];

    if (group->point_count == 1)
        fates_link_alone(&group->points[0]);
    else if (order_points(group, way))
        fates_link(way, group->point_count);
}

static void
settle_group(const struct group *group, void *data G_GNUC_UNUSED)
{
    const struct group_point *way[GROUP_POINTS_MAX];

    if (group->point_count == 1)
        fates_settle_alone(&group->points[0]);
    else if (order_points(group, way))
        fates_settle(way, group->point_count);
}

static void
update(void)
{
    if (groups != NULL)
        sightings_for_each_flow(clear_flow, NULL);
    groups_free(groups);
    groups = groups_new();
    clocks_reset();
    hosts_reset();
    drops_reset();
    resets_reset();
    sightings_for_each_flow(resets_add_flow, NULL);
    resets_finish();
    groups_for_each(groups, compare_group, NULL);
    clocks_finish();
    groups_for_each(groups, link_group, NULL);
    drops_finish();
    groups_for_each(groups, settle_group, NULL);
}

gboolean
between_update(void)
{
    if (done_count != sightings_count()) {
        done_count = sightings_count();
        update();
    }
    return clocks_pair(0) != NULL;
}

struct user {
    void (*use)(const struct between_item *item, void *data);
    void *data;
};

static void
use_point(const struct group_point *at, int direction, struct between_item item, const struct user *user)
{
    for (guint i = 0; i < at->count; i++) {
        item.sighting = at->sightings[i];
        if ((item.sighting->from ^ at->is_flipped) == direction)
            user->use(&item, user->data);
    }
}

static void
use_step(const struct group_point *from, const struct group_point *to, int direction, const struct user *user)
{
    struct between_item item = {.from = from->point, .to = to->point, .is_sent = TRUE};

    use_point(from, direction, item, user);
    item.is_sent = FALSE;
    use_point(to, direction, item, user);
}

/* What only one point saw counts where it is known to be lost or injected. */
static void
use_alone(const struct group_point *alone, const struct user *user)
{
    for (guint other = 0; other < point_count(); other++) {
        int near = other == alone->point ? -1 : hosts_near(alone->flow, alone->point, other);
        const struct group_point nothing = {.point = other, .flow = alone->flow};

        if (near < 0)
            continue;
        use_step(alone, &nothing, near, user);
        use_step(&nothing, alone, !near, user);
    }
}

static void
use_group(const struct group *group, void *data)
{
    const struct user *user = (const struct user *)data;
    const struct group_point *way[GROUP_POINTS_MAX];

    if (group->point_count == 1) {
        use_alone(&group->points[0], user);
        return;
    }
    if (!order_points(group, way))
        return;
    for (guint i = 0; i + 1 < group->point_count; i++) {
        use_step(way[i], way[i + 1], 0, user);
        use_step(way[i + 1], way[i], 1, user);
    }
}

void
between_for_each(void (*use)(const struct between_item *item, void *data), void *data)
{
    struct user user = {.use = use, .data = data};

    groups_for_each(groups, use_group, &user);
}
