/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>
#include <string.h>

/* Stands before the text of a section; no cell begins with it. */
#define SECTION '\1'

struct table {
    const struct column *columns;
    guint column_count, column; /* of the next cell */
    guint *widths;              /* as wide as the cells so far */
    GString *text;              /* of all cells, row by row, each with its terminator */
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

/* With its last `decimals` digits after a point. */
static void
add_digits(struct table *table, guint64 number, guint decimals)
{
    char text[32], *at = text + sizeof text - 1;

    *at = '\0';
    for (guint i = 0; i <= decimals || number > 0; i++, number /= 10) {
        if (i == decimals && decimals > 0)
            *--at = '.';
        *--at = (char)('0' + number % 10);
    }
    table_add_text(table, at);
}

/* Where the last digit is just between two, printf() knows on which side of it the quotient falls. */
void
table_add_number(struct table *table, gint64 number, gint64 unit, guint decimals)
{
    gint64 step = unit;

    for (guint i = 0; i < decimals; i++)
        step /= 10;
    if (number >= 0 && (step == 1 || number % step != step / 2))
        add_digits(table, (guint64)((number + step / 2) / step), decimals);
    else
        table_add(table, g_strdup_printf("%.*f", (int)decimals, (double)number / (double)unit));
}

void
table_section(struct table *table, char *text)
{
    g_string_append_c(table->text, SECTION);
    append(table->text, text, strlen(text) + 1);
    g_free(text);
}

static void
pad(GString *line, gsize count)
{
    gsize length = line->len;

    g_string_set_size(line, length + count);
    memset(line->str + length, ' ', count);
}

/* Titles stand on the left. */
static void
write_cell(GString *line, const struct table *table, guint column, const char *text, gsize length, gboolean is_title)
{
    gsize padding = table->widths[column] - length;
    gboolean right = table->columns[column].right && !is_title;

    if (right)
        pad(line, padding);
    append(line, text, length);
    pad(line, (right ? 0 : padding) + 1);
}

/* Nothing comes after the last text. */
static void
end_line(GString *line)
{
    while (line->len > 0 && g_ascii_isspace(line->str[line->len - 1]))
        line->len--;
    line->str[line->len] = '\n';
    fwrite(line->str, 1, line->len + 1, stdout);
    g_string_truncate(line, 0);
}

static void
write_titles(GString *line, const struct table *table)
{
    for (guint column = 0; column < table->column_count; column++)
        write_cell(line, table, column, table->columns[column].title, strlen(table->columns[column].title), TRUE);
    end_line(line);
}

static void
write_rows(GString *line, const struct table *table)
{
    const char *end = table->text->str + table->text->len;
    guint column = 0;

    for (const char *text = table->text->str; text < end;) {
        gsize length = strlen(text);
        gboolean is_section = *text == SECTION;

        if (is_section)
            append(line, text + 1, length - 1);
        else
            write_cell(line, table, column++, text, length, FALSE);
        if (is_section || column == table->column_count) {
            end_line(line);
            column = 0;
        }
        text += length + 1;
    }
}

void
table_print(struct table *table)
{
    GString *line = g_string_new(NULL);

    write_titles(line, table);
    write_rows(line, table);
    g_string_free(line, TRUE);
    g_string_free(table->text, TRUE);
    g_free(table->widths);
    g_free(table);
}
