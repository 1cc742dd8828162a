/* What a person sees: fields, expert items and the subtree of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DISPLAY_H
#define TCPSTATE_DISPLAY_H

#include "flow.h"

void display_register(int proto);
void display_begin_capture(void);

/* Draws the segment's states and findings. `tree` may be NULL: then findings go to expert information alone. `not_counted` is why the
 * segment is no part of its connection, NULL where it is. */
void display_segment(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment,
                     const char *not_counted);

/* The same of a header that an ICMP error quotes: its findings. */
void display_quoted(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *quoted);

/* Whether expert information is wanted of frames that have no tree. */
gboolean display_wants_findings(const packet_info *pinfo);

#endif /* TCPSTATE_DISPLAY_H */
