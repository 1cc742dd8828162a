/* The connections that a statistic is about: those of which the filter lets a frame through.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_PICKED_H
#define TCPSTATE_PICKED_H

#include "compat.h"

#include <epan/tap.h>

/* The first member of a listener. */
struct picked {
    GArray *marks; /* guint8, by connection number */
};

/* Listens to our tap from now on, with the filter that is left at `at`; an error ends the program. `listener` is given to `draw`, and
 * freed when the statistic is done with. */
void picked_listen(const char *name, struct picked *listener, const char *at, tap_draw_cb draw);

gboolean is_picked(const struct picked *listener, guint32 connection);

#endif /* TCPSTATE_PICKED_H */
