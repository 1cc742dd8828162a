/* From the records after a segment to what became of its states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"

#include <tcpstate/decimal.h>

#include "clock.h"
#include "view.h"

/* The record in which the end has left for good the state that it was in at record `at`; NULL where it is in it to the end. */
static const struct tcpstate_record *
left_in(const struct flow *flow, size_t at, int end)
{
    const struct tcpstate_record *then = &flow->records[at], *left = NULL;

    for (size_t i = at; i < flow->record_count; i++) {
        const struct tcpstate_record *record = &flow->records[i];

        if (record->connection != then->connection)
            continue;
        if (tcpstate_record_state(record, end) == tcpstate_record_state(then, end))
            left = NULL;
        else if (left == NULL)
            left = record;
    }
    return left;
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
    const struct flow_connection *connection = at > 0 ? flow_connection(flow->records[at - 1].connection) : NULL;

    if (connection == NULL || !tcpstate_finding_is_stuck(finding))
        return NULL;
    left = left_in(flow, at - 1, finding->end);
    if (left != NULL)
        return wmem_strdup_printf(scope, "left it in frame %u, %s s later, for %s", left->frame,
                                  in_seconds(left->time - flow->records[at - 1].time).text,
                                  tcpstate_state_name(tcpstate_record_state(left, finding->end)));
    return stuck_to_the_end(scope, &connection->connection, connection->connection.to_itself ? 0 : finding->end);
}

/* The connection's first record after the segment in which the end is no longer in the state that it is shown in there, or, where that is
 * asked for, awaits nothing any more; NULL for none. */
static const struct tcpstate_record *
first_after(const struct flow *flow, const struct tcpstate_segment *segment, int end, gboolean or_settled)
{
    size_t at = tcpstate_record_at(flow->records, flow->record_count, segment->frame, segment->layer);

    for (size_t i = at; at > 0 && i < flow->record_count; i++) {
        const struct tcpstate_record *then = &flow->records[at - 1], *record = &flow->records[i];

        if (record->connection == then->connection &&
            (view_state(record, end) != view_state(then, end) ||
             (or_settled && tcpstate_record_pending(record, end) == tcpstate_record_state(record, end))))
            return record;
    }
    return NULL;
}

guint32
outcome_until(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *left = first_after(flow, segment, end, FALSE);

    return left != NULL ? left->frame : 0;
}

guint32
outcome_answered(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct tcpstate_record *settled = first_after(flow, segment, end, TRUE);

    return settled != NULL && tcpstate_record_basis(settled, end) != TCPSTATE_PRESUMED ? settled->frame : 0;
}
