/* The times at which the capture begins and ends, as far as it has been read. All are nanoseconds since the epoch.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CLOCK_H
#define TCPSTATE_CLOCK_H

#include "../api/compat.h"

void clock_reset(void);

/* Call it with any frame before clock_begin(). */
void clock_start(const packet_info *pinfo);

/* Call it with the time of each frame on the first pass. */
void clock_tick(gint64 time);

gint64 clock_begin(void); /* time of the first frame */
gint64 clock_end(void);   /* latest time of all frames; 0 before the first frame */

#endif /* TCPSTATE_CLOCK_H */
