/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "menu.h"

#include <epan/conversation_filter.h>
#include <epan/plugin_if.h>
#include <wsutil/report_message.h>

#include "../statistics/command.h"
#include "selection.h"

static char *
connection_filter(const struct selection *selection)
{
    return g_strdup_printf("tcpstate.connection == %u", selection->connection);
}

static void
filter(char *text)
{
    plugin_if_apply_filter(text, TRUE);
    g_free(text);
}

static void
filter_connection(const struct selection *selection)
{
    filter(connection_filter(selection));
}

static void
filter_changes(const struct selection *selection)
{
    filter(g_strdup_printf("tcpstate.connection == %u && tcpstate.transition", selection->connection));
}

static void
go_to(guint32 frame, const char *end)
{
    if (frame > 0)
        plugin_if_goto_frame(frame);
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
    run(g_strdup_printf("tcpstate,netstat,frame=%u", selection->frame));
}

static void
show_diagram(const struct selection *selection)
{
    run(g_strdup_printf("tcpstate,diagram,connection=%u", selection->connection));
}

struct entry {
    const char *label, *tooltip; /* NULL for a line between groups */
    void (*act)(const struct selection *selection);
};

static struct entry entries[] = {
    {"Filter Connection", "Show only the frames of this connection", filter_connection},
    {"Filter Changes", "Show only the frames that changed a state of this connection", filter_changes},
    {NULL, NULL, NULL},
    {"Go to Frame That Set Client State", "Go to the frame in which the client came to its state", go_to_client},
    {"Go to Frame That Set Server State", "Go to the frame in which the server came to its state", go_to_server},
    {NULL, NULL, NULL},
    {"Timeline", "Show this connection as a ladder, with the states of both ends", show_timeline},
    {"Netstat Here", "Show what netstat would say on each host after this frame", show_netstat},
    {"Diagram (Text)", "Show the states that this connection visited, as text for graphviz", show_diagram},
};

static void
choose(ext_menubar_gui_type gui _U_, gpointer object _U_, gpointer data)
{
    const struct selection *selection = selection_now();

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
    return connection_filter(selection_of(pinfo));
}

void
menu_register(int proto)
{
    ext_menu_t *menu = ext_menubar_set_parentmenu(ext_menubar_register_menu(proto, "TCP State", TRUE), "Analyze");

    for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
        if (entries[i].label != NULL)
            ext_menubar_add_entry(menu, entries[i].label, entries[i].tooltip, choose, &entries[i]);
        else
            ext_menubar_add_separator(menu);
    register_conversation_filter("tcpstate", "TCP State", has_connection, filter_of FILTER_DATA);
}
