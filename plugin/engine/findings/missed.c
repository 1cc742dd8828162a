/* Findings about what the capture does not have: data that was acknowledged all the same, and a whole direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "missed.h"

#include "../model/gaps.h"
#include "../model/numbers.h"
#include "raise.h"

enum {
    MANY_SEGMENTS = 12, /* more than a stack sends without an ACK: the initial window is 10 segments (RFC 6928) */
    MANY_ACKS = 3,      /* fewer may be for a few segments that the capture missed */
};

static struct tcpstate_gaps *
gaps_of(struct reading *r)
{
    struct tcpstate_stream *mine = &watch_of(r)->stream[r->seg->from];

    if (mine->skipped == NULL)
        mine->skipped = r->observer->new_memory(r->observer->owner, sizeof *mine->skipped);
    return mine->skipped;
}

/* Data that ends at or before SND.NXT fills gaps, or was sent before. */
static void
note_earlier_data(struct reading *r, uint32_t end)
{
    struct tcpstate_stream *mine = &watch_of(r)->stream[r->seg->from];
    uint32_t sent_before = end - r->seg->seq, filled = mine->skipped != NULL ? gaps_fill(mine->skipped, r->seg->seq, end) : 0;

    sent_before = sent_before < r->seg->payload ? sent_before : r->seg->payload;
    mine->repeated += sent_before > filled ? sent_before - filled : 0;
}

void
note_gap(struct reading *r)
{
    uint32_t seq = r->seg->seq, end = tcpstate_seg_end(r->seg), next = r->snd->snd_nxt;

    if (!r->snd->snd_known || r->c->to_itself)
        return;
    if (seq_gt(seq, next) && placement_of(r) == PLACED_IN_WINDOW) {
        if (gaps_of(r)->count == 0)
            gaps_of(r)->time = r->seg->time;
        gaps_open(gaps_of(r), next, seq);
    } else if (seq_lt(seq, next) && seq != end) {
        note_earlier_data(r, seq_lt(end, next) ? end : next);
    }
}

/* The end has acknowledged numbers that the capture does not have. It is not a matter of the order in the capture. */
static void
report_gap(struct reading *r, const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    struct tcpstate_stream *theirs = &r->c->watch->stream[end_of(r, peer)];
    struct tcpstate_gaps *gaps = theirs->skipped;
    struct tcpstate_finding *finding;

    if (gaps == NULL || gaps->count == 0 || !self->rcv_known || seq_lt(self->rcv_nxt, gaps->gap[gaps->count - 1].end) ||
        r->seg->time - gaps->time < COPY_TIME)
        return;
    if (!theirs->gap_reported) {
        finding = raise_finding(r, TCPSTATE_FINDING_segments_missed, self);
        finding->count = gaps_left(gaps);
        set_finding_numbers(finding, peer, gaps->gap[0].seq, gaps->gap[gaps->count - 1].end);
    }
    theirs->gap_reported = true;
    gaps_give_up(gaps, gaps->count);
}

void
report_gaps(struct reading *r)
{
    if (r->c->watch == NULL || r->c->to_itself)
        return;
    report_gap(r, r->snd, r->rcv);
    report_gap(r, r->rcv, r->snd);
}

/* Counts what only a sender that hears the peer can send. Returns whether it is enough. */
static bool
hears_peer(struct reading *r)
{
    struct tcpstate_connection *c = r->c;
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool new_data = r->seg->payload > 0 && (!self->snd_known || seq_ge(r->seg->seq, self->snd_nxt));
    bool acks_more = has(r->seg, TCPSTATE_ACK) && (!peer->snd_known || seq_gt(r->seg->ack, peer->snd_nxt)) &&
                     (!self->rcv_known || seq_gt(r->seg->ack, self->rcv_nxt));
    uint32_t edge = peer->rcv_nxt + 2 * peer->window_max;

    if (new_data && c->unheard_data < UINT8_MAX)
        c->unheard_data++;
    if (acks_more && c->unheard_acks < MANY_ACKS)
        c->unheard_acks = (uint8_t)(c->unheard_acks + 1) & 3u;
    if (has(r->seg, TCPSTATE_FIN | TCPSTATE_RST))
        return c->unheard_acks > 1;
    if (r->seg->time - c->first_time <= round_trip(c))
        return false;
    return c->unheard_acks == MANY_ACKS || c->unheard_data >= MANY_SEGMENTS ||
           (new_data && peer->window_known && peer->window_max > 0 && seq_gt(r->seg->seq, edge));
}

void
watch_direction(struct reading *r)
{
    struct tcpstate_connection *c = r->c;
    bool ends = has(r->seg, TCPSTATE_FIN | TCPSTATE_RST);
    struct tcpstate_finding *finding;

    if (r->rcv->first_known || r->rcv->reset == TCPSTATE_RESET_BY_SELF || c->to_itself || c->one_direction == TCPSTATE_ONE_TO_ITS_END)
        return;
    if (c->one_direction == TCPSTATE_BOTH_DIRECTIONS ? !hears_peer(r) : !ends)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_one_direction, r->snd);
    finding->lesser = !ends;
    finding->detail = (uint8_t)(ends ? TCPSTATE_DETAIL_TO_ITS_END : r->rcv->syn_sent ? TCPSTATE_DETAIL_AFTER_SYN : TCPSTATE_DETAIL_SO_FAR);
    c->one_direction = ends ? TCPSTATE_ONE_TO_ITS_END : TCPSTATE_ONE_SO_FAR;
}
