/* The tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap.h"

#include <epan/tap.h>

static int tap = -1;

void
tap_register(void)
{
    tap = register_tap(TCPSTATE_TAP);
}

gboolean
tap_is_wanted(void)
{
    return have_tap_listener(tap);
}

void
tap_tell(packet_info *pinfo, const struct flow *flow, const struct tcpstate_segment *segment, gboolean is_quoted)
{
    struct tap_segment *told;
    size_t at;

    if (!tap_is_wanted())
        return;
    at = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);
    if (at == 0)
        return;
    told = wmem_new(pinfo->pool, struct tap_segment);
    told->flow = flow;
    told->segment = *segment;
    told->connection = flow->records[at - 1].connection;
    told->is_quoted = is_quoted;
    tap_queue_packet(tap, pinfo, told);
}

void
tap_view(const struct tap_segment *told, struct view *view)
{
    (void)view_at(told->flow, &told->segment, view);
}

gboolean
tap_is_event(const struct tap_segment *told)
{
    const struct tcpstate_finding *first;
    struct view view;

    tap_view(told, &view);
    return view.change_count > 0 || view.retry > 0 || flow_findings_at(told->flow, &told->segment, &first) > 0;
}
