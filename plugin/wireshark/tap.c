/* The tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap.h"

#include <epan/tap.h>

static int tap = -1;

gboolean
tap_is_event(const struct tap_segment *told)
{
    return told->view.change_count > 0 || told->view.retry > 0 || told->finding_count > 0;
}

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
tap_tell(packet_info *pinfo, const struct flow *flow, const struct tcpstate_segment *segment)
{
    struct tap_segment *told;

    if (!tap_is_wanted())
        return;
    told = wmem_new(pinfo->pool, struct tap_segment);
    told->flow = flow;
    told->segment = *segment;
    told->finding_count = flow_findings_at(flow, segment, &told->findings);
    if (view_at(flow, segment, &told->view))
        tap_queue_packet(tap, pinfo, told);
}
