/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "selection.h"

#include "display.h"

#include <epan/epan_dissect.h>
#include <epan/plugin_if.h>
#include <epan/proto_data.h>

static int proto_tcpstate = -1;

void
selection_register(int proto)
{
    proto_tcpstate = proto;
}

void
selection_keep(packet_info *pinfo, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment)
{
    struct selection *kept;
    struct view view;

    if (!display_is_read(tree) || !view_at(flow, segment, &view))
        return;
    kept = wmem_new(pinfo->pool, struct selection);
    *kept = (struct selection){
        .frame = segment->frame, .connection = view.connection, .since = {view.end[view.client].since, view.end[!view.client].since}};
    p_remove_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0);
    p_add_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0, kept);
}

const struct selection *
selection_of(packet_info *pinfo)
{
    return (const struct selection *)p_get_proto_data(pinfo->pool, pinfo, proto_tcpstate, 0);
}

static void *
selected_in(capture_file *file, void *unused _U_)
{
    return file->current_frame != NULL && file->edt != NULL ? &file->edt->pi : NULL;
}

const struct selection *
selection_now(void)
{
    packet_info *pinfo = (packet_info *)plugin_if_get_capture_file(selected_in, NULL);

    return pinfo != NULL ? selection_of(pinfo) : NULL;
}
