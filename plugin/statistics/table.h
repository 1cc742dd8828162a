/* A table as text, with columns as wide as they need to be. Its cells stand in one piece of memory, so that a million rows take no more
 * than their text.
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

/* Adds the next cell: a copy, or the string itself, which is freed. */
void table_add_text(struct table *table, const char *text);
void table_add(struct table *table, char *cell);

/* Adds a number of so many to the unit that is shown: tcpstate_decimal(). */
void table_add_number(struct table *table, gint64 number, gint64 unit, guint decimals);

/* Adds a line of its own between rows; owns the string. */
void table_section(struct table *table, char *text);

/* Writes it to standard output and frees it. */
void table_print(struct table *table);

#endif /* TCPSTATE_TABLE_H */
