/* The transitions of one or more connections, as arrows between states: the data of a diagram, and its output for graphviz.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_DRAWING_H
#define TCPSTATE_DRAWING_H

#include "../wireshark/capture/flow.h"

enum { CLIENT, SERVER, ROLES };
enum { END = TCPSTATE_STATE_COUNT, NODES }; /* END is CLOSED as the last state; it has another node than CLOSED as the first state */

struct arrow {
    guint count;
    guint32 frame; /* of the first transition */
    guint8 event;  /* of the first transition */
    gboolean by_rst;
    guint back_count;   /* how often that RST was taken back: it had not ended the connection */
    guint32 back_frame; /* frame in which it was first taken back */
};

/* Zeroed at first; drawing_add() fills it. */
struct drawing {
    guint connection_count;
    guint32 connection; /* number of the first connection */
    struct arrow arrows[ROLES][NODES][NODES];
    gboolean visited[NODES];
    guint ended_in[ROLES][NODES]; /* number of ends whose last state this is */
    guint retries[NODES];         /* number of retries of ends that are stuck there */
};

/* Adds the transitions of a connection. */
void drawing_add(struct drawing *drawing, guint32 connection);

/* Name of a node's state: "ESTABLISHED"; "CLOSED" also for END. */
const char *drawing_state(int node);

/* "client" or "server". */
const char *drawing_role(int role);

/* Prints the frame, "#7", if the drawing has one connection; else the count, "22 times". */
void drawing_print_count(const struct drawing *drawing, guint count, guint32 frame);

/* Calls `print` for each arrow, those of the client first. `by_rst` selects the arrows of RSTs, or all others. */
void drawing_for_each_arrow(const struct drawing *drawing, gboolean by_rst, void (*print)(const struct drawing *, int, int, int));

/* Prints the drawing for graphviz (dot.c), and as text (figure.c). */
void drawing_print_dot(const struct drawing *drawing);
void drawing_print_text(const struct drawing *drawing);

#endif /* TCPSTATE_DRAWING_H */
