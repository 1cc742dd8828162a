/* Fields, expert items, and the subtree of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "display.h"

#include <epan/column-info.h>
#include <epan/expert.h>
#include <epan/tap.h>

#include <tcpstate/decimal.h>

#include "outcome.h"
#include "view.h"

#define X(id, name, words) "; " #name ": " words
static const char basis_blurb[] = "What that rests on" TCPSTATE_BASES(X);
#undef X

/* X(member, filter name, type, display, strings, title, what it says), for each of the two ends */
#define END_FIELDS(X, END, TITLE)                                                                                                      \
    X(state, END, FT_STRING, BASE_NONE, NULL, TITLE, "State of the " END " after this segment")                                        \
    X(code, END ".code", FT_UINT8, BASE_DEC, VALS(state_codes), TITLE " (code)",                                                       \
      "The same as a number, in the order of a connection's life: 2 to 3 opening, 5 to 9 closing")                                     \
    X(previous, END ".previous", FT_STRING, BASE_NONE, NULL, TITLE " was", "State that it left with this segment")                     \
    X(pending, END ".pending", FT_STRING, BASE_NONE, NULL, TITLE " awaiting",                                                          \
      "State that it goes to if what is on its way to it arrives; its answer will show")                                               \
    X(answered, END ".answered", FT_FRAMENUM, BASE_NONE, NULL, TITLE " answered in frame",                                             \
      "Frame in which it shows whether it came to the state that it awaits; known when the capture has been read, so not in tshark's " \
      "first pass")                                                                                                                    \
    X(basis, END ".basis", FT_STRING, BASE_NONE, NULL, TITLE " basis", basis_blurb)                                                    \
    X(since, END ".since", FT_FRAMENUM, BASE_NONE, NULL, TITLE " since frame", "Frame in which it came to this state")                 \
    X(until, END ".until", FT_FRAMENUM, BASE_NONE, NULL, TITLE " until frame",                                                         \
      "Frame in which it leaves this state; known when the capture has been read, so not in tshark's first pass")                      \
    X(duration, END ".duration", FT_RELATIVE_TIME, BASE_NONE, NULL, TITLE " time in that state",                                       \
      "How long it had been in the state that it left with this segment")

#define X(name) {TCPSTATE_##name, #name},
static const value_string state_codes[] = {TCPSTATE_STATES(X){0, NULL}};
#undef X

static const value_string severity_codes[] = {
    {TCPSTATE_CHAT, "Chat"}, {TCPSTATE_NOTE, "Note"}, {TCPSTATE_WARN, "Warning"}, {TCPSTATE_ERROR, "Error"}, {0, NULL}};

struct end_fields {
    int state, code, previous, pending, answered, basis, since, until, duration;
};

static int proto_tcpstate = -1;
static struct end_fields hf_client = {-1, -1, -1, -1, -1, -1, -1, -1, -1}, hf_server = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
static int hf_connection = -1, hf_connection_previous = -1, hf_sender = -1, hf_transition = -1, hf_cause = -1, hf_retry = -1;
static int hf_finding = -1, hf_finding_severity = -1, hf_finding_frame = -1, hf_finding_outcome = -1;
static int hf_conn_state = -1, hf_history = -1;
static gint ett_segment = -1, ett_client = -1, ett_server = -1, ett_transition = -1, ett_finding = -1;
static expert_field ei_findings[TCPSTATE_FINDING_COUNT], ei_lesser[TCPSTATE_FINDING_COUNT];
static int expert_tap;

/* A segment that is shown, and what is shown of it. */
struct scene {
    packet_info *pinfo;
    tvbuff_t *tvb;
    const struct flow *flow;
    const struct tcpstate_segment *segment;
    struct view view;
};

static proto_item *
generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

static proto_item *
draw_string(const struct scene *scene, proto_tree *tree, int hf, const char *text)
{
    return generated(proto_tree_add_string(tree, hf, scene->tvb, 0, 0, text));
}

static proto_item *
draw_number(const struct scene *scene, proto_tree *tree, int hf, guint32 number)
{
    return generated(proto_tree_add_uint(tree, hf, scene->tvb, 0, 0, number));
}

/* A frame that is known only when the capture has been read: what is known later changes nothing that is shown at once. */
static void
draw_later_frame(const struct scene *scene, proto_tree *tree, int hf, int end,
                 guint32 (*frame_of)(const struct flow *flow, const struct tcpstate_segment *segment, int end))
{
    guint32 frame;

    if (!scene->pinfo->fd->visited || !proto_field_is_referenced(tree, hf))
        return;
    frame = frame_of(scene->flow, scene->segment, end);
    if (frame > 0)
        draw_number(scene, tree, hf, frame);
}

static void
draw_duration(const struct scene *scene, proto_tree *tree, int hf, gint64 nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    generated(proto_tree_add_time(tree, hf, scene->tvb, 0, 0, &time));
}

static void
draw_left(const struct scene *scene, proto_tree *tree, const struct end_fields *hf, const struct view_end *shown)
{
    if (shown->left != shown->state)
        draw_string(scene, tree, hf->previous, tcpstate_state_name(shown->left));
    if (shown->time_spent >= 0)
        draw_duration(scene, tree, hf->duration, shown->time_spent);
}

static void
draw_basis(const struct scene *scene, proto_tree *tree, const struct end_fields *hf, const struct view_end *shown)
{
    proto_item *item = draw_string(scene, tree, hf->basis, tcpstate_basis_name(shown->basis));

    proto_item_append_text(item, ", %s", tcpstate_basis_words(shown->basis));
}

static void
draw_pending(const struct scene *scene, proto_tree *tree, const struct end_fields *hf, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    proto_item *item;

    if (shown->pending == shown->state)
        return;
    item = draw_string(scene, tree, hf->pending, tcpstate_state_name(shown->pending));
    proto_item_append_text(item, ", if what is on its way to it arrives");
    draw_later_frame(scene, tree, hf->answered, end, outcome_answered);
}

static void
draw_since(const struct scene *scene, proto_tree *tree, const struct end_fields *hf, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    proto_item *item;

    if (shown->since > 0) {
        item = draw_number(scene, tree, hf->since, shown->since);
        if (display_is_read(tree) && shown->since < scene->segment->frame)
            proto_item_append_text(item, ", %s s before",
                                   tcpstate_decimal(scene->segment->time - shown->since_time, TCPSTATE_SECOND, 6).text);
    }
    draw_later_frame(scene, tree, hf->until, end, outcome_until);
}

static void
draw_end(const struct scene *scene, proto_tree *tree, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    gboolean is_client = end == scene->view.client;
    const struct end_fields *hf = is_client ? &hf_client : &hf_server;
    proto_item *item = draw_string(scene, tree, hf->state, tcpstate_state_name(shown->state));

    tree = proto_item_add_subtree(item, is_client ? ett_client : ett_server);
    draw_number(scene, tree, hf->code, shown->state);
    draw_left(scene, tree, hf, shown);
    draw_basis(scene, tree, hf, shown);
    draw_pending(scene, tree, hf, end);
    draw_since(scene, tree, hf, end);
}

static void
add_words(GString *text, const char *before, const char *word, const char *after)
{
    g_string_append(g_string_append(g_string_append(text, before), word), after);
}

/* "client FIN_WAIT_1 (was ESTABLISHED), server ESTABLISHED, awaiting CLOSE_WAIT" */
static void
head_end(GString *text, const struct view *view, int end)
{
    const struct view_end *shown = &view->end[end];

    add_words(text, ", ", view_end_name(view, end), " ");
    g_string_append(text, tcpstate_state_name(shown->state));
    if (shown->left != shown->state)
        add_words(text, " (was ", tcpstate_state_name(shown->left), ")");
    if (shown->pending != shown->state)
        add_words(text, ", awaiting ", tcpstate_state_name(shown->pending), "");
}

static void
draw_connection(const struct scene *scene, proto_tree *tree)
{
    const struct flow_connection *connection = flow_connection(scene->view.connection);

    draw_number(scene, tree, hf_connection, scene->view.connection);
    if (connection != NULL && connection->connection.before != NULL)
        draw_number(scene, tree, hf_connection_previous, connection->connection.before->number);
    if (!scene->view.to_itself)
        draw_string(scene, tree, hf_sender, view_end_name(&scene->view, scene->segment->from));
}

/* As a conn.log would have it if the capture ended here. */
static void
draw_zeek(const struct scene *scene, proto_tree *tree)
{
    const struct flow_connection *connection = flow_connection(scene->view.connection);
    char history[TCPSTATE_HISTORY_SIZE];
    size_t count;

    if (!proto_field_is_referenced(tree, hf_conn_state) && !proto_field_is_referenced(tree, hf_history))
        return; /* it is put together anew for each frame */
    count = tcpstate_letters_at(connection->letters, connection->letter_count, scene->segment->frame, scene->segment->layer);
    tcpstate_zeek_history(connection->letters, count, scene->view.client, history, sizeof history);
    draw_string(scene, tree, hf_conn_state, tcpstate_zeek_state(connection->letters, count, scene->view.client));
    draw_string(scene, tree, hf_history, history);
}

static void
draw_transitions(const struct scene *scene, proto_tree *tree)
{
    if (!proto_field_is_referenced(tree, hf_transition) && !proto_field_is_referenced(tree, hf_cause))
        return; /* it is put into words anew for each frame */
    for (guint i = 0; i < scene->view.change_count; i++) {
        const struct tcpstate_change *change = &scene->view.change[i];
        proto_item *item = draw_string(scene, tree, hf_transition, view_transition_name(scene->pinfo->pool, &scene->view, change));

        if (!view_assumes_delivery())
            draw_string(scene, proto_item_add_subtree(item, ett_transition), hf_cause,
                        tcpstate_event_label((enum tcpstate_event)change->event));
    }
}

static void
draw_outcome(const struct scene *scene, proto_tree *tree, const struct tcpstate_finding *finding)
{
    const char *outcome = NULL;

    if (tree != NULL && scene->pinfo->fd->visited)
        outcome = outcome_of(scene->pinfo->pool, scene->flow, finding);
    if (outcome != NULL)
        draw_string(scene, tree, hf_finding_outcome, outcome);
}

static void
draw_finding(const struct scene *scene, proto_tree *tree, const struct tcpstate_finding *finding)
{
    proto_item *item = draw_string(scene, tree, hf_finding, tcpstate_finding_kinds[finding->id].name);
    char text[ITEM_LABEL_LENGTH];

    tcpstate_finding_text(finding, text, sizeof text);
    expert_add_info_format(scene->pinfo, item, finding->lesser ? &ei_lesser[finding->id] : &ei_findings[finding->id], "%s", text);
    tree = proto_item_add_subtree(item, ett_finding);
    draw_number(scene, tree, hf_finding_severity, tcpstate_finding_severity(finding));
    if (finding->related != 0)
        draw_number(scene, tree, hf_finding_frame, finding->related);
    draw_outcome(scene, tree, finding);
}

static void
draw_findings(const struct scene *scene, proto_tree *tree)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(scene->flow, scene->segment, &findings);

    for (guint i = 0; i < count; i++)
        draw_finding(scene, tree, &findings[i]);
}

gboolean
display_is_read(const proto_tree *tree)
{
    return tree != NULL && PTREE_DATA(tree)->visible;
}

gboolean
display_wants_findings(const packet_info *pinfo)
{
    return have_tap_listener(expert_tap) || (pinfo->cinfo != NULL && pinfo->cinfo->col_first[COL_EXPERT] >= 0);
}

static void
draw_head(const struct scene *scene, proto_item *head, const char *not_counted)
{
    static GString *text; /* one for all: to put it together is quicker than to append to the item */
    const struct view *view = &scene->view;

    if (!display_is_read(proto_item_get_subtree(head)))
        return;
    if (text == NULL)
        text = g_string_new(NULL);
    g_string_truncate(text, 0);
    if (view_assumes_delivery())
        g_string_append(text, " (delivery assumed)");
    if (view->to_itself)
        g_string_append(text, ", connected to itself");
    if (not_counted != NULL)
        add_words(text, ", ", not_counted, ": not counted");
    head_end(text, view, view->client);
    if (!view->to_itself)
        head_end(text, view, !view->client);
    proto_item_append_text(head, "%s", text->str);
}

static void
draw_states(const struct scene *scene, proto_tree *tree)
{
    draw_connection(scene, tree);
    draw_end(scene, tree, scene->view.client);
    draw_end(scene, tree, !scene->view.client);
    draw_transitions(scene, tree);
    if (scene->view.retry > 0)
        draw_number(scene, tree, hf_retry, scene->view.retry);
}

static gboolean
has_findings(const struct flow *flow, const struct tcpstate_segment *segment)
{
    const struct tcpstate_finding *findings;

    return flow_findings_at(flow, segment, &findings) > 0;
}

/* Whether somebody asks for what is drawn: a filter or column of expert information too, which finds no item that has no tree. */
static gboolean
is_asked_for(proto_tree *tree, const struct flow *flow, const struct tcpstate_segment *segment)
{
    return proto_field_is_referenced(tree, proto_tcpstate) || has_findings(flow, segment);
}

gboolean
display_is_wanted(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment)
{
    if (arrival->tree != NULL)
        return is_asked_for(arrival->tree, flow, segment);
    return flow->finding_count > 0 && has_findings(flow, segment) && display_wants_findings(arrival->pinfo);
}

static proto_item *
draw_protocol(const struct scene *scene, proto_tree *tree)
{
    return tree != NULL ? proto_tree_add_item(proto_tree_get_root(tree), proto_tcpstate, scene->tvb, 0, 0, ENC_NA) : NULL;
}

void
display_segment(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment, const char *not_counted)
{
    struct scene scene = {.pinfo = arrival->pinfo, .tvb = arrival->tvb, .flow = flow, .segment = segment};
    proto_tree *tree = arrival->tree;
    proto_item *head = NULL;

    if (tree != NULL && !is_asked_for(tree, flow, segment))
        return;
    if (tree != NULL && view_at(flow, segment, &scene.view))
        head = draw_protocol(&scene, tree);
    tree = proto_item_add_subtree(head, ett_segment);
    if (head != NULL) {
        draw_head(&scene, head, not_counted);
        draw_states(&scene, tree);
    }
    draw_findings(&scene, tree);
    if (head != NULL)
        draw_zeek(&scene, tree);
}

void
display_quoted(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *quoted)
{
    const struct scene scene = {.pinfo = arrival->pinfo, .tvb = arrival->tvb, .flow = flow, .segment = quoted};
    const struct tcpstate_finding *findings;
    proto_item *head;

    if (flow_findings_at(flow, quoted, &findings) == 0)
        return;
    head = draw_protocol(&scene, arrival->tree);
    proto_item_append_text(head, ", of the segment that the ICMP error quotes");
    draw_findings(&scene, proto_item_add_subtree(head, ett_segment));
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
