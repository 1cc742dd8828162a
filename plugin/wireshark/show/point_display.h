/* The fields of a segment about capture points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_POINT_DISPLAY_H
#define TCPSTATE_POINT_DISPLAY_H

#include "../capture/flow.h"

/* Call it once, while the fields are registered. */
void point_display_register(void);

/* Adds them to the tree of a segment. `conn`: what the segment's point shows of its connection, or NULL. `place`: see place.h. */
void point_display(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow_connection *conn,
                   const struct tcpstate_segment *segment, guint16 place);

#endif /* TCPSTATE_POINT_DISPLAY_H */
