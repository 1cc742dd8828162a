/* Statistics > TCP State Connections: the table of -z tcpstate,connections in Wireshark's window. It has a row for each connection with at
 * least one frame that passes the filter; the row covers all frames of the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <epan/stat_tap_ui.h>

#include "../wireshark/capture/frame.h"
#include "../wireshark/capture/twins.h"
#include "../wireshark/show/tap.h"
#include "summary.h"

static const char title[] = "TCP State Connections";

/* Texts in columns of numbers are padded to so many characters on the left, enough for any of them, so that they sort as numbers. */
#define NUMBER_WIDTH 12

/* The row of a connection in the table. `frame` is the last frame that the engine had read when the row was written. */
struct row {
    guint index;
    guint32 frame;
};

static GHashTable *rows; /* connection number -> struct row, owned */

/* All dialogs share the table. A second dialog goes on showing the old rows after the table was emptied, so texts and rows are freed only
 * when the last dialog is closed. */
static GStringChunk *texts;
static GPtrArray *old_rows;

/* The table, or NULL before the first dialog. */
static stat_tap_table *
table_of(const stat_tap_table_ui *ui)
{
    return ui->tables != NULL && ui->tables->len > 0 ? g_array_index(ui->tables, stat_tap_table *, 0) : NULL;
}

static stat_tap_table_item_enum
type_of(const struct summary_column *column)
{
    if (column->number == NULL)
        return TABLE_ITEM_STRING;
    return column->decimals == 0 ? TABLE_ITEM_UINT : TABLE_ITEM_FLOAT;
}

static const char *
text_of(const struct evidence *evidence, const struct summary_column *column)
{
    char text[SUMMARY_TEXT_SIZE];
    char *padded = g_strdup_printf("%*s", column->column.right ? NUMBER_WIDTH : 0, summary_text(evidence, column, text));
    const char *kept = g_string_chunk_insert_const(texts, padded);

    g_free(padded);
    return kept;
}

static stat_tap_table_item_type
cell_of(const struct evidence *evidence, const struct summary_column *column)
{
    stat_tap_table_item_type cell = {.type = type_of(column)};

    if (cell.type == TABLE_ITEM_STRING)
        cell.value.string_value = text_of(evidence, column);
    else if (cell.type == TABLE_ITEM_UINT)
        cell.value.uint_value = (guint)column->number(evidence);
    else
        cell.value.float_value = (double)column->number(evidence) / (double)column->unit;
    return cell;
}

static struct row *
new_row(const stat_tap_table *table, guint32 number)
{
    struct row *row = g_new0(struct row, 1);

    row->index = table->num_elements;
    g_hash_table_insert(rows, GUINT_TO_POINTER(number), row);
    return row;
}

/* A row is written completely at the connection's first frame. It is written again only if the engine has read more frames since, as in a
 * live capture. */
static tap_packet_status
add_segment(void *listener, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data TAP_FLAGS_ARGUMENT)
{
    stat_tap_table *table = table_of(((const stat_data_t *)listener)->stat_tap_data);
    const struct tap_segment *tapped = (const struct tap_segment *)data;
    struct row *row = (struct row *)g_hash_table_lookup(rows, GUINT_TO_POINTER(tapped->connection));
    stat_tap_table_item_type cells[SUMMARY_COLUMNS];
    struct evidence evidence;

    if (table == NULL || twins_first(tapped->connection) != tapped->connection || (row != NULL && tapped->segment.frame <= row->frame) ||
        !evidence_gather(&evidence, tapped->connection))
        return TAP_PACKET_DONT_REDRAW;
    if (row == NULL)
        row = new_row(table, tapped->connection);
    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        cells[i] = cell_of(&evidence, &summary_columns[i]);
    evidence_clear(&evidence);
    stat_tap_init_table_row(table, row->index, SUMMARY_COLUMNS, cells);
    row->frame = frame_last();
    return TAP_PACKET_REDRAW;
}

static void
empty(stat_tap_table *table)
{
    for (guint i = 0; i < table->num_elements; i++)
        g_ptr_array_add(old_rows, table->elements[i]);
    table->num_elements = 0;
    g_hash_table_remove_all(rows);
}

static void
init(stat_tap_table_ui *ui)
{
    stat_tap_table *table = table_of(ui);

    if (rows == NULL) {
        rows = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
        texts = g_string_chunk_new(4096);
        old_rows = g_ptr_array_new_with_free_func(g_free);
    }
    if (table != NULL)
        empty(table);
    else
        stat_tap_add_table(ui, stat_tap_init_table(title, SUMMARY_COLUMNS, 0, NULL));
}

/* Wireshark calls this for each cell when the last dialog is closed. The first call frees everything. */
static void
release(stat_tap_table *table _U_, guint row, guint column, stat_tap_table_item_type *cell _U_)
{
    if (row > 0 || column > 0)
        return;
    g_string_chunk_clear(texts);
    g_ptr_array_set_size(old_rows, 0);
    g_hash_table_remove_all(rows);
}

void
connections_window_register(void)
{
    static const char *const formats[] = {[TABLE_ITEM_STRING] = "%s", [TABLE_ITEM_UINT] = "%u", [TABLE_ITEM_FLOAT] = "%.6f"};
    static stat_tap_table_item fields[SUMMARY_COLUMNS];
    static tap_param params[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_table_ui ui = {.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                                   .title = title,
                                   .tap_name = TCPSTATE_TAP,
                                   .cli_string = "tcpstate,connections",
                                   .stat_tap_init_cb = init,
                                   .packet_func = add_segment,
                                   .stat_tap_reset_table_cb = empty,
                                   .stat_tap_free_table_item_cb = release,
                                   .nfields = SUMMARY_COLUMNS,
                                   .fields = fields,
                                   .nparams = G_N_ELEMENTS(params),
                                   .params = params};

    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        fields[i] = (stat_tap_table_item){.type = type_of(&summary_columns[i]),
                                          .align = summary_columns[i].column.right ? TAP_ALIGN_RIGHT : TAP_ALIGN_LEFT,
                                          .column_name = summary_columns[i].column.title,
                                          .field_format = formats[type_of(&summary_columns[i])]};
    register_stat_tap_table_ui(&ui);
}
