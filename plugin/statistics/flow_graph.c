/* Statistics > Flow Graph > TCP State, and -z flow,tcpstate,standard|network[,FILTER]: an arrow for each segment that changes a state, is a
 * retry, or has a finding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <string.h>

#include <epan/to_str.h>

#include "../wireshark/api/sequence_analysis.h"
#include "../wireshark/show/tap.h"

/* Characters that fit above an arrow between two neighbouring hosts; tshark cuts off longer labels. */
#define LABEL_ROOM 20

/* By bit number, with the names that Wireshark's TCP flow graph uses. */
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

/* Appends a text such as "retry 2" to the label above the arrow if it fits there, else to the comment beside it. Appends nothing if the
 * number is 0. */
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
add_findings(GString *comment, const struct tap_segment *tapped, const struct view *view)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(tapped->flow, &tapped->segment, &findings);

    for (guint i = 0; i < count; i++)
        if (!view_is_retry_finding(view, &findings[i]))
            add_finding(comment, &findings[i]);
}

/* "FIN, ACK - retry 2" above the arrow, "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT], W fin_wait_1_stuck" beside it. */
static void
describe(seq_analysis_item_t *item, const struct tap_segment *tapped, const struct view *view)
{
    GString *label = flags_of(&tapped->segment), *comment = states_of(view);

    add_number(label, comment, "Len:", tapped->segment.payload);
    add_number(label, comment, "retry", view->retry);
    add_findings(comment, tapped, view);
    item->frame_label = g_string_free(label, FALSE);
    item->comment = g_string_free(comment, FALSE);
}

/* Sets an address and port to those of the segment. Wireshark has set those of the frame's last header, which may be another one if there
 * is a tunnel, or if a frame has several segments. */
static void
set_end(address *to, guint16 *port, const struct flow_end *end)
{
    address own = flow_end_as_address(end);

    free_address(to);
    copy_address(to, &own);
    *port = end->port;
}

/* "127.0.0.1 (client)". Without the role, both ends of a connection within one host would be drawn as one. */
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
set_ends(seq_analysis_item_t *item, const struct tap_segment *tapped, const struct view *view)
{
    int from = tapped->segment.from;

    set_end(&item->src_addr, &item->port_src, flow_end(tapped->flow, from));
    set_end(&item->dst_addr, &item->port_dst, flow_end(tapped->flow, !from));
    if (view->to_itself || !addresses_equal(&item->src_addr, &item->dst_addr))
        return;
    add_role(&item->src_addr, view, from);
    add_role(&item->dst_addr, view, !from);
}

static tap_packet_status
add_arrow(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *message TAP_FLAGS_ARGUMENT)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)data;
    const struct tap_segment *tapped = (const struct tap_segment *)message;
    seq_analysis_item_t *item = tap_is_event(tapped) && !tapped->is_quoted ? sequence_analysis_create_sai_with_addresses(pinfo, graph)
                                                                           : NULL;
    struct view view;

    if (item == NULL)
        return TAP_PACKET_DONT_REDRAW;
    item->frame_number = pinfo->num;
    tap_view(tapped, &view);
    set_ends(item, tapped, &view);
    describe(item, tapped, &view);
    sequence_analysis_use_color_filter(pinfo, item);
    item->conv_num = (guint16)tapped->connection;
    item->line_style = 1;
    item->display = TRUE;
    g_queue_push_tail(graph->items, item);
    return TAP_PACKET_REDRAW;
}

void
flow_graph_register(int proto)
{
    if (FLOW_GRAPH_IS_KNOWN)
        register_seq_analysis("tcpstate", "TCP State", proto, TCPSTATE_TAP, 0, add_arrow);
}
