/* Findings about what the capture does not have: data that was acknowledged all the same, and a whole direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "missed.h"

#include "../model/numbers.h"
#include "raise.h"

enum {
    MANY_SEGMENTS = 12, /* more than a stack sends without an ACK: the initial window is 10 segments (RFC 6928) */
    MANY_ACKS = 3,      /* fewer may be for a few segments that the capture missed */
};

static uint32_t
overlap(const struct tcpstate_hole *hole, uint32_t seq, uint32_t end)
{
    uint32_t from = seq_gt(seq, hole->seq) ? seq : hole->seq, to = seq_lt(end, hole->end) ? end : hole->end;

    return seq_lt(from, to) ? to - from : 0;
}

void
note_hole(struct reading *r)
{
    uint32_t seq = r->seg->seq, next = r->snd->snd_nxt, filled;
    struct tcpstate_hole *hole;

    if (!r->snd->snd_known || tcpstate_seg_len(r->seg) == 0 || r->c->to_itself)
        return;
    if (seq_gt(seq, next) && placement_of(r) == PLACED_IN_WINDOW) {
        hole = &watch_of(r)->stream[r->seg->from].hole;
        if (hole->left == 0)
            *hole = (struct tcpstate_hole){.seq = next, .time = r->seg->time};
        hole->end = seq;
        hole->left += seq - next;
    } else if (r->c->watch != NULL) {
        hole = &r->c->watch->stream[r->seg->from].hole;
        filled = hole->left > 0 ? overlap(hole, seq, tcpstate_seg_end(r->seg)) : 0;
        hole->left -= filled < hole->left ? filled : hole->left;
    }
}

/* The end has acknowledged numbers that the capture does not have. It is not a matter of the order in the capture. */
static void
report_hole(struct reading *r, const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    struct tcpstate_stream *theirs = &r->c->watch->stream[end_of(r, peer)];
    struct tcpstate_hole *hole = &theirs->hole;
    struct tcpstate_finding *finding;

    if (hole->left == 0 || !self->rcv_known || seq_lt(self->rcv_nxt, hole->end) || r->seg->time - hole->time < COPY_TIME)
        return;
    if (!theirs->hole_reported) {
        finding = raise_finding(r, TCPSTATE_FINDING_segments_missed, self);
        finding->count = hole->left;
        set_finding_numbers(finding, peer, hole->seq, hole->end);
    }
    theirs->hole_reported = true;
    hole->left = 0;
}

void
report_holes(struct reading *r)
{
    if (r->c->watch == NULL || r->c->to_itself)
        return;
    report_hole(r, r->snd, r->rcv);
    report_hole(r, r->rcv, r->snd);
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
