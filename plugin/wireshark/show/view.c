/* Computes from the records of a flow what is shown of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "view.h"

#include <wsutil/str_util.h>

#include "walk_cache.h"

static gboolean assume_delivery;

void
view_set_assume_delivery(gboolean assume)
{
    assume_delivery = assume;
    walk_cache_reset();
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

/* Searches back for the first record that shows the state. If delivery is assumed, the records do not store it. */
static const struct tcpstate_record *
search_entered(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    const struct cached_walk *cached = walk_cache_find(WALK_ENTERED, flow, record->connection, end, 0);
    const struct tcpstate_record *at = record;
    size_t index = (size_t)(record - flow->records), entered;

    if (cached != NULL && cached->low <= index && index <= cached->high)
        return &flow->records[cached->answer];
    while (at > flow->records && at[-1].connection == record->connection && view_state(at - 1, end) == view_state(record, end)) {
        at--;
        if (cached != NULL && (size_t)(at - flow->records) == cached->high)
            at = &flow->records[cached->answer];
    }
    entered = (size_t)(at - flow->records);
    walk_cache_store(WALK_ENTERED, flow, record->connection, end, 0,
                     &(struct cached_walk){.low = entered, .high = index, .answer = entered});
    return at;
}

const struct tcpstate_record *
view_entered(const struct flow *flow, const struct tcpstate_record *record, int end)
{
    size_t since;

    if (assume_delivery)
        return search_entered(flow, record, end);
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

/* The state before the segment: from the record before it; at the beginning of a connection, from the first change. */
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

/* If delivery is assumed, a segment makes one change per end: from the state shown before it to the state shown after it. */
static void
assume_changes(struct view *view)
{
    view->change_count = 0;
    for (int end = 0; end < 2; end++)
        if (view->end[end].previous != view->end[end].state)
            view->change[view->change_count++] = (struct tcpstate_change){
                .end = (guint8)end, .from = (guint8)view->end[end].previous, .to = (guint8)view->end[end].state};
}

static void
view_end(struct view *view, const struct flow *flow, const struct tcpstate_record *record, const struct tcpstate_record *before, int end)
{
    const struct tcpstate_record *since = view_entered(flow, record, end);
    const struct tcpstate_record *since_before = before != NULL ? view_entered(flow, before, end) : NULL;
    struct view_end *to = &view->end[end];

    to->state = view_state(record, end);
    to->pending = tcpstate_record_pending(record, end);
    to->previous = to->state;
    to->basis = to->state == tcpstate_record_state(record, end) ? tcpstate_record_basis(record, end) : TCPSTATE_PRESUMED;
    to->since = since != NULL ? since->frame : 0;
    to->since_time = since != NULL ? since->time : 0;
    to->time_spent = -1;
    if (view->change_count == 0 && !assume_delivery)
        return;
    to->previous = state_before(view, record, before, end);
    if (to->previous != to->state && since_before != NULL)
        to->time_spent = record->time - since_before->time;
}

/* Fills the view from a record. `is_of_segment`: the record is of this segment, and not of an earlier one. */
static void
view_fill(const struct flow *flow, size_t index, gboolean is_of_segment, struct view *view)
{
    const struct tcpstate_record *record = &flow->records[index], *first = record, *before;

    while (first->continued)
        first--;
    before = first > flow->records && first[-1].connection == first->connection ? first - 1 : NULL;
    view->connection = record->connection;
    view->client = record->client;
    view->to_itself = record->to_itself;
    view->retry = is_of_segment ? record->retry : 0;
    view->change_count = 0;
    if (is_of_segment)
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
    view_fill(flow, index, TRUE, view);
}

gboolean
view_at(const struct flow *flow, const struct tcpstate_segment *segment, struct view *view)
{
    size_t at = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);

    if (at == 0)
        return FALSE;
    view_fill(flow, at - 1, flow->records[at - 1].frame == segment->frame && flow->records[at - 1].layer == segment->layer, view);
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
view_is_retry_finding(const struct view *view, const struct tcpstate_finding *finding)
{
    return view->retry > 0 && (finding->id == TCPSTATE_FINDING_syn_retransmitted || finding->id == TCPSTATE_FINDING_synack_retransmitted ||
                               finding->id == TCPSTATE_FINDING_fin_retransmitted);
}
