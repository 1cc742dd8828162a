/* When the capture begins and ends, as far as it has been read. Nanoseconds since the epoch.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CLOCK_H
#define TCPSTATE_CLOCK_H

#include <glib.h>

void clock_reset(void);

/* To be called for each frame of the first pass. */
void clock_tick(gint64 time);

gint64 clock_begin(void); /* of the first frame */
gint64 clock_end(void);   /* the latest of all */

#endif /* TCPSTATE_CLOCK_H */
