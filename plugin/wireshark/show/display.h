/* Shows a segment: its subtree in the protocol tree, and its expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DISPLAY_H
#define TCPSTATE_DISPLAY_H

#include "../capture/frame.h"

void display_register(void);

/* Where to show it: the frame, and its protocol tree or NULL. */
struct display_target {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree;
};

/* Whether there is something to show of a segment or quoted header. */
gboolean display_is_wanted(const struct display_target *target, const struct frame_segment *shown);

/* Shows the states and findings of a segment, or the findings of a quoted header. Call it only if display_is_wanted(). Without a tree,
 * findings become only expert information. */
void display_segment(const struct display_target *target, const struct frame_segment *shown);

/* Whether the labels of the tree may be shown, as those of the frame in Wireshark's details pane. Otherwise only the values of fields are
 * needed. */
gboolean display_is_visible(const proto_tree *tree);

#endif /* TCPSTATE_DISPLAY_H */
