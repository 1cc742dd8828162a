/* Makes an observer when its point has its first segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observers.h"

#include <string.h>

#include "point.h"

static struct tcpstate_observer first, *observers[POINTS_MAX]; /* observers[0] is &first */

void
observers_begin_capture(const struct tcpstate_observer *like)
{
    first = *like;
    memset(observers, 0, sizeof observers);
    observers[0] = &first;
}

struct tcpstate_observer *
observers_first(void)
{
    return &first;
}

struct tcpstate_observer *
observers_at(guint point)
{
    if (observers[point] == NULL) {
        observers[point] = (struct tcpstate_observer *)wmem_memdup(wmem_file_scope(), &first, sizeof first);
        observers[point]->history = NULL;
    }
    return observers[point];
}
