/* The connections of a report that have something wrong, grouped by their verdict and by the end to look at.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TROUBLES_H
#define TCPSTATE_TROUBLES_H

#include "../verdict/verdict.h"

/* Connections with the same verdict on the same end. */
struct trouble {
    struct verdict worst; /* that of the connection which has it for the longest time */
    guint32 worst_connection;
    const struct flow *flow;      /* of the first connection */
    int client;                   /* its end of that flow */
    guint8 severity;              /* the highest */
    guint32 clients;              /* different addresses of clients */
    gint64 since;                 /* the earliest, nanoseconds since the epoch */
    gint64 shortest, longest;     /* for how long, nanoseconds */
    GArray *connections;          /* guint32: their numbers, rising; of one that has several, all */
    guint32 count;                /* how many connections */
    GHashTable *client_addresses; /* NULL while there is one only */
};

struct troubles;
struct troubles *troubles_new(void);
void troubles_free(struct troubles *troubles);

/* Adds a connection with this verdict, in the order of their numbers. */
void troubles_add(struct troubles *troubles, const struct evidence *evidence, const struct verdict *verdict);

/* Sorts them: the worst first, of equal ones that with the most connections, then the order of the verdicts. Call it before
 * troubles_at(), which returns NULL after the last one. */
void troubles_sort(struct troubles *troubles);
const struct trouble *troubles_at(const struct troubles *troubles, guint index);
guint troubles_count(const struct troubles *troubles);

/* The end that the verdict is about. */
const struct flow_end *trouble_end(const struct trouble *trouble, enum role role);

#endif /* TCPSTATE_TROUBLES_H */
