/* The capture points: which places (place.h) are one point.
 *
 * A network tap gives each direction an interface of its own, and many mirror ports do the same with VLANs. Such places are one point: each
 * of them alone has half of a connection. So all places are one point until the capture shows that two of them differ.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_POINT_H
#define TCPSTATE_POINT_H

#include "place.h"

/* Places that would be further points count to the last one. */
enum { POINTS_MAX = 64 };

/* Call it at the start of each capture. */
void point_begin_capture(void);

/* The point of a place: a number from 0. */
guint point_of(guint16 place);

/* The name of the point: that of its first place. Allocated in `scope`. */
char *point_name(wmem_allocator_t *scope, guint point);

/* How many points there are, as far as the capture has shown; at least 1. */
guint point_count(void);

/* The capture has shown that two places are legs of one point: one has a direction of a connection, and the other one has the other. */
void point_join(guint16 a, guint16 b);

/* Whether two places are known to be legs of one point. */
gboolean point_is_joined(guint16 a, guint16 b);

/* The capture has shown that two places differ: the same segment was captured at both, or both directions of a connection at each. Of two
 * places of one point, the later one goes to another. */
void point_separate(guint16 a, guint16 b);

#endif /* TCPSTATE_POINT_H */
