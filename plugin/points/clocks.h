/* When each point captured, and how its clock differs from those of the other points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CLOCKS_H
#define TCPSTATE_CLOCKS_H

#include "../wireshark/capture/sightings.h"
#include "skew.h"

/* Two points that saw the same connections: first < second. */
struct clock_pair {
    guint first, second;
    struct skew *skew; /* of the second clock against the first one */
};

void clocks_reset(void);

/* The times of the first and the last segment that a point captured, by its own clock. */
struct span clocks_span(guint point);

/* The difference of the clocks of two points, first < second; it is created if `create`. NULL for none. */
struct skew *clocks_skew(guint first, guint second, gboolean create);

/* Call it when all samples were added. */
void clocks_finish(void);

/* The pair of points at `index`; NULL after the last one. */
const struct clock_pair *clocks_pair(guint index);

/* The time of the point `to` at which a segment that the point `from` saw at `time` comes there at the earliest, or left there at the
 * latest if it came from there. FALSE if the clocks were not compared. */
gboolean clocks_earliest(guint from, guint to, gint64 time, gint64 *there);
gboolean clocks_latest(guint from, guint to, gint64 time, gint64 *there);

#endif /* TCPSTATE_CLOCKS_H */
