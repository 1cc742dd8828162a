/* Adds the capture point, and what became of the segment between the points. The latter is known only when the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "point_display.h"

#include "../../points/between.h"
#include "../../points/changes.h"
#include "../../points/near.h"
#include "../capture/point.h"
#include "../capture/sightings.h"
#include "fields.h"

static gint ett_point = -1, ett_between = -1;

static const char *const fate_names[] = {[FATE_UNKNOWN] = NULL,    [FATE_BOTH] = "both",         [FATE_CHANGED] = "changed",
                                         [FATE_COPIED] = "copied", [FATE_INJECTED] = "injected", [FATE_LOST] = "lost"};

static proto_item *
generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

/* The frames of the same segment at the other points: from the first point on its way to the last one. */
static void
add_sightings(tvbuff_t *tvb, proto_tree *tree, const struct sighting *sighting)
{
    const struct sighting *first = sighting;

    while (first->up != NULL)
        first = first->up;
    for (const struct sighting *at = first; at != NULL; at = at->down)
        if (at->frame != sighting->frame)
            generated(proto_tree_add_uint(tree, hf.sighting, tvb, 0, 0, at->frame));
}

/* How much longer it took to the next point, or from the last one, than the fastest segment. */
static void
add_delay(tvbuff_t *tvb, proto_tree *tree, const struct sighting *sighting)
{
    const struct sighting *sent = sighting->up != NULL ? sighting->up : sighting,
                          *arrived = sighting->up != NULL ? sighting : sighting->down;
    gint64 earliest, delay;
    nstime_t time;

    if (arrived == NULL || !clocks_earliest(point_of(sent->place), point_of(arrived->place), sent->time, &earliest))
        return;
    delay = MAX(arrived->time - earliest, 0);
    time = (nstime_t){.secs = (time_t)(delay / 1000000000), .nsecs = (int)(delay % 1000000000)};
    generated(proto_tree_add_time(tree, hf.between_delay, tvb, 0, 0, &time));
}

static void
add_between(tvbuff_t *tvb, proto_tree *tree, const struct sighting *sighting)
{
    proto_item *item;

    if (!sighting->is_unsure)
        add_sightings(tvb, tree, sighting);
    if (sighting->fate == FATE_UNKNOWN)
        return;
    item = generated(proto_tree_add_string(tree, hf.between, tvb, 0, 0, fate_names[sighting->fate]));
    tree = proto_item_add_subtree(item, ett_between);
    for (guint i = 0; i < TCPSTATE_CHANGED_COUNT; i++)
        if (sighting->changes >> i & 1)
            generated(proto_tree_add_string(tree, hf.between_changed, tvb, 0, 0, change_words((enum tcpstate_change_index)i)));
    add_delay(tvb, tree, sighting);
}

/* The end that the point is nearer to: known when the capture has been read. NULL for none. */
static const char *
near_end(const packet_info *pinfo, const struct flow_connection *conn)
{
    return pinfo->fd->visited && conn != NULL ? near_name(near_of(conn)) : NULL;
}

static void
add_near(tvbuff_t *tvb, proto_tree *tree, const char *near)
{
    if (near != NULL)
        generated(proto_tree_add_string(tree, hf.point_near, tvb, 0, 0, near));
}

/* If there is only one point, all that can be told of it is which end it is nearer to. */
void
point_display(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow_connection *conn,
              const struct tcpstate_segment *segment, guint16 place)
{
    const struct sighting *sighting;
    proto_tree *subtree;

    if (place_count() < 2) {
        if (proto_field_is_referenced(tree, hf.point_near))
            add_near(tvb, tree, near_end(pinfo, conn));
        return;
    }
    subtree = proto_item_add_subtree(generated(proto_tree_add_uint(tree, hf.point, tvb, 0, 0, point_of(place) + 1)), ett_point);
    generated(proto_tree_add_string(subtree, hf.point_name, tvb, 0, 0, place_name(pinfo->pool, place)));
    add_near(tvb, subtree, near_end(pinfo, conn));
    sighting = pinfo->fd->visited && conn != NULL ? sightings_find(conn->flow, segment) : NULL;
    if (sighting != NULL)
        add_between(tvb, tree, sighting);
}

void
point_display_register(void)
{
    static gint *ett[] = {&ett_point, &ett_between};

    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
