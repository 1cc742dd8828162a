/* Listens to our tap with the display filter, and marks the connection of each frame that passes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection_filter.h"

#include "../wireshark/capture/twins.h"
#include "../wireshark/show/tap.h"
#include "command.h"
#include "options.h"

static tap_packet_status
mark_connection(void *listener, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tapped TAP_FLAGS_ARGUMENT)
{
    GArray *marks = ((struct connection_filter *)listener)->marks;
    guint32 connection = ((const struct tap_segment *)tapped)->connection;

    if (connection >= marks->len)
        g_array_set_size(marks, connection + 1);
    g_array_index(marks, guint8, connection) = TRUE;
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *listener)
{
    g_array_set_size(((struct connection_filter *)listener)->marks, 0);
}

static void
release(void *listener)
{
    g_array_free(((struct connection_filter *)listener)->marks, TRUE);
    g_free(listener);
}

gboolean
connection_filter_listen(const char *name, struct connection_filter *listener, const char *at, tap_draw_cb draw)
{
    const char *filter = *at == ',' ? at + 1 : at;

    if (filter == at && *at != '\0')
        option_error(name, "no such statistic: %s%s", name, at);
    option_check(name, at);
    listener->marks = g_array_new(FALSE, TRUE, sizeof(guint8));
    if (!option_failed() && listen_to(name, TCPSTATE_TAP, listener, *filter != '\0' ? filter : NULL, reset, mark_connection, draw, release))
        return TRUE;
    release(listener);
    return FALSE;
}

static gboolean
is_marked(const GArray *marks, guint32 connection)
{
    return connection < marks->len && g_array_index(marks, guint8, connection);
}

gboolean
connection_filter_matches(const struct connection_filter *listener, guint32 connection)
{
    const struct flow_connection *twin;

    if (is_marked(listener->marks, connection))
        return TRUE;
    for (guint i = 0; (twin = twins_at(connection, i)) != NULL; i++)
        if (is_marked(listener->marks, tcpstate_number(flow_engine_connection(twin))))
            return TRUE;
    return FALSE;
}
