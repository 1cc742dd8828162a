/* A table of rules: the first that applies gives the verdict. Each is a question to the evidence, about one end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "verdict.h"

#include <string.h>

#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/observers.h"

#define OF_END(name) "client_" name, "server_" name
#define OF_ALL(name) name, name

const struct verdict_kind verdict_kinds[VERDICT_COUNT] = {
#define X(id, severity, lesser, name, summary, headline, text, look) \
    [VERDICT_##id] = {TCPSTATE_##severity, TCPSTATE_##lesser, {name}, summary, headline, text, look},
    TCPSTATE_VERDICTS(X)
#undef X
};

#define SECOND G_GINT64_CONSTANT(1000000000)

/* What is not answered for so long, nanoseconds, is overdue: the first time-out of most stacks was 3 s before RFC 6298. */
#define OVERDUE (3 * SECOND)

/* An application that has not closed for so long after the other end is named. */
#define NOT_CLOSED (10 * SECOND)

/* A question: whether the verdict applies to the end `role`. If so, it may set members of *verdict. */
typedef gboolean question(const struct evidence *e, enum role role, struct verdict *verdict);

/* ---- what the questions ask the evidence ---- */

static enum role
other(enum role role)
{
    return role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

/* How long ago the end has sent its SYN, SYN,ACK or FIN the last time. */
static gint64
unanswered_for(const struct evidence *e, enum role role)
{
    return clock_end() - evidence_engine_end(e, role).sent_time;
}

static gboolean
is_in(const struct evidence *e, enum role role, enum tcpstate_state state)
{
    return evidence_state(e, role) == state;
}

/* The verdict rests on this finding, and dates from it: from its gap before its segment. */
static gboolean
rests_on(const struct evidence_finding *found, struct verdict *verdict)
{
    if (found == NULL)
        return FALSE;
    verdict->since = found->finding->time - found->finding->gap;
    verdict->frame = found->finding->frame;
    return TRUE;
}

/* The same, if the finding has its full severity. */
static gboolean
rests_on_certain(const struct evidence_finding *found, struct verdict *verdict)
{
    return found != NULL && !found->finding->lesser && rests_on(found, verdict);
}

static gboolean
has_unacked(const struct evidence *e, enum role role)
{
    return evidence_traffic(e, role).unacked > 0;
}

#define SYNS (1u << TCPSTATE_LETTER_SYN | 1u << TCPSTATE_LETTER_SYN_ACK)

/* Whether all letters of the end are among these: a bit for each enum tcpstate_letter_id. */
static gboolean
has_only(const struct evidence *e, enum role role, guint letters)
{
    const struct flow_connection *conn = e->side[role].conn;

    for (guint32 i = 0; i < conn->letter_count; i++)
        if (conn->letters[i].from == e->side[role].end && (1u << conn->letters[i].id & letters) == 0)
            return FALSE;
    return TRUE;
}

/* ---- the questions ---- */

static gboolean
is_reset_from_outside(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *injected = evidence_about(e, TCPSTATE_FINDING_injected_between, role),
                                  *foreign = evidence_about(e, TCPSTATE_FINDING_foreign_origin, role),
                                  *ignored = evidence_about(e, TCPSTATE_FINDING_rst_ignored, role);

    if (injected != NULL && injected->finding->detail == TCPSTATE_DETAIL_A_RST)
        return rests_on(injected, verdict);
    if (foreign != NULL && (foreign->finding->count >> TCPSTATE_MARK_FLAGS & TCPSTATE_RST) != 0 && rests_on_certain(foreign, verdict))
        return TRUE;
    if (ignored != NULL && ignored->finding->detail == TCPSTATE_DETAIL_OWN_RST_IGNORED)
        return rests_on(ignored, verdict);
    return rests_on(evidence_about(e, TCPSTATE_FINDING_refusal_contradicted, role), verdict);
}

static gboolean
is_forgotten(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = evidence_about(e, TCPSTATE_FINDING_idle_then_reset, role);

    if (found != NULL && found->finding->detail == TCPSTATE_DETAIL_MET_SILENCE && !has_unacked(e, other(role)))
        return FALSE; /* it was answered later */
    return rests_on(found, verdict);
}

static gboolean
has_lost_connection(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = evidence_about(e, TCPSTATE_FINDING_half_open_found, role);
    struct evidence_finding later;

    /* where a SYN met the old connection, the new one has the finding */
    if (evidence_was_replaced(e) && evidence_in_successor(e, TCPSTATE_FINDING_half_open_found, role, &later))
        return rests_on_certain(&later, verdict);
    return found != NULL && found->finding->state != TCPSTATE_SYN_SENT && rests_on_certain(found, verdict);
}

static gboolean
has_reused_port(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return rests_on(evidence_about(e, TCPSTATE_FINDING_reuse_too_soon, role), verdict);
}

static gboolean
is_unreachable(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return role == ROLE_CLIENT && is_in(e, ROLE_CLIENT, TCPSTATE_SYN_SENT) && evidence_traffic(e, ROLE_SERVER).segments == 0 &&
           rests_on(evidence_about(e, TCPSTATE_FINDING_icmp_unreachable, role), verdict);
}

/* The server answers the SYN from another connection. */
static gboolean
is_syn_challenged(const struct evidence *e, enum role role, struct verdict *verdict)
{
    verdict->since = e->start;
    return role == ROLE_CLIENT && is_in(e, ROLE_CLIENT, TCPSTATE_SYN_SENT) && evidence_state(e, ROLE_SERVER) >= TCPSTATE_ESTABLISHED &&
           evidence_about(e, TCPSTATE_FINDING_challenge_ack, ROLE_SERVER) != NULL &&
           (evidence_about(e, TCPSTATE_FINDING_challenge_ack_loop, ROLE_SERVER) != NULL || unanswered_for(e, ROLE_CLIENT) >= OVERDUE);
}

static gboolean
is_stale_syn(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return evidence_was_replaced(e) && is_in(e, role, TCPSTATE_SYN_SENT) &&
           rests_on(evidence_about(e, TCPSTATE_FINDING_syn_in_connection, role), verdict);
}

static gboolean
is_syn_ack_unasked(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return rests_on(evidence_about(e, TCPSTATE_FINDING_synack_unasked, role), verdict) ||
           rests_on(evidence_about(e, TCPSTATE_FINDING_synack_wrong_address, role), verdict);
}

static gboolean
is_syn_unanswered(const struct evidence *e, enum role role, struct verdict *verdict)
{
    verdict->since = e->start;
    return role == ROLE_CLIENT && is_in(e, ROLE_CLIENT, TCPSTATE_SYN_SENT) && is_in(e, ROLE_SERVER, TCPSTATE_LISTEN) &&
           (evidence_about(e, TCPSTATE_FINDING_syn_sent_stuck, ROLE_CLIENT) != NULL || unanswered_for(e, ROLE_CLIENT) >= OVERDUE);
}

/* The SYN,ACK is in the capture, and its sender still awaits the answer. */
static gboolean
is_syn_ack_open(const struct evidence *e)
{
    return is_in(e, ROLE_SERVER, TCPSTATE_SYN_RCVD) &&
           (evidence_about(e, TCPSTATE_FINDING_syn_rcvd_stuck, ROLE_SERVER) != NULL ||
            evidence_about(e, TCPSTATE_FINDING_syn_sent_stuck, ROLE_CLIENT) != NULL || unanswered_for(e, ROLE_SERVER) >= OVERDUE);
}

static gboolean
is_syn_ack_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    struct tcpstate_end client = evidence_engine_end(e, ROLE_CLIENT);

    verdict->since = e->side[ROLE_SERVER].since;
    return role == ROLE_SERVER && is_in(e, ROLE_CLIENT, TCPSTATE_SYN_SENT) && client.retries > 0 && client.sent_time > verdict->since &&
           is_syn_ack_open(e);
}

static gboolean
is_handshake_unfinished(const struct evidence *e, enum role role, struct verdict *verdict)
{
    verdict->since = e->side[ROLE_SERVER].since;
    return role == ROLE_CLIENT && is_in(e, ROLE_CLIENT, TCPSTATE_SYN_SENT) && is_syn_ack_open(e);
}

/* The server sends its SYN,ACK again though the ACK is in the capture, and nothing else. */
static gboolean
is_handshake_ack_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = evidence_about(e, TCPSTATE_FINDING_handshake_ack_lost, ROLE_SERVER);

    if (found == NULL || role != ROLE_SERVER || !has_only(e, ROLE_SERVER, SYNS | 1u << TCPSTATE_LETTER_RST))
        return FALSE;
    verdict->since = e->start;
    verdict->frame = found->finding->frame;
    return is_in(e, ROLE_SERVER, TCPSTATE_SYN_RCVD) || evidence_about(e, TCPSTATE_FINDING_syn_rcvd_stuck, ROLE_SERVER) != NULL;
}

static gboolean
has_large_segments_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return has_unacked(e, role) && rests_on(evidence_about(e, TCPSTATE_FINDING_pmtu_black_hole, role), verdict);
}

static gboolean
is_not_reading(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return evidence_traffic(e, role).window_is_closed && rests_on(evidence_about(e, TCPSTATE_FINDING_zero_window_stuck, role), verdict);
}

static gboolean
has_vanished(const struct evidence *e, enum role role, struct verdict *verdict)
{
    gint64 heard = evidence_traffic(e, role).last_time;
    static const enum tcpstate_finding_id ids[] = {TCPSTATE_FINDING_keepalive_reset, TCPSTATE_FINDING_keepalive_unanswered,
                                                   TCPSTATE_FINDING_retransmission_stuck};

    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        const struct evidence_finding *found = evidence_about(e, ids[i], other(role));
        gboolean was_acked = ids[i] == TCPSTATE_FINDING_retransmission_stuck && !has_unacked(e, other(role));

        if (found != NULL && !was_acked && heard <= found->finding->time - found->finding->gap)
            return rests_on(found, verdict);
    }
    return FALSE;
}

static gboolean
has_data_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return has_unacked(e, role) && rests_on(evidence_about(e, TCPSTATE_FINDING_retransmission_stuck, role), verdict);
}

static const struct evidence_finding *
stuck_with_fin(const struct evidence *e, enum role role)
{
    static const enum tcpstate_finding_id ids[] = {TCPSTATE_FINDING_fin_wait_1_stuck, TCPSTATE_FINDING_closing_stuck,
                                                   TCPSTATE_FINDING_last_ack_stuck};
    const struct evidence_finding *found = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(ids) && found == NULL; i++)
        found = evidence_about(e, ids[i], role);
    return found;
}

/* So many ACKs of a FIN that were lost are no accident any more. Where the capture ends with one more, nobody knows whether that came. */
enum { ACKS_LOST = 3 };

static gboolean
is_fin_ack_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = evidence_about(e, TCPSTATE_FINDING_last_ack_lost, role);

    if (evidence_count_about(e, TCPSTATE_FINDING_last_ack_lost, role) < ACKS_LOST || stuck_with_fin(e, role) == NULL ||
        tcpstate_record_basis(e->side[role].last, e->side[role].end) == TCPSTATE_OBSERVED)
        return FALSE;
    verdict->since = e->side[role].fin_time;
    verdict->frame = found->finding->frame;
    return TRUE;
}

static gboolean
is_fin_lost(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = stuck_with_fin(e, role);
    gboolean awaits_ack = is_in(e, role, TCPSTATE_FIN_WAIT_1) || is_in(e, role, TCPSTATE_CLOSING) || is_in(e, role, TCPSTATE_LAST_ACK);

    if (!has_unacked(e, role))
        return FALSE;
    verdict->since = e->side[role].fin_time;
    verdict->frame = found != NULL ? found->finding->frame : evidence_engine_end(e, role).sent_frame;
    return found != NULL || (awaits_ack && unanswered_for(e, role) >= OVERDUE);
}

static gboolean
is_not_closing(const struct evidence *e, enum role role, struct verdict *verdict)
{
    gint64 silence = clock_end() - e->end, limit = observers_first()->limits.half_closed;

    verdict->since = e->side[role].since;
    verdict->lesser = limit == 0 || clock_end() - verdict->since < limit;
    return is_in(e, role, TCPSTATE_CLOSE_WAIT) && !has_unacked(e, other(role)) &&
           (silence >= NOT_CLOSED || evidence_about(e, TCPSTATE_FINDING_close_wait_stuck, role) != NULL);
}

/* Whether the RST came when both ends had sent a FIN. Then only how it ended is unusual. */
static gboolean
is_after_both_fins(const struct tcpstate_finding *finding)
{
    const guint8 late = TCPSTATE_CLOSING;

    return finding->state >= late || finding->other >= late;
}

/* How many bytes were left unacknowledged at the RST: not the other end's FIN. */
static guint32
bytes_left(const struct tcpstate_finding *finding)
{
    guint32 fin = finding->id == TCPSTATE_FINDING_rst_after_fin &&
                          (finding->other == TCPSTATE_LAST_ACK || finding->other == TCPSTATE_FIN_WAIT_1 ||
                           finding->other == TCPSTATE_CLOSING)
                      ? 1
                      : 0;

    return finding->count > fin ? finding->count - fin : 0;
}

/* The end sends a FIN to one that had closed before, and waits in FIN_WAIT_2 no more. */
static gboolean
has_closed_late(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = evidence_about(e, TCPSTATE_FINDING_rst_after_fin, other(role));

    return found != NULL && found->finding->state == TCPSTATE_FIN_WAIT_2 && found->finding->other == TCPSTATE_LAST_ACK &&
           bytes_left(found->finding) == 0 && rests_on(found, verdict);
}

/* Whether the end was closed by this RST of its own. It may have gone on after it, and closed in another way. */
static gboolean
has_closed_by(const struct evidence *e, enum role role, const struct evidence_finding *reset)
{
    return reset != NULL && is_in(e, role, TCPSTATE_CLOSED) && e->side[role].since == reset->finding->time;
}

/* The RST of an end that ended the connection, unless both had closed. */
static const struct evidence_finding *
abort_of(const struct evidence *e, enum role role)
{
    const struct evidence_finding *reset = evidence_about(e, TCPSTATE_FINDING_reset, role),
                                  *after_fin = evidence_about(e, TCPSTATE_FINDING_rst_after_fin, role),
                                  *aborted = evidence_about(e, TCPSTATE_FINDING_syn_aborted, role);

    if (has_closed_by(e, role, reset))
        return reset;
    if (has_closed_by(e, role, after_fin) && (bytes_left(after_fin->finding) > 0 || !is_after_both_fins(after_fin->finding)))
        return after_fin;
    return has_closed_by(e, role, aborted) ? aborted : NULL;
}

static gboolean
has_aborted_with_data(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *found = abort_of(e, role);

    return found != NULL && found->finding->id != TCPSTATE_FINDING_syn_aborted && bytes_left(found->finding) > 0 &&
           rests_on(found, verdict);
}

static gboolean
has_aborted(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return rests_on(abort_of(e, role), verdict);
}

static gboolean
has_refused(const struct evidence *e, enum role role, struct verdict *verdict)
{
    const struct evidence_finding *by_isn = evidence_about(e, TCPSTATE_FINDING_refused_bad_ack, role);

    if (by_isn != NULL && by_isn->finding->detail == TCPSTATE_DETAIL_SYN_NOT_COUNTED && is_in(e, other(role), TCPSTATE_SYN_SENT))
        return rests_on(by_isn, verdict);
    return evidence_is_over(e) && e->fin_of < 0 && rests_on(evidence_about(e, TCPSTATE_FINDING_refused, role), verdict);
}

/* Segments that no stack sends, or a handshake that is broken off at once. */
static gboolean
is_probe(const struct evidence *e, enum role role, struct verdict *verdict)
{
    static const enum tcpstate_finding_id ids[] = {TCPSTATE_FINDING_half_open_scan, TCPSTATE_FINDING_flags_null,
                                                   TCPSTATE_FINDING_flags_xmas, TCPSTATE_FINDING_flags_syn_fin};
    const struct evidence_finding *fin = evidence_about(e, TCPSTATE_FINDING_fin_unknown, role);

    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        if (evidence_traffic(e, role).bytes == 0 && rests_on(evidence_about(e, ids[i], role), verdict))
            return TRUE;
    return fin != NULL && fin->finding->detail == TCPSTATE_DETAIL_FIN_SCAN && rests_on(fin, verdict);
}

static gboolean
has_one_direction(const struct evidence *e, enum role role, struct verdict *verdict)
{
    return has_only(e, other(role), SYNS) && rests_on(evidence_about(e, TCPSTATE_FINDING_one_direction, role), verdict);
}

static gboolean
is_seen_in_part(const struct evidence *e, enum role role, struct verdict *verdict G_GNUC_UNUSED)
{
    return !evidence_is_over(e) &&
           (evidence_about(e, TCPSTATE_FINDING_picked_up, role) != NULL || evidence_about(e, TCPSTATE_FINDING_fin_unknown, role) != NULL);
}

static gboolean
is_replaced(const struct evidence *e, enum role role G_GNUC_UNUSED, struct verdict *verdict G_GNUC_UNUSED)
{
    return evidence_was_replaced(e);
}

static gboolean
is_silent(const struct evidence *e, enum role role G_GNUC_UNUSED, struct verdict *verdict)
{
    gint64 limit = observers_first()->limits.idle;

    verdict->since = e->end;
    return !evidence_is_over(e) && limit > 0 && clock_end() - e->end >= limit;
}

static gboolean
is_opening(const struct evidence *e, enum role role, struct verdict *verdict G_GNUC_UNUSED)
{
    return is_in(e, role, TCPSTATE_SYN_SENT) || is_in(e, role, TCPSTATE_SYN_RCVD);
}

static gboolean
is_closing(const struct evidence *e, enum role role, struct verdict *verdict G_GNUC_UNUSED)
{
    return !evidence_is_over(e) && evidence_state(e, role) > TCPSTATE_ESTABLISHED;
}

static gboolean
is_closed(const struct evidence *e, enum role role G_GNUC_UNUSED, struct verdict *verdict G_GNUC_UNUSED)
{
    return evidence_is_over(e);
}

static gboolean
is_open(const struct evidence *e G_GNUC_UNUSED, enum role role G_GNUC_UNUSED, struct verdict *verdict G_GNUC_UNUSED)
{
    return TRUE;
}

/* In this order. What an end did on purpose counts less than what happened to it, and what is presumed in a capture of one direction not at
 * all. */
static const struct {
    enum verdict_id id;
    question *applies;
} rules[] = {
    {VERDICT_RESET_FROM_OUTSIDE, is_reset_from_outside},
    {VERDICT_PORT_REUSED, has_reused_port},
    {VERDICT_PROBE, is_probe},
    {VERDICT_FORGOTTEN, is_forgotten},
    {VERDICT_LOST_CONNECTION, has_lost_connection},
    {VERDICT_STALE_SYN, is_stale_syn},
    {VERDICT_SYNACK_UNASKED, is_syn_ack_unasked},
    {VERDICT_ONE_DIRECTION, has_one_direction},
    {VERDICT_REFUSED, has_refused},
    {VERDICT_UNREACHABLE, is_unreachable},
    {VERDICT_SYN_CHALLENGED, is_syn_challenged},
    {VERDICT_SYN_UNANSWERED, is_syn_unanswered},
    {VERDICT_SYNACK_LOST, is_syn_ack_lost},
    {VERDICT_HANDSHAKE_UNFINISHED, is_handshake_unfinished},
    {VERDICT_HANDSHAKE_ACK_LOST, is_handshake_ack_lost},
    {VERDICT_PATH_MTU, has_large_segments_lost},
    {VERDICT_NOT_READING, is_not_reading},
    {VERDICT_VANISHED, has_vanished},
    {VERDICT_DATA_LOST, has_data_lost},
    {VERDICT_FIN_ACK_LOST, is_fin_ack_lost},
    {VERDICT_FIN_LOST, is_fin_lost},
    {VERDICT_NOT_CLOSING, is_not_closing},
    {VERDICT_CLOSED_LATE, has_closed_late},
    {VERDICT_ABORTED_WITH_DATA, has_aborted_with_data},
    {VERDICT_ABORTED, has_aborted},
    {VERDICT_REPLACED, is_replaced},
    {VERDICT_PART, is_seen_in_part},
    {VERDICT_CLOSED, is_closed},
    {VERDICT_SILENT, is_silent},
    {VERDICT_OPENING, is_opening},
    {VERDICT_CLOSING, is_closing},
    {VERDICT_OPEN, is_open},
};

struct verdict
verdict_on(const struct evidence *evidence)
{
    const struct verdict whole = {.since = evidence->start,
                                  .until = evidence_goes_on(evidence) ? clock_end() : evidence->end,
                                  .frame = evidence_last_frame(evidence)};
    struct verdict verdict = whole;

    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
            verdict = whole;
            verdict.id = rules[i].id;
            verdict.role = role;
            if (rules[i].applies(evidence, role, &verdict))
                return verdict;
        }
    return verdict;
}

guint8
verdict_severity(const struct verdict *verdict)
{
    const struct verdict_kind *kind = &verdict_kinds[verdict->id];

    return verdict->lesser ? kind->lesser : kind->severity;
}

gboolean
verdict_is_about_end(enum verdict_id id)
{
    return strcmp(verdict_kinds[id].names[ROLE_CLIENT], verdict_kinds[id].names[ROLE_SERVER]) != 0;
}

const char *
verdict_name(const struct verdict *verdict)
{
    return verdict_kinds[verdict->id].names[verdict->role];
}
