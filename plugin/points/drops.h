/* When the capture of a point has missed segments: the receiver has acknowledged bytes, or echoed a timestamp, that it does not have; a
 * segment at another point fills a gap in the IP IDs of its sender; or it has bytes that nobody else seems to have sent.
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
