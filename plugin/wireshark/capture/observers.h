/* The engine's observers: one for each capture point, so that what the segments of a point show comes from that point alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OBSERVERS_H
#define TCPSTATE_OBSERVERS_H

#include <tcpstate/observer.h>

#include "../api/compat.h"

/* Call it at the start of each capture. All observers are made like this one. */
void observers_begin_capture(const struct tcpstate_observer *pattern);

/* The observer of point 0, which all other observers are made like. */
struct tcpstate_observer *observers_first(void);

/* The observer of a point (see point.h). */
struct tcpstate_observer *observers_at(guint point);

#endif /* TCPSTATE_OBSERVERS_H */
