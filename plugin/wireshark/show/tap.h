/* The data of the tap `tcpstate`, to which statistics listen. One is queued for each segment that counts, and for each TCP header that an
 * ICMP error quotes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TAP_H
#define TCPSTATE_TAP_H

#include "../capture/frame.h"
#include "../capture/listeners.h"
#include "view.h"

/* Valid as long as the frame's dissection; its flow, as long as the capture file is open. One is allocated for every segment, so it has
 * only what all listeners need. They get the rest from tap_view() and flow_findings_at(). */
struct tap_segment {
    const struct flow *flow;
    struct tcpstate_segment segment;
    guint32 connection; /* number of the connection */
    gboolean is_twin;   /* another point showed the connection first: see twins.h. So that it counts once, only its findings count */
    gboolean is_quoted; /* quoted by an ICMP error: it has only ports and sequence number, and only its findings count */
};

/* Queues a segment for the listeners, if there are any. */
void tap_queue(packet_info *pinfo, const struct frame_segment *shown);

/* The view of the segment. */
void tap_view(const struct tap_segment *tapped, struct view *view);

/* Whether the segment changed a state, is a retry or a RST, or has a finding. */
gboolean tap_is_event(const struct tap_segment *tapped);

#endif /* TCPSTATE_TAP_H */
