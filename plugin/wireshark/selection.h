/* What the frame that the user has selected shows of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SELECTION_H
#define TCPSTATE_SELECTION_H

#include "view.h"

/* Of a frame with several segments, the innermost. */
struct selection {
    guint32 frame, connection;
    guint32 since[2]; /* frames in which client and server came to their states; 0 where an end was in it from the start */
};

void selection_register(int proto);

/* To be told of each segment of a frame, from the outside in. */
void selection_keep(packet_info *pinfo, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment);

/* Of a frame that is dissected; NULL where it has no segment. Lives as long as the dissection. */
const struct selection *selection_of(packet_info *pinfo);

/* Of the frame that is selected in Wireshark's window; NULL where none is, or it has no segment. */
const struct selection *selection_now(void);

#endif /* TCPSTATE_SELECTION_H */
