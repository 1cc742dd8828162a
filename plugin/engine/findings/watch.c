/* Findings about data: windows, keep-alive probes, retransmissions, timestamps, silence. They compare the segment with
 * the sender's numbers from before it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "watch.h"

#include "../model/numbers.h"
#include "acceptable.h"
#include "doubt.h"
#include "missed.h"
#include "origin.h"
#include "overlap.h"
#include "raise.h"

/* 24 days, in nanoseconds. After a longer silence TS.Recent is not valid any more (RFC 7323 section 5.5). */
#define TIMESTAMP_LIFETIME (INT64_C(24) * 24 * 3600 * 1000000000)

/* Of a clock of timestamps: a second, where it is as fast as RFC 7323 section 5.4 allows. No network holds a segment back for longer. */
#define REORDERED_TICKS 1000

/* The segment, with what is known of its sender's stream and of the peer's. */
struct stream_view {
    struct reading *r;
    const struct tcpstate_segment *seg;
    const struct tcpstate_watch *watch; /* an empty one where the connection has none; never NULL */
    struct tcpstate_peer *self, *peer;
    const struct tcpstate_stream *mine, *theirs;
    bool all_acked; /* the peer had acknowledged all that the sender has sent */
};

static void
use_watch(struct stream_view *v, const struct tcpstate_watch *watch)
{
    v->watch = watch;
    v->mine = &watch->stream[v->seg->from];
    v->theirs = &watch->stream[!v->seg->from];
}

static struct stream_view
view_stream(struct reading *r)
{
    static const struct tcpstate_watch nothing;
    struct stream_view v = {.r = r, .seg = r->seg, .self = r->snd, .peer = r->rcv};

    use_watch(&v, r->c->watch != NULL ? r->c->watch : &nothing);
    return v;
}

/* The sender's stream, for writing. It is allocated where the connection has none. */
static struct tcpstate_stream *
stream_of(struct stream_view *v)
{
    use_watch(v, watch_of(v->r));
    return &v->r->c->watch->stream[v->seg->from];
}

/* Whether the segment has only the numbers that its sender has sent before, longer ago than a copy or an answer. */
static bool
is_repeated_ack(const struct stream_view *v)
{
    return v->seg->payload == 0 && v->self->snd_known && v->seg->seq == v->self->snd_nxt && v->self->rcv_known &&
           v->seg->ack == v->self->rcv_nxt && v->seg->time - last_time(v->r->c) > MIN_RTO;
}

/* A keep-alive probe (RFC 9293 section 3.8.4) has at most one byte, at SND.NXT - 1, when everything is acknowledged, and comes after a
 * silence of a second at least. A window probe (section 3.8.6.1) has one byte, while the window is zero; gVisor's has none. */
static bool
is_probe(const struct stream_view *v)
{
    bool before = v->self->snd_known && v->seg->seq == v->self->snd_nxt - 1 && !v->self->fin_sent &&
                  v->seg->time - v->self->last_time > MIN_RTO;
    bool closed = v->theirs->zero_frame != 0;

    if (has(v->seg, TCPSTATE_FIN) || v->seg->payload > 1)
        return false;
    return (before && v->all_acked) || (closed && (v->seg->payload == 1 || is_repeated_ack(v)));
}

static void
watch_probe(struct stream_view *v)
{
    struct tcpstate_stream *mine = stream_of(v);
    struct tcpstate_finding *finding;
    uint16_t limit = v->r->observer->limits.stuck;

    if (v->theirs->zero_frame != 0) {
        mine->window_probes++;
        return;
    }
    if (limit > 0 && mine->keepalives == limit && v->peer->snd_known) {
        finding = raise_finding(v->r, TCPSTATE_FINDING_keepalive_unanswered, v->self);
        finding->count = mine->keepalives;
        finding->related = mine->first_frame;
        finding->gap = v->seg->time - mine->first_time;
    }
    if (mine->keepalives == 0) {
        mine->first_time = v->seg->time;
        mine->first_frame = v->seg->frame;
    }
    if (mine->keepalives < UINT16_MAX)
        mine->keepalives++;
}

static void
report_idle(struct reading *r, const struct tcpstate_peer *about, enum tcpstate_detail detail)
{
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_idle_then_reset, about);

    finding->detail = (uint8_t)detail;
    finding->gap = r->c->watch->idle_gap;
    finding->related = r->c->watch->idle_frame;
    r->c->watch->idle_frame = 0;
}

/* Data that was sent again and again does not arrive. What the peer has SACKed from behind it, and ICMP, tell whether that is for its size.
 */
static void
report_resent(struct stream_view *v)
{
    uint32_t end = v->seg->seq + v->seg->payload;
    bool sacked = v->peer->sack_known && seq_gt(v->theirs->sack_edge, end),
         smaller = sacked && v->theirs->sack_edge - end < v->seg->payload;
    bool by_size = v->mine->mtu_frame != 0 || smaller;
    struct tcpstate_finding *finding = raise_finding(
        v->r, by_size ? TCPSTATE_FINDING_pmtu_black_hole : TCPSTATE_FINDING_retransmission_stuck, v->self);

    finding->count = by_size ? v->seg->payload : v->mine->resent;
    finding->related = v->mine->first_frame;
    finding->gap = v->seg->time - v->mine->first_time;
    if (by_size)
        finding->detail = (uint8_t)(v->mine->mtu_frame != 0 ? TCPSTATE_DETAIL_SMALLER_ASKED : TCPSTATE_DETAIL_SMALLER_PASS);
    else
        finding->detail = (uint8_t)(sacked ? TCPSTATE_DETAIL_SACKED_BEHIND : TCPSTATE_DETAIL_NOTHING_PASSES);
}

/* Counts retransmissions of the oldest data that is not acknowledged. What comes sooner than a time-out is a fast retransmission, or was
 * sent first and overtaken on its way: it does not count. */
static void
watch_resent(struct stream_view *v)
{
    struct tcpstate_stream *mine;
    int64_t last;

    if (v->theirs->zero_frame != 0)
        stream_of(v)->window_probes++;
    if (!v->peer->rcv_known || v->seg->seq != v->peer->rcv_nxt || v->theirs->zero_frame != 0 || has(v->seg, TCPSTATE_FIN))
        return;
    mine = stream_of(v);
    last = mine->resent_time;
    if (last == 0 || mine->resent_seq != v->seg->seq) {
        last = v->self->last_time;
        mine->resent = 0;
        mine->resent_seq = v->seg->seq;
        mine->resent_time = mine->first_time = v->seg->time;
        mine->first_frame = v->seg->frame;
    }
    if (v->seg->time - last < MIN_RTO)
        return;
    mine->resent_time = v->seg->time;
    if (mine->resent < UINT16_MAX)
        mine->resent++;
    if (v->r->observer->limits.resent == 0 || mine->resent != v->r->observer->limits.resent)
        return;
    report_resent(v);
    if (v->watch->idle_frame != 0 && v->watch->idle_from == v->seg->from)
        report_idle(v->r, v->peer, TCPSTATE_DETAIL_MET_SILENCE);
}

/* Notes data after a long silence. The answer shows whether a middlebox has forgotten the connection. */
static void
watch_silence(struct stream_view *v, bool probe)
{
    int64_t limit = v->r->observer->limits.idle, last = last_time(v->r->c), gap = v->seg->time - last;

    if (v->watch->idle_frame != 0 && v->seg->from != v->watch->idle_from)
        watch_of(v->r)->idle_frame = 0; /* answered */
    if (limit > 0 && v->seg->payload > 0 && !probe && last != 0 && gap > limit && v->peer->snd_known) {
        struct tcpstate_watch *w = watch_of(v->r);

        w->idle_frame = v->seg->frame;
        w->idle_from = v->seg->from;
        w->idle_gap = gap;
        use_watch(v, w);
    }
}

/* Both ends have sent timestamps, and this segment has none. It is said once of each end. */
static void
report_no_timestamp(struct stream_view *v)
{
    struct tcpstate_stream *mine = stream_of(v);

    if (!mine->no_timestamp_reported)
        raise_finding(v->r, TCPSTATE_FINDING_no_timestamp, v->self);
    mine->no_timestamp_reported = true;
}

/* The test of RFC 7323 section 5.3 (PAWS). Only new data is tested: a retransmission may have been sent before newer timestamps arrived. */
static void
watch_timestamp(struct stream_view *v)
{
    const struct tcpstate_segment *seg = v->seg;
    uint32_t tsval = seg->options.tsval;
    bool current = v->self->ts_known && seg->time - v->self->last_time < TIMESTAMP_LIFETIME;

    if ((seg->options.present & TCPSTATE_OPTION_TIMESTAMPS) == 0) {
        if (v->self->tsval != 0 && v->peer->tsval != 0 && !seg->options.cut)
            report_no_timestamp(v);
        return;
    }
    if (current && seq_lt(tsval, v->self->tsval)) {
        if (v->self->tsval - tsval > REORDERED_TICKS && seg->payload > 0 && v->peer->rcv_known && seq_ge(seg->seq, v->peer->rcv_nxt) &&
            both_syns_seen(v->r->c))
            raise_doubt(v->r, TCPSTATE_FINDING_paws_reject, tsval, v->self->tsval);
        return;
    }
    if (v->peer->rcv_known && seq_le(seg->seq, v->peer->rcv_nxt) && v->self->state != TCPSTATE_SYN_SENT) {
        v->self->tsval = tsval;
        v->self->ts_known = true;
    }
}

/* Data beyond the peer's window by more than the largest window that the peer has offered: an ACK that the capture missed could not have
 * opened the window so far. */
static void
watch_right_edge(struct stream_view *v)
{
    uint32_t edge = v->peer->rcv_nxt + v->peer->window_max;

    if (v->peer->window_known && v->peer->window_max > 0 && v->seg->payload > 0 && seq_gt(v->seg->seq, edge + v->peer->window_max))
        raise_doubt(v->r, TCPSTATE_FINDING_segment_out_of_window, v->seg->seq, edge);
}

/* Whether the capture has the segment in the right order: it acknowledges more than before, or comes later than COPY_TIME. */
static bool
is_ordered(const struct stream_view *v)
{
    return (v->self->rcv_known && seq_gt(v->seg->ack, v->self->rcv_nxt)) || v->seg->time - last_time(v->r->c) > COPY_TIME;
}

/* Whether the sender has sent a newer timestamp, or SACKed more, before: the segment is a late one. */
static bool
is_older(const struct stream_view *v)
{
    const struct tcpstate_options *options = &v->seg->options;
    bool sacks = (options->present & TCPSTATE_OPTION_SACK) != 0, stamped = (options->present & TCPSTATE_OPTION_TIMESTAMPS) != 0;

    return (stamped && v->self->ts_known && seq_lt(options->tsval, v->self->tsval)) ||
           (sacks && v->self->sack_known && seq_lt(options->sack_edge, v->mine->sack_edge));
}

static void
watch_window(struct stream_view *v)
{
    const struct tcpstate_segment *seg = v->seg;
    bool newest = !v->self->rcv_known || seq_ge(seg->ack, v->self->rcv_nxt);
    unsigned shift = 0;
    bool known = window_shift(v->self, v->peer, &shift);
    uint32_t window = (uint32_t)seg->window << shift, edge = seg->ack + window;

    if (!newest)
        return;
    if (known && v->self->window_known && seq_lt(edge, v->self->rcv_edge) && v->self->rcv_edge - edge >= UINT32_C(1) << shift &&
        seg->seq == v->self->snd_nxt && is_ordered(v) && !is_older(v)) {
        struct tcpstate_finding *finding = raise_finding(v->r, TCPSTATE_FINDING_window_shrunk, v->self);

        finding->count = v->self->rcv_edge - edge;
        set_finding_numbers(finding, v->peer, edge, v->self->rcv_edge);
    }
    if (known && window > v->self->window_max)
        v->self->window_max = window;
    if (seg->window == 0 && !seg->window_cut && v->mine->zero_frame == 0 && v->self->state < TCPSTATE_TIME_WAIT) {
        struct tcpstate_stream *mine = stream_of(v);

        mine->zero_frame = seg->frame;
        mine->zero_since = seg->time;
    }
    if (seg->window > 0 && v->r->c->watch != NULL) {
        stream_of(v)->zero_frame = 0;
        stream_of(v)->zero_reported = false;
        v->r->c->watch->stream[!seg->from].window_probes = 0;
    }
}

static void
watch_closed_window(struct stream_view *v)
{
    int64_t limit = v->r->observer->limits.zero_window, gap = v->seg->time - v->theirs->zero_since;
    struct tcpstate_finding *finding;

    if (limit == 0 || v->theirs->zero_frame == 0 || v->theirs->zero_reported || v->mine->window_probes < 2 || gap <= limit)
        return;
    v->r->c->watch->stream[!v->seg->from].zero_reported = true;
    finding = raise_finding(v->r, TCPSTATE_FINDING_zero_window_stuck, v->peer);
    finding->related = v->theirs->zero_frame;
    finding->gap = gap;
    finding->count = v->mine->window_probes;
}

/* Notes an ACK beyond all data that was captured, as a doubt: mostly the capture has missed the data. Ends the counts of probes and
 * retransmissions that the segment answers. */
static void
watch_ack(struct stream_view *v)
{
    struct tcpstate_stream *theirs;

    bool is_doubted = v->theirs->doubt.frame == v->seg->frame; /* another finding is more exact */

    if (v->peer->snd_known && !v->peer->fin_sent && both_syns_seen(v->r->c) && seq_gt(v->seg->ack, v->peer->snd_nxt) && !is_doubted)
        raise_doubt(v->r, TCPSTATE_FINDING_ack_unsent_data, v->seg->ack, v->peer->snd_nxt);
    if (v->r->c->watch == NULL)
        return;
    theirs = &v->r->c->watch->stream[!v->seg->from];
    theirs->keepalives = 0;
    if (v->self->rcv_known && seq_gt(v->seg->ack, v->self->rcv_nxt)) {
        theirs->resent = 0;
        theirs->resent_time = 0;
        theirs->mtu_frame = 0;
    }
}

static void
watch_half_closed(struct stream_view *v)
{
    if (v->seg->payload == 0 || v->self->state != TCPSTATE_CLOSE_WAIT)
        return;
    if (v->peer->fin_acked && v->peer->state != TCPSTATE_TIME_WAIT) {
        v->peer->waits_since = v->seg->time;
        v->peer->half_closed_reported = false;
        watch_of(v->r)->stream[!v->seg->from].half_closed_frame = v->seg->frame;
    }
    if (!v->self->half_close_data_reported && v->self->snd_known && seq_ge(v->seg->seq, v->self->snd_nxt) &&
        v->r->before[v->seg->from] == TCPSTATE_CLOSE_WAIT) {
        v->self->half_close_data_reported = true;
        raise_finding(v->r, TCPSTATE_FINDING_half_close_data, v->self);
    }
}

/* RFC 1337: an end in TIME_WAIT answers an old segment with an ACK. Where the peer has no connection, it answers that ACK with a RST, which
 * ends TIME_WAIT. */
static void
watch_time_wait(struct stream_view *v)
{
    bool bare = v->seg->payload == 0 && !has(v->seg, TCPSTATE_FIN);

    if (v->self->state == TCPSTATE_TIME_WAIT && bare)
        v->self->answered_old_segment = v->self->got_old_segment;
    if (v->peer->state == TCPSTATE_TIME_WAIT)
        v->peer->got_old_segment = !has(v->seg, TCPSTATE_FIN) && v->seg->payload > 0;
}

static bool
has_gaps(const struct tcpstate_stream *stream)
{
    return stream->skipped != NULL && stream->skipped->count > 0;
}

bool
watch_is_quiet(const struct reading *r)
{
    const struct tcpstate_watch *w = r->c->watch;
    const struct tcpstate_stream *theirs;
    int64_t limit = r->observer->limits.idle;

    if (limit != 0 && r->seg->time - last_time(r->c) > limit)
        return false;
    if (w == NULL)
        return true;
    theirs = &w->stream[!r->seg->from];
    return w->stream[0].doubt.frame == 0 && w->stream[1].doubt.frame == 0 && w->idle_frame == 0 && theirs->zero_frame == 0 &&
           theirs->keepalives == 0 && theirs->resent_time == 0 && theirs->mtu_frame == 0 && !has_gaps(&w->stream[0]) &&
           !has_gaps(&w->stream[1]);
}

void
watch_expected(struct reading *r)
{
    struct stream_view v = view_stream(r);

    watch_timestamp(&v);
    watch_right_edge(&v);
    watch_window(&v);
    compare_data(r);
}

void
watch_data(struct reading *r)
{
    struct stream_view v = view_stream(r);
    bool probe;

    r->c->watched = true;
    if (r->c->to_itself)
        return;
    v.all_acked = v.self->snd_known && v.peer->rcv_known && seq_ge(v.peer->rcv_nxt, v.self->snd_nxt);
    probe = is_probe(&v);
    watch_silence(&v, probe);
    r->is_repeated = !probe && v.seg->payload > 0 && v.self->snd_known && seq_lt(v.seg->seq, v.self->snd_nxt);
    r->shows_gap = v.peer->snd_known && seq_gt(v.seg->ack, v.peer->snd_nxt) && both_syns_seen(r->c);
    if (probe)
        watch_probe(&v);
    else if (r->is_repeated)
        watch_resent(&v);
    watch_closed_window(&v);
    watch_timestamp(&v);
    watch_right_edge(&v);
    doubt_unacceptable(r);
    note_gap(r);
    watch_ack(&v);
    watch_window(&v);
    watch_half_closed(&v);
    watch_time_wait(&v);
    compare_data(r);
}

void
watch_rst(struct reading *r)
{
    const struct tcpstate_watch *w = r->c->watch;
    const struct tcpstate_stream *mine;
    uint16_t limit = r->observer->limits.stuck;

    if (w == NULL || r->c->to_itself)
        return;
    mine = &w->stream[r->seg->from];
    if (limit > 0 && mine->keepalives >= limit) {
        struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_keepalive_reset, r->snd);

        finding->count = mine->keepalives;
        finding->related = mine->first_frame;
        finding->gap = r->seg->time - mine->first_time;
    }
    if (w->idle_frame != 0 && w->idle_from != r->seg->from)
        report_idle(r, r->snd, TCPSTATE_DETAIL_MET_RST);
}

void
note_last_segment(struct reading *r)
{
    struct tcpstate_connection *c = r->c;

    if (!has(r->seg, TCPSTATE_RST)) {
        note_origin(r);
        if (c->reset != NULL)
            c->reset->last[0].answered = c->reset->last[1].answered = true;
    }
    if (!c->watched)
        return;
    c->last_from = r->seg->from & 1u;
    c->last_frame = r->seg->frame;
    c->peer[c->last_from].last_time = r->seg->time;
}
