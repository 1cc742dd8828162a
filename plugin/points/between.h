/* What happened between the capture points: which sightings are of one segment, which point is nearer to which end, how the clocks differ,
 * and what became of each segment on its way. It is computed from all sightings when it is asked for, after the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_BETWEEN_H
#define TCPSTATE_BETWEEN_H

#include "clocks.h"
#include "hosts.h"

/* A segment on a step of its way, from a point to the next one. */
struct between_item {
    guint from, to;
    const struct sighting *sighting;
    gboolean is_sent; /* the sighting is that of the point `from`; else that of `to` */
};

/* Calls `use` for each sighting and step, after between_update(). */
void between_for_each(void (*use)(const struct between_item *item, void *data), void *data);

/* Call it at the start of each capture. */
void between_begin_capture(void);

/* Computes up, down, fate and changes of all sightings, and what clocks.h and hosts.h tell, if sightings were added since. FALSE if no
 * connection was seen at two points. */
gboolean between_update(void);

#endif /* TCPSTATE_BETWEEN_H */
