/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>
#include <string.h>

struct table *
table_new(const struct column *columns, guint column_count)
{
    struct table *table = g_new(struct table, 1);

    table->columns = columns;
    table->column_count = column_count;
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void
table_add(struct table *table, char *cell)
{
    g_ptr_array_add(table->cells, cell);
}

void
table_section(struct table *table, char *text)
{
    table_add(table, text);
    for (guint column = 1; column < table->column_count; column++)
        table_add(table, NULL);
}

static const char *
cell_at(const struct table *table, guint row, guint column)
{
    return (const char *)g_ptr_array_index(table->cells, row * table->column_count + column);
}

static gboolean
is_section(const struct table *table, guint row)
{
    return table->column_count > 1 && cell_at(table, row, 1) == NULL;
}

static guint
row_count(const struct table *table)
{
    return table->cells->len / table->column_count;
}

static int
width_of(const struct table *table, guint column)
{
    size_t width = strlen(table->columns[column].title);

    for (guint row = 0; row < row_count(table); row++)
        if (!is_section(table, row))
            width = MAX(width, strlen(cell_at(table, row, column)));
    return (int)width;
}

/* Titles stand on the left. */
static void
write_cell(GString *line, const struct table *table, guint column, int width, const char *text, gboolean is_title)
{
    g_string_append_printf(line, table->columns[column].right && !is_title ? "%*s " : "%-*s ", width, text);
}

/* Nothing comes after the last text. */
static void
end_line(GString *line)
{
    g_strchomp(line->str);
    puts(line->str);
    g_string_truncate(line, 0);
}

static void
write_row(GString *line, const struct table *table, const int *widths, guint row)
{
    if (is_section(table, row))
        g_string_append(line, cell_at(table, row, 0));
    else
        for (guint column = 0; column < table->column_count; column++)
            write_cell(line, table, column, widths[column], cell_at(table, row, column), FALSE);
    end_line(line);
}

void
table_print(struct table *table)
{
    int *widths = g_new(int, table->column_count);
    GString *line = g_string_new(NULL);

    for (guint column = 0; column < table->column_count; column++)
        widths[column] = width_of(table, column);
    for (guint column = 0; column < table->column_count; column++)
        write_cell(line, table, column, widths[column], table->columns[column].title, TRUE);
    end_line(line);
    for (guint row = 0; row < row_count(table); row++)
        write_row(line, table, widths, row);
    g_string_free(line, TRUE);
    g_free(widths);
    g_ptr_array_free(table->cells, TRUE);
    g_free(table);
}
