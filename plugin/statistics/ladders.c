/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ladders.h"

#include "command.h"
#include "tap.h"

static gboolean
is_shown(const struct ladders *ladders, const struct tap_segment *told)
{
    return (ladders->all && !told->is_quoted) || tap_is_event(told);
}

static void
add_rung(struct ladders *ladders, struct ladder *ladder, const struct tap_segment *told)
{
    struct rung rung = {
        .segment = told->segment, .is_quoted = told->is_quoted, .skipped = ladder->skipped, .skipped_bytes = ladder->skipped_bytes};

    g_array_append_val(ladders->rungs, rung);
    if (ladder->last == 0)
        ladder->first = ladders->rungs->len;
    else
        g_array_index(ladders->rungs, struct rung, ladder->last - 1).next = ladders->rungs->len;
    *ladder = (struct ladder){.first = ladder->first, .last = ladders->rungs->len};
}

static tap_packet_status
climb(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *told_data TAP_FLAGS_ARGUMENT)
{
    struct ladders *ladders = (struct ladders *)data;
    const struct tap_segment *told = (const struct tap_segment *)told_data;
    guint32 connection = told->connection;
    struct ladder *ladder;

    if (ladders->connection >= 0 && ladders->connection != connection)
        return TAP_PACKET_DONT_REDRAW;
    if (ladders->ladders->len <= connection)
        g_array_set_size(ladders->ladders, connection + 1);
    ladder = &g_array_index(ladders->ladders, struct ladder, connection);
    if (is_shown(ladders, told)) {
        add_rung(ladders, ladder, told);
    } else if (!told->is_quoted) {
        ladder->skipped++;
        ladder->skipped_bytes += told->segment.payload;
    }
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *data)
{
    g_array_set_size(((struct ladders *)data)->rungs, 0);
    g_array_set_size(((struct ladders *)data)->ladders, 0);
}

static void
release(void *data)
{
    g_array_free(((struct ladders *)data)->rungs, TRUE);
    g_array_free(((struct ladders *)data)->ladders, TRUE);
}

void
ladders_listen(const char *name, struct ladders *ladders)
{
    ladders->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
    ladders->ladders = g_array_new(FALSE, TRUE, sizeof(struct ladder));
    listen_to(name, TCPSTATE_TAP, ladders, NULL, reset, climb, NULL, release);
}

const struct ladder *
ladders_of(const struct ladders *ladders, guint32 connection)
{
    const struct ladder *ladder;

    if (connection >= ladders->ladders->len)
        return NULL;
    ladder = &g_array_index(ladders->ladders, struct ladder, connection);
    return ladder->first > 0 || ladder->skipped > 0 ? ladder : NULL;
}

const struct rung *
ladders_rung(const struct ladders *ladders, guint32 index_and_1)
{
    return index_and_1 > 0 ? &g_array_index(ladders->rungs, struct rung, index_and_1 - 1) : NULL;
}
