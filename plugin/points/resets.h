/* What shows that a RST may be genuine though a point near its sender does not have it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_RESETS_H
#define TCPSTATE_RESETS_H

#include "lane.h"

/* An index of all RSTs of the capture. Call the first, the second for each flow, and then the third. */
void resets_reset(void);
void resets_add_flow(struct flow *flow, void *unused);
void resets_finish(void);

/* Whether the point has an equal RST at about that time, by its own clock, nanoseconds since the epoch, that was seen nowhere else: it may
 * be in another connection there, if addresses or ports were changed on the way. */
gboolean resets_are_elsewhere(guint point, const struct sighting *reset, gint64 time);

/* Whether the RST is what a host sends in answer to a segment that has come to it (RFC 9293 section 3.10.7.1). */
gboolean resets_is_answer(const struct entry *reset, const struct entry *segment);

#endif /* TCPSTATE_RESETS_H */
