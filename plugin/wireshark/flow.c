/* The engine's memory, and the way from a segment to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flows.h"

#include "clock.h"
#include "memory.h"

#include <epan/to_str.h>

static struct tcpstate_observer *observer;
static struct flow *being_read;
static struct chunk **chunks;
static guint32 connection_count, chunk_count;
static gboolean has_findings;
/* The first segment of the last frame that the engine had. */
static struct {
    gint64 time;
    guint32 frame, seq, ack;
    guint16 src_port;
    guint8 flags;
} frame_head;
/* The connections in which that frame left something, `left_count` of them. */
static struct flow_connection **frame_connections;
static guint left_count, left_room;
static guint8 frame_layer;     /* of the last segment of it that came */
static gboolean frame_is_next; /* it is to be read: it has not come before */

/* So many connections in one piece of memory, which stays where it is. */
enum { CHUNK_SIZE = 64 };

struct chunk {
    struct flow_connection connections[CHUNK_SIZE];
};

static struct flow_connection *
connection_of(guint32 number)
{
    return &chunks[number / CHUNK_SIZE]->connections[number % CHUNK_SIZE];
}

static struct tcpstate_connection *
new_connection(void *owner _U_)
{
    struct flow_connection *of;

    if (connection_count == chunk_count * CHUNK_SIZE) {
        chunks = (struct chunk **)memory_grow(chunks, chunk_count, sizeof *chunks);
        chunks[chunk_count++] = wmem_new0(wmem_file_scope(), struct chunk);
    }
    of = connection_of(connection_count);
    of->connection.number = connection_count++;
    of->flow = being_read;
    of->first_record = being_read->record_count;
    return &of->connection;
}

static void *
new_memory(void *owner _U_, size_t size)
{
    return memory_new0(size);
}

void
flow_reset(gint64 two_msl, const struct tcpstate_limits *limits, guint8 muted)
{
    observer = wmem_new0(wmem_file_scope(), struct tcpstate_observer);
    observer->new_connection = new_connection;
    observer->new_memory = new_memory;
    observer->two_msl = two_msl;
    observer->limits = *limits;
    observer->muted = muted;
    chunks = NULL;
    connection_count = chunk_count = 0;
    has_findings = FALSE;
    memory_reset();
    flows_reset();
    frame_head.frame = 0;
    left_count = 0;
}

static void
append_finding(struct flow *flow, const struct tcpstate_finding *finding)
{
    has_findings = TRUE;
    flow->findings = (struct tcpstate_finding *)memory_grow(flow->findings, flow->finding_count, sizeof *flow->findings);
    flow->findings[flow->finding_count++] = *finding;
}

/* The worst of a segment stands first, for a column shows no more than its beginning. */
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
append_letters(struct flow_connection *of, const struct tcpstate_outcome *outcome)
{
    for (guint i = 0; i < outcome->letter_count; i++) {
        of->letters = (struct tcpstate_letter *)memory_grow(of->letters, of->letter_count, sizeof *of->letters);
        of->letters[of->letter_count++] = outcome->letter[i];
    }
}

static void
append_records(struct flow_connection *of, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    struct tcpstate_record records[TCPSTATE_RECORDS_PER_SEGMENT];
    struct flow *flow = of->flow;
    size_t count = tcpstate_record_segment(flow->records, flow->record_count, segment, outcome, records);

    for (size_t i = 0; i < count; i++) {
        flow->records = (struct tcpstate_record *)memory_grow(flow->records, flow->record_count, sizeof *flow->records);
        flow->records[flow->record_count++] = records[i];
        of->end_record = flow->record_count;
    }
}

/* What a frame left that a read filter then dropped happened, but is not to be shown with the next frame, which has its number. */
static void
hide_dropped_frame(void)
{
    for (guint i = 0; i < left_count; i++) {
        struct flow_connection *of = frame_connections[i];
        struct flow *flow = of->flow;

        for (guint32 at = flow->record_count; at > 0 && flow->records[at - 1].frame == frame_head.frame; at--) {
            flow->records[at - 1].frame--;
            flow->records[at - 1].layer = G_MAXUINT8;
        }
        for (guint32 at = of->letter_count; at > 0 && of->letters[at - 1].frame == frame_head.frame; at--) {
            of->letters[at - 1].frame--;
            of->letters[at - 1].layer = G_MAXUINT8;
        }
        while (flow->finding_count > 0 && flow->findings[flow->finding_count - 1].frame == frame_head.frame)
            flow->finding_count--;
    }
}

/* The same again: a read filter's dissection comes before the window's. */
static gboolean
is_frame_head(const struct tcpstate_segment *segment)
{
    return segment->time == frame_head.time && segment->seq == frame_head.seq && segment->ack == frame_head.ack &&
           segment->flags == frame_head.flags && segment->src_port == frame_head.src_port;
}

static void
begin_frame(const struct tcpstate_segment *segment)
{
    frame_head.time = segment->time;
    frame_head.frame = segment->frame;
    frame_head.seq = segment->seq;
    frame_head.ack = segment->ack;
    frame_head.src_port = segment->src_port;
    frame_head.flags = segment->flags;
    frame_layer = segment->layer;
    frame_is_next = TRUE;
    left_count = 0;
}

/* A frame's further segments go the way of its first. A frame with the number of the one before is that one, or a read filter dropped that.
 */
static gboolean
is_next_of_frame(const struct tcpstate_segment *segment)
{
    gboolean goes_on = segment->layer > frame_layer;

    frame_layer = segment->layer;
    if (goes_on)
        return frame_is_next;
    if (is_frame_head(segment)) {
        frame_is_next = FALSE;
        return FALSE;
    }
    hide_dropped_frame();
    begin_frame(segment);
    return TRUE;
}

gboolean
flow_is_next(const packet_info *pinfo, const struct tcpstate_segment *segment)
{
    if (pinfo->fd->visited || segment->frame < frame_head.frame)
        return FALSE;
    clock_start(pinfo);
    clock_tick(segment->time);
    if (segment->frame == frame_head.frame)
        return is_next_of_frame(segment);
    begin_frame(segment);
    return TRUE;
}

guint32
flow_last_frame(void)
{
    return frame_head.frame;
}

static void
note_connection(struct flow_connection *of)
{
    if (left_count == left_room) {
        left_room = MAX(2 * left_room, 8);
        frame_connections = g_renew(struct flow_connection *, frame_connections, left_room);
    }
    frame_connections[left_count++] = of;
}

static void
append(struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    guint32 before = flow->record_count;
    struct flow_connection *of;

    if (outcome->connection == NULL)
        return;
    of = connection_of(outcome->connection->number);
    if (!outcome->expected)
        append_records(of, segment, outcome);
    append_findings(flow, outcome);
    append_letters(of, outcome);
    if (flow->record_count != before || outcome->finding_count + outcome->letter_count > 0)
        note_connection(of);
}

void
flow_observe(struct flow *flow, const struct tcpstate_segment *segment)
{
    struct tcpstate_outcome outcome;

    being_read = flow;
    tcpstate_observe(observer, &flow->pair, segment, &outcome);
    if (!outcome.expected || outcome.finding_count > 0)
        append(flow, segment, &outcome);
}

void
flow_observe_bad_checksum(struct flow *flow, const struct tcpstate_segment *segment)
{
    struct tcpstate_outcome outcome;

    tcpstate_observe_bad_checksum(observer, &flow->pair, segment, &outcome);
    append(flow, segment, &outcome);
}

void
flow_observe_icmp(struct flow *flow, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp)
{
    struct tcpstate_outcome outcome;

    tcpstate_observe_icmp(observer, &flow->pair, quoted, icmp, &outcome);
    append(flow, quoted, &outcome);
}

gboolean
flow_has_findings(void)
{
    return has_findings;
}

static gboolean
is_before(const struct tcpstate_finding *finding, guint32 frame, guint8 layer)
{
    return finding->frame < frame || (finding->frame == frame && finding->layer < layer);
}

/* The index of the first finding at or after a place of the capture. While the capture is read, most places are after all. */
static guint32
findings_from(const struct flow *flow, guint32 frame, guint8 layer)
{
    guint32 low = 0, high = flow->finding_count;

    if (high > 0 && is_before(&flow->findings[high - 1], frame, layer))
        return high;
    while (low < high) {
        guint32 middle = low + (high - low) / 2;

        if (is_before(&flow->findings[middle], frame, layer))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

guint
flow_findings_at(const struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_finding **first)
{
    guint32 from = findings_from(flow, segment->frame, segment->layer);
    guint count = 0;

    while (from + count < flow->finding_count && flow->findings[from + count].frame == segment->frame &&
           flow->findings[from + count].layer == segment->layer)
        count++;
    *first = count > 0 ? &flow->findings[from] : NULL;
    return count;
}

const struct tcpstate_finding *
flow_next_finding(guint32 number, const struct tcpstate_finding *finding, const struct tcpstate_record **record)
{
    const struct flow_connection *of = connection_of(number);
    const struct flow *flow = of->flow;
    guint32 end, i;

    if (of->end_record <= of->first_record)
        return NULL;
    end = of->end_record == flow->record_count ? G_MAXUINT32 : flow->records[of->end_record].frame;
    i = finding == NULL ? findings_from(flow, flow->records[of->first_record].frame, 0) : (guint32)(finding - flow->findings) + 1;
    for (; i < flow->finding_count && flow->findings[i].frame <= end; i++) {
        size_t at = tcpstate_record_at(flow->records, flow->record_count, flow->findings[i].frame, flow->findings[i].layer);

        if (at == 0 || flow->records[at - 1].connection != number)
            continue;
        *record = &flow->records[at - 1];
        return &flow->findings[i];
    }
    return NULL;
}

const struct flow_connection *
flow_connection(guint32 number)
{
    return number < connection_count ? connection_of(number) : NULL;
}

guint32
flow_connection_count(void)
{
    return connection_count;
}

gint64
flow_two_msl(void)
{
    return observer->two_msl;
}

address
flow_end_as_address(const struct flow_end *end)
{
    address as_address;

    set_address(&as_address, end->type, end->length, end->bytes);
    return as_address;
}

char *
flow_end_address(wmem_allocator_t *scope, const struct flow_end *end)
{
    address as_address = flow_end_as_address(end);

    return address_to_str(scope, &as_address);
}

char *
flow_end_text(wmem_allocator_t *scope, const struct flow_end *end)
{
    address as_address = flow_end_as_address(end);
    char text[128] = "[";
    gboolean has_colons;
    size_t length;

    address_to_str_buf(&as_address, text + 1, 64);
    has_colons = strchr(text, ':') != NULL;
    length = g_strlcat(text, has_colons ? "]:" : ":", sizeof text);
    uint32_to_str_buf(end->port, text + length, 8);
    return wmem_strdup(scope, has_colons ? text : text + 1);
}
