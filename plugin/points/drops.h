/* When the capture of a point has missed segments: an ACK of bytes that it does not have shows that, or a gap in the IP IDs of a sender
 * that a segment at another point fills.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DROPS_H
#define TCPSTATE_DROPS_H

#include <glib.h>

void drops_reset(void);

/* The point has missed a segment at about that time, by its own clock, nanoseconds since the epoch. */
void drops_add(guint point, gint64 time);

/* Call it after the last drops_add(). */
void drops_finish(void);

/* Whether the point has missed segments within a second of that time: captures mostly drop many at once. */
gboolean drops_near(guint point, gint64 time);

#endif /* TCPSTATE_DROPS_H */
