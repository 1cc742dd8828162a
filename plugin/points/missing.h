/* Whether a segment that a point did not see was lost before it or came from behind it, or was only missed by its capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MISSING_H
#define TCPSTATE_MISSING_H

#include "group.h"

struct missing;

/* For the segments of a direction, which go from one point to the other; their sightings are linked. Free it with missing_free(). */
struct missing *missing_new(const struct group_point *from, const struct group_point *to, int direction);
void missing_free(struct missing *missing);

/* Tells drops.h when the captures have missed segments. */
void missing_find_drops(const struct missing *missing);

/* For a sighting of the first point that the second one does not have: whether it was lost between them. Call it after drops_finish(). */
gboolean missing_is_lost(const struct missing *missing, const struct sighting *sighting);

/* For a sighting of the second point that the first one does not have: whether it came from between them. */
gboolean missing_is_injected(const struct missing *missing, const struct sighting *sighting);

#endif /* TCPSTATE_MISSING_H */
