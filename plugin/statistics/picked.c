/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "picked.h"

#include "options.h"
#include "tap.h"

static tap_packet_status
pick(void *listener, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *told TAP_FLAGS_ARGUMENT)
{
    g_hash_table_add(((struct picked *)listener)->numbers, GUINT_TO_POINTER(((const struct tap_segment *)told)->view.connection));
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *listener)
{
    g_hash_table_remove_all(((struct picked *)listener)->numbers);
}

void
picked_listen(const char *name, struct picked *listener, const char *at, tap_draw_cb draw)
{
    const char *filter = *at == ',' ? at + 1 : at;

    listener->numbers = g_hash_table_new(g_direct_hash, g_direct_equal);
    listen_to(name, TCPSTATE_TAP, listener, *filter != '\0' ? filter : NULL, reset, pick, draw);
}

gboolean
is_picked(const struct picked *listener, guint32 connection)
{
    return g_hash_table_contains(listener->numbers, GUINT_TO_POINTER(connection));
}
