/* -z tcpstate,diagram[,connection=NUMBER][,format=dot|mermaid|text][,FILTER]: the states that connections visited, in the layout of RFC
 * 9293 figure 5, for graphviz, for Mermaid or as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include "command.h"
#include "connection_filter.h"
#include "drawing.h"
#include "options.h"
#include "output.h"

static const char name[] = "tcpstate,diagram";

struct listener {
    struct connection_filter filter;
    gint64 connection; /* -1 for all */
    void (*print)(const struct drawing *drawing);
};

static void
print_mermaid_line(const struct drawing *drawing, int role, int from, int to, enum tcpstate_event event, guint count, guint32 frame)
{
    output_print("    %s --> %s: %s %s, ", drawing_state(from), drawing_state(to), drawing_role(role), tcpstate_event_label(event));
    if (drawing->connection_count == 1)
        output_print("frame %u\n", frame);
    else
        output_print("%u time%s\n", count, count == 1 ? "" : "s");
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
    output_print("stateDiagram-v2\n");
    drawing_for_each_arrow(drawing, FALSE, print_mermaid_arrow);
    drawing_for_each_arrow(drawing, TRUE, print_mermaid_arrow);
}

static void
print(void *data)
{
    const struct listener *listener = (const struct listener *)data;
    struct drawing *drawing = g_new0(struct drawing, 1);

    if (listener->connection >= (gint64)flow_connection_count())
        report_missing(name, "connection", listener->connection);
    for (guint32 number = 0; number < flow_connection_count(); number++)
        if (connection_filter_matches(&listener->filter, number) && (listener->connection < 0 || listener->connection == (gint64)number))
            drawing_add(drawing, number);
    if (drawing->connection_count > 0)
        listener->print(drawing);
    g_free(drawing);
}

static const struct {
    const char *name;
    void (*print)(const struct drawing *drawing);
} formats[] = {{"dot", drawing_print_dot}, {"mermaid", print_mermaid}, {"text", drawing_print_text}};

/* If the next word is "format=", takes it. */
static gboolean
take_format(struct listener *listener, const char **at)
{
    const char *format = option_value(at, "format");

    if (format == NULL)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
        if (strcmp(format, formats[i].name) == 0) {
            listener->print = formats[i].print;
            return TRUE;
        }
    option_error(name, "format=%s: not dot, mermaid or text", format);
    return FALSE;
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);

    listener->connection = -1;
    listener->print = drawing_print_dot;
    while (option_number(name, &at, "connection", &listener->connection) || take_format(listener, &at))
        ;
    (void)connection_filter_listen(name, &listener->filter, at, print);
}

void
diagram_register(void)
{
    command_register(name, "connection=NUMBER, format=dot|mermaid|text", listen);
}
