/* Draws the figure of RFC 9293 section 3.3.2 as text of 72 columns, with what was visited, and lists the transitions below it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "drawing.h"

#include <string.h>

#include "../wireshark/capture/conversation.h"
#include "output.h"

enum { WIDTH = 72, HEIGHT = 34, BOX_WIDTH = 17, BOX_HEIGHT = 4 };

/* The left upper corner of each state's box. */
static const struct {
    guint8 x, y;
} corners[NODES] = {
    [TCPSTATE_CLOSED] = {27, 0},       [TCPSTATE_LISTEN] = {27, 5},     [TCPSTATE_SYN_RCVD] = {0, 10},    [TCPSTATE_SYN_SENT] = {54, 10},
    [TCPSTATE_ESTABLISHED] = {27, 15}, [TCPSTATE_FIN_WAIT_1] = {0, 20}, [TCPSTATE_CLOSE_WAIT] = {54, 20}, [TCPSTATE_FIN_WAIT_2] = {0, 25},
    [TCPSTATE_CLOSING] = {27, 25},     [TCPSTATE_LAST_ACK] = {54, 25},  [TCPSTATE_TIME_WAIT] = {27, 30},  [END] = {54, 30},
};

/* An arrow of the figure, as a line from point to point: horizontally or vertically. */
enum { POINTS_MAX_OF_LINE = 3 };
static const struct line {
    guint8 from, to, count;
    struct {
        guint8 x, y;
    } points[POINTS_MAX_OF_LINE];
} lines[] = {
    {TCPSTATE_CLOSED, TCPSTATE_LISTEN, 2, {{35, 4}, {35, 4}}},
    {TCPSTATE_CLOSED, TCPSTATE_SYN_SENT, 3, {{44, 1}, {62, 1}, {62, 9}}},
    {TCPSTATE_LISTEN, TCPSTATE_SYN_RCVD, 3, {{26, 6}, {8, 6}, {8, 9}}},
    {TCPSTATE_LISTEN, TCPSTATE_SYN_SENT, 3, {{44, 6}, {58, 6}, {58, 9}}},
    {TCPSTATE_SYN_SENT, TCPSTATE_SYN_RCVD, 2, {{53, 11}, {17, 11}}},
    {TCPSTATE_SYN_RCVD, TCPSTATE_ESTABLISHED, 3, {{12, 14}, {12, 16}, {26, 16}}},
    {TCPSTATE_SYN_SENT, TCPSTATE_ESTABLISHED, 3, {{62, 14}, {62, 16}, {44, 16}}},
    {TCPSTATE_SYN_RCVD, TCPSTATE_FIN_WAIT_1, 2, {{4, 14}, {4, 19}}},
    {TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT_1, 3, {{26, 17}, {8, 17}, {8, 19}}},
    {TCPSTATE_ESTABLISHED, TCPSTATE_CLOSE_WAIT, 3, {{44, 17}, {62, 17}, {62, 19}}},
    {TCPSTATE_FIN_WAIT_1, TCPSTATE_CLOSING, 3, {{17, 21}, {35, 21}, {35, 24}}},
    {TCPSTATE_FIN_WAIT_1, TCPSTATE_FIN_WAIT_2, 2, {{8, 24}, {8, 24}}},
    {TCPSTATE_CLOSE_WAIT, TCPSTATE_LAST_ACK, 2, {{62, 24}, {62, 24}}},
    {TCPSTATE_FIN_WAIT_2, TCPSTATE_TIME_WAIT, 3, {{8, 29}, {8, 31}, {26, 31}}},
    {TCPSTATE_CLOSING, TCPSTATE_TIME_WAIT, 2, {{35, 29}, {35, 29}}},
    {TCPSTATE_LAST_ACK, END, 2, {{62, 29}, {62, 29}}},
    {TCPSTATE_TIME_WAIT, END, 2, {{44, 31}, {53, 31}}},
};

struct canvas {
    char cells[HEIGHT][WIDTH + 1];
};

static void
put(struct canvas *canvas, guint x, guint y, const char *text)
{
    memcpy(&canvas->cells[y][x], text, strlen(text));
}

static gboolean
was_taken(const struct drawing *drawing, int from, int to)
{
    return drawing->arrows[CLIENT][from][to].count > 0 || drawing->arrows[SERVER][from][to].count > 0;
}

/* What lines are drawn with: across, down, and the heads of arrows to the right, to the left and down. */
struct pen {
    char across, down, right, left, below;
};
static const struct pen thin = {'-', '|', '>', '<', 'v'}, thick = {'=', '#', '>', '<', 'V'};

/* Draws from one point up to, but without, the next one. */
static void
draw_stretch(struct canvas *canvas, guint x, guint y, guint to_x, guint to_y, const struct pen *pen)
{
    while (x != to_x || y != to_y) {
        const char *drawn = x != to_x ? &pen->across : &pen->down;

        canvas->cells[y][x] = *drawn;
        x += x < to_x ? 1 : x > to_x ? G_MAXUINT : 0;
        y += y < to_y ? 1 : 0;
    }
}

static void
draw_line(struct canvas *canvas, const struct line *line, const struct pen *pen)
{
    guint last = line->count - 1u, x = line->points[last].x, before = line->points[last - 1].x;
    const char *head = x == before ? &pen->below : x > before ? &pen->right : &pen->left;

    for (guint i = 0; i < last; i++) {
        draw_stretch(canvas, line->points[i].x, line->points[i].y, line->points[i + 1].x, line->points[i + 1].y, pen);
        if (i > 0)
            canvas->cells[line->points[i].y][line->points[i].x] = '+';
    }
    canvas->cells[line->points[last].y][x] = *head;
}

static gboolean
was_visited_by(const struct drawing *drawing, int role, int node)
{
    for (int other = 0; other < NODES; other++)
        if (drawing->arrows[role][node][other].count + drawing->arrows[role][other][node].count > 0)
            return TRUE;
    return drawing->ended_in[role][node] > 0;
}

/* "client" if it was in the state, and "CLIENT" if it was left there. */
static void
put_role(struct canvas *canvas, const struct drawing *drawing, int role, int node)
{
    char *word = drawing->ended_in[role][node] > 0 ? g_ascii_strup(drawing_role(role), -1) : g_strdup(drawing_role(role));

    if (was_visited_by(drawing, role, node))
        put(canvas, corners[node].x + (role == CLIENT ? 2u : 9u), corners[node].y + 2u, word);
    g_free(word);
}

static void
draw_box(struct canvas *canvas, const struct drawing *drawing, int node)
{
    guint x = corners[node].x, y = corners[node].y;
    const char *name = drawing_state(node);

    put(canvas, x, y, "+---------------+");
    put(canvas, x, y + 1, "|               |");
    put(canvas, x, y + 2, "|               |");
    put(canvas, x, y + 3, "+---------------+");
    put(canvas, x + (BOX_WIDTH - (guint)strlen(name)) / 2, y + 1, name);
    put_role(canvas, drawing, CLIENT, node);
    put_role(canvas, drawing, SERVER, node);
}

static void
print_canvas(const struct canvas *canvas)
{
    for (guint y = 0; y < HEIGHT; y++) {
        char *row = g_strchomp(g_strdup(canvas->cells[y]));

        output_print("%s\n", row);
        g_free(row);
    }
}

static void
print_head(const struct drawing *drawing)
{
    const struct flow_connection *conn = flow_connection(drawing->connection);
    int client = tcpstate_client(flow_engine_connection(conn));
    char *first = flow_end_text(NULL, flow_end(conn->flow, client)), *second = flow_end_text(NULL, flow_end(conn->flow, !client));

    if (drawing->connection_count == 1)
        output_print("Connection %u: client %s, server %s\n", drawing->connection, first, second);
    else
        output_print("%u connections\n", drawing->connection_count);
    output_print("client, server: was in this state; CLIENT, SERVER: was left in it.\n= # V: a transition that was made\n\n");
    wmem_free(NULL, first);
    wmem_free(NULL, second);
}

static void
print_step(const struct drawing *drawing, int role, int from, int to, enum tcpstate_event event, guint count, guint32 frame)
{
    output_print("%s %-11s -> %-11s %-16s ", drawing_role(role), drawing_state(from), drawing_state(to), tcpstate_event_label(event));
    drawing_print_count(drawing, count, frame);
    output_print("\n");
}

static void
print_arrow(const struct drawing *drawing, int role, int from, int to)
{
    const struct arrow *arrow = &drawing->arrows[role][from][to];

    print_step(drawing, role, from, to, (enum tcpstate_event)arrow->event, arrow->count, arrow->frame);
    if (arrow->back_count > 0)
        print_step(drawing, role, to, from, TCPSTATE_SND_AFTER_RST, arrow->back_count, arrow->back_frame);
}

void
drawing_print_text(const struct drawing *drawing)
{
    struct canvas *canvas = g_new0(struct canvas, 1);

    for (guint y = 0; y < HEIGHT; y++)
        memset(canvas->cells[y], ' ', WIDTH);
    for (guint taken = 0; taken < 2; taken++) /* those that were taken over the others */
        for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
            if (was_taken(drawing, lines[i].from, lines[i].to) == (taken == 1))
                draw_line(canvas, &lines[i], taken == 1 ? &thick : &thin);
    for (int node = 0; node < NODES; node++)
        draw_box(canvas, drawing, node);
    print_head(drawing);
    print_canvas(canvas);
    output_print("\n");
    drawing_for_each_arrow(drawing, FALSE, print_arrow);
    drawing_for_each_arrow(drawing, TRUE, print_arrow);
    for (int node = 0; node < NODES; node++)
        if (drawing->retries[node] > 0)
            output_print("stuck in %s: %u retr%s\n", drawing_state(node), drawing->retries[node],
                         drawing->retries[node] == 1 ? "y" : "ies");
    g_free(canvas);
}
