/* From records to what is shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "view.h"

#include <wsutil/str_util.h>

#include "memo.h"

static gboolean assume_delivery;

void
view_set_assume_delivery(gboolean assume)
{
    assume_delivery = assume;
    memo_reset();
}

gboolean
view_assumes_delivery(void)
{
    return assume_delivery;
}

enum tcpstate_state
view_state(const struct tcpstate_record *record, int end)
{
    return assume_delivery ? tcpstate_record_pending(record, end) : tcpstate_record_state(record, end);
}

/* With delivery assumed the records say nothing of it: back to the first that shows the state. */
static const struct tcpstate_record *
walk_back(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    const struct memo *memo = memo_find(MEMO_ENTERED, record->connection, end, 0);
    const struct tcpstate_record *at = record;
    size_t index = (size_t)(record - flow->records), entered;

    if (memo != NULL && memo->low <= index && index <= memo->high)
        return &flow->records[memo->answer];
    while (at > flow->records && at[-1].connection == record->connection && view_state(at - 1, end) == view_state(record, end)) {
        at--;
        if (memo != NULL && (size_t)(at - flow->records) == memo->high)
            at = &flow->records[memo->answer];
    }
    entered = (size_t)(at - flow->records);
    memo_keep(MEMO_ENTERED, record->connection, end, 0, &(struct memo){.low = entered, .high = index, .answer = entered});
    return at;
}

const struct tcpstate_record *
view_entered(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    size_t since;

    if (assume_delivery)
        return walk_back(flow, record, end);
    since = tcpstate_record_since(flow->records, (size_t)(record - flow->records), end);
    return since > 0 ? &flow->records[since - 1] : NULL;
}

static void
collect_changes(struct view *view, const struct tcpstate_record *first, const struct tcpstate_record *last)
{
    for (const struct tcpstate_record *record = first; record <= last; record++)
        for (guint i = 0; i < record->step_count && view->change_count < TCPSTATE_CHANGES_MAX; i++)
            view->change[view->change_count++] = tcpstate_record_change(record, i);
}

/* The state before the segment: that of the record before it, or where the connection begins, that which the first change left. */
static enum tcpstate_state
state_before(const struct view *view, const struct tcpstate_record *record, const struct tcpstate_record *before, int end)
{
    if (before != NULL && assume_delivery)
        return view_state(before, end);
    for (guint i = 0; i < view->change_count; i++)
        if (view->change[i].end == end || view->to_itself)
            return (enum tcpstate_state)view->change[i].from;
    return tcpstate_record_state(record, end);
}

/* With delivery assumed an end goes at once where the evidence would follow later: one change, from what was shown to what is. */
static void
assume_changes(struct view *view)
{
    view->change_count = 0;
    for (int end = 0; end < 2; end++)
        if (view->end[end].left != view->end[end].state)
            view->change[view->change_count++] = (struct tcpstate_change){
                .end = (guint8)end, .from = (guint8)view->end[end].left, .to = (guint8)view->end[end].state};
}

static void
view_end(struct view *view, const struct flow *flow, const struct tcpstate_record *record, const struct tcpstate_record *before, int end)
{
    const struct tcpstate_record *since = view_entered(flow, record, end);
    const struct tcpstate_record *since_before = before != NULL ? view_entered(flow, before, end) : NULL;
    struct view_end *to = &view->end[end];

    to->state = view_state(record, end);
    to->pending = tcpstate_record_pending(record, end);
    to->left = to->state;
    to->basis = to->state == tcpstate_record_state(record, end) ? tcpstate_record_basis(record, end) : TCPSTATE_PRESUMED;
    to->since = since != NULL ? since->frame : 0;
    to->since_time = since != NULL ? since->time : 0;
    to->time_spent = -1;
    if (view->change_count == 0 && !assume_delivery)
        return;
    to->left = state_before(view, record, before, end);
    if (to->left != to->state && since_before != NULL)
        to->time_spent = record->time - since_before->time;
}

/* At the moment of a record; `is_here` where it is of the very segment. */
static void
view_moment(const struct flow *flow, size_t index, gboolean is_here, struct view *view)
{
    const struct tcpstate_record *record = &flow->records[index], *first = record, *before;

    while (first->continued)
        first--;
    before = first > flow->records && first[-1].connection == first->connection ? first - 1 : NULL;
    view->connection = record->connection;
    view->client = record->client;
    view->to_itself = record->to_itself;
    view->retry = is_here ? record->retry : 0;
    view->change_count = 0;
    if (is_here)
        collect_changes(view, first, record);
    else
        before = record;
    for (int end = 0; end < 2; end++)
        view_end(view, flow, record, before, end);
    if (assume_delivery)
        assume_changes(view);
}

void
view_record(const struct flow *flow, size_t index, struct view *view)
{
    view_moment(flow, index, TRUE, view);
}

gboolean
view_at(const struct flow *flow, const struct tcpstate_segment *segment, struct view *view)
{
    size_t at = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);

    if (at == 0)
        return FALSE;
    view_moment(flow, at - 1, flow->records[at - 1].frame == segment->frame && flow->records[at - 1].layer == segment->layer, view);
    return TRUE;
}

const char *
view_end_name(const struct view *view, int end)
{
    static const char *const names[] = {"client", "server"};

    return view->to_itself ? "both ends" : names[end != view->client];
}

char *
view_transition_name(wmem_allocator_t *scope, const struct view *view, const struct tcpstate_change *change)
{
    return wmem_strconcat(scope, view_end_name(view, change->end), " ", tcpstate_state_name((enum tcpstate_state)change->from), " -> ",
                          tcpstate_state_name((enum tcpstate_state)change->to), NULL);
}

char *
view_state_name(wmem_allocator_t *scope, const struct view_end *end)
{
    const char *state = tcpstate_state_name(end->state);

    return end->pending == end->state ? wmem_strdup(scope, state)
                                      : wmem_strdup_printf(scope, "%s [%s]", state, tcpstate_state_name(end->pending));
}

char *
view_finding_name(wmem_allocator_t *scope, const struct tcpstate_finding *finding)
{
    static const char letters[] = {[TCPSTATE_CHAT] = 'C', [TCPSTATE_NOTE] = 'N', [TCPSTATE_WARN] = 'W', [TCPSTATE_ERROR] = 'E'};

    return wmem_strdup_printf(scope, "%c %s", letters[tcpstate_finding_severity(finding)], tcpstate_finding_kinds[finding->id].name);
}

gboolean
view_retry_tells(const struct view *view, const struct tcpstate_finding *finding)
{
    return view->retry > 0 && (finding->id == TCPSTATE_FINDING_syn_retransmitted || finding->id == TCPSTATE_FINDING_synack_retransmitted ||
                               finding->id == TCPSTATE_FINDING_fin_retransmitted);
}
