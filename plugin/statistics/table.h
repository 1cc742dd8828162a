/* A table as text, with columns as wide as needed. All cells are in one block of memory, so that a million rows take little more than their
 * text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TABLE_H
#define TCPSTATE_TABLE_H

#include <glib.h>

struct column {
    const char *title;
    gboolean right; /* aligned to the right */
};

struct table;

struct table *table_new(const struct column *columns, guint column_count);

/* Add the next cell, row by row. table_add() frees the string. */
void table_add_text(struct table *table, const char *text);
void table_add(struct table *table, char *cell);

/* Adds a number, divided by `unit`, with so many decimals: see tcpstate_decimal(). */
void table_add_number(struct table *table, gint64 number, gint64 unit, guint decimals);

/* Adds a line of text between rows, and frees the string. */
void table_section(struct table *table, char *text);

/* Prints the table, and frees it. */
void table_print(struct table *table);

#endif /* TCPSTATE_TABLE_H */
