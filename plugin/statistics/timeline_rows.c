/* Collects the rows of all connections in one array. The rows of a connection are linked by index.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timeline_rows.h"

#include "../wireshark/show/tap.h"
#include "command.h"

static gboolean
is_shown(const struct timeline_rows *rows, const struct tap_segment *tapped)
{
    return (rows->all && !tapped->is_quoted) || tap_is_event(tapped);
}

static void
add_row(struct timeline_rows *rows, struct row_list *list, const struct tap_segment *tapped)
{
    struct timeline_row row = {
        .segment = tapped->segment, .is_quoted = tapped->is_quoted, .skipped = list->skipped, .skipped_bytes = list->skipped_bytes};

    g_array_append_val(rows->rows, row);
    if (list->last == 0)
        list->first = rows->rows->len;
    else
        g_array_index(rows->rows, struct timeline_row, list->last - 1).next = rows->rows->len;
    *list = (struct row_list){.first = list->first, .last = rows->rows->len};
}

static tap_packet_status
add_segment(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *message TAP_FLAGS_ARGUMENT)
{
    struct timeline_rows *rows = (struct timeline_rows *)data;
    const struct tap_segment *tapped = (const struct tap_segment *)message;
    guint32 connection = tapped->connection;
    struct row_list *list;

    if (tapped->is_twin || (rows->connection >= 0 && rows->connection != connection))
        return TAP_PACKET_DONT_REDRAW;
    if (rows->lists->len <= connection)
        g_array_set_size(rows->lists, connection + 1);
    list = &g_array_index(rows->lists, struct row_list, connection);
    if (is_shown(rows, tapped)) {
        add_row(rows, list, tapped);
    } else if (!tapped->is_quoted) {
        list->skipped++;
        list->skipped_bytes += tapped->segment.payload;
    }
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *data)
{
    g_array_set_size(((struct timeline_rows *)data)->rows, 0);
    g_array_set_size(((struct timeline_rows *)data)->lists, 0);
}

static void
release(void *data)
{
    g_array_free(((struct timeline_rows *)data)->rows, TRUE);
    g_array_free(((struct timeline_rows *)data)->lists, TRUE);
}

void
timeline_rows_listen(const char *name, struct timeline_rows *rows)
{
    rows->rows = g_array_new(FALSE, FALSE, sizeof(struct timeline_row));
    rows->lists = g_array_new(FALSE, TRUE, sizeof(struct row_list));
    (void)listen_to(name, TCPSTATE_TAP, rows, NULL, reset, add_segment, NULL, release);
}

const struct row_list *
timeline_rows_of(const struct timeline_rows *rows, guint32 connection)
{
    const struct row_list *list;

    if (connection >= rows->lists->len)
        return NULL;
    list = &g_array_index(rows->lists, struct row_list, connection);
    return list->first > 0 || list->skipped > 0 ? list : NULL;
}

const struct timeline_row *
timeline_row_at(const struct timeline_rows *rows, guint32 index_plus_1)
{
    return index_plus_1 > 0 ? &g_array_index(rows->rows, struct timeline_row, index_plus_1 - 1) : NULL;
}
