/* What connections did, as arrows between states: what a diagram is drawn from, and how it is written.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DRAWING_H
#define TCPSTATE_DRAWING_H

#include "flow.h"

enum { CLIENT, SERVER, ROLES };
enum { END = TCPSTATE_STATE_COUNT, NODES }; /* CLOSED as the last state stands apart from CLOSED as the first */

struct arrow {
    guint count;
    guint32 frame; /* of the first */
    guint8 event;  /* of the first */
    gboolean by_rst;
    guint back_count;   /* how often that RST proved to have ended nothing */
    guint32 back_frame; /* of the first time */
};

/* What the picked connections did. */
struct drawing {
    guint connection_count;
    guint32 connection; /* the first */
    struct arrow arrows[ROLES][NODES][NODES];
    gboolean visited[NODES];
    guint left_in[ROLES][NODES]; /* how many ended there */
    guint retries[NODES];        /* sent from an end that is stuck there */
};

/* Adds what a connection did to a drawing that was zeroed. */
void drawing_add(struct drawing *drawing, guint32 connection);

/* "ESTABLISHED"; of END as well "CLOSED". */
const char *drawing_state(int node);

/* "client" or "server". */
const char *drawing_role(int role);

/* "#7" of one connection, "22 times" of several. */
void drawing_print_count(const struct drawing *drawing, guint count, guint32 frame);

/* Calls for each arrow, of the client first; those of RSTs apart. */
void drawing_for_each_arrow(const struct drawing *drawing, gboolean by_rst, void (*print)(const struct drawing *, int, int, int));

/* Write it to standard output: for graphviz (dot.c), for Mermaid (diagram.c). */
void drawing_print_dot(const struct drawing *drawing);

#endif /* TCPSTATE_DRAWING_H */
