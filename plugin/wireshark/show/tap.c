/* Queues each segment for the tap, if the tap has a listener.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap.h"

#include <epan/tap.h>

void
tap_queue(packet_info *pinfo, const struct frame_segment *shown)
{
    const struct flow *flow = shown->flow;
    struct tap_segment *tapped;
    size_t at;

    if (!listeners_on_tap())
        return;
    at = tcpstate_record_at(flow->records, flow->record_count, shown->segment.frame, shown->segment.layer);
    if (at == 0)
        return;
    tapped = wmem_new(pinfo->pool, struct tap_segment);
    tapped->flow = flow;
    tapped->segment = shown->segment;
    tapped->connection = flow->records[at - 1].connection;
    tapped->is_twin = flow_connection(tapped->connection)->flow != flow;
    tapped->is_quoted = shown->is_quoted;
    tap_queue_packet(listeners_tap(), pinfo, tapped);
}

void
tap_view(const struct tap_segment *tapped, struct view *view)
{
    (void)view_at(tapped->flow, &tapped->segment, view);
}

gboolean
tap_is_event(const struct tap_segment *tapped)
{
    const struct tcpstate_finding *first;
    struct view view;

    tap_view(tapped, &view);
    return view.change_count > 0 || view.retry > 0 || (tapped->segment.flags & TCPSTATE_RST) != 0 ||
           flow_findings_at(tapped->flow, &tapped->segment, &first) > 0;
}
