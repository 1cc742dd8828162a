/* What a person sees: the subtree of a segment, and expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DISPLAY_H
#define TCPSTATE_DISPLAY_H

#include "flow.h"

void display_register(void);
void display_begin_capture(void);

/* Whether something of the segment, or of a quoted header, is to be drawn. */
gboolean display_is_wanted(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment);

/* Draws the states and findings of a segment of which something is wanted. Without a tree, findings go to expert information alone.
 * `not_counted` is why the segment is no part of its connection, NULL where it is. */
void display_segment(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment,
                     const char *not_counted);

/* The same of a header that an ICMP error quotes: its findings. */
void display_quoted(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *quoted);

/* Whether expert information is wanted of frames that have no tree. */
gboolean display_wants_findings(const packet_info *pinfo);

/* Somebody may read the labels of the tree, for whom more is put into words than the values: of the frame that Wireshark shows in detail.
 */
gboolean display_is_read(const proto_tree *tree);

#endif /* TCPSTATE_DISPLAY_H */
