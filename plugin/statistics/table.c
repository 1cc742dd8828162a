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

static const char *
cell_at(const struct table *table, guint row, guint column)
{
    return (const char *)g_ptr_array_index(table->cells, row * table->column_count + column);
}

static int
width_of(const struct table *table, guint column)
{
    size_t width = strlen(table->columns[column].title);

    for (guint row = 0; row < table->cells->len / table->column_count; row++)
        width = MAX(width, strlen(cell_at(table, row, column)));
    return (int)width;
}

/* Titles stand on the left; nothing comes after the last column. */
static void
print_cell(const struct table *table, guint column, int width, const char *text, gboolean is_title)
{
    gboolean last = column + 1 == table->column_count;

    if (table->columns[column].right && !is_title)
        printf("%*s", width, text);
    else if (last)
        printf("%s", text);
    else
        printf("%-*s", width, text);
    putchar(last ? '\n' : ' ');
}

void
table_print(struct table *table)
{
    int *widths = g_new(int, table->column_count);

    for (guint column = 0; column < table->column_count; column++)
        widths[column] = width_of(table, column);
    for (guint column = 0; column < table->column_count; column++)
        print_cell(table, column, widths[column], table->columns[column].title, TRUE);
    for (guint i = 0; i < table->cells->len; i++)
        print_cell(table, i % table->column_count, widths[i % table->column_count], (const char *)g_ptr_array_index(table->cells, i),
                   FALSE);
    g_free(widths);
    g_ptr_array_free(table->cells, TRUE);
    g_free(table);
}
