/* -z tcpstate,diagram[,connection=NUMBER][,format=dot|mermaid][,FILTER]: the states that connections visited, in the layout of RFC 9293
 * figure 5, as text for graphviz or Mermaid.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <epan/stat_tap_ui.h>

#include "flow.h"
#include "options.h"
#include "picked.h"

static const char name[] = "tcpstate,diagram";

enum { CLIENT, SERVER, ROLES };
enum { END = TCPSTATE_STATE_COUNT, NODES }; /* CLOSED as the last state stands apart from CLOSED as the first */

static const struct {
    const char *name, *color, *word;
} roles[ROLES] = {{"client", "#0072B2", "blue"}, {"server", "#D55E00", "orange"}};

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

struct listener {
    struct picked picked;
    gint64 connection; /* -1 for all */
    gboolean mermaid;
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

/* CLOSED is the last state where an end arrives there, or has been there by a presumption. */
static int
node_of(guint8 state, gboolean is_last)
{
    return state == TCPSTATE_CLOSED && is_last ? END : state;
}

/* An end that goes on after a RST: told with that RST. */
static gboolean
take_back_rst(struct drawing *drawing, int role, const struct tcpstate_change *change, guint32 frame)
{
    struct arrow *rst = &drawing->arrows[role][change->to][node_of(change->from, TRUE)];

    if (change->event != TCPSTATE_SND_AFTER_RST || !rst->by_rst)
        return FALSE;
    if (rst->back_count++ == 0)
        rst->back_frame = frame;
    return TRUE;
}

static void
add_change(struct drawing *drawing, int role, const struct tcpstate_change *change, guint32 frame)
{
    int from = node_of(change->from, tcpstate_event_takes_back((enum tcpstate_event)change->event)), to = node_of(change->to, TRUE);
    struct arrow *arrow = &drawing->arrows[role][from][to];

    if (take_back_rst(drawing, role, change, frame))
        return;
    drawing->visited[from] = drawing->visited[to] = TRUE;
    if (arrow->count++ > 0)
        return;
    arrow->frame = frame;
    arrow->event = change->event;
    arrow->by_rst = change->event == TCPSTATE_SND_RST || change->event == TCPSTATE_RCV_RST || change->event == TCPSTATE_RCV_RST_PASSIVE;
}

static void
add_end(struct drawing *drawing, const struct tcpstate_record *last, int end)
{
    int node = node_of((guint8)tcpstate_record_state(last, end), TRUE);

    drawing->visited[node] = TRUE;
    drawing->left_in[end == last->client ? CLIENT : SERVER][node]++;
}

/* Retries that got an end nowhere, in the state in which it was stuck. */
static void
add_stuck(struct drawing *drawing, const struct flow_connection *of, guint32 number)
{
    const struct tcpstate_record *at, *records = of->flow->records;

    for (const struct tcpstate_finding *finding = NULL; (finding = flow_next_finding(number, finding, &at)) != NULL;) {
        if (!tcpstate_finding_is_stuck(finding))
            continue;
        for (guint32 i = of->first_record; i < of->end_record; i++)
            if (records[i].connection == number && records[i].retried == at->retried && records[i].retry > 0)
                drawing->retries[tcpstate_record_state(at, finding->end)]++;
    }
}

static void
add_connection(struct drawing *drawing, guint32 number)
{
    const struct flow_connection *of = flow_connection(number);
    const struct tcpstate_record *last = NULL;

    for (guint32 i = of->first_record; i < of->end_record; i++) {
        const struct tcpstate_record *record = &of->flow->records[i];

        if (record->connection != number)
            continue;
        last = record;
        for (guint j = 0; j < record->step_count; j++) {
            struct tcpstate_change change = tcpstate_record_change(record, j);

            add_change(drawing, change.end == record->client ? CLIENT : SERVER, &change, record->frame);
        }
    }
    if (last == NULL)
        return;
    if (drawing->connection_count++ == 0)
        drawing->connection = number;
    add_end(drawing, last, last->client);
    if (!last->to_itself)
        add_end(drawing, last, !last->client);
    add_stuck(drawing, of, number);
}

static const char *
node_name(int node)
{
    return node == END ? "END" : tcpstate_state_name((enum tcpstate_state)node);
}

static void
print_title(const struct drawing *drawing)
{
    const struct flow_connection *of;
    const struct tcpstate_record *first;

    if (drawing->connection_count != 1) {
        printf("%u connections: clients (%s), servers (%s)", drawing->connection_count, roles[CLIENT].word, roles[SERVER].word);
        return;
    }
    of = flow_connection(drawing->connection);
    first = &of->flow->records[of->end_record - 1];
    printf("connection %u:", drawing->connection);
    for (int role = CLIENT; role < ROLES; role++) {
        const struct flow_end *end = &of->flow->end[role == CLIENT ? first->client : !first->client];
        char *address = flow_end_address(NULL, end);

        printf(strchr(address, ':') != NULL ? " %s [%s]:%u (%s)%s" : " %s %s:%u (%s)%s", roles[role].name, address, end->port,
               roles[role].word, role == CLIENT ? "," : "");
        wmem_free(NULL, address);
    }
}

static void
print_node(const struct drawing *drawing, int node)
{
    gboolean of_client = drawing->left_in[CLIENT][node] > 0, of_server = drawing->left_in[SERVER][node] > 0;

    printf("%s [pos=\"%g,%g!\"", node_name(node), x_of(drawing, node), y_of(drawing, node));
    if (node == END && drawing->retries[node] == 0)
        printf(" label=CLOSED");
    if (drawing->retries[node] > 0)
        printf(" fillcolor=\"%s\" label=\"%s\\n%u retries\"", STUCK_COLOR, node == END ? "CLOSED" : node_name(node),
               drawing->retries[node]);
    else if (!drawing->visited[node])
        printf(" style=rounded color=\"#BBBBBB\" fontcolor=\"#BBBBBB\"");
    if (of_client && of_server)
        printf(" color=\"%s\" penwidth=3.5 peripheries=2 fontcolor=\"%s\"", roles[CLIENT].color, roles[SERVER].color);
    else if (of_client || of_server)
        printf(" color=\"%s\" penwidth=3.5", roles[of_client ? CLIENT : SERVER].color);
    printf("]\n");
}

static gboolean
is_drawn(const struct drawing *drawing, int role, int from, int to)
{
    return drawing->arrows[role][from][to].count > 0 && !drawing->arrows[role][from][to].by_rst;
}

static void
print_figure(const struct drawing *drawing)
{
    printf("edge [color=\"#CCCCCC\"]\n");
    for (guint i = 0; i < G_N_ELEMENTS(figure); i++)
        if (!is_drawn(drawing, CLIENT, figure[i][0], figure[i][1]) && !is_drawn(drawing, SERVER, figure[i][0], figure[i][1]))
            printf("%s -> %s\n", node_name(figure[i][0]), node_name(figure[i][1]));
}

static void
print_arrow(const struct drawing *drawing, int from, int to)
{
    gboolean of_client = is_drawn(drawing, CLIENT, from, to), of_server = is_drawn(drawing, SERVER, from, to);

    if (of_client && of_server)
        printf("%s -> %s [color=\"%s:%s\"]\n", node_name(from), node_name(to), roles[CLIENT].color, roles[SERVER].color);
    else if (of_client)
        printf("%s -> %s [color=\"%s\"]\n", node_name(from), node_name(to), roles[CLIENT].color);
    else if (of_server)
        printf("%s -> %s [color=\"%s\" style=dashed]\n", node_name(from), node_name(to), roles[SERVER].color);
}

static void
print_count(const struct drawing *drawing, guint count, guint32 frame)
{
    if (drawing->connection_count == 1)
        printf("#%u", frame);
    else
        printf("%u time%s", count, count == 1 ? "" : "s");
}

static void
print_words(const struct drawing *drawing, const struct arrow *arrow)
{
    printf("%s\\n", tcpstate_event_label((enum tcpstate_event)arrow->event));
    print_count(drawing, arrow->count, arrow->frame);
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
    printf("%c%d_%d [pos=\"%g,%g!\" fontcolor=\"%s\" label=\"", role == CLIENT ? 'c' : 's', from, to,
           x + dx * spot.along - spot.side * WIDTH * dy / length, y + dy * spot.along + spot.side * HEIGHT * dx / length,
           roles[role].color);
    print_words(drawing, &drawing->arrows[role][from][to]);
    printf("\"]\n");
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
    printf("r%d_%d_%d [pos=\"%g,%g!\" shape=octagon style=filled fillcolor=\"#FFFFFF\" color=\"%s\" fontcolor=\"%s\" fontsize=10 "
           "width=1.2 height=%g label=\"%s\\n",
           role, from, to, x, y, roles[role].color, roles[role].color, arrow->back_count > 0 ? .75 : .6,
           to == END ? "CLOSED" : node_name(to));
    print_words(drawing, arrow);
    if (arrow->back_count > 0) {
        printf("\\nback ");
        print_count(drawing, arrow->back_count, arrow->back_frame);
    }
    printf("\"]\n%s -> r%d_%d_%d [color=\"%s\"%s]\n", node_name(from), role, from, to, roles[role].color,
           arrow->back_count > 0 ? " dir=both" : "");
}

static void
for_each_arrow(const struct drawing *drawing, gboolean by_rst, void (*print)(const struct drawing *, int, int, int))
{
    for (int role = CLIENT; role < ROLES; role++)
        for (int from = 0; from < NODES; from++)
            for (int to = 0; to < NODES; to++)
                if (drawing->arrows[role][from][to].count > 0 && drawing->arrows[role][from][to].by_rst == by_rst)
                    print(drawing, role, from, to);
}

static void
print_dot(const struct drawing *drawing)
{
    printf("digraph tcpstate {\n"
           "graph [layout=neato pad=.3 splines=line outputorder=edgesfirst labelloc=t fontname=Helvetica label=\"");
    print_title(drawing);
    printf("\\n \"]\n"
           "node [shape=box style=\"rounded,filled\" fixedsize=true width=1.5 height=.55 fontname=Helvetica fontsize=13 color=\"#555555\" "
           "fillcolor=\"#FFFBE6\"]\n");
    for (int node = 0; node < NODES; node++)
        print_node(drawing, node);
    print_figure(drawing);
    printf("edge [penwidth=2.5]\n");
    for (int from = 0; from < NODES; from++)
        for (int to = 0; to < NODES; to++)
            print_arrow(drawing, from, to);
    for_each_arrow(drawing, TRUE, print_reset);
    printf("node [shape=plaintext style=filled fillcolor=white fixedsize=false width=0 height=0 margin=\".03,.01\" fontsize=10]\n");
    for_each_arrow(drawing, FALSE, print_label);
    printf("}\n");
}

static void
print_mermaid_line(const struct drawing *drawing, int role, int from, int to, enum tcpstate_event event, guint count, guint32 frame)
{
    printf("    %s --> %s: %s %s, ", from == END ? "CLOSED" : node_name(from), to == END ? "CLOSED" : node_name(to), roles[role].name,
           tcpstate_event_label(event));
    if (drawing->connection_count == 1)
        printf("frame %u\n", frame);
    else
        printf("%u time%s\n", count, count == 1 ? "" : "s");
}

static void
print_mermaid_arrow(const struct drawing *drawing, int role, int from, int to)
{
    const struct arrow *arrow = &drawing->arrows[role][from][to];

    print_mermaid_line(drawing, role, from, to, (enum tcpstate_event)arrow->event, arrow->count, arrow->frame);
    if (arrow->back_count > 0)
        print_mermaid_line(drawing, role, to, from, TCPSTATE_SND_AFTER_RST, arrow->back_count, arrow->back_frame);
}

static void
print_mermaid(const struct drawing *drawing)
{
    printf("stateDiagram-v2\n");
    for_each_arrow(drawing, FALSE, print_mermaid_arrow);
    for_each_arrow(drawing, TRUE, print_mermaid_arrow);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    struct drawing *drawing = g_new0(struct drawing, 1);

    if (listener->connection >= (gint64)flow_connection_count())
        fprintf(stderr, "%s: %s: no connection %" G_GINT64_FORMAT "\n", g_get_prgname(), name, listener->connection);
    for (guint32 number = 0; number < flow_connection_count(); number++)
        if (is_picked(&listener->picked, number) && (listener->connection < 0 || listener->connection == (gint64)number))
            add_connection(drawing, number);
    if (drawing->connection_count > 0)
        (listener->mermaid ? print_mermaid : print_dot)(drawing);
    g_free(drawing);
}

static void
listen(const char *argument, void *userdata _U_)
{
    struct listener *listener = g_new0(struct listener, 1);
    const char *at = argument + strlen(name), *format;

    listener->connection = -1;
    for (;;) {
        if (option_number(name, &at, "connection", &listener->connection))
            continue;
        format = option_value(&at, "format");
        if (format == NULL)
            break;
        if (strcmp(format, "dot") != 0 && strcmp(format, "mermaid") != 0)
            option_error(name, "format=%s: not dot or mermaid", format);
        listener->mermaid = strcmp(format, "mermaid") == 0;
    }
    picked_listen(name, &listener->picked, at, print);
}

void
diagram_register(void)
{
    static stat_tap_ui ui = {REGISTER_STAT_GROUP_GENERIC, NULL, name, listen, 0, NULL};

    register_stat_tap_ui(&ui, NULL);
}
