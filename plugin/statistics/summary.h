/* A connection at the end of the capture, and the columns of its row in a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SUMMARY_H
#define TCPSTATE_SUMMARY_H

#include "../verdict/evidence.h"
#include "table.h"

/* The state of an end, or the one that it awaits if that is to be shown: see the preference assume_delivery. */
const char *summary_state(const struct evidence *evidence, enum role role);

/* The functions below may write their text into `to`, which must have this size, and return it. */
enum { SUMMARY_TEXT_SIZE = TCPSTATE_HISTORY_SIZE };

/* The end that closed the connection: the sender of the first FIN, or else of the RST. NULL for none. */
const char *summary_closed_by(const struct evidence *evidence, char *to);

const char *summary_community_id(const struct evidence *evidence, char *to);

/* conn_state and history of Zeek's conn.log. */
const char *summary_zeek_state(const struct evidence *evidence, char *to);
const char *summary_history(const struct evidence *evidence, char *to);

/* A column of the table of connections: a number, which is shown divided by `unit`, or else a text. */
struct summary_column {
    struct column column;
    gint64 (*number)(const struct evidence *evidence);
    gint64 unit;
    guint decimals;
    const char *(*text)(const struct evidence *evidence, char *to);
};

enum { SUMMARY_COLUMNS = 25 };
extern const struct summary_column summary_columns[SUMMARY_COLUMNS];

/* The text of a column without a number; "-" for none. */
const char *summary_text(const struct evidence *evidence, const struct summary_column *column, char *to);

#endif /* TCPSTATE_SUMMARY_H */
