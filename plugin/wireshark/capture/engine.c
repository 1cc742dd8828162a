/* Gives the engine its memory, and appends its results to the flow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "engine.h"

#include "memory.h"
#include "observers.h"
#include "place.h"
#include "siblings.h"
#include "syns.h"
#include "twins.h"

static struct flow *current_flow;
static const struct tcpstate_segment *current_segment;
static gboolean any_findings;

/* The connections to which the current frame added records, letters or findings. */
static struct flow_connection **frame_connections;
static guint frame_connection_count, frame_connection_capacity;

static struct tcpstate_connection *
new_connection(void *owner _U_, size_t size, uint32_t *number)
{
    guint32 twin = place_are_several() ? twins_find(current_flow, current_segment) : TWINS_NONE;
    struct flow_connection *conn;
    void *engine_connection;

    *number = twin != TWINS_NONE ? twin : flow_connection_count();
    conn = twin != TWINS_NONE ? flow_new_twin(current_flow, size) : flow_new_connection(current_flow, size);
    if (place_are_several())
        twins_add(conn, *number);
    engine_connection = conn->engine_connection;
    return (struct tcpstate_connection *)engine_connection;
}

static void *
new_memory(void *owner _U_, size_t size)
{
    return memory_new0(size);
}

void
engine_reset(gint64 two_msl, const struct tcpstate_limits *limits, guint8 muted)
{
    observers_begin_capture(&(struct tcpstate_observer){
        .new_connection = new_connection, .new_memory = new_memory, .two_msl = two_msl, .limits = *limits, .muted = muted});
    any_findings = FALSE;
    frame_connection_count = 0;
}

gint64
engine_two_msl(void)
{
    return observers_at(0)->two_msl;
}

gboolean
engine_has_findings(void)
{
    return any_findings;
}

void
engine_note_findings(void)
{
    any_findings = TRUE;
}

gboolean
engine_is_muted(enum tcpstate_family family)
{
    return (observers_at(0)->muted >> family & 1) != 0;
}

void
engine_begin_frame(void)
{
    frame_connection_count = 0;
}

static void
append_finding(struct flow *flow, const struct tcpstate_finding *finding)
{
    any_findings = TRUE;
    flow->findings = (struct tcpstate_finding *)memory_grow(flow->findings, flow->finding_count, sizeof *flow->findings);
    flow->findings[flow->finding_count++] = *finding;
}

/* Sorts the findings of one segment by severity, highest first, because a column may show only the first ones. */
static void
append_findings(struct flow *flow, const struct tcpstate_outcome *outcome)
{
    for (guint i = 0; i < outcome->finding_count; i++) {
        const struct tcpstate_finding *finding = &outcome->finding[i];
        struct tcpstate_finding *at;

        append_finding(flow, finding);
        at = &flow->findings[flow->finding_count - 1];
        for (guint before = i; before > 0 && tcpstate_finding_severity(at - 1) < tcpstate_finding_severity(finding); before--, at--)
            *at = at[-1];
        *at = *finding;
    }
}

static void
append_letters(struct flow_connection *conn, const struct tcpstate_outcome *outcome)
{
    for (guint i = 0; i < outcome->letter_count; i++) {
        conn->letters = (struct tcpstate_letter *)memory_grow(conn->letters, conn->letter_count, sizeof *conn->letters);
        conn->letters[conn->letter_count++] = outcome->letter[i];
    }
}

static void
append_records(struct flow_connection *conn, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    struct tcpstate_record records[TCPSTATE_RECORDS_PER_SEGMENT];
    struct flow *flow = conn->flow;
    size_t count = tcpstate_record_segment(flow->records, flow->record_count, segment, outcome, records);

    for (size_t i = 0; i < count; i++) {
        flow->records = (struct tcpstate_record *)memory_grow(flow->records, flow->record_count, sizeof *flow->records);
        flow->records[flow->record_count++] = records[i];
        conn->end_record = flow->record_count;
    }
}

void
engine_hide_frame(guint32 frame)
{
    for (guint i = 0; i < frame_connection_count; i++) {
        struct flow_connection *conn = frame_connections[i];
        struct flow *flow = conn->flow;

        for (guint32 at = flow->record_count; at > 0 && flow->records[at - 1].frame == frame; at--) {
            flow->records[at - 1].frame--;
            flow->records[at - 1].layer = G_MAXUINT8;
        }
        for (guint32 at = conn->letter_count; at > 0 && conn->letters[at - 1].frame == frame; at--) {
            conn->letters[at - 1].frame--;
            conn->letters[at - 1].layer = G_MAXUINT8;
        }
        while (flow->finding_count > 0 && flow->findings[flow->finding_count - 1].frame == frame)
            flow->finding_count--;
    }
}

static void
add_frame_connection(struct flow_connection *conn)
{
    if (frame_connection_count == frame_connection_capacity) {
        frame_connection_capacity = MAX(2 * frame_connection_capacity, 8);
        frame_connections = g_renew(struct flow_connection *, frame_connections, frame_connection_capacity);
    }
    frame_connections[frame_connection_count++] = conn;
}

static void
append_outcome(struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    guint32 before = flow->record_count;
    struct flow_connection *conn;

    if (outcome->connection == NULL)
        return;
    conn = flow_connection_of(outcome->connection);
    if (!outcome->expected)
        append_records(conn, segment, outcome);
    append_findings(flow, outcome);
    append_letters(conn, outcome);
    if (flow->record_count != before || outcome->finding_count + outcome->letter_count > 0)
        add_frame_connection(conn);
}

/* A SYN,ACK is only needed where its SYN was not seen. */
static void
note_syn(const struct flow *flow, guint16 place, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    const guint8 syn_ack = TCPSTATE_SYN | TCPSTATE_ACK;
    gboolean is_syn_ack = (segment->flags & (syn_ack | TCPSTATE_RST)) == syn_ack;

    if (is_bare_syn(segment))
        twins_link(flow_connection_of(outcome->connection), segment);
    if (is_bare_syn(segment) || (is_syn_ack && !tcpstate_end(outcome->connection, !segment->from).has_sent))
        syns_add(flow, tcpstate_number(outcome->connection), place, segment);
}

const struct tcpstate_connection *
engine_observe(struct flow *flow, guint16 place, const struct tcpstate_segment *segment)
{
    struct tcpstate_outcome outcome;

    current_flow = flow;
    current_segment = segment;
    tcpstate_observe(siblings_observer(flow), &flow->pair, segment, &outcome);
    if (place_are_several() && outcome.connection != NULL && (segment->flags & TCPSTATE_SYN) != 0)
        note_syn(flow, place, segment, &outcome);
    if (!outcome.expected || outcome.finding_count > 0)
        append_outcome(flow, segment, &outcome);
    return outcome.connection;
}

const struct tcpstate_connection *
engine_observe_bad_checksum(struct flow *flow, const struct tcpstate_segment *segment)
{
    struct tcpstate_outcome outcome;

    tcpstate_observe_bad_checksum(siblings_observer(flow), &flow->pair, segment, &outcome);
    append_outcome(flow, segment, &outcome);
    return outcome.connection;
}

const struct tcpstate_connection *
engine_observe_icmp(struct flow *flow, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp)
{
    struct tcpstate_outcome outcome;

    tcpstate_observe_icmp(siblings_observer(flow), &flow->pair, quoted, icmp, &outcome);
    append_outcome(flow, quoted, &outcome);
    return outcome.connection;
}
