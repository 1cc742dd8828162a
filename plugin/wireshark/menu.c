/* The menu entries, and what each does with the selected frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "menu.h"

#include "api/compat.h"

#include <epan/conversation_filter.h>
#include <epan/funnel.h>
#include <wsutil/report_message.h>

#include "../statistics/command.h"
#include "api/window.h"
#include "capture/conversation.h"
#include "show/selection.h"

static char *
connection_filter_text(const struct selection *selection)
{
    return g_strdup_printf("tcpstate.connection == %u", selection->connection);
}

static void
apply_filter(char *text)
{
    window_filter(text);
    g_free(text);
}

static void
filter_connection(const struct selection *selection)
{
    apply_filter(connection_filter_text(selection));
}

static void
filter_changes(const struct selection *selection)
{
    apply_filter(g_strdup_printf("tcpstate.connection == %u && tcpstate.transition", selection->connection));
}

/* Filters by tcp.stream, as Wireshark's own windows do (Follow > TCP Stream). */
static void
filter_streams(const struct selection *selection)
{
    const struct flow_connection *conn = flow_connection(selection->connection);
    GString *text = g_string_new(NULL);
    guint32 stream;

    for (guint i = 0; conversation_stream(conn, i, &stream); i++)
        g_string_append_printf(text, "%stcp.stream == %u", i > 0 ? " || " : "", stream);
    if (text->len > 0)
        window_filter(text->str);
    else
        report_failure("Wireshark has no stream for this connection: too little of its headers was captured.");
    g_string_free(text, TRUE);
}

static void
go_to(guint32 frame, const char *end)
{
    if (frame > 0)
        window_go_to(frame);
    else
        report_failure("The %s was in its state before the connection's first frame.", end);
}

static void
go_to_client(const struct selection *selection)
{
    go_to(selection->since[0], "client");
}

static void
go_to_server(const struct selection *selection)
{
    go_to(selection->since[1], "server");
}

static void
run(char *command)
{
    command_run(command);
    g_free(command);
}

static void
show_timeline(const struct selection *selection)
{
    run(g_strdup_printf("tcpstate,timeline,connection=%u", selection->connection));
}

static void
show_netstat(const struct selection *selection)
{
    run(g_strdup_printf("tcpstate,netstat,frame=%u,connection=%u", selection->frame, selection->connection));
}

static void
show_diagram(const struct selection *selection)
{
    run(g_strdup_printf("tcpstate,diagram,connection=%u,format=text", selection->connection));
}

static void
show_points(const struct selection *selection G_GNUC_UNUSED)
{
    command_run("tcpstate,points");
}

struct entry {
    const char *label, *tooltip; /* NULL for a separator */
    void (*act)(const struct selection *selection);
};

static const struct entry entries[] = {
    {"Filter Connection", "Show only the frames of this connection", filter_connection},
    {"Filter Changes", "Show only the frames that changed a state of this connection", filter_changes},
    {"Filter TCP Streams", "Show only the frames of the streams, as Wireshark counts them, that this connection is in", filter_streams},
    {NULL, NULL, NULL},
    {"Go to Frame That Set Client State", "Go to the frame in which the client came to its state", go_to_client},
    {"Go to Frame That Set Server State", "Go to the frame in which the server came to its state", go_to_server},
    {NULL, NULL, NULL},
    {"Timeline", "Show this connection as a ladder, with the states of both ends", show_timeline},
    {"Netstat Here", "Show what netstat would say on each host after this frame", show_netstat},
    {"Capture Points", "Show what happened to segments between the capture points of this file", show_points},
    {"Diagram", "Show the states that this connection visited, in the figure of RFC 9293", show_diagram},
};

static void
choose(const void *data)
{
    const struct selection *selection = selection_current();

    if (selection != NULL)
        ((const struct entry *)data)->act(selection);
    else
        report_failure("Select a frame with a TCP segment first.");
}

static api_bool
has_connection(packet_info *pinfo FILTER_DATA_ARGUMENT)
{
    return selection_of(pinfo) != NULL;
}

static char *
filter_of(packet_info *pinfo FILTER_DATA_ARGUMENT)
{
    return connection_filter_text(selection_of(pinfo));
}

static void
add_menu(int proto)
{
    void *menu = window_add_menu(proto, "TCP State", "Analyze");

    for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
        window_add_entry(menu, entries[i].label, entries[i].tooltip, choose, &entries[i]);
}

static void
show_report(gpointer data G_GNUC_UNUSED)
{
    command_run("tcpstate,report");
}

void
menu_register(int proto)
{
    if (window_is_possible())
        add_menu(proto);
    funnel_register_menu("TCP State Report", REGISTER_PACKET_STAT_GROUP_UNSORTED, show_report, NULL, NULL, FALSE);
    register_conversation_filter("tcpstate", "TCP State", has_connection, filter_of FILTER_DATA);
}
