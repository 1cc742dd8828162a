/* A connection at the end of the capture, and the columns of its row in a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SUMMARY_H
#define TCPSTATE_SUMMARY_H

#include "../wireshark/capture/flow.h"
#include "table.h"

/* What the capture point nearest to an end shows of the connection. */
struct summary_side {
    const struct flow_connection *conn;
    const struct tcpstate_record *last;
    guint retries[TCPSTATE_RETRIED_FIN + 1]; /* by enum tcpstate_retried */
};

/* With several capture points, all but `side` is what the first of them shows. */
struct summary {
    guint32 number;
    const struct flow_connection *conn;
    const struct flow *flow;
    struct summary_side side[2]; /* of the client and the server */
    const struct tcpstate_record *first, *last;
    gint64 start, end;  /* nanoseconds since the epoch */
    gint64 round_trip;  /* round-trip time in nanoseconds, as seen near the client; 0 if unknown */
    int client;         /* its end: 0 or 1 */
    int fin_of, rst_of; /* the ends that sent the first FIN and the RST; -1 for none */
    gboolean fins_crossed;
    GArray *findings;                     /* pointers to struct tcpstate_finding */
    const struct tcpstate_finding *worst; /* the finding of the highest severity, or NULL */
};

/* FALSE if the connection has no record. If TRUE, free the summary with summary_clear(). Which point is nearest is known after
 * between_update(); before, it is the first one. */
gboolean summarize(struct summary *summary, guint32 number);
void summary_clear(struct summary *summary);

const struct flow_end *summary_end(const struct summary *summary, gboolean of_client);
guint summary_retries(const struct summary *summary, enum tcpstate_retried retried);
const char *summary_state(const struct summary *summary, gboolean of_client);

/* The functions below may write their text into `to`, which must have this size, and return it. */
enum { SUMMARY_TEXT_SIZE = TCPSTATE_HISTORY_SIZE };

/* The end that closed the connection: the sender of the first FIN, or else of the RST. NULL for none. */
const char *summary_closed_by(const struct summary *summary, char *to);

/* conn_state and history of Zeek's conn.log. */
const char *summary_zeek_state(const struct summary *summary, char *to);
const char *summary_history(const struct summary *summary, char *to);

/* A column of the table of connections: a number, which is shown divided by `unit`, or else a text. */
struct summary_column {
    struct column column;
    gint64 (*number)(const struct summary *summary);
    gint64 unit;
    guint decimals;
    const char *(*text)(const struct summary *summary, char *to);
};

enum { SUMMARY_COLUMNS = 15 };
extern const struct summary_column summary_columns[SUMMARY_COLUMNS];

/* The text of a column without a number; "-" for none. */
const char *summary_text(const struct summary *summary, const struct summary_column *column, char *to);

#endif /* TCPSTATE_SUMMARY_H */
