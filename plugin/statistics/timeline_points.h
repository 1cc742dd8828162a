/* The timeline of a connection that several capture points saw: each segment once, with its frame at each point.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TIMELINE_POINTS_H
#define TCPSTATE_TIMELINE_POINTS_H

#include "../wireshark/api/compat.h"

/* Whether several points saw the connection, and it is known which of them is nearest to which end. */
gboolean timeline_points_exist(guint32 number);

/* Prints the table or the JSON objects. `all`: all segments, and not only those with a change, a retry, a finding or a loss. */
void timeline_points_print(guint32 number, gboolean all, gboolean absolute, gboolean json);

#endif /* TCPSTATE_TIMELINE_POINTS_H */
