/* Selects the connections of a statistic: those with at least one frame that passes its display filter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CONNECTION_FILTER_H
#define TCPSTATE_CONNECTION_FILTER_H

#include "../wireshark/api/compat.h"

#include <epan/tap.h>

/* Must be the first member of a statistic's listener. */
struct connection_filter {
    GArray *marks; /* guint8 for each connection number: TRUE if selected */
};

/* Registers the listener of a statistic with the filter at `at`. `draw` gets the listener. It is freed when the statistic ends. After an
 * error, also an earlier one of an option, returns FALSE, and the listener is freed. */
gboolean connection_filter_listen(const char *name, struct connection_filter *listener, const char *at, tap_draw_cb draw);

/* Also where a frame of one of its twins passes. */
gboolean connection_filter_matches(const struct connection_filter *listener, guint32 connection);

#endif /* TCPSTATE_CONNECTION_FILTER_H */
