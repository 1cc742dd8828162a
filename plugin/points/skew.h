/* The difference of the clocks of two points, from the segments that went from one to the other in both directions.
 *
 * A segment from the first point to the second one shows the difference, and the time that it took on top: so the difference is at most
 * that. A segment in the other direction shows that it is at least that. Clocks may drift by SKEW_DRIFT_PPM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SKEW_H
#define TCPSTATE_SKEW_H

#include <glib.h>

/* Parts per million. Quartz clocks drift by less than 100; NTP assumes at most 500 (RFC 5905 section 7.3, PHI is 15). */
enum { SKEW_DRIFT_PPM = 200 };

struct skew;

/* `begin` and `end`: the times that samples may have, nanoseconds since the epoch. Free it with skew_free(). */
struct skew *skew_new(gint64 begin, gint64 end);
void skew_free(struct skew *skew);

/* A segment was seen at `time` by the clock of the first point, and `later` nanoseconds after that by the clock of the second one. */
void skew_add(struct skew *skew, gint64 time, gint64 later, gboolean is_to_second);

/* Call it after the last skew_add() and before skew_at(). */
void skew_finish(struct skew *skew);

/* By how much the clock of the second point is ahead at a time of the first one, nanoseconds: at least `low` and at most `high`. The
 * difference from `high` is how long a segment to the second point took beyond the least time, and so from `low` to the first one. FALSE if
 * one direction had no segment. */
gboolean skew_at(const struct skew *skew, gint64 time, gint64 *low, gint64 *high);

/* The first and the last time that had a segment. */
void skew_range(const struct skew *skew, gint64 *first, gint64 *last);

#endif /* TCPSTATE_SKEW_H */
