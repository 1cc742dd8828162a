/* Joins the flows that have a connection number in common (union-find), and sorts their sightings by point.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "group.h"

#include "../wireshark/capture/flows.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/siblings.h"
#include "../wireshark/capture/twins.h"
#include "mark.h"

/* The flows in the order of their first sightings. A flow is told by its index. */
struct forest {
    GPtrArray *flows;
    GHashTable *indexes; /* struct flow -> its index plus 1 */
    guint *parents;      /* an earlier flow of the same group; the first flow of a group has itself */
    gboolean *joined;    /* whether the group of this first flow has several */
};

static guint
root_of(const struct forest *forest, guint flow)
{
    while (forest->parents[flow] != flow) {
        forest->parents[flow] = forest->parents[forest->parents[flow]]; /* halve the path */
        flow = forest->parents[flow];
    }
    return flow;
}

static const struct flow *
flow_at(const struct forest *forest, guint index)
{
    return (const struct flow *)g_ptr_array_index(forest->flows, index);
}

/* Joins the groups of two flows. Without sightings, a flow has no index, and is in no group. */
static void
join(struct forest *forest, const struct flow *first, const struct flow *second)
{
    guint a = GPOINTER_TO_UINT(g_hash_table_lookup(forest->indexes, first));
    guint b = GPOINTER_TO_UINT(g_hash_table_lookup(forest->indexes, second));

    if (a == 0 || b == 0)
        return;
    a = root_of(forest, a - 1);
    b = root_of(forest, b - 1);
    if (a == b)
        return;
    forest->joined[MIN(a, b)] = TRUE;
    forest->parents[MAX(a, b)] = MIN(a, b);
}

static void
add_flow(struct flow *flow, void *data)
{
    struct forest *forest = (struct forest *)data;

    g_ptr_array_add(forest->flows, flow);
    g_hash_table_insert(forest->indexes, flow, GUINT_TO_POINTER(forest->flows->len));
}

static struct forest
plant(void)
{
    struct forest forest = {.flows = g_ptr_array_new(), .indexes = g_hash_table_new(g_direct_hash, g_direct_equal)};

    sightings_for_each_flow(add_flow, &forest);
    forest.parents = g_new(guint, forest.flows->len);
    forest.joined = g_new0(gboolean, forest.flows->len);
    for (guint i = 0; i < forest.flows->len; i++)
        forest.parents[i] = i;
    return forest;
}

static void
fell(struct forest *forest)
{
    g_hash_table_destroy(forest->indexes);
    g_ptr_array_free(forest->flows, TRUE);
    g_free(forest->parents);
    g_free(forest->joined);
}

/* Flows that have a connection in common. */
static void
join_twins(struct forest *forest)
{
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct flow_connection *conn = flow_connection(number), *twin;

        for (guint i = 0; (twin = twins_at(number, i)) != NULL; i++)
            join(forest, conn->flow, twin->flow);
    }
}

/* Flows of different points between the same addresses and ports, though their numbers have not shown that they belong together: too few
 * segments are at one of the points, or their numbers are changed between. */
static void
join_same_ends(struct forest *forest)
{
    for (guint i = 0; i < forest->flows->len; i++) {
        const struct flow *flow = flow_at(forest, i);

        join(forest, flows_first(flow), flow);
    }
}

/* Joins the flow with one at another point that has a segment with the same mark. Adds its own marks. */
static void
join_by_marks(struct forest *forest, GHashTable *marks, gboolean (*is_marked)(const struct sighting *), const struct flow *flow)
{
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++) {
        gpointer known;

        if (!is_marked(sightings[i]))
            continue;
        known = g_hash_table_lookup(marks, sightings[i]);
        if (known != NULL && point_of(siblings_place((const struct flow *)known)) != point_of(siblings_place(flow)))
            join(forest, (const struct flow *)known, flow);
        else if (known == NULL)
            g_hash_table_insert(marks, sightings[i], (gpointer)flow);
    }
}

/* Flows that were captured from the middle on, and whose addresses or numbers are changed between the points. */
static void
join_changed(struct forest *forest)
{
    GHashTable *marks = g_hash_table_new(mark_hash, mark_equal); /* struct sighting -> its flow */
    GHashTable *numbers = g_hash_table_new(mark_hash_numbers, mark_equal_numbers);

    for (guint i = 0; i < forest->flows->len; i++) {
        if (forest->joined[root_of(forest, i)])
            continue;
        join_by_marks(forest, marks, mark_exists, flow_at(forest, i));
        join_by_marks(forest, numbers, mark_has_numbers, flow_at(forest, i));
    }
    g_hash_table_destroy(marks);
    g_hash_table_destroy(numbers);
}

/* How many segments of each flow are compared. */
enum { COMPARED = 64 };

/* Whether a segment of end 0 of one flow is a segment of end 1 of the other. */
static gboolean
is_flipped_by_marks(const struct flow *first, const struct flow *second)
{
    guint counts[2];
    struct sighting *const *a = sightings_of(first, &counts[0]), *const *b = sightings_of(second, &counts[1]);

    for (guint i = 0; i < MIN(counts[0], COMPARED); i++)
        for (guint j = 0; j < MIN(counts[1], COMPARED); j++)
            if (mark_is_equal(a[i], b[j]) || (mark_has_numbers(a[i]) && mark_equal_numbers(a[i], b[j])))
                return a[i]->from != b[j]->from;
    return FALSE;
}

/* Whether end 0 of the one flow is end 1 of the other: the client of a common connection is another end. */
static gboolean
is_flipped(const struct flow *first, const struct flow *flow)
{
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++) {
        const struct flow_connection *there = twins_in_flow(first, sightings[i]->connection);
        const struct flow_connection *here = twins_in_flow(flow, sightings[i]->connection);

        if (here != NULL && there != NULL)
            return tcpstate_client(flow_engine_connection(here)) != tcpstate_client(flow_engine_connection(there));
    }
    return is_flipped_by_marks(first, flow);
}

static struct group_point *
point_in(struct group *group, const struct flow *flow, guint point)
{
    for (guint i = 0; i < group->point_count; i++)
        if (group->points[i].point == point)
            return &group->points[i];
    if (group->point_count == GROUP_POINTS_MAX)
        return NULL;
    group->points[group->point_count] = (struct group_point){.point = point, .flow = flow};
    if (group->point_count > 0 && !flow_has_same_ends(flow, group->points[0].flow))
        group->points[group->point_count].is_flipped = is_flipped(group->points[0].flow, flow);
    return &group->points[group->point_count++];
}

static gint
by_frame(gconstpointer a, gconstpointer b)
{
    const struct sighting *first = *(const struct sighting *const *)a, *second = *(const struct sighting *const *)b;

    return first->frame != second->frame ? (first->frame > second->frame) - (first->frame < second->frame) : first->layer - second->layer;
}

/* The first segments of a point may be in the flow of another one, because they were read before the capture showed that there are two. */
static void
add_sightings(struct group *group, const struct flow *flow)
{
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    for (guint i = 0; i < count; i++) {
        struct group_point *to = point_in(group, flow, point_of(sightings[i]->place));

        if (to == NULL)
            continue;
        if (to->own == NULL)
            to->own = g_array_new(FALSE, FALSE, sizeof(struct sighting *));
        g_array_append_val(to->own, sightings[i]);
    }
}

/* The usual case: each point has one flow, and only its own sightings. */
static gboolean
are_simple(const struct group *group, const GPtrArray *flows)
{
    gboolean simple = flows->len == group->point_count;

    for (guint i = 0; i < flows->len && simple; i++)
        simple = sightings_are_at_one_place((const struct flow *)g_ptr_array_index(flows, i));
    return simple;
}

/* A point has the flow that is its own, and the sightings of several flows in the order of the capture. */
static void
sort_sightings(struct group *group, const GPtrArray *flows)
{
    for (guint i = 0; i < flows->len; i++)
        add_sightings(group, (const struct flow *)g_ptr_array_index(flows, i));
    for (guint i = 0; i < group->point_count; i++) {
        struct group_point *at = &group->points[i];

        if (at->own == NULL)
            continue;
        g_array_sort(at->own, by_frame);
        at->sightings = (struct sighting *const *)(const void *)at->own->data;
        at->count = at->own->len;
    }
}

static struct group
make_group(const GPtrArray *flows)
{
    struct group group = {.point_count = 0};

    for (guint i = 0; i < flows->len; i++) {
        const struct flow *flow = (const struct flow *)g_ptr_array_index(flows, i);

        (void)point_in(&group, flow, point_of(siblings_place(flow)));
    }
    if (!are_simple(&group, flows)) {
        sort_sightings(&group, flows);
        return group;
    }
    for (guint i = 0; i < group.point_count; i++)
        group.points[i].sightings = sightings_of(group.points[i].flow, &group.points[i].count);
    return group;
}

struct groups {
    GArray *all; /* struct group */
};

/* The flows of each group follow each other in `next`, an index plus 1. */
static void
chain(const struct forest *forest, guint *next)
{
    guint *last = g_new(guint, forest->flows->len);

    for (guint i = 0; i < forest->flows->len; i++) {
        guint root = root_of(forest, i);

        if (root != i)
            next[last[root]] = i + 1;
        last[root] = i;
    }
    g_free(last);
}

static void
make_groups(struct groups *groups, const struct forest *forest)
{
    guint *next = g_new0(guint, forest->flows->len);
    GPtrArray *flows = g_ptr_array_new();

    chain(forest, next);
    for (guint i = 0; i < forest->flows->len; i++) {
        struct group group;

        if (root_of(forest, i) != i)
            continue;
        g_ptr_array_set_size(flows, 0);
        for (guint at = i + 1; at != 0; at = next[at - 1])
            g_ptr_array_add(flows, g_ptr_array_index(forest->flows, at - 1));
        group = make_group(flows);
        g_array_append_val(groups->all, group);
    }
    g_ptr_array_free(flows, TRUE);
    g_free(next);
}

struct groups *
groups_new(void)
{
    struct forest forest = plant();
    struct groups *groups = g_new(struct groups, 1);

    join_twins(&forest);
    join_same_ends(&forest);
    join_changed(&forest);
    groups->all = g_array_new(FALSE, FALSE, sizeof(struct group));
    make_groups(groups, &forest);
    fell(&forest);
    return groups;
}

void
groups_free(struct groups *groups)
{
    if (groups == NULL)
        return;
    for (guint i = 0; i < groups->all->len; i++) {
        const struct group *group = &g_array_index(groups->all, struct group, i);

        for (guint j = 0; j < group->point_count; j++)
            if (group->points[j].own != NULL)
                g_array_free(group->points[j].own, TRUE);
    }
    g_array_free(groups->all, TRUE);
    g_free(groups);
}

void
groups_for_each(const struct groups *groups, void (*use)(const struct group *group, void *data), void *data)
{
    for (guint i = 0; i < groups->all->len; i++)
        use(&g_array_index(groups->all, struct group, i), data);
}
