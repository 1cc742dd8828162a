/* Stores the connection of a frame that is shown in detail as protocol data of that frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "selection.h"

#include <epan/proto_data.h>

#include "../api/window.h"
#include "display.h"

static int proto_tcpstate = -1;

void
selection_register(int proto)
{
    proto_tcpstate = proto;
}

void
selection_store(packet_info *pinfo, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment)
{
    struct selection *stored;
    struct view view;

    if (!display_is_visible(tree) || !view_at(flow, segment, &view))
        return;
    stored = wmem_new(pinfo->pool, struct selection);
    *stored = (struct selection){
        .frame = segment->frame, .connection = view.connection, .since = {view.end[view.client].since, view.end[!view.client].since}};
    p_remove_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0);
    p_add_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0, stored);
}

const struct selection *
selection_of(packet_info *pinfo)
{
    return (const struct selection *)p_get_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0);
}

const struct selection *
selection_current(void)
{
    packet_info *pinfo = window_selected();

    return pinfo != NULL ? selection_of(pinfo) : NULL;
}
