/* The subtree of a segment, and its expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "display.h"

#include <epan/column-info.h>
#include <epan/expert.h>
#include <epan/tap.h>

#include <tcpstate/decimal.h>

#include "fields.h"
#include "outcome.h"
#include "view.h"

static gint ett_segment = -1, ett_client = -1, ett_server = -1, ett_transition = -1, ett_finding = -1;
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
draw_string(const struct scene *scene, proto_tree *tree, int field, const char *text)
{
    return generated(proto_tree_add_string(tree, field, scene->tvb, 0, 0, text));
}

static proto_item *
draw_number(const struct scene *scene, proto_tree *tree, int field, guint32 number)
{
    return generated(proto_tree_add_uint(tree, field, scene->tvb, 0, 0, number));
}

/* A frame that is known only when the capture has been read: what is known later changes nothing that is shown at once. */
static void
draw_later_frame(const struct scene *scene, proto_tree *tree, int field, int end,
                 guint32 (*frame_of)(const struct flow *flow, const struct tcpstate_segment *segment, int end))
{
    guint32 frame;

    if (!scene->pinfo->fd->visited || !proto_field_is_referenced(tree, field))
        return;
    frame = frame_of(scene->flow, scene->segment, end);
    if (frame > 0)
        draw_number(scene, tree, field, frame);
}

static void
draw_duration(const struct scene *scene, proto_tree *tree, int field, gint64 nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    generated(proto_tree_add_time(tree, field, scene->tvb, 0, 0, &time));
}

static void
draw_left(const struct scene *scene, proto_tree *tree, const struct end_fields *fields, const struct view_end *shown)
{
    if (shown->left != shown->state)
        draw_string(scene, tree, fields->previous, tcpstate_state_name(shown->left));
    if (shown->time_spent >= 0)
        draw_duration(scene, tree, fields->duration, shown->time_spent);
}

static void
draw_basis(const struct scene *scene, proto_tree *tree, const struct end_fields *fields, const struct view_end *shown)
{
    proto_item *item = draw_string(scene, tree, fields->basis, tcpstate_basis_name(shown->basis));

    proto_item_append_text(item, ", %s", tcpstate_basis_words(shown->basis));
}

static void
draw_pending(const struct scene *scene, proto_tree *tree, const struct end_fields *fields, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    proto_item *item;

    if (shown->pending == shown->state)
        return;
    item = draw_string(scene, tree, fields->pending, tcpstate_state_name(shown->pending));
    proto_item_append_text(item, ", if what is on its way to it arrives");
    draw_later_frame(scene, tree, fields->answered, end, outcome_answered);
}

static void
draw_since(const struct scene *scene, proto_tree *tree, const struct end_fields *fields, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    proto_item *item;

    if (shown->since > 0) {
        item = draw_number(scene, tree, fields->since, shown->since);
        if (display_is_read(tree) && shown->since < scene->segment->frame)
            proto_item_append_text(item, ", %s s before",
                                   tcpstate_decimal(scene->segment->time - shown->since_time, TCPSTATE_SECOND, 6).text);
    }
    draw_later_frame(scene, tree, fields->until, end, outcome_until);
}

static void
draw_end(const struct scene *scene, proto_tree *tree, int end)
{
    const struct view_end *shown = &scene->view.end[end];
    gboolean is_client = end == scene->view.client;
    const struct end_fields *fields = is_client ? &hf.client : &hf.server;
    proto_item *item = draw_string(scene, tree, fields->state, tcpstate_state_name(shown->state));

    tree = proto_item_add_subtree(item, is_client ? ett_client : ett_server);
    draw_number(scene, tree, fields->code, shown->state);
    draw_left(scene, tree, fields, shown);
    draw_basis(scene, tree, fields, shown);
    draw_pending(scene, tree, fields, end);
    draw_since(scene, tree, fields, end);
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

    draw_number(scene, tree, hf.connection, scene->view.connection);
    if (connection != NULL && connection->connection.before != NULL)
        draw_number(scene, tree, hf.connection_previous, connection->connection.before->number);
    if (!scene->view.to_itself)
        draw_string(scene, tree, hf.sender, view_end_name(&scene->view, scene->segment->from));
}

/* As a conn.log would have it if the capture ended here. */
static void
draw_zeek(const struct scene *scene, proto_tree *tree)
{
    const struct flow_connection *connection = flow_connection(scene->view.connection);
    char history[TCPSTATE_HISTORY_SIZE];
    size_t count;

    if (!proto_field_is_referenced(tree, hf.conn_state) && !proto_field_is_referenced(tree, hf.history))
        return; /* it is put together anew for each frame */
    count = tcpstate_letters_at(connection->letters, connection->letter_count, scene->segment->frame, scene->segment->layer);
    tcpstate_zeek_history(connection->letters, count, scene->view.client, history, sizeof history);
    draw_string(scene, tree, hf.conn_state, tcpstate_zeek_state(connection->letters, count, scene->view.client));
    draw_string(scene, tree, hf.history, history);
}

static void
draw_transitions(const struct scene *scene, proto_tree *tree)
{
    if (!proto_field_is_referenced(tree, hf.transition) && !proto_field_is_referenced(tree, hf.cause))
        return; /* it is put into words anew for each frame */
    for (guint i = 0; i < scene->view.change_count; i++) {
        const struct tcpstate_change *change = &scene->view.change[i];
        proto_item *item = draw_string(scene, tree, hf.transition, view_transition_name(scene->pinfo->pool, &scene->view, change));

        if (!view_assumes_delivery())
            draw_string(scene, proto_item_add_subtree(item, ett_transition), hf.cause,
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
        draw_string(scene, tree, hf.finding_outcome, outcome);
}

static void
draw_finding(const struct scene *scene, proto_tree *tree, const struct tcpstate_finding *finding)
{
    proto_item *item = draw_string(scene, tree, hf.finding, tcpstate_finding_kinds[finding->id].name);
    char text[ITEM_LABEL_LENGTH];

    tcpstate_finding_text(finding, text, sizeof text);
    expert_add_info_format(scene->pinfo, item, fields_expert_item(finding), "%s", text);
    tree = proto_item_add_subtree(item, ett_finding);
    draw_number(scene, tree, hf.finding_severity, tcpstate_finding_severity(finding));
    if (finding->related != 0)
        draw_number(scene, tree, hf.finding_frame, finding->related);
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
        draw_number(scene, tree, hf.retry, scene->view.retry);
}

static gboolean
has_findings(const struct flow *flow, const struct tcpstate_segment *segment)
{
    const struct tcpstate_finding *findings;

    return flow_findings_at(flow, segment, &findings) > 0;
}

/* Findings are drawn in any tree: a filter or column of expert information finds no item that has none. */
gboolean
display_is_wanted(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment)
{
    if (arrival->tree != NULL)
        return proto_field_is_referenced(arrival->tree, hf.protocol) || has_findings(flow, segment);
    return flow->finding_count > 0 && has_findings(flow, segment) && display_wants_findings(arrival->pinfo);
}

static proto_item *
draw_protocol(const struct scene *scene, proto_tree *tree)
{
    return tree != NULL ? proto_tree_add_item(proto_tree_get_root(tree), hf.protocol, scene->tvb, 0, 0, ENC_NA) : NULL;
}

void
display_segment(const struct arrival *arrival, const struct flow *flow, const struct tcpstate_segment *segment, const char *not_counted)
{
    struct scene scene = {.pinfo = arrival->pinfo, .tvb = arrival->tvb, .flow = flow, .segment = segment};
    proto_tree *tree = arrival->tree;
    proto_item *head = NULL;

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

void
display_register(void)
{
    static gint *ett[] = {&ett_segment, &ett_client, &ett_server, &ett_transition, &ett_finding};

    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}

void
display_begin_capture(void)
{
    /* registered only after all protocols are */
    expert_tap = find_tap_id("expert");
}
