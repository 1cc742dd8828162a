/* What a connection came to, and how a table tells it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SUMMARY_H
#define TCPSTATE_SUMMARY_H

#include "flow.h"
#include "table.h"

/* A connection as it was left. */
struct summary {
    guint32 number;
    const struct flow_connection *of;
    const struct flow *flow;
    const struct tcpstate_record *first, *last;
    gint64 start, end;  /* nanoseconds */
    gint64 round_trip;  /* nanoseconds; 0 for unknown */
    int client;         /* index of its end */
    int fin_of, rst_of; /* ends; -1 for none */
    gboolean fins_crossed;
    guint retries[TCPSTATE_RETRIED_FIN + 1]; /* by enum tcpstate_retried */
    GArray *findings;                        /* of struct tcpstate_finding pointers */
    const struct tcpstate_finding *worst;    /* NULL for none */
};

/* FALSE where nothing is known of it; otherwise to be cleared. */
gboolean summarize(struct summary *summary, guint32 number);
void summary_clear(struct summary *summary);

const struct flow_end *summary_end(const struct summary *summary, gboolean of_client);
const char *summary_state(const struct summary *summary, gboolean of_client);

/* Texts that are made are written into `to`, which is so large, and returned. */
enum { SUMMARY_TEXT_SIZE = TCPSTATE_HISTORY_SIZE };

/* Who closed: the sender of the first FIN, else of the RST. NULL for nobody. */
const char *summary_closed_by(const struct summary *summary, char *to);

/* As in Zeek's conn.log. */
const char *summary_zeek_state(const struct summary *summary, char *to);
const char *summary_history(const struct summary *summary, char *to);

/* A column of the table of connections: a number of so many to the unit that is shown, or else text. */
struct summary_column {
    struct column column;
    gint64 (*number)(const struct summary *summary);
    gint64 unit;
    guint decimals;
    const char *(*text)(const struct summary *summary, char *to);
};

enum { SUMMARY_COLUMNS = 13 };
extern const struct summary_column summary_columns[SUMMARY_COLUMNS];

/* Of a column that is text. */
const char *summary_text(const struct summary *summary, const struct summary_column *column, char *to);

#endif /* TCPSTATE_SUMMARY_H */
