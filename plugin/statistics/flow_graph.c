/* Statistics > Flow Graph > TCP State, and -z flow,tcpstate,standard|network[,FILTER]: an arrow for each segment with a change of state, a
 * retry or a finding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <epan/to_str.h>

#include "sequence_analysis.h"
#include "tap.h"

/* Characters over an arrow between neighbours; tshark cuts off what is longer. */
#define LABEL_ROOM 20

/* By bit, as TCP's own flow graph has them. */
static const char *const flag_names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

static GString *
flags_of(const struct tcpstate_segment *segment)
{
    GString *flags = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(flag_names); i++)
        if (segment->flags >> i & 1)
            g_string_append_printf(flags, "%s%s", flags->len > 0 ? ", " : "", flag_names[i]);
    return flags->len > 0 ? flags : g_string_append(flags, "<None>");
}

static GString *
states_of(const struct view *view)
{
    char *client = view_state_name(NULL, &view->end[view->client]);
    char *server = view_state_name(NULL, &view->end[!view->client]);
    GString *states = g_string_new(NULL);

    g_string_printf(states, "%s / %s", client, server);
    wmem_free(NULL, client);
    wmem_free(NULL, server);
    return states;
}

/* "retry 2", where it has room above the arrow, else beside it. Nothing for 0. */
static void
add_number(GString *label, GString *comment, const char *what, guint number)
{
    char *text = g_strdup_printf("%s %u", what, number);
    gboolean fits = label->len + strlen(" - ") + strlen(text) <= LABEL_ROOM;

    if (number > 0)
        g_string_append_printf(fits ? label : comment, "%s%s", fits ? " - " : ", ", text);
    g_free(text);
}

static void
add_finding(GString *comment, const struct tcpstate_finding *finding)
{
    char *name = view_finding_name(NULL, finding);

    g_string_append_printf(comment, ", %s", name);
    wmem_free(NULL, name);
}

static void
add_findings(GString *comment, const struct tap_segment *told, const struct view *view)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(told->flow, &told->segment, &findings);

    for (guint i = 0; i < count; i++)
        if (!view_retry_tells(view, &findings[i]))
            add_finding(comment, &findings[i]);
}

/* "FIN, ACK - retry 2" above the arrow, "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT], W fin_wait_1_stuck" beside it. */
static void
describe(seq_analysis_item_t *item, const struct tap_segment *told, const struct view *view)
{
    GString *label = flags_of(&told->segment), *comment = states_of(view);

    add_number(label, comment, "Len:", told->segment.payload);
    add_number(label, comment, "retry", view->retry);
    add_findings(comment, told, view);
    item->frame_label = g_string_free(label, FALSE);
    item->comment = g_string_free(comment, FALSE);
}

/* The segment's own: Wireshark's are those of the frame's last header, which in a tunnel or an aggregate need not be this one's. */
static void
set_end(address *to, guint16 *port, const struct flow_end *end)
{
    address own = flow_end_as_address(end);

    free_address(to);
    copy_address(to, &own);
    *port = end->port;
}

/* "127.0.0.1 (client)": the ends of a connection within one host would be drawn as one. */
static void
add_role(address *to, const struct view *view, int end)
{
    char *host = address_to_str(NULL, to), *name = g_strdup_printf("%s (%s)", host, view_end_name(view, end));
    address own;

    set_address(&own, AT_STRINGZ, (int)strlen(name) + 1, name);
    free_address(to);
    copy_address(to, &own);
    g_free(name);
    wmem_free(NULL, host);
}

static void
set_ends(seq_analysis_item_t *item, const struct tap_segment *told, const struct view *view)
{
    int from = told->segment.from;

    set_end(&item->src_addr, &item->port_src, flow_end(told->flow, from));
    set_end(&item->dst_addr, &item->port_dst, flow_end(told->flow, !from));
    if (view->to_itself || !addresses_equal(&item->src_addr, &item->dst_addr))
        return;
    add_role(&item->src_addr, view, from);
    add_role(&item->dst_addr, view, !from);
}

static tap_packet_status
add_arrow(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *told_data TAP_FLAGS_ARGUMENT)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)data;
    const struct tap_segment *told = (const struct tap_segment *)told_data;
    seq_analysis_item_t *item = tap_is_event(told) && !told->is_quoted ? sequence_analysis_create_sai_with_addresses(pinfo, graph) : NULL;
    struct view view;

    if (item == NULL)
        return TAP_PACKET_DONT_REDRAW;
    item->frame_number = pinfo->num;
    tap_view(told, &view);
    set_ends(item, told, &view);
    describe(item, told, &view);
    sequence_analysis_use_color_filter(pinfo, item);
    item->conv_num = (guint16)told->connection;
    item->line_style = 1;
    item->display = TRUE;
    g_queue_push_tail(graph->items, item);
    return TAP_PACKET_REDRAW;
}

void
flow_graph_register(int proto)
{
    register_seq_analysis("tcpstate", "TCP State", proto, TCPSTATE_TAP, 0, add_arrow);
}
