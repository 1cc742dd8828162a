/* When the capture begins, and when its last segment came. Nanoseconds since the epoch.
 *
 * To know of each frame takes a post-dissector, which would cost a seventh of what all else here costs: so the capture's first frame is
 * known by how much later a segment came, and its last one is not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CLOCK_H
#define TCPSTATE_CLOCK_H

#include "compat.h"

void clock_reset(void);

/* To be called before clock_begin(), with any frame. */
void clock_start(const packet_info *pinfo);

/* To be called with each segment of the first pass. */
void clock_tick(gint64 time);

gint64 clock_begin(void); /* of the first frame */
gint64 clock_end(void);   /* the latest of all segments; 0 before the first */

#endif /* TCPSTATE_CLOCK_H */
