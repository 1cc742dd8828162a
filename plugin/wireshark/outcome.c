/* From the records after a segment to what became of its states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"

#include <tcpstate/decimal.h>

#include "clock.h"
#include "memo.h"
#include "view.h"

/* The index of the record, from the end of the flow's back to `at`, in which the end has left for good the state that it was in there; that
 * of no record where it is in it to the end. */
static size_t
walk_to_leaving(const struct flow *flow, size_t at, int end)
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

/* Wherever it is asked from, for the state is left for good but once. */
static const struct tcpstate_record *
left_in(const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at];
    guint state = tcpstate_record_state(then, end);
    const struct memo *memo = memo_find(MEMO_LEFT, then->connection, end, state);
    size_t left;

    if (memo != NULL && memo->count == flow->record_count)
        left = memo->answer;
    else
        left = walk_to_leaving(flow, at, end);
    memo_keep(MEMO_LEFT, then->connection, end, state,
              &(struct memo){.low = at, .high = flow->record_count, .answer = left, .count = flow->record_count});
    return left < flow->record_count ? &flow->records[left] : NULL;
}

static struct tcpstate_decimal
in_seconds(gint64 nanoseconds)
{
    return tcpstate_decimal(nanoseconds, TCPSTATE_SECOND, 1);
}

/* It is stuck still. A stack that goes on would have sent the next retry after twice the last gap, or a little more. */
static const char *
stuck_to_the_end(wmem_allocator_t *scope, const struct tcpstate_connection *connection, int end)
{
    const struct tcpstate_peer *peer = &connection->peer[end];
    gint64 silence = clock_end() - peer->last_sent;
    const char *retries = wmem_strdup_printf(scope, "%u retries in all, the last in frame %u", peer->retries, peer->last_frame);

    if (silence > connection->watch->stream[end].last_gap * 5 / 2)
        return wmem_strdup_printf(scope, "%s; none follows in the %s s to the last segment of the capture: it gave up", retries,
                                  in_seconds(silence).text);
    return wmem_strdup_printf(scope, "%s; the last segment of the capture comes %s s later, too early to say whether it gave up", retries,
                              in_seconds(silence).text);
}

const char *
outcome_of(wmem_allocator_t *scope, const struct flow *flow, const struct tcpstate_finding *finding)
{
    const struct tcpstate_record *left;
    size_t at = tcpstate_record_at(flow->records, flow->record_count, finding->frame, finding->layer);
    const struct tcpstate_connection *connection;

    if (at == 0 || !tcpstate_finding_is_stuck(finding))
        return NULL;
    left = left_in(flow, at - 1, finding->end);
    if (left != NULL)
        return wmem_strdup_printf(scope, "left it in frame %u, %s s later, for %s", left->frame,
                                  in_seconds(left->time - flow->records[at - 1].time).text,
                                  tcpstate_state_name(tcpstate_record_state(left, finding->end)));
    connection = &flow_connection(finding->connection)->connection;
    return stuck_to_the_end(scope, connection, connection->to_itself ? 0 : finding->end);
}

/* Whether an end that was shown as in `then` is not in that state any more, or, where that is asked for, awaits nothing any more. */
static gboolean
is_other(enum memo_question question, const struct tcpstate_record *then, const struct tcpstate_record *record, int end)
{
    return view_state(record, end) != view_state(then, end) ||
           (question == MEMO_ANSWERED && tcpstate_record_pending(record, end) == tcpstate_record_state(record, end));
}

/* The index of the connection's first record after `at` that is_other(); that of no record where none is. */
static size_t
walk_on(enum memo_question question, const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at];
    const struct memo *memo = memo_find(question, then->connection, end, 0);
    size_t last = flow_connection(then->connection)->end_record, none = flow->record_count;

    if (memo != NULL && memo->count != none && memo->answer == memo->count)
        memo = NULL; /* there may be one by now */
    if (memo != NULL && memo->low <= at && at < memo->high)
        return memo->answer;
    for (size_t i = at + 1; i < last; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != then->connection)
            continue;
        if (is_other(question, then, record, end))
            return i;
        if (memo != NULL && memo->low == i)
            return memo->answer;
    }
    return none;
}

static const struct tcpstate_record *
first_after(enum memo_question question, const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    size_t found, after = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);
    const struct tcpstate_record *then;

    if (after == 0)
        return NULL;
    then = &flow->records[after - 1];
    found = walk_on(question, flow, after - 1, end);
    memo_keep(question, then->connection, end, 0,
              &(struct memo){.low = after - 1, .high = found, .answer = found, .count = flow->record_count});
    return found < flow->record_count ? &flow->records[found] : NULL;
}

guint32
outcome_until(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *left = first_after(MEMO_UNTIL, flow, segment, end);

    return left != NULL ? left->frame : 0;
}

guint32
outcome_answered(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *settled = first_after(MEMO_ANSWERED, flow, segment, end);

    return settled != NULL && tcpstate_record_basis(settled, end) != TCPSTATE_PRESUMED ? settled->frame : 0;
}
