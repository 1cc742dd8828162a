/* Statistics > TCP State Connections: the table of -z tcpstate,connections in Wireshark's window. Its rows are the connections of which the
 * filter lets a frame through, whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <epan/stat_tap_ui.h>

#include "summary.h"
#include "tap.h"

static const char title[] = "TCP State Connections";

/* Text sorts as a number if it is this wide. */
#define NUMBER_WIDTH 12

/* A connection's row of the table, as it was when the engine had read that frame. */
struct row {
    guint index;
    guint32 frame;
};

static GHashTable *rows; /* by the connection's number, owned */

/* A second dialog goes on showing what the table had before it was emptied. So texts and rows live until the last one is closed. */
static GStringChunk *texts;
static GPtrArray *old_rows;

/* NULL before the first dialog. */
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
text_of(const struct summary *summary, const struct summary_column *column)
{
    char text[SUMMARY_TEXT_SIZE];
    char *padded = g_strdup_printf("%*s", column->column.right ? NUMBER_WIDTH : 0, summary_text(summary, column, text));
    const char *kept = g_string_chunk_insert_const(texts, padded);

    g_free(padded);
    return kept;
}

static stat_tap_table_item_type
cell_of(const struct summary *summary, const struct summary_column *column)
{
    stat_tap_table_item_type cell = {.type = type_of(column)};

    if (cell.type == TABLE_ITEM_STRING)
        cell.value.string_value = text_of(summary, column);
    else if (cell.type == TABLE_ITEM_UINT)
        cell.value.uint_value = (guint)column->number(summary);
    else
        cell.value.float_value = (double)column->number(summary) / (double)column->unit;
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

/* A connection is told whole at its first frame, and again only where the engine has read on since: while frames are being captured. */
static tap_packet_status
tell(void *listener, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data TAP_FLAGS_ARGUMENT)
{
    stat_tap_table *table = table_of(((const stat_data_t *)listener)->stat_tap_data);
    const struct tap_segment *told = (const struct tap_segment *)data;
    struct row *row = (struct row *)g_hash_table_lookup(rows, GUINT_TO_POINTER(told->connection));
    stat_tap_table_item_type cells[SUMMARY_COLUMNS];
    struct summary summary;

    if (table == NULL || (row != NULL && told->segment.frame <= row->frame) || !summarize(&summary, told->connection))
        return TAP_PACKET_DONT_REDRAW;
    if (row == NULL)
        row = new_row(table, told->connection);
    for (guint i = 0; i < SUMMARY_COLUMNS; i++)
        cells[i] = cell_of(&summary, &summary_columns[i]);
    summary_clear(&summary);
    stat_tap_init_table_row(table, row->index, SUMMARY_COLUMNS, cells);
    row->frame = flow_last_frame();
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
begin(stat_tap_table_ui *ui)
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

/* Called for each cell when the last dialog is closed; all go at once. */
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
                                   .stat_tap_init_cb = begin,
                                   .packet_func = tell,
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
