/* What statistics listen to: the tap `tcpstate`, one message for each segment that counts, and for each that an ICMP error quotes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TAP_H
#define TCPSTATE_TAP_H

#include "view.h"

#define TCPSTATE_TAP "tcpstate"

/* Lives as long as the frame's dissection; its flow, as long as the capture file is open. It is told of every segment, so it holds no more
 * than all listeners want: the rest they ask for with tap_view() and flow_findings_at(). */
struct tap_segment {
    const struct flow *flow;
    struct tcpstate_segment segment;
    guint32 connection; /* its number */
    gboolean is_quoted; /* no segment: of an ICMP error only the findings are told, with the numbers that it quotes */
};

void tap_register(void);

/* Whether somebody listens. */
gboolean tap_is_wanted(void);

/* Tells the listeners, if there are any. */
void tap_tell(packet_info *pinfo, const struct flow *flow, const struct tcpstate_segment *segment, gboolean is_quoted);

/* What is shown of it. */
void tap_view(const struct tap_segment *told, struct view *view);

/* Whether the segment changed a state, is a retry, or has a finding. */
gboolean tap_is_event(const struct tap_segment *told);

#endif /* TCPSTATE_TAP_H */
