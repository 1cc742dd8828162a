/* A drawing in the layout of RFC 9293 figure 5, for graphviz.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "drawing.h"

#include <math.h>
#include <string.h>

#include "output.h"

static const struct {
    const char *color, *word;
} roles[ROLES] = {{"#0072B2", "blue"}, {"#D55E00", "orange"}};

#define STUCK_COLOR "#F0E442"

/* How far a label stands from its arrow, in inches across and up. */
#define WIDTH 0.68
#define HEIGHT 0.28

/* As in figure 5, in inches. */
static const struct {
    double x, y;
} places[NODES] = {
    [TCPSTATE_CLOSED] = {4, 8},         [TCPSTATE_LISTEN] = {4, 6.7},       [TCPSTATE_SYN_RCVD] = {1.4, 5.4},
    [TCPSTATE_SYN_SENT] = {6.6, 5.4},   [TCPSTATE_ESTABLISHED] = {4, 4},    [TCPSTATE_FIN_WAIT_1] = {1.4, 2.6},
    [TCPSTATE_CLOSE_WAIT] = {6.6, 2.6}, [TCPSTATE_FIN_WAIT_2] = {1.4, 1.2}, [TCPSTATE_LAST_ACK] = {6.6, 1.2},
    [TCPSTATE_CLOSING] = {4, 1.2},      [TCPSTATE_TIME_WAIT] = {4, -.2},    [END] = {6.6, -.2},
};

/* Its arrows. */
static const guint8 figure[][2] = {
    {TCPSTATE_CLOSED, TCPSTATE_LISTEN},
    {TCPSTATE_CLOSED, TCPSTATE_SYN_SENT},
    {TCPSTATE_LISTEN, TCPSTATE_SYN_RCVD},
    {TCPSTATE_LISTEN, TCPSTATE_SYN_SENT},
    {TCPSTATE_SYN_SENT, TCPSTATE_SYN_RCVD},
    {TCPSTATE_SYN_SENT, TCPSTATE_ESTABLISHED},
    {TCPSTATE_SYN_RCVD, TCPSTATE_ESTABLISHED},
    {TCPSTATE_SYN_RCVD, TCPSTATE_FIN_WAIT_1},
    {TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT_1},
    {TCPSTATE_ESTABLISHED, TCPSTATE_CLOSE_WAIT},
    {TCPSTATE_FIN_WAIT_1, TCPSTATE_FIN_WAIT_2},
    {TCPSTATE_FIN_WAIT_1, TCPSTATE_CLOSING},
    {TCPSTATE_FIN_WAIT_2, TCPSTATE_TIME_WAIT},
    {TCPSTATE_CLOSING, TCPSTATE_TIME_WAIT},
    {TCPSTATE_CLOSE_WAIT, TCPSTATE_LAST_ACK},
    {TCPSTATE_LAST_ACK, END},
    {TCPSTATE_TIME_WAIT, END},
};

/* Several connections go more ways, so that their labels need more room. */
static double
x_of(const struct drawing *drawing, int node)
{
    return places[node].x * (drawing->connection_count > 1 ? 1.6 : 1);
}

static double
y_of(const struct drawing *drawing, int node)
{
    return places[node].y * (drawing->connection_count > 1 ? 1.3 : 1);
}

static const char *
node_name(int node)
{
    return node == END ? "END" : tcpstate_state_name((enum tcpstate_state)node);
}

/* `pos="1.4,6.7!" `, in every locale. */
static void
print_position(double x, double y)
{
    char texts[2][G_ASCII_DTOSTR_BUF_SIZE];

    output_print("pos=\"%s,%s!\"", g_ascii_formatd(texts[0], sizeof texts[0], "%g", x),
                 g_ascii_formatd(texts[1], sizeof texts[1], "%g", y));
}

static void
print_title(const struct drawing *drawing)
{
    const struct flow_connection *of;
    const struct tcpstate_record *first;

    if (drawing->connection_count != 1) {
        output_print("%u connections: clients (%s), servers (%s)", drawing->connection_count, roles[CLIENT].word, roles[SERVER].word);
        return;
    }
    of = flow_connection(drawing->connection);
    first = &of->flow->records[of->end_record - 1];
    output_print("connection %u:", drawing->connection);
    for (int role = CLIENT; role < ROLES; role++) {
        const struct flow_end *end = flow_end(of->flow, role == CLIENT ? first->client : !first->client);
        char *text = flow_end_text(NULL, end);

        output_print(" %s %s (%s)%s", drawing_role(role), text, roles[role].word, role == CLIENT ? "," : "");
        wmem_free(NULL, text);
    }
}

static void
print_node(const struct drawing *drawing, int node)
{
    gboolean of_client = drawing->left_in[CLIENT][node] > 0, of_server = drawing->left_in[SERVER][node] > 0;

    output_print("%s [", node_name(node));
    print_position(x_of(drawing, node), y_of(drawing, node));
    if (node == END && drawing->retries[node] == 0)
        output_print(" label=CLOSED");
    if (drawing->retries[node] > 0)
        output_print(" fillcolor=\"%s\" label=\"%s\\n%u retries\"", STUCK_COLOR, drawing_state(node), drawing->retries[node]);
    else if (!drawing->visited[node])
        output_print(" style=rounded color=\"#BBBBBB\" fontcolor=\"#BBBBBB\"");
    if (of_client && of_server)
        output_print(" color=\"%s\" penwidth=3.5 peripheries=2 fontcolor=\"%s\"", roles[CLIENT].color, roles[SERVER].color);
    else if (of_client || of_server)
        output_print(" color=\"%s\" penwidth=3.5", roles[of_client ? CLIENT : SERVER].color);
    output_print("]\n");
}

static gboolean
is_drawn(const struct drawing *drawing, int role, int from, int to)
{
    return drawing->arrows[role][from][to].count > 0 && !drawing->arrows[role][from][to].by_rst;
}

static void
print_figure(const struct drawing *drawing)
{
    output_print("edge [color=\"#CCCCCC\"]\n");
    for (guint i = 0; i < G_N_ELEMENTS(figure); i++)
        if (!is_drawn(drawing, CLIENT, figure[i][0], figure[i][1]) && !is_drawn(drawing, SERVER, figure[i][0], figure[i][1]))
            output_print("%s -> %s\n", node_name(figure[i][0]), node_name(figure[i][1]));
}

static void
print_arrow(const struct drawing *drawing, int from, int to)
{
    gboolean of_client = is_drawn(drawing, CLIENT, from, to), of_server = is_drawn(drawing, SERVER, from, to);

    if (of_client && of_server)
        output_print("%s -> %s [color=\"%s:%s\"]\n", node_name(from), node_name(to), roles[CLIENT].color, roles[SERVER].color);
    else if (of_client)
        output_print("%s -> %s [color=\"%s\"]\n", node_name(from), node_name(to), roles[CLIENT].color);
    else if (of_server)
        output_print("%s -> %s [color=\"%s\" style=dashed]\n", node_name(from), node_name(to), roles[SERVER].color);
}

static void
print_words(const struct drawing *drawing, const struct arrow *arrow)
{
    output_print("%s\\n", tcpstate_event_label((enum tcpstate_event)arrow->event));
    drawing_print_count(drawing, arrow->count, arrow->frame);
}

/* Lanes that cross others half-way have their label out of the way: where, from the first node to the second. */
static const struct {
    int first, second;
    double along;
} crossings[] = {{TCPSTATE_LISTEN, TCPSTATE_ESTABLISHED, .22}, {TCPSTATE_SYN_RCVD, TCPSTATE_TIME_WAIT, .22}};

static double
middle_of(int first, int second)
{
    for (guint i = 0; i < G_N_ELEMENTS(crossings); i++)
        if (crossings[i].first == first && crossings[i].second == second)
            return crossings[i].along;
    return .5;
}

/* Along the lane between two nodes, in its direction in the figure, and at which side of it. */
struct spot {
    double along, side;
};

/* On the arrow where it has the lane for itself; else beside it: the ends at either side, or of one end there and back, each where
 * graphviz draws its arrow. */
static struct spot
spot_of(const struct drawing *drawing, int role, int first, int second, gboolean forth)
{
    gboolean both_ends = (is_drawn(drawing, CLIENT, first, second) || is_drawn(drawing, CLIENT, second, first)) &&
                         (is_drawn(drawing, SERVER, first, second) || is_drawn(drawing, SERVER, second, first));
    gboolean both_ways = (is_drawn(drawing, CLIENT, first, second) || is_drawn(drawing, SERVER, first, second)) &&
                         (is_drawn(drawing, CLIENT, second, first) || is_drawn(drawing, SERVER, second, first));
    double by_end = role == CLIENT ? -1 : 1, by_way = forth ? 1 : -1;
    double along = middle_of(first, second);

    if (both_ends && both_ways)
        along = (places[first].x == places[second].x ? .5 : .6) - by_way * .13; /* slanting ones meet others where they begin */
    return (struct spot){.along = along, .side = both_ends ? by_end : both_ways ? by_way : 0};
}

static void
print_label(const struct drawing *drawing, int role, int from, int to)
{
    int first = MIN(from, to), second = MAX(from, to);
    double x = x_of(drawing, first), y = y_of(drawing, first);
    double dx = x_of(drawing, second) - x, dy = y_of(drawing, second) - y, length = sqrt(dx * dx + dy * dy);
    struct spot spot = spot_of(drawing, role, first, second, from == first);

    if (length == 0)
        return;
    output_print("%c%d_%d [", role == CLIENT ? 'c' : 's', from, to);
    print_position(x + dx * spot.along - spot.side * WIDTH * dy / length, y + dy * spot.along + spot.side * HEIGHT * dx / length);
    output_print(" fontcolor=\"%s\" label=\"", roles[role].color);
    print_words(drawing, &drawing->arrows[role][from][to]);
    output_print("\"]\n");
}

/* A RST leads from anywhere to CLOSED: told beside the state that it ended, and whether it did. */
static void
print_reset(const struct drawing *drawing, int role, int from, int to)
{
    const struct arrow *arrow = &drawing->arrows[role][from][to];
    gboolean right = places[from].x > 4 || (places[from].x == 4 && role == SERVER && from != TCPSTATE_LISTEN);
    double x = x_of(drawing, from) + (right ? 1.8 : -1.8), y = y_of(drawing, from);

    if (places[from].x != 4)
        y += role == CLIENT ? .35 : -.35;
    output_print("r%d_%d_%d [", role, from, to);
    print_position(x, y);
    output_print(
        " shape=octagon style=filled fillcolor=\"#FFFFFF\" color=\"%s\" fontcolor=\"%s\" fontsize=10 width=1.2 height=%s label=\"%s\\n",
        roles[role].color, roles[role].color, arrow->back_count > 0 ? "0.75" : "0.6", drawing_state(to));
    print_words(drawing, arrow);
    if (arrow->back_count > 0) {
        output_print("\\nback ");
        drawing_print_count(drawing, arrow->back_count, arrow->back_frame);
    }
    output_print("\"]\n%s -> r%d_%d_%d [color=\"%s\"%s]\n", node_name(from), role, from, to, roles[role].color,
                 arrow->back_count > 0 ? " dir=both" : "");
}

void
drawing_print_dot(const struct drawing *drawing)
{
    output_print("digraph tcpstate {\n"
                 "graph [layout=neato pad=.3 splines=line outputorder=edgesfirst labelloc=t fontname=Helvetica label=\"");
    print_title(drawing);
    output_print(
        "\\n \"]\n"
        "node [shape=box style=\"rounded,filled\" fixedsize=true width=1.5 height=.55 fontname=Helvetica fontsize=13 color=\"#555555\" "
        "fillcolor=\"#FFFBE6\"]\n");
    for (int node = 0; node < NODES; node++)
        print_node(drawing, node);
    print_figure(drawing);
    output_print("edge [penwidth=2.5]\n");
    for (int from = 0; from < NODES; from++)
        for (int to = 0; to < NODES; to++)
            print_arrow(drawing, from, to);
    drawing_for_each_arrow(drawing, TRUE, print_reset);
    output_print("node [shape=plaintext style=filled fillcolor=white fixedsize=false width=0 height=0 margin=\".03,.01\" fontsize=10]\n");
    drawing_for_each_arrow(drawing, FALSE, print_label);
    output_print("}\n");
}
