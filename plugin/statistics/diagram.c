/* -z tcpstate,diagram[,connection=NUMBER][,format=dot|mermaid][,FILTER]: the states that connections visited, in the layout of RFC 9293
 * figure 5, as text for graphviz or Mermaid.
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
    gboolean mermaid;
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
        (listener->mermaid ? print_mermaid : drawing_print_dot)(drawing);
    g_free(drawing);
}

static void
listen(const char *at)
{
    struct listener *listener = g_new0(struct listener, 1);
    const char *format;

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
    connection_filter_listen(name, &listener->filter, at, print);
}

void
diagram_register(void)
{
    command_register(name, listen);
}
