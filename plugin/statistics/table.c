/* Collects all cells, then prints them with columns as wide as the widest cell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table.h"

#include <string.h>

#include <tcpstate/decimal.h>

#include "output.h"

/* Marks the text of a section; no cell begins with this character. */
#define SECTION '\1'

struct table {
    const struct column *columns;
    guint column_count, column; /* column of the next cell */
    guint *widths;              /* characters of the widest cell so far, by column */
    GString *text;              /* all cells, row by row, each with its terminating 0 */
};

static void
append(GString *to, const char *text, gsize length)
{
    g_string_append_len(to, text, (gssize)length);
}

struct table *
table_new(const struct column *columns, guint column_count)
{
    struct table *table = g_new0(struct table, 1);

    table->columns = columns;
    table->column_count = column_count;
    table->widths = g_new(guint, column_count);
    table->text = g_string_new(NULL);
    for (guint column = 0; column < column_count; column++)
        table->widths[column] = (guint)strlen(columns[column].title);
    return table;
}

void
table_add_text(struct table *table, const char *text)
{
    gsize length = strlen(text);

    append(table->text, text, length + 1);
    table->widths[table->column] = MAX(table->widths[table->column], (guint)length);
    table->column = (table->column + 1) % table->column_count;
}

void
table_add(struct table *table, char *cell)
{
    table_add_text(table, cell);
    g_free(cell);
}

void
table_add_number(struct table *table, gint64 number, gint64 unit, guint decimals)
{
    table_add_text(table, tcpstate_decimal(number, unit, decimals).text);
}

void
table_section(struct table *table, char *text)
{
    g_string_append_c(table->text, SECTION);
    append(table->text, text, strlen(text) + 1);
    g_free(text);
}

/* Writes a cell into a line of blanks. Titles are always aligned to the left. */
static void
put(const struct table *table, char *line, guint column, guint offset, const char *text, gsize length, gboolean is_title)
{
    gboolean right = table->columns[column].right && !is_title;

    memcpy(line + offset + (right ? table->widths[column] - length : 0), text, length);
}

static void
write_line(char *line, gsize size)
{
    gsize length = size;

    while (length > 0 && line[length - 1] == ' ')
        length--;
    line[length] = '\n';
    output_write(line, length + 1);
    memset(line, ' ', length + 1);
}

static void
write_titles(const struct table *table, char *line, gsize size)
{
    for (guint column = 0, offset = 0; column < table->column_count; offset += table->widths[column++] + 1)
        put(table, line, column, offset, table->columns[column].title, strlen(table->columns[column].title), TRUE);
    write_line(line, size);
}

static void
write_rows(const struct table *table, char *line, gsize size)
{
    const char *end = table->text->str + table->text->len;
    guint column = 0, offset = 0;
    gsize length;

    for (const char *text = table->text->str; text < end; text += length + 1) {
        length = strlen(text);
        if (*text == SECTION) {
            output_print("%s\n", text + 1);
            continue;
        }
        put(table, line, column, offset, text, length, FALSE);
        offset += table->widths[column++] + 1;
        if (column < table->column_count)
            continue;
        write_line(line, size);
        column = offset = 0;
    }
}

void
table_print(struct table *table)
{
    gsize size = table->column_count;
    char *line;

    for (guint column = 0; column < table->column_count; column++)
        size += table->widths[column];
    line = g_strnfill(size, ' ');
    write_titles(table, line, size);
    write_rows(table, line, size);
    g_free(line);
    g_string_free(table->text, TRUE);
    g_free(table->widths);
    g_free(table);
}
