/* A table as text with columns as wide as they need to be, or a JSON object a row.
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

struct table {
    const struct column *columns;
    guint column_count;
    GPtrArray *cells; /* row by row, owned strings; of a section's row the first alone */
};

struct table *table_new(const struct column *columns, guint column_count);

/* Adds the next cell; owns the string. */
void table_add(struct table *table, char *cell);

/* Adds a line of its own between rows; owns the string. */
void table_section(struct table *table, char *text);

/* Writes it to standard output and frees it. */
void table_print(struct table *table);

#endif /* TCPSTATE_TABLE_H */
