/* Tells what became of each segment between the points of a group.
 *
 * A segment that one point did not see is not lost, and does not come from between, if that point did not capture then, or if the
 * acknowledgments show that its capture has dropped segments. A RST does not come from between if resets.h says that it may be genuine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FATES_H
#define TCPSTATE_FATES_H

#include "group.h"

/* Links the sightings of each segment, and tells drops.h what the captures have missed. `way`: the points in their order from end 0 to end
 * 1, at least two. */
void fates_link(const struct group_point *const *way, guint count);

/* Sets fates and changes. Call it after drops_finish(). */
void fates_settle(const struct group_point *const *way, guint count);

/* The same for what only one point saw, if other connections between the same hosts have shown where the other points are. */
void fates_link_alone(const struct group_point *alone);
void fates_settle_alone(const struct group_point *alone);

#endif /* TCPSTATE_FATES_H */
