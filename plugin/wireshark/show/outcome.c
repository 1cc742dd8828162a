/* Searches the records after a segment for what happened to the states that it shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"

#include <tcpstate/decimal.h>

#include "../capture/clock.h"
#include "../capture/twins.h"
#include "view.h"
#include "walk_cache.h"

/* The index of the record in which the end finally leaves the state that it has at `at`. Searches from the last record back to `at`.
 * Returns flow->record_count if the end never leaves it. */
static size_t
search_leaving(const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at];
    size_t left = flow->record_count;

    for (size_t i = flow->record_count; i-- > at;) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != then->connection)
            continue;
        if (tcpstate_record_state(record, end) == tcpstate_record_state(then, end))
            break;
        left = i;
    }
    return left;
}

/* The record in which the end finally leaves its state at `at`, or NULL. This is the same record for every `at` with this state, so it is
 * cached by state. */
static const struct tcpstate_record *
leaving_record(const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at];
    guint state = tcpstate_record_state(then, end);
    const struct cached_walk *cached = walk_cache_find(WALK_LEFT, flow, then->connection, end, state);
    size_t left;

    if (cached != NULL && cached->count == flow->record_count)
        left = cached->answer;
    else
        left = search_leaving(flow, at, end);
    walk_cache_store(WALK_LEFT, flow, then->connection, end, state,
                     &(struct cached_walk){.low = at, .high = flow->record_count, .answer = left, .count = flow->record_count});
    return left < flow->record_count ? &flow->records[left] : NULL;
}

static struct tcpstate_decimal
in_seconds(gint64 nanoseconds)
{
    return tcpstate_decimal(nanoseconds, TCPSTATE_SECOND, 1);
}

/* The end stays stuck to the end of the capture. The gap between retries doubles (RFC 6298 section 5.5), so a stack that has not given up
 * sends its next one after twice the last gap; half a gap more allows for timers that are late. */
static const char *
describe_still_stuck(wmem_allocator_t *scope, struct tcpstate_end end)
{
    gint64 silence = clock_end() - end.sent_time;
    const char *retries = wmem_strdup_printf(scope, "%u retries in all, the last in frame %u", end.retries, end.sent_frame);

    if (silence / 5 > end.sent_gap / 2) /* so that no clock overflows */
        return wmem_strdup_printf(scope, "%s; none follows in the %s s to the end of the capture: it gave up", retries,
                                  in_seconds(silence).text);
    return wmem_strdup_printf(scope, "%s; the capture ends %s s later, too early to say whether it gave up", retries,
                              in_seconds(silence).text);
}

const char *
outcome_of(wmem_allocator_t *scope, const struct flow *flow, const struct tcpstate_finding *finding)
{
    const struct tcpstate_record *left;
    size_t at = tcpstate_record_at(flow->records, flow->record_count, finding->frame, finding->layer);

    if (at == 0 || !tcpstate_finding_is_stuck(finding))
        return NULL;
    left = leaving_record(flow, at - 1, finding->end);
    if (left != NULL)
        return wmem_strdup_printf(scope, "left it in frame %u, %s s later, for %s", left->frame,
                                  in_seconds(left->time - flow->records[at - 1].time).text,
                                  tcpstate_state_name(tcpstate_record_state(left, finding->end)));
    return describe_still_stuck(scope, tcpstate_end(flow_engine_connection(twins_in_flow(flow, finding->connection)), finding->end));
}

/* Whether the end has another state than in `then`. For WALK_ANSWERED, also whether it awaits no state any more. */
static gboolean
has_changed(enum walk_question question, const struct tcpstate_record *then, const struct tcpstate_record *record, int end)
{
    return view_state(record, end) != view_state(then, end) ||
           (question == WALK_ANSWERED && tcpstate_record_pending(record, end) == tcpstate_record_state(record, end));
}

/* The index of the connection's first record after `at` for which has_changed(), or flow->record_count. */
static size_t
search_change(enum walk_question question, const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at];
    const struct cached_walk *cached = walk_cache_find(question, flow, then->connection, end, 0);
    size_t last = twins_in_flow(flow, then->connection)->end_record, none = flow->record_count;

    if (cached != NULL && cached->count != none && cached->answer == cached->count)
        cached = NULL; /* records have been added since; one may be it */
    if (cached != NULL && cached->low <= at && at < cached->high)
        return cached->answer;
    for (size_t i = at + 1; i < last; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != then->connection)
            continue;
        if (has_changed(question, then, record, end))
            return i;
        if (cached != NULL && cached->low == i)
            return cached->answer;
    }
    return none;
}

static const struct tcpstate_record *
change_after(enum walk_question question, const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    size_t found, after = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);
    const struct tcpstate_record *then;

    if (after == 0)
        return NULL;
    then = &flow->records[after - 1];
    found = search_change(question, flow, after - 1, end);
    walk_cache_store(question, flow, then->connection, end, 0,
                     &(struct cached_walk){.low = after - 1, .high = found, .answer = found, .count = flow->record_count});
    return found < flow->record_count ? &flow->records[found] : NULL;
}

guint32
outcome_until(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *left = change_after(WALK_UNTIL, flow, segment, end);

    return left != NULL ? left->frame : 0;
}

/* Whether the end came to another state with this record, without having sent anything. */
static gboolean
is_only_presumed(const struct tcpstate_record *record, int end)
{
    for (unsigned step = 0; step < record->step_count; step++)
        if (tcpstate_record_change(record, step).end == end)
            return tcpstate_record_basis(record, end) == TCPSTATE_PRESUMED;
    return FALSE;
}

guint32
outcome_answered(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *settled = change_after(WALK_ANSWERED, flow, segment, end);

    return settled != NULL && !is_only_presumed(settled, end) ? settled->frame : 0;
}
