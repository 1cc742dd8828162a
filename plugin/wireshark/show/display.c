/* Builds the subtree of a segment in the protocol tree, and its expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "display.h"

#include <epan/expert.h>

#include <tcpstate/decimal.h>

#include "../../points/reports.h"
#include "../../verdict/verdict.h"
#include "../capture/frame.h"
#include "../capture/listeners.h"
#include "../capture/twins.h"
#include "fields.h"
#include "outcome.h"
#include "point_display.h"
#include "view.h"

static gint ett_segment = -1, ett_client = -1, ett_server = -1, ett_transition = -1, ett_finding = -1;

/* A segment that is shown, and where. */
struct display_context {
    packet_info *pinfo;
    tvbuff_t *tvb;
    const struct flow *flow;
    const struct tcpstate_segment *segment;
    guint16 place;
    struct view view;
};

static proto_item *
generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

static proto_item *
add_string(const struct display_context *context, proto_tree *tree, int field, const char *text)
{
    return generated(proto_tree_add_string(tree, field, context->tvb, 0, 0, text));
}

static proto_item *
add_number(const struct display_context *context, proto_tree *tree, int field, guint32 number)
{
    return generated(proto_tree_add_uint(tree, field, context->tvb, 0, 0, number));
}

/* Adds the number of a later frame, which is known only after the first pass. On the first pass nothing is added, because the frames after
 * this one have not been read. */
static void
add_later_frame(const struct display_context *context, proto_tree *tree, int field, int end,
                guint32 (*frame_of)(const struct flow *flow, const struct tcpstate_segment *segment, int end))
{
    guint32 frame;

    if (!context->pinfo->fd->visited || !proto_field_is_referenced(tree, field))
        return;
    frame = frame_of(context->flow, context->segment, end);
    if (frame > 0)
        add_number(context, tree, field, frame);
}

static void
add_duration(const struct display_context *context, proto_tree *tree, int field, gint64 nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    generated(proto_tree_add_time(tree, field, context->tvb, 0, 0, &time));
}

static void
add_previous(const struct display_context *context, proto_tree *tree, const struct end_fields *fields, const struct view_end *shown)
{
    if (shown->previous != shown->state)
        add_string(context, tree, fields->previous, tcpstate_state_name(shown->previous));
    if (shown->time_spent >= 0)
        add_duration(context, tree, fields->duration, shown->time_spent);
}

static void
add_basis(const struct display_context *context, proto_tree *tree, const struct end_fields *fields, const struct view_end *shown)
{
    proto_item *item = add_string(context, tree, fields->basis, tcpstate_basis_name(shown->basis));

    proto_item_append_text(item, ", %s", tcpstate_basis_words(shown->basis));
}

static void
add_pending(const struct display_context *context, proto_tree *tree, const struct end_fields *fields, int end)
{
    const struct view_end *shown = &context->view.end[end];
    proto_item *item;

    if (shown->pending == shown->state)
        return;
    item = add_string(context, tree, fields->pending, tcpstate_state_name(shown->pending));
    proto_item_append_text(item, ", if what is on its way to it arrives");
    add_later_frame(context, tree, fields->answered, end, outcome_answered);
    add_later_frame(context, tree, fields->lost, end, reports_lost_frame);
}

static void
add_since(const struct display_context *context, proto_tree *tree, const struct end_fields *fields, int end)
{
    const struct view_end *shown = &context->view.end[end];
    proto_item *item;

    if (shown->since > 0) {
        item = add_number(context, tree, fields->since, shown->since);
        if (display_is_visible(tree) && shown->since < context->segment->frame)
            proto_item_append_text(item, ", %s s before",
                                   tcpstate_decimal(context->segment->time - shown->since_time, TCPSTATE_SECOND, 6).text);
    }
    add_later_frame(context, tree, fields->until, end, outcome_until);
}

static void
add_end(const struct display_context *context, proto_tree *tree, int end)
{
    const struct view_end *shown = &context->view.end[end];
    gboolean is_client = end == context->view.client;
    const struct end_fields *fields = is_client ? &hf.client : &hf.server;
    proto_item *item = add_string(context, tree, fields->state, tcpstate_state_name(shown->state));

    tree = proto_item_add_subtree(item, is_client ? ett_client : ett_server);
    add_number(context, tree, fields->code, shown->state);
    add_previous(context, tree, fields, shown);
    add_basis(context, tree, fields, shown);
    add_pending(context, tree, fields, end);
    add_since(context, tree, fields, end);
}

static void
append_words(GString *text, const char *before, const char *word, const char *after)
{
    g_string_append(g_string_append(g_string_append(text, before), word), after);
}

/* ", client FIN_WAIT_1 (was ESTABLISHED)", ", server ESTABLISHED, awaiting CLOSE_WAIT" */
static void
append_end(GString *text, const struct view *view, int end)
{
    const struct view_end *shown = &view->end[end];

    append_words(text, ", ", view_end_name(view, end), " ");
    g_string_append(text, tcpstate_state_name(shown->state));
    if (shown->previous != shown->state)
        append_words(text, " (was ", tcpstate_state_name(shown->previous), ")");
    if (shown->pending != shown->state)
        append_words(text, ", awaiting ", tcpstate_state_name(shown->pending), "");
}

/* In the last frame of the connection. Like other later frames, not on the first pass. */
static void
add_verdict(const struct display_context *context, proto_tree *tree)
{
    const struct flow_connection *shown = twins_in_flow(context->flow, context->view.connection);
    struct evidence evidence;
    struct verdict verdict;

    if (!context->pinfo->fd->visited || !proto_field_is_referenced(tree, hf.verdict) ||
        tcpstate_last_frame(flow_engine_connection(shown)) != context->segment->frame ||
        !evidence_gather(&evidence, twins_first(context->view.connection)))
        return;
    verdict = verdict_on(&evidence);
    if (evidence_last_frame(&evidence) == context->segment->frame)
        proto_item_append_text(add_string(context, tree, hf.verdict, verdict_name(&verdict)), " (%s)", verdict_kinds[verdict.id].summary);
    evidence_clear(&evidence);
}

static void
add_connection(const struct display_context *context, proto_tree *tree)
{
    const struct tcpstate_connection *before = tcpstate_before(
        flow_engine_connection(twins_in_flow(context->flow, context->view.connection)));

    add_number(context, tree, hf.connection, context->view.connection);
    if (before != NULL)
        add_number(context, tree, hf.connection_previous, tcpstate_number(before));
    if (!context->view.to_itself)
        add_string(context, tree, hf.sender, view_end_name(&context->view, context->segment->from));
    add_verdict(context, tree);
}

/* What Zeek's conn.log would have for the connection if the capture ended with this segment. */
static void
add_zeek(const struct display_context *context, proto_tree *tree)
{
    const struct flow_connection *connection = twins_in_flow(context->flow, context->view.connection);
    char history[TCPSTATE_HISTORY_SIZE];
    size_t count;

    if (!proto_field_is_referenced(tree, hf.conn_state) && !proto_field_is_referenced(tree, hf.history))
        return; /* computed for each frame, so only if a field is used */
    count = tcpstate_letters_at(connection->letters, connection->letter_count, context->segment->frame, context->segment->layer);
    tcpstate_zeek_history(connection->letters, count, context->view.client, history, sizeof history);
    add_string(context, tree, hf.conn_state, tcpstate_zeek_state(connection->letters, count, context->view.client));
    add_string(context, tree, hf.history, history);
}

static void
add_transitions(const struct display_context *context, proto_tree *tree)
{
    if (!proto_field_is_referenced(tree, hf.transition) && !proto_field_is_referenced(tree, hf.cause))
        return; /* computed for each frame, so only if a field is used */
    for (guint i = 0; i < context->view.change_count; i++) {
        const struct tcpstate_change *change = &context->view.change[i];
        proto_item *item = add_string(context, tree, hf.transition, view_transition_name(context->pinfo->pool, &context->view, change));

        if (!view_assumes_delivery())
            add_string(context, proto_item_add_subtree(item, ett_transition), hf.cause,
                       tcpstate_event_label((enum tcpstate_event)change->event));
    }
}

static void
add_outcome(const struct display_context *context, proto_tree *tree, const struct tcpstate_finding *finding)
{
    const char *outcome = NULL;

    if (tree != NULL && context->pinfo->fd->visited)
        outcome = outcome_of(context->pinfo->pool, context->flow, finding);
    if (outcome != NULL)
        add_string(context, tree, hf.finding_outcome, outcome);
}

static void
add_finding(const struct display_context *context, proto_tree *tree, const struct tcpstate_finding *finding)
{
    proto_item *item = add_string(context, tree, hf.finding, tcpstate_finding_kinds[finding->id].name);
    struct tcpstate_finding shown = *finding;
    char text[ITEM_LABEL_LENGTH];

    if (frame_number_is_shared(shown.related))
        shown.related = 0;
    tcpstate_finding_text(&shown, text, sizeof text);
    expert_add_info_format(context->pinfo, item, fields_expert_item(finding), "%s", text);
    tree = proto_item_add_subtree(item, ett_finding);
    add_number(context, tree, hf.finding_severity, tcpstate_finding_severity(finding));
    if (shown.related != 0)
        add_number(context, tree, hf.finding_frame, shown.related);
    add_outcome(context, tree, finding);
}

static void
add_findings(const struct display_context *context, proto_tree *tree)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(context->flow, context->segment, &findings);

    for (guint i = 0; i < count; i++)
        add_finding(context, tree, &findings[i]);
}

gboolean
display_is_visible(const proto_tree *tree)
{
    return tree != NULL && PTREE_DATA(tree)->visible;
}

static void
append_head(const struct display_context *context, proto_item *head, const char *not_counted)
{
    static GString *text; /* reused for all segments: building the text first is faster than several appends to the item */
    const struct view *view = &context->view;

    if (!display_is_visible(proto_item_get_subtree(head)))
        return;
    if (text == NULL)
        text = g_string_new(NULL);
    g_string_truncate(text, 0);
    if (view_assumes_delivery())
        g_string_append(text, " (delivery assumed)");
    if (view->to_itself)
        g_string_append(text, ", connected to itself");
    if (not_counted != NULL)
        append_words(text, ", ", not_counted, ": not counted");
    append_end(text, view, view->client);
    if (!view->to_itself)
        append_end(text, view, !view->client);
    proto_item_append_text(head, "%s", text->str);
}

static void
add_states(const struct display_context *context, proto_tree *tree)
{
    add_connection(context, tree);
    add_end(context, tree, context->view.client);
    add_end(context, tree, !context->view.client);
    add_transitions(context, tree);
    if (context->view.retry > 0)
        add_number(context, tree, hf.retry, context->view.retry);
}

static gboolean
has_findings(const struct flow *flow, const struct tcpstate_segment *segment)
{
    const struct tcpstate_finding *findings;

    return flow_findings_at(flow, segment, &findings) > 0;
}

/* Findings are added to every tree, referenced or not: a filter or column of expert information needs their items. */
gboolean
display_is_wanted(const struct display_target *target, const struct frame_segment *shown)
{
    const struct flow *flow = shown->flow;

    if (target->tree != NULL)
        return proto_field_is_referenced(target->tree, hf.protocol) || has_findings(flow, &shown->segment);
    return flow->finding_count > 0 && has_findings(flow, &shown->segment) && listeners_want_findings(target->pinfo);
}

static proto_item *
add_protocol(const struct display_context *context, proto_tree *tree)
{
    return tree != NULL ? proto_tree_add_item(tree, hf.protocol, context->tvb, 0, 0, ENC_NA) : NULL;
}

static void
add_quoted(const struct display_context *context, proto_tree *tree)
{
    proto_item *head;

    if (!has_findings(context->flow, context->segment))
        return;
    head = add_protocol(context, tree);
    proto_item_append_text(head, ", of the segment that the ICMP error quotes");
    add_findings(context, proto_item_add_subtree(head, ett_segment));
}

static void
add_segment(struct display_context *context, proto_tree *tree, const char *not_counted)
{
    proto_item *head = NULL;

    if (tree != NULL && view_at(context->flow, context->segment, &context->view))
        head = add_protocol(context, tree);
    tree = proto_item_add_subtree(head, ett_segment);
    if (head != NULL) {
        append_head(context, head, not_counted);
        add_states(context, tree);
        point_display(context->pinfo, context->tvb, tree, twins_in_flow(context->flow, context->view.connection), context->segment,
                      context->place);
    }
    add_findings(context, tree);
    if (head != NULL)
        add_zeek(context, tree);
}

void
display_segment(const struct display_target *target, const struct frame_segment *shown)
{
    struct display_context context = {
        .pinfo = target->pinfo, .tvb = target->tvb, .flow = shown->flow, .segment = &shown->segment, .place = shown->place};

    if (shown->is_quoted)
        add_quoted(&context, target->tree);
    else
        add_segment(&context, target->tree, shown->not_counted);
}

void
display_register(void)
{
    static gint *ett[] = {&ett_segment, &ett_client, &ett_server, &ett_transition, &ett_finding};

    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
