/* Writes a drawing for graphviz, in the layout of RFC 9293 figure 5. All lengths are inches.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "drawing.h"

#include <math.h>
#include <string.h>

#include "../wireshark/capture/conversation.h"
#include "output.h"

static const struct {
    const char *color, *word;
} roles[ROLES] = {{"#0072B2", "blue"}, {"#D55E00", "orange"}};

#define STUCK_COLOR "#F0E442"

/* Distance of a label from its arrow, horizontally and vertically. */
#define LABEL_DISTANCE_X 0.68
#define LABEL_DISTANCE_Y 0.28

/* Position of each state, as in figure 5. */
static const struct {
    double x, y;
} places[NODES] = {
    [TCPSTATE_CLOSED] = {4, 8},         [TCPSTATE_LISTEN] = {4, 6.7},       [TCPSTATE_SYN_RCVD] = {1.4, 5.4},
    [TCPSTATE_SYN_SENT] = {6.6, 5.4},   [TCPSTATE_ESTABLISHED] = {4, 4},    [TCPSTATE_FIN_WAIT_1] = {1.4, 2.6},
    [TCPSTATE_CLOSE_WAIT] = {6.6, 2.6}, [TCPSTATE_FIN_WAIT_2] = {1.4, 1.2}, [TCPSTATE_LAST_ACK] = {6.6, 1.2},
    [TCPSTATE_CLOSING] = {4, 1.2},      [TCPSTATE_TIME_WAIT] = {4, -.2},    [END] = {6.6, -.2},
};

/* The arrows of figure 5. */
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

/* With several connections, more arrows have a label. So the drawing is larger. */
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

/* Prints pos="1.4,6.7!" with decimal points in every locale. */
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
    const struct flow_connection *conn;
    const struct tcpstate_record *first;
    char *streams;

    if (drawing->connection_count != 1) {
        output_print("%u connections: clients (%s), servers (%s)", drawing->connection_count, roles[CLIENT].word, roles[SERVER].word);
        return;
    }
    conn = flow_connection(drawing->connection);
    first = &conn->flow->records[conn->end_record - 1];
    streams = conversation_streams_text(NULL, conn);
    output_print("connection %u (tcp.stream %s):", drawing->connection, streams);
    wmem_free(NULL, streams);
    for (int role = CLIENT; role < ROLES; role++) {
        const struct flow_end *end = flow_end(conn->flow, role == CLIENT ? first->client : !first->client);
        char *text = flow_end_text(NULL, end);

        output_print(" %s %s (%s)%s", drawing_role(role), text, roles[role].word, role == CLIENT ? "," : "");
        wmem_free(NULL, text);
    }
}

static void
print_node(const struct drawing *drawing, int node)
{
    gboolean of_client = drawing->ended_in[CLIENT][node] > 0, of_server = drawing->ended_in[SERVER][node] > 0;

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
print_label_text(const struct drawing *drawing, const struct arrow *arrow)
{
    output_print("%s\\n", tcpstate_event_label((enum tcpstate_event)arrow->event));
    drawing_print_count(drawing, arrow->count, arrow->frame);
}

/* Arrows that meet another arrow or a RST at half their length. Their label is at this fraction of the length instead, from the first node
 * to the second. */
static const struct {
    int first, second;
    double along;
} crossings[] = {
    {TCPSTATE_LISTEN, TCPSTATE_ESTABLISHED, .22}, {TCPSTATE_SYN_RCVD, TCPSTATE_TIME_WAIT, .22}, {TCPSTATE_CLOSED, TCPSTATE_SYN_RCVD, .75}};

static double
middle_of(int first, int second)
{
    for (guint i = 0; i < G_N_ELEMENTS(crossings); i++)
        if (crossings[i].first == first && crossings[i].second == second)
            return crossings[i].along;
    return .5;
}

/* Position of a label: `along`, the fraction of the length from the first node to the second; `side`, 0 for on the arrow, -1 or 1 for
 * beside it. */
struct label_position {
    double along, side;
};

/* A label is on its arrow if there is no other arrow between the two nodes. If client and server have one, their labels are on either side.
 * If one end has arrows in both directions, each label is on the side on which graphviz draws its arrow. */
static struct label_position
label_position_of(const struct drawing *drawing, int role, int first, int second, gboolean forth)
{
    gboolean both_ends = (is_drawn(drawing, CLIENT, first, second) || is_drawn(drawing, CLIENT, second, first)) &&
                         (is_drawn(drawing, SERVER, first, second) || is_drawn(drawing, SERVER, second, first));
    gboolean both_ways = (is_drawn(drawing, CLIENT, first, second) || is_drawn(drawing, SERVER, first, second)) &&
                         (is_drawn(drawing, CLIENT, second, first) || is_drawn(drawing, SERVER, second, first));
    double by_end = role == CLIENT ? -1 : 1, by_way = forth ? 1 : -1;
    double along = middle_of(first, second);

    if (both_ends && both_ways)
        along = (places[first].x == places[second].x ? .5 : .6) - by_way * .13; /* slanting arrows meet others where they begin */
    return (struct label_position){.along = along, .side = both_ends ? by_end : both_ways ? by_way : 0};
}

static void
print_label(const struct drawing *drawing, int role, int from, int to)
{
    int first = MIN(from, to), second = MAX(from, to);
    double x = x_of(drawing, first), y = y_of(drawing, first);
    double dx = x_of(drawing, second) - x, dy = y_of(drawing, second) - y, length = sqrt(dx * dx + dy * dy);
    struct label_position position = label_position_of(drawing, role, first, second, from == first);

    if (length == 0)
        return;
    output_print("%c%d_%d [", role == CLIENT ? 'c' : 's', from, to);
    print_position(x + dx * position.along - position.side * LABEL_DISTANCE_X * dy / length,
                   y + dy * position.along + position.side * LABEL_DISTANCE_Y * dx / length);
    output_print(" fontcolor=\"%s\" label=\"", roles[role].color);
    print_label_text(drawing, &drawing->arrows[role][from][to]);
    output_print("\"]\n");
}

/* A RST can lead to CLOSED from any state, so it is drawn as a node beside that state, and not as an arrow across the figure. The node also
 * shows if the RST was taken back. */
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
    print_label_text(drawing, arrow);
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
