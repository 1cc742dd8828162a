/* Makes an observer when its point has its first segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observers.h"

#include <string.h>

#include "point.h"

static struct tcpstate_observer pattern, *observers[POINTS_MAX];

void
observers_begin_capture(const struct tcpstate_observer *like)
{
    pattern = *like;
    memset(observers, 0, sizeof observers);
}

struct tcpstate_observer *
observers_at(guint point)
{
    if (observers[point] == NULL)
        observers[point] = (struct tcpstate_observer *)wmem_memdup(wmem_file_scope(), &pattern, sizeof pattern);
    return observers[point];
}
