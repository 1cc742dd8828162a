/* The connection and states of the frame that the user has selected. The menu works on them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SELECTION_H
#define TCPSTATE_SELECTION_H

#include "view.h"

/* If a frame has several segments, this is the innermost one. */
struct selection {
    guint32 frame, connection;
    guint32 since[2]; /* frames in which client and server entered their states; 0 if before the connection's first frame */
};

void selection_register(int proto);

/* Call it with each segment of a frame, outermost first. */
void selection_store(packet_info *pinfo, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment);

/* The selection of a dissected frame, or NULL if it has no segment. Valid as long as the dissection. */
const struct selection *selection_of(packet_info *pinfo);

/* The selection of the frame that is selected in Wireshark's window, or NULL. */
const struct selection *selection_current(void);

#endif /* TCPSTATE_SELECTION_H */
