/* Decides which frames are new, finds the flow of each TCP header, and lets the engine read each new one once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "frame.h"

#include <epan/proto_data.h>

#include "clock.h"
#include "engine.h"
#include "listeners.h"
#include "point.h"
#include "sightings.h"
#include "siblings.h"

static int proto_tcpstate = -1;
static gboolean check_checksum;
static const char bad_checksum[] = "bad checksum";

/* The TCP headers of the frame that is being dissected, and the timestamp of that frame. */
static struct frame_segment *segments;
static guint segment_count, segment_capacity;
static nstime_t segments_time;
static gboolean may_change_stream, stream_check_missed; /* see frame_may_change_stream() */

/* The last frame that the engine has read: its number, and fields of its first segment to recognize it by. */
static struct {
    gint64 time;
    guint32 number, seq, ack;
    guint16 src_port;
    guint8 flags;
} last_frame;
static wmem_map_t *shared_numbers; /* numbers of frames that a read filter has dropped, and of those that got them next */
static guint8 last_layer;          /* layer of the latest segment of that frame */
static gboolean frame_is_new;      /* the engine reads the segments of that frame: it is not a second dissection */

void
frame_register(int proto)
{
    proto_tcpstate = proto;
}

void
frame_begin_capture(gboolean check)
{
    check_checksum = check;
    place_begin_capture();
    point_begin_capture();
    last_frame.number = 0;
    shared_numbers = NULL;
    frame_begin();
    stream_check_missed = FALSE;
}

gboolean
frame_number_is_shared(guint32 number)
{
    return shared_numbers != NULL && wmem_map_lookup(shared_numbers, GUINT_TO_POINTER(number)) != NULL;
}

/* A read filter has dropped the last frame, and another one has its number now. */
static void
share_last_number(void)
{
    if (shared_numbers == NULL)
        shared_numbers = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    wmem_map_insert(shared_numbers, GUINT_TO_POINTER(last_frame.number), shared_numbers);
    engine_hide_frame(last_frame.number);
}

guint32
frame_last(void)
{
    return last_frame.number;
}

/* Whether this is another dissection of the same frame. With a read filter, each frame is dissected once for the filter, and then again. */
static gboolean
is_same_frame(const struct tcpstate_segment *segment)
{
    return segment->time == last_frame.time && segment->seq == last_frame.seq && segment->ack == last_frame.ack &&
           segment->flags == last_frame.flags && segment->src_port == last_frame.src_port;
}

static void
begin_reading(const struct tcpstate_segment *segment)
{
    last_frame.time = segment->time;
    last_frame.number = segment->frame;
    last_frame.seq = segment->seq;
    last_frame.ack = segment->ack;
    last_frame.src_port = segment->src_port;
    last_frame.flags = segment->flags;
    last_layer = segment->layer;
    frame_is_new = TRUE;
    engine_begin_frame();
}

/* The further segments of a frame are treated like its first one. If the first segment of a frame has the number of the last frame, it is
 * either the same frame again, or a read filter dropped the last frame and this one got its number. */
static gboolean
is_next_of_frame(const struct tcpstate_segment *segment)
{
    gboolean goes_on = segment->layer > last_layer;

    last_layer = segment->layer;
    if (goes_on)
        return frame_is_new;
    if (is_same_frame(segment)) {
        frame_is_new = FALSE;
        return FALSE;
    }
    share_last_number();
    begin_reading(segment);
    return TRUE;
}

/* Whether the engine reads the segment: only on the first pass, and each frame once. After an interrupted redissection, Wireshark may
 * dissect frames out of order. Those that come after a later frame are not read. */
static gboolean
is_next(const packet_info *pinfo, const struct tcpstate_segment *segment)
{
    if (pinfo->fd->visited || segment->frame < last_frame.number)
        return FALSE;
    clock_start(pinfo);
    clock_tick(segment->time);
    if (segment->frame == last_frame.number)
        return is_next_of_frame(segment);
    begin_reading(segment);
    return TRUE;
}

/* The flow of a segment is stored as protocol data of the frame if its place does not tell it. */
static void
remember_flow(packet_info *pinfo, const struct tcpstate_segment *segment, struct flow *flow)
{
    p_add_proto_data(wmem_file_scope(), pinfo, proto_tcpstate, segment->layer, flow);
}

static struct flow *
remembered_flow(packet_info *pinfo, const struct frame_segment *to, struct flow *first)
{
    struct flow *flow = (struct flow *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tcpstate, to->segment.layer);

    return flow != NULL ? flow : siblings_of_place(first, to->place);
}

static struct placed_segment
placed(const struct frame_segment *to)
{
    return (struct placed_segment){.segment = &to->segment, .place = to->place, .counts = !to->is_quoted && to->not_counted == NULL};
}

/* The flow of a new segment, if several flows may have its ends. Only a segment that counts creates a flow. */
static struct flow *
choose_flow(packet_info *pinfo, const struct placed_segment *placed, const struct flow_key *key, struct flow *first)
{
    struct flow *flow = siblings_find(first, placed);

    if (flow == NULL && placed->counts) {
        flow = flows_new(key, FALSE);
        siblings_add(first, flow, placed);
    } else if (flow == NULL) {
        flow = first;
    }
    if (!siblings_place_tells(first, flow, placed->place))
        remember_flow(pinfo, placed->segment, flow);
    return flow;
}

/* No flow has these ends yet. Only a segment that counts creates a flow. */
static struct flow *
new_flow(const struct frame_segment *to, const struct flow_key *key)
{
    struct placed_segment segment = placed(to);
    struct flow *flow = segment.counts ? flows_new(key, TRUE) : NULL;

    if (flow != NULL && to->place != 0)
        siblings_add(flow, flow, &segment);
    return flow;
}

/* The ends were seen in several places or networks. Not inlined, so that the usual case stays short. */
static G_GNUC_NO_INLINE struct flow *
other_flow(packet_info *pinfo, const struct frame_segment *to, const struct flow_key *key, struct flow *first, gboolean new)
{
    struct placed_segment segment = placed(to);

    return new ? choose_flow(pinfo, &segment, key, first) : remembered_flow(pinfo, to, first);
}

/* The flow of a header, or NULL. `new`: the engine has not read this header before. */
static struct flow *
flow_of(packet_info *pinfo, const struct frame_segment *to, gboolean new)
{
    struct flow_key key;
    struct flow *first;

    flow_key_set(&key, pinfo, &to->segment);
    first = flows_find(&key);
    if (first != NULL && first->siblings == NULL && to->segment.network == 0 && to->place == 0)
        return first; /* the usual case */
    if (first == NULL)
        return new ? new_flow(to, &key) : NULL;
    return other_flow(pinfo, to, &key, first, new);
}

/* The capture has several places or networks. Not inlined, too. */
static G_GNUC_NO_INLINE void
update_places(const struct raw_header *raw, const struct frame_segment *to, const struct tcpstate_connection *before)
{
    struct placed_segment segment = placed(to);

    if (to->flow->siblings != NULL || to->segment.network != 0 || to->place != 0) {
        siblings_update(to->flow, &segment, before);
        may_change_stream |= siblings_exist(to->flow);
    }
    if (to->connection != NULL && place_are_several())
        sightings_add(to->flow, to->connection, raw, &to->segment);
}

/* Call it after the engine has read the segment. `before` is the connection that the flow was in before that. */
static void
update_after_reading(const struct raw_header *raw, const struct frame_segment *to, const struct tcpstate_connection *before)
{
    may_change_stream |= to->flow->pair.now != before || (CONVERSATIONS_GO_BACK && tcpstate_before(to->flow->pair.now) != NULL);
    if (place_are_several() || to->flow->siblings != NULL || to->segment.network != 0 || to->place != 0)
        update_places(raw, to, before);
}

/* A header that an ICMP error quotes can only lead to findings, and only if its connection is known. */
static void
parse(const struct raw_header *raw, struct frame_segment *to)
{
    if (to->is_quoted) {
        header_parse_quoted(raw, &to->segment);
        return;
    }
    if (!header_parse(raw, &to->segment))
        to->not_counted = "malformed";
    if (check_checksum && header_has_bad_checksum(raw))
        to->not_counted = bad_checksum;
}

static void
observe(const struct raw_header *raw, struct frame_segment *to)
{
    const struct tcpstate_connection *before = to->flow->pair.now;

    if (to->is_quoted) {
        to->connection = engine_observe_icmp(to->flow, &to->segment, raw->icmp);
    } else if (to->not_counted == NULL) {
        to->connection = engine_observe(to->flow, to->place, &to->segment);
        update_after_reading(raw, to, before);
    } else if (to->not_counted == bad_checksum) {
        to->connection = engine_observe_bad_checksum(to->flow, &to->segment);
    }
}

/* FALSE if the header has no flow, so that there is nothing to show. */
static gboolean
read_header(const struct raw_header *raw, struct frame_segment *to)
{
    gboolean new;

    parse(raw, to);
    new = is_next(raw->pinfo, &to->segment);
    to->flow = flow_of(raw->pinfo, to, new);
    if (to->flow != NULL && new)
        observe(raw, to);
    return to->flow != NULL;
}

gboolean
frame_is_shown(const packet_info *pinfo, const proto_tree *tree)
{
    return tree != NULL || listeners_on_tap() || (engine_has_findings() && listeners_want_findings(pinfo));
}

void
frame_begin(void)
{
    stream_check_missed |= segment_count > 0;
    may_change_stream = FALSE;
    segment_count = 0;
}

gboolean
frame_may_change_stream(void)
{
    return may_change_stream || stream_check_missed;
}

static struct frame_segment *
new_segment(void)
{
    if (segment_count == segment_capacity) {
        segment_capacity = MAX(2 * segment_capacity, 4);
        segments = g_renew(struct frame_segment, segments, segment_capacity);
    }
    return &segments[segment_count];
}

void
frame_add_header(const struct raw_header *raw)
{
    struct frame_segment *to = new_segment();

    segments_time = raw->pinfo->abs_ts;
    to->connection = NULL;
    to->not_counted = NULL;
    to->is_quoted = raw->icmp != NULL;
    to->captured = raw->captured;
    to->place = raw->place;
    if (read_header(raw, to))
        segment_count++;
    to->segment.header = to->segment.data = NULL; /* they point into the frame's bytes, which are freed */
}

/* FALSE if the headers are from an earlier frame, for which the post-dissector was not called. */
static gboolean
belong_to(const packet_info *pinfo)
{
    return segments[0].segment.frame == pinfo->num && segments_time.secs == pinfo->abs_ts.secs &&
           segments_time.nsecs == pinfo->abs_ts.nsecs;
}

guint
frame_segments(const packet_info *pinfo, const struct frame_segment **first)
{
    guint count = segment_count;

    *first = segments;
    segment_count = 0; /* the array itself stays valid */
    return count > 0 && belong_to(pinfo) ? count : 0;
}
