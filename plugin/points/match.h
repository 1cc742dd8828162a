/* Finds which sightings at two points are of one segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MATCH_H
#define TCPSTATE_MATCH_H

#include "lane.h"

/* Sets the twins of all entries that are alike in what does not change on the way, if each point has one of them, or what marks them as
 * sent once is alike too. */
void match_sure(struct lane lanes[2]);

/* The same for what is left over: where a point has fewer of those that are alike, their times decide; then what a device between has
 * changed; then segments that offload has split or joined. lanes[0] is that of the point nearer to the sender.
 * Both points are those of the lanes: see point.h. */
void match_rest(struct lane lanes[2], guint from_point, guint to_point);

#endif /* TCPSTATE_MATCH_H */
