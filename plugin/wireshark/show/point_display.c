/* Adds the capture point, and what became of the segment between the points. The latter is known only when the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "point_display.h"

#include "../../points/between.h"
#include "../../points/changes.h"
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
}

void
point_display(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment,
              guint16 place)
{
    const struct sighting *sighting;
    proto_item *item;

    if (place_count() < 2)
        return;
    item = generated(proto_tree_add_uint(tree, hf.point, tvb, 0, 0, point_of(place) + 1));
    generated(proto_tree_add_string(proto_item_add_subtree(item, ett_point), hf.point_name, tvb, 0, 0, place_name(pinfo->pool, place)));
    if (!pinfo->fd->visited)
        return;
    sighting = sightings_find(flow, segment);
    if (sighting != NULL)
        add_between(tvb, tree, sighting);
}

void
point_display_register(void)
{
    static gint *ett[] = {&ett_point, &ett_between};

    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
