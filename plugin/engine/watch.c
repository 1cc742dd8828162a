/* What data shows besides states: windows, keep-alive probes, retransmissions, timestamps, silence. Looked at before the segment moves its
 * sender's variables on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

#define MOST_OF_A_DAY_CLOCK (INT64_C(24) * 24 * 3600 * 1000000000) /* after 24 days a timestamp means nothing (RFC 7323 section 5.5) */

#define LEAST_TIMEOUT INT64_C(190000000) /* of retransmissions; Linux's TCP_RTO_MIN is 200 ms, and clocks differ */

struct tcpstate_watch *
watch_of(struct reading *r)
{
    if (r->c->watch == NULL)
        r->c->watch = r->observer->new_memory(r->observer->owner, sizeof *r->c->watch);
    return r->c->watch;
}

int64_t
round_trip(const struct tcpstate_connection *c)
{
    return c->round_trip > 0 ? c->round_trip : INT64_C(250000000); /* a long way, with queues */
}

/* One segment from one end, with what is known of the two. */
struct glance {
    struct reading *r;
    const struct tcpstate_segment *seg;
    const struct tcpstate_watch *watch; /* without any, one that says nothing */
    struct tcpstate_peer *self, *peer;
    const struct tcpstate_stream *mine, *theirs;
    bool all_acked; /* the peer had acknowledged all that was sent */
};

static void
look_at(struct glance *g, const struct tcpstate_watch *watch)
{
    g->watch = watch;
    g->mine = &watch->stream[g->seg->from];
    g->theirs = &watch->stream[!g->seg->from];
}

static struct glance
glance(struct reading *r)
{
    static const struct tcpstate_watch nothing;
    struct glance g = {.r = r, .seg = r->seg, .self = r->snd, .peer = r->rcv};

    look_at(&g, r->c->watch != NULL ? r->c->watch : &nothing);
    return g;
}

/* To write something down in; of the sender. */
static struct tcpstate_stream *
stream_of(struct glance *g)
{
    look_at(g, watch_of(g->r));
    return &g->r->c->watch->stream[g->seg->from];
}

/* No word about data for which there is no room, or of what a lost ACK makes a stack send. */
static bool
is_probe(const struct glance *g)
{
    bool before = g->self->snd_known && g->seg->seq == g->self->snd_nxt - 1;
    bool behind_closed_window = g->theirs->zero_frame != 0 && g->seg->payload <= 1;

    return !has(g->seg, TCPSTATE_FIN) && g->seg->payload <= 1 &&
           ((before && g->all_acked) || (behind_closed_window && g->seg->payload == 1));
}

static void
watch_probe(struct glance *g)
{
    struct tcpstate_stream *mine = stream_of(g);
    struct tcpstate_finding *finding;
    uint16_t limit = g->r->observer->limits.stuck;

    if (g->theirs->zero_frame != 0) {
        mine->window_probes++;
        return;
    }
    if (limit > 0 && mine->keepalives == limit && g->peer->snd_known) {
        finding = find(g->r, TCPSTATE_FINDING_keepalive_unanswered, g->self);
        finding->count = mine->keepalives;
        finding->related = mine->first_frame;
        finding->gap = g->seg->time - mine->first_time;
    }
    if (mine->keepalives == 0) {
        mine->first_time = g->seg->time;
        mine->first_frame = g->seg->frame;
    }
    if (mine->keepalives < UINT16_MAX)
        mine->keepalives++;
}

static void
find_idle(struct reading *r, const struct tcpstate_peer *about, enum tcpstate_detail detail)
{
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_idle_then_reset, about);

    finding->detail = (uint8_t)detail;
    finding->gap = r->c->watch->idle_gap;
    finding->related = r->c->watch->idle_frame;
    r->c->watch->idle_frame = 0;
}

/* The oldest data that is not acknowledged, once more, after a time-out: what comes sooner is a fast retransmission. */
static void
watch_resent(struct glance *g)
{
    struct tcpstate_stream *mine;
    struct tcpstate_finding *finding;

    if (g->theirs->zero_frame != 0)
        stream_of(g)->window_probes++;
    if (!g->peer->rcv_known || g->seg->seq != g->peer->rcv_nxt || g->theirs->zero_frame != 0 || has(g->seg, TCPSTATE_FIN))
        return;
    mine = stream_of(g);
    if (mine->resent == 0 || mine->resent_seq != g->seg->seq) {
        mine->resent = 0;
        mine->resent_seq = g->seg->seq;
        mine->first_time = g->seg->time;
        mine->first_frame = g->seg->frame;
    } else if (g->seg->time - mine->resent_time < LEAST_TIMEOUT) {
        return;
    }
    mine->resent_time = g->seg->time;
    if (mine->resent < UINT16_MAX)
        mine->resent++;
    if (g->r->observer->limits.resent == 0 || mine->resent != g->r->observer->limits.resent)
        return;
    finding = find(g->r, TCPSTATE_FINDING_retransmission_stuck, g->self);
    finding->count = mine->resent;
    finding->related = mine->first_frame;
    finding->gap = g->seg->time - mine->first_time;
    if (g->watch->idle_frame != 0 && g->watch->idle_from == g->seg->from)
        find_idle(g->r, g->peer, TCPSTATE_DETAIL_MET_SILENCE);
}

/* Of the last segment, nanoseconds; 0 before the first. */
static int64_t
last_time(const struct tcpstate_connection *c)
{
    return c->peer[c->last_from].last_time;
}

/* Data after a long silence: what a middlebox may have forgotten meanwhile shows by the answer. */
static void
watch_silence(struct glance *g, bool probe)
{
    int64_t limit = g->r->observer->limits.idle, last = last_time(g->r->c), gap = g->seg->time - last;

    if (g->watch->idle_frame != 0 && g->seg->from != g->watch->idle_from)
        watch_of(g->r)->idle_frame = 0; /* an answer */
    if (limit > 0 && g->seg->payload > 0 && !probe && last != 0 && gap > limit && g->peer->snd_known) {
        struct tcpstate_watch *w = watch_of(g->r);

        w->idle_frame = g->seg->frame;
        w->idle_from = g->seg->from;
        w->idle_gap = gap;
        look_at(g, w);
    }
}

/* RFC 7323 section 5.3. A retransmission or an old segment may well be older than others: only new data counts. */
static void
watch_timestamp(struct glance *g)
{
    const struct tcpstate_segment *seg = g->seg;
    uint32_t tsval = seg->options.tsval;
    bool current = g->self->ts_known && seg->time - g->self->last_time < MOST_OF_A_DAY_CLOCK;

    if ((seg->options.present & TCPSTATE_OPTION_TIMESTAMPS) == 0)
        return;
    if (current && seq_lt(tsval, g->self->tsval)) {
        if (seg->payload > 0 && g->peer->rcv_known && seq_ge(seg->seq, g->peer->rcv_nxt) && both_syns_seen(g->r->c))
            doubt(g->r, TCPSTATE_FINDING_paws_reject, tsval, g->self->tsval);
        return;
    }
    if (g->peer->rcv_known && seq_le(seg->seq, g->peer->rcv_nxt) && g->self->state != TCPSTATE_SYN_SENT) {
        g->self->tsval = tsval;
        g->self->ts_known = true;
    }
}

/* The window that the peer offers, as wide as it ever was and as much again: what lies beyond was never asked for. */
static void
watch_right_edge(struct glance *g)
{
    uint32_t edge = g->peer->rcv_nxt + g->peer->window_max;

    if (g->peer->window_known && g->peer->window_max > 0 && g->seg->payload > 0 && seq_gt(g->seg->seq, edge + g->peer->window_max))
        doubt(g->r, TCPSTATE_FINDING_segment_out_of_window, g->seg->seq, edge);
}

/* Not before another one in truth, of which the capture has the two in the wrong order. */
static bool
is_ordered(const struct glance *g)
{
    return (g->self->rcv_known && seq_gt(g->seg->ack, g->self->rcv_nxt)) || g->seg->time - last_time(g->r->c) > TCPSTATE_COPY_TIME;
}

static void
watch_window(struct glance *g)
{
    const struct tcpstate_segment *seg = g->seg;
    bool newest = !g->self->rcv_known || seq_ge(seg->ack, g->self->rcv_nxt);
    unsigned shift = 0;
    bool known = window_shift(g->self, g->peer, &shift);
    uint32_t window = (uint32_t)seg->window << shift, edge = seg->ack + window;

    if (!newest)
        return;
    if (known && g->self->window_known && seq_lt(edge, g->self->rcv_edge) && g->self->rcv_edge - edge >= UINT32_C(1) << shift &&
        seg->seq == g->self->snd_nxt && is_ordered(g)) {
        struct tcpstate_finding *finding = find(g->r, TCPSTATE_FINDING_window_shrunk, g->self);

        finding->count = g->self->rcv_edge - edge;
        set_numbers(finding, g->peer, edge, g->self->rcv_edge);
    }
    if (known && window > g->self->window_max)
        g->self->window_max = window;
    if (seg->window == 0 && g->mine->zero_frame == 0 && g->self->state < TCPSTATE_TIME_WAIT) {
        struct tcpstate_stream *mine = stream_of(g);

        mine->zero_frame = seg->frame;
        mine->zero_since = seg->time;
    }
    if (seg->window > 0 && g->r->c->watch != NULL) {
        stream_of(g)->zero_frame = 0;
        stream_of(g)->zero_told = false;
        g->r->c->watch->stream[!seg->from].window_probes = 0;
    }
}

static void
watch_closed_window(struct glance *g)
{
    int64_t limit = g->r->observer->limits.zero_window, gap = g->seg->time - g->theirs->zero_since;
    struct tcpstate_finding *finding;

    if (limit == 0 || g->theirs->zero_frame == 0 || g->theirs->zero_told || g->mine->window_probes < 2 || gap <= limit)
        return;
    g->r->c->watch->stream[!g->seg->from].zero_told = true;
    finding = find(g->r, TCPSTATE_FINDING_zero_window_stuck, g->peer);
    finding->related = g->theirs->zero_frame;
    finding->gap = gap;
    finding->count = g->mine->window_probes;
}

/* An ACK beyond all that was captured: mostly the capture's loss. */
static void
watch_ack(struct glance *g)
{
    struct tcpstate_stream *theirs;

    if (g->peer->snd_known && !g->peer->fin_sent && both_syns_seen(g->r->c) && seq_gt(g->seg->ack, g->peer->snd_nxt))
        doubt(g->r, TCPSTATE_FINDING_ack_unsent_data, g->seg->ack, g->peer->snd_nxt);
    if (g->r->c->watch == NULL)
        return;
    theirs = &g->r->c->watch->stream[!g->seg->from];
    theirs->keepalives = 0;
    if (g->self->rcv_known && seq_gt(g->seg->ack, g->self->rcv_nxt))
        theirs->resent = 0;
}

static void
watch_half_closed(struct glance *g)
{
    if (g->seg->payload == 0 || g->self->state != TCPSTATE_CLOSE_WAIT)
        return;
    if (g->peer->waits_since != 0 && g->peer->state != TCPSTATE_TIME_WAIT) {
        g->peer->waits_since = g->seg->time;
        g->peer->half_closed_told = false;
        watch_of(g->r)->stream[!g->seg->from].half_closed_frame = g->seg->frame;
    }
    if (!g->self->closed_data_told && g->self->snd_known && seq_ge(g->seg->seq, g->self->snd_nxt) &&
        g->r->before[g->seg->from] == TCPSTATE_CLOSE_WAIT) {
        g->self->closed_data_told = true;
        find(g->r, TCPSTATE_FINDING_half_close_data, g->self);
    }
}

/* RFC 1337: an old segment that comes to TIME_WAIT is answered, and the answer may meet a RST. */
static void
watch_time_wait(struct glance *g)
{
    bool bare = g->seg->payload == 0 && !has(g->seg, TCPSTATE_FIN);

    if (g->self->state == TCPSTATE_TIME_WAIT && bare)
        g->self->answered_old = g->self->met_old;
    if (g->peer->state == TCPSTATE_TIME_WAIT)
        g->peer->met_old = !has(g->seg, TCPSTATE_FIN) && g->seg->payload > 0;
}

/* Neither a doubt, nor a silence, nor anything sent in vain. */
bool
watch_is_calm(const struct reading *r)
{
    const struct tcpstate_watch *w = r->c->watch;
    const struct tcpstate_stream *theirs;
    int64_t limit = r->observer->limits.idle;

    if (limit != 0 && r->seg->time - last_time(r->c) > limit)
        return false;
    if (w == NULL)
        return true;
    theirs = &w->stream[!r->seg->from];
    return w->stream[r->seg->from].doubt.frame == 0 && w->idle_frame == 0 && theirs->zero_frame == 0 && theirs->keepalives == 0 &&
           theirs->resent == 0;
}

/* What is left to do with the data that was expected. */
void
watch_expected(struct reading *r)
{
    struct glance g = glance(r);

    watch_timestamp(&g);
    watch_right_edge(&g);
    watch_window(&g);
    compare_data(r);
}

void
watch_data(struct reading *r)
{
    struct glance g = glance(r);
    bool probe;

    r->c->watched = true;
    if (r->c->to_itself)
        return;
    g.all_acked = g.self->snd_known && g.peer->rcv_known && seq_ge(g.peer->rcv_nxt, g.self->snd_nxt);
    probe = is_probe(&g);
    watch_silence(&g, probe);
    r->is_repeated = !probe && g.seg->payload > 0 && g.self->snd_known && seq_lt(g.seg->seq, g.self->snd_nxt);
    r->shows_gap = g.peer->snd_known && seq_gt(g.seg->ack, g.peer->snd_nxt) && both_syns_seen(r->c);
    if (probe)
        watch_probe(&g);
    else if (r->is_repeated)
        watch_resent(&g);
    watch_closed_window(&g);
    watch_timestamp(&g);
    watch_right_edge(&g);
    watch_ack(&g);
    watch_window(&g);
    watch_half_closed(&g);
    watch_time_wait(&g);
    compare_data(r);
}

/* What a RST that counts tells of the data before it. Before it changes anything. */
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
        struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_keepalive_reset, r->snd);

        finding->count = mine->keepalives;
        finding->related = mine->first_frame;
        finding->gap = r->seg->time - mine->first_time;
    }
    if (w->idle_frame != 0 && w->idle_from != r->seg->from)
        find_idle(r, r->snd, TCPSTATE_DETAIL_MET_RST);
}

void
watch_time(struct reading *r)
{
    struct tcpstate_connection *c = r->c;

    if (!c->watched)
        return;
    c->last_from = r->seg->from & 1u;
    c->last_frame = r->seg->frame;
    c->peer[c->last_from].last_time = r->seg->time;
}
