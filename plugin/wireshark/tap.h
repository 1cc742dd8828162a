/* What statistics listen to: the tap `tcpstate`, one message for each segment that counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TAP_H
#define TCPSTATE_TAP_H

#include "view.h"

#define TCPSTATE_TAP "tcpstate"

/* Lives as long as the frame's dissection; what it points to, as long as the capture file is open. */
struct tap_segment {
    const struct flow *flow;
    struct tcpstate_segment segment;
    struct view view;
    const struct tcpstate_finding *findings;
    guint finding_count;
};

/* Whether the segment changed a state, is a retry, or has a finding. */
gboolean tap_is_event(const struct tap_segment *told);

void tap_register(void);

/* Whether somebody listens. */
gboolean tap_is_wanted(void);

/* Tells the listeners, if there are any. */
void tap_tell(packet_info *pinfo, const struct flow *flow, const struct tcpstate_segment *segment);

#endif /* TCPSTATE_TAP_H */
