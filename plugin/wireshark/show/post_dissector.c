/* Runs after all other dissectors of a frame: links conversations, adds to the protocol tree, and queues segments for the tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "post_dissector.h"

#include "../../points/reports.h"
#include "../capture/clock.h"
#include "../capture/conversation.h"
#include "../capture/listeners.h"
#include "../capture/place.h"
#include "display.h"
#include "selection.h"
#include "tap.h"

static const char *proto_name;

static void
show(const struct display_target *target, const struct frame_segment *shown)
{
    if (display_is_wanted(target, shown))
        display_segment(target, shown);
    selection_store(target->pinfo, target->tree, shown->flow, &shown->segment);
    if (shown->not_counted == NULL)
        tap_queue(target->pinfo, shown);
}

/* Sets pinfo so that expert information and taps see our protocol, and no part of an ICMP error. Not inlined, so that dissect() stays short
 * for the many frames whose results are not used. */
static G_GNUC_NO_INLINE void
show_all(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const struct frame_segment *segments, guint count)
{
    const struct display_target target = {.tvb = tvb, .pinfo = pinfo, .tree = tree};
    const char *outer_proto = pinfo->current_proto;
    gboolean outer_is_error = pinfo->flags.in_error_pkt != 0;

    pinfo->current_proto = proto_name;
    pinfo->flags.in_error_pkt = FALSE;
    for (guint i = 0; i < count; i++)
        show(&target, &segments[i]);
    pinfo->current_proto = outer_proto;
    pinfo->flags.in_error_pkt = outer_is_error ? 1 : 0;
}

/* Frames without TCP also move the end of the capture. */
static void
advance_clock(const packet_info *pinfo)
{
    if (!pinfo->fd->visited)
        clock_tick(header_captured_time(pinfo));
}

/* Called for each frame, with or without TCP. */
static int
dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct frame_segment *segments;
    guint count = frame_segments(pinfo, &segments);

    if (count == 0)
        advance_clock(pinfo);
    else if (!pinfo->fd->visited)
        conversation_link(pinfo, segments, count);
    if (count > 0 && pinfo->fd->visited && place_are_several())
        reports_update();
    if (count > 0 && frame_is_shown(pinfo, tree))
        show_all(tvb, pinfo, tree, segments, count);
    return 0;
}

/* The handle has a helper protocol, in name only: for this, Wireshark adds no layer to each frame, which would take longer than the rest.
 * Disabling our protocol disables the helper. */
void
post_dissector_register(int proto)
{
    int helper = proto_register_protocol_in_name_only("TCP State, post-dissector", "TCP State post-dissector", "tcpstate_post_dissector",
                                                      proto, FT_PROTOCOL);

    proto_name = proto_get_protocol_short_name(find_protocol_by_id(proto));
    register_postdissector(create_dissector_handle(dissect, helper));
}
