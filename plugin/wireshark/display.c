/* Fields, expert items, and the subtree of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "display.h"

#include <epan/column-info.h>
#include <epan/expert.h>
#include <epan/tap.h>

#include "outcome.h"
#include "view.h"

/* X(member, filter name, type, display, strings, title, what it says), for each of the two ends */
#define END_FIELDS(X, END, TITLE)                                                                                  \
    X(state, END, FT_STRING, BASE_NONE, NULL, TITLE, "State of the " END " after this segment")                    \
    X(code, END ".code", FT_UINT8, BASE_DEC, VALS(state_codes), TITLE " (code)",                                   \
      "The same as a number, in the order of a connection's life: 2 to 3 opening, 5 to 9 closing")                 \
    X(previous, END ".previous", FT_STRING, BASE_NONE, NULL, TITLE " was", "State that it left with this segment") \
    X(pending, END ".pending", FT_STRING, BASE_NONE, NULL, TITLE " awaiting",                                      \
      "State that it goes to if what is on its way to it arrives; its answer will show")                           \
    X(basis, END ".basis", FT_STRING, BASE_NONE, NULL, TITLE " basis",                                             \
      "observed: it sent what proves it; presumed: unless the segment to it was lost; assumed: nothing seen yet")  \
    X(since, END ".since", FT_FRAMENUM, BASE_NONE, NULL, TITLE " since", "Frame in which it came to this state")   \
    X(duration, END ".duration", FT_RELATIVE_TIME, BASE_NONE, NULL, TITLE " time in that state",                   \
      "How long it had been in the state that it left with this segment")

#define X(name) {TCPSTATE_##name, #name},
static const value_string state_codes[] = {TCPSTATE_STATES(X){0, NULL}};
#undef X

static const value_string severity_codes[] = {
    {TCPSTATE_CHAT, "Chat"}, {TCPSTATE_NOTE, "Note"}, {TCPSTATE_WARN, "Warning"}, {TCPSTATE_ERROR, "Error"}, {0, NULL}};

struct end_fields {
    int state, code, previous, pending, basis, since, duration;
};

static int proto_tcpstate = -1;
static struct end_fields hf_client = {-1, -1, -1, -1, -1, -1, -1}, hf_server = {-1, -1, -1, -1, -1, -1, -1};
static int hf_connection = -1, hf_connection_previous = -1, hf_sender = -1, hf_transition = -1, hf_cause = -1, hf_retry = -1;
static int hf_finding = -1, hf_finding_severity = -1, hf_finding_frame = -1, hf_finding_outcome = -1;
static int hf_conn_state = -1, hf_history = -1;
static gint ett_segment = -1, ett_client = -1, ett_server = -1, ett_transition = -1, ett_finding = -1;
static expert_field ei_findings[TCPSTATE_FINDING_COUNT], ei_lesser[TCPSTATE_FINDING_COUNT];
static int expert_tap;

static proto_item *
generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

static void
draw_duration(proto_tree *tree, tvbuff_t *tvb, int hf, gint64 nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    generated(proto_tree_add_time(tree, hf, tvb, 0, 0, &time));
}

static void
draw_end(proto_tree *tree, tvbuff_t *tvb, const struct view *view, int end)
{
    const struct view_end *shown = &view->end[end];
    gboolean is_client = end == view->client;
    const struct end_fields *hf = is_client ? &hf_client : &hf_server;
    proto_item *item = generated(proto_tree_add_string(tree, hf->state, tvb, 0, 0, tcpstate_state_name(shown->state)));

    tree = proto_item_add_subtree(item, is_client ? ett_client : ett_server);
    generated(proto_tree_add_uint(tree, hf->code, tvb, 0, 0, shown->state));
    if (shown->left != shown->state)
        generated(proto_tree_add_string(tree, hf->previous, tvb, 0, 0, tcpstate_state_name(shown->left)));
    if (shown->time_spent >= 0)
        draw_duration(tree, tvb, hf->duration, shown->time_spent);
    if (shown->pending != shown->state)
        generated(proto_tree_add_string(tree, hf->pending, tvb, 0, 0, tcpstate_state_name(shown->pending)));
    generated(proto_tree_add_string(tree, hf->basis, tvb, 0, 0, tcpstate_basis_name(shown->basis)));
    if (shown->since > 0)
        generated(proto_tree_add_uint(tree, hf->since, tvb, 0, 0, shown->since));
}

/* "client FIN_WAIT_1 (was ESTABLISHED), server ESTABLISHED, awaiting CLOSE_WAIT" */
static void
head_end(proto_item *item, const struct view *view, int end)
{
    const struct view_end *shown = &view->end[end];

    proto_item_append_text(item, ", %s %s", view_end_name(view, end), tcpstate_state_name(shown->state));
    if (shown->left != shown->state)
        proto_item_append_text(item, " (was %s)", tcpstate_state_name(shown->left));
    if (shown->pending != shown->state)
        proto_item_append_text(item, ", awaiting %s", tcpstate_state_name(shown->pending));
}

static void
draw_connection(proto_tree *tree, tvbuff_t *tvb, const struct view *view, const struct tcpstate_segment *segment)
{
    const struct flow_connection *connection = flow_connection(view->connection);

    generated(proto_tree_add_uint(tree, hf_connection, tvb, 0, 0, view->connection));
    if (connection != NULL && connection->connection->before != NULL)
        generated(proto_tree_add_uint(tree, hf_connection_previous, tvb, 0, 0, connection->connection->before->number));
    if (!view->to_itself)
        generated(proto_tree_add_string(tree, hf_sender, tvb, 0, 0, view_end_name(view, segment->from)));
}

/* As a conn.log would have it if the capture ended here. */
static void
draw_zeek(proto_tree *tree, tvbuff_t *tvb, const struct flow *flow, const struct view *view, const struct tcpstate_segment *segment)
{
    char history[TCPSTATE_HISTORY_SIZE];
    size_t count;

    if (!proto_field_is_referenced(tree, hf_conn_state) && !proto_field_is_referenced(tree, hf_history))
        return; /* it is put together anew for each frame */
    count = tcpstate_letters_at(flow->letters, flow->letter_count, segment->frame, segment->layer);
    tcpstate_zeek_history(flow->letters, count, view->connection, view->client, history, sizeof history);
    generated(
        proto_tree_add_string(tree, hf_conn_state, tvb, 0, 0, tcpstate_zeek_state(flow->letters, count, view->connection, view->client)));
    generated(proto_tree_add_string(tree, hf_history, tvb, 0, 0, history));
}

static void
draw_transitions(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct view *view)
{
    for (guint i = 0; i < view->change_count; i++) {
        const struct tcpstate_change *change = &view->change[i];
        const char *text = view_transition_name(pinfo->pool, view, change);
        proto_item *item = generated(proto_tree_add_string(tree, hf_transition, tvb, 0, 0, text));

        if (!view_assumes_delivery())
            generated(proto_tree_add_string(proto_item_add_subtree(item, ett_transition), hf_cause, tvb, 0, 0,
                                            tcpstate_event_label((enum tcpstate_event)change->event)));
    }
}

/* What is known only later changes nothing that is shown at once. */
static void
draw_outcome(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct flow *flow, const struct tcpstate_finding *finding)
{
    const char *outcome = tree != NULL && pinfo->fd->visited ? outcome_of(pinfo->pool, flow, finding) : NULL;

    if (outcome != NULL)
        generated(proto_tree_add_string(tree, hf_finding_outcome, tvb, 0, 0, outcome));
}

static void
draw_findings(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct flow *flow, const struct tcpstate_segment *segment)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(flow, segment, &findings);

    for (guint i = 0; i < count; i++) {
        const struct tcpstate_finding_kind *kind = &tcpstate_finding_kinds[findings[i].id];
        proto_item *item = generated(proto_tree_add_string(tree, hf_finding, tvb, 0, 0, kind->name));
        proto_tree *subtree = proto_item_add_subtree(item, ett_finding);
        char text[ITEM_LABEL_LENGTH];

        tcpstate_finding_text(&findings[i], text, sizeof text);
        expert_add_info_format(pinfo, item, findings[i].lesser ? &ei_lesser[findings[i].id] : &ei_findings[findings[i].id], "%s", text);
        generated(proto_tree_add_uint(subtree, hf_finding_severity, tvb, 0, 0, tcpstate_finding_severity(&findings[i])));
        if (findings[i].related != 0)
            generated(proto_tree_add_uint(subtree, hf_finding_frame, tvb, 0, 0, findings[i].related));
        draw_outcome(subtree, tvb, pinfo, flow, &findings[i]);
    }
}

gboolean
display_wants_findings(const packet_info *pinfo)
{
    return have_tap_listener(expert_tap) || (pinfo->cinfo != NULL && pinfo->cinfo->col_first[COL_EXPERT] >= 0);
}

static void
draw_states(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct flow *flow, const struct view *view,
            const struct tcpstate_segment *segment, const char *not_counted)
{
    const int ends[] = {view->client, !view->client};
    proto_item *head = proto_tree_get_parent(tree);

    if (view_assumes_delivery())
        proto_item_append_text(head, " (delivery assumed)");
    if (view->to_itself)
        proto_item_append_text(head, ", connected to itself");
    if (not_counted != NULL)
        proto_item_append_text(head, ", %s: not counted", not_counted);
    draw_connection(tree, tvb, view, segment);
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (i == 0 || !view->to_itself)
            head_end(head, view, ends[i]);
        draw_end(tree, tvb, view, ends[i]);
    }
    draw_transitions(tree, tvb, pinfo, view);
    draw_zeek(tree, tvb, flow, view, segment);
    if (view->retry > 0)
        generated(proto_tree_add_uint(tree, hf_retry, tvb, 0, 0, view->retry));
}

void
display_segment(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment,
                const char *not_counted)
{
    proto_tree *subtree = NULL;
    struct view view;

    if (tree != NULL && proto_field_is_referenced(tree, proto_tcpstate) && view_at(flow, segment, &view)) {
        subtree = proto_item_add_subtree(proto_tree_add_item(tree, proto_tcpstate, tvb, 0, 0, ENC_NA), ett_segment);
        draw_states(subtree, tvb, pinfo, flow, &view, segment, not_counted);
    }
    draw_findings(subtree, tvb, pinfo, flow, segment);
}

void
display_quoted(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *quoted)
{
    const struct tcpstate_finding *findings;
    proto_tree *subtree = NULL;

    if (flow_findings_at(flow, quoted, &findings) == 0)
        return;
    if (tree != NULL && proto_field_is_referenced(tree, proto_tcpstate)) {
        proto_item *head = proto_tree_add_item(tree, proto_tcpstate, tvb, 0, 0, ENC_NA);

        proto_item_append_text(head, ", of the segment that the ICMP error quotes");
        subtree = proto_item_add_subtree(head, ett_segment);
    }
    draw_findings(subtree, tvb, pinfo, flow, quoted);
}

static void
register_findings(expert_module_t *module)
{
    static const int severities[] = {
        [TCPSTATE_CHAT] = PI_CHAT, [TCPSTATE_NOTE] = PI_NOTE, [TCPSTATE_WARN] = PI_WARN, [TCPSTATE_ERROR] = PI_ERROR};
    static const int groups[] = {[TCPSTATE_SEQUENCE] = PI_SEQUENCE,
                                 [TCPSTATE_PROTOCOL] = PI_PROTOCOL,
                                 [TCPSTATE_MALFORMED] = PI_MALFORMED,
                                 [TCPSTATE_SECURITY] = PI_SECURITY,
                                 [TCPSTATE_ASSUMPTION] = PI_ASSUMPTION};
    static ei_register_info ei[] = {
#define X(name, family, severity, lesser, group, rfc, summary, text) \
    {&ei_findings[TCPSTATE_FINDING_##name], {"tcpstate." #name, TCPSTATE_##group, TCPSTATE_##severity, summary, EXPFILL}},
        TCPSTATE_FINDINGS(X)
#undef X
#define X(name, family, severity, lesser, group, rfc, summary, text) \
    {&ei_lesser[TCPSTATE_FINDING_##name], {"tcpstate." #name, TCPSTATE_##group, TCPSTATE_##lesser, summary, EXPFILL}},
            TCPSTATE_FINDINGS(X)
#undef X
    };

    for (guint i = 0; i < G_N_ELEMENTS(ei); i++) {
        gboolean second = i >= TCPSTATE_FINDING_COUNT;

        ei[i].ids->ei = ei[i].ids->hf = -1;
        if (second && ei[i].eiinfo.severity == (int)tcpstate_finding_kinds[i - TCPSTATE_FINDING_COUNT].severity)
            continue; /* it has but one severity */
        ei[i].eiinfo.severity = severities[ei[i].eiinfo.severity];
        ei[i].eiinfo.group = groups[ei[i].eiinfo.group];
        expert_register_field_array(module, &ei[i], 1);
    }
}

void
display_register(int proto)
{
    /* clang-format off */
#define FIELD(hf, name, type, display, strings, title, blurb) {&(hf), {title, "tcpstate." name, type, display, strings, 0, blurb, HFILL}},
#define CLIENT_FIELD(member, ...) FIELD(hf_client.member, __VA_ARGS__)
#define SERVER_FIELD(member, ...) FIELD(hf_server.member, __VA_ARGS__)
    static hf_register_info hf[] = {
        END_FIELDS(CLIENT_FIELD, "client", "Client")
        END_FIELDS(SERVER_FIELD, "server", "Server")
        FIELD(hf_connection, "connection", FT_UINT32, BASE_DEC, NULL, "Connection",
              "Number of the connection: it ends when its endpoints end, unlike tcp.stream")
        FIELD(hf_connection_previous, "connection.previous", FT_UINT32, BASE_DEC, NULL, "Previous connection",
              "Number of the connection before it between the same addresses and ports")
        FIELD(hf_sender, "sender", FT_STRING, BASE_NONE, NULL, "Sender", "client or server")
        FIELD(hf_transition, "transition", FT_STRING, BASE_NONE, NULL, "Transition", "A change of state: end, old state, new state")
        FIELD(hf_cause, "cause", FT_STRING, BASE_NONE, NULL, "Cause",
              "What changed the state: snd, what the end sent; rcv, what was sent to it")
        FIELD(hf_retry, "retry", FT_UINT32, BASE_DEC, NULL, "Retry", "Which retransmission of the same SYN, SYN,ACK or FIN this is")
        FIELD(hf_conn_state, "conn_state", FT_STRING, BASE_NONE, NULL, "Zeek conn_state",
              "What Zeek's conn.log would say of the connection if the capture ended with this segment")
        FIELD(hf_history, "history", FT_STRING, BASE_NONE, NULL, "Zeek history",
              "The letters of Zeek's conn.log up to this segment, capitals for the client")
        FIELD(hf_finding, "finding", FT_STRING, BASE_NONE, NULL, "Finding", "Name of a finding; each is an expert item too")
        FIELD(hf_finding_severity, "finding.severity", FT_UINT8, BASE_DEC, VALS(severity_codes), "Severity",
              "1 chat, 2 note, 3 warning, 4 error")
        FIELD(hf_finding_frame, "finding.frame", FT_FRAMENUM, BASE_NONE, NULL, "Related frame", "Frame that the finding answers or contradicts")
        FIELD(hf_finding_outcome, "finding.outcome", FT_STRING, BASE_NONE, NULL, "Outcome",
              "How it went on with an end that is stuck; known when the capture has been read, so not in tshark's first pass")
    };
#undef FIELD
#undef CLIENT_FIELD
#undef SERVER_FIELD
    /* clang-format on */
    static gint *ett[] = {&ett_segment, &ett_client, &ett_server, &ett_transition, &ett_finding};

    proto_tcpstate = proto;
    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
    register_findings(expert_register_protocol(proto));
}

void
display_begin_capture(void)
{
    /* registered only after all protocols are */
    expert_tap = find_tap_id("expert");
}
