/* The rules for FINs, and for segments that show whether a FIN or its ACK arrived (RFC 9293 section 3.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "closing.h"

#include "../findings/raise.h"
#include "../findings/stuck.h"
#include "../model/numbers.h"
#include "../model/state.h"

static bool
is_fin_again(const struct reading *r)
{
    return has(r->seg, TCPSTATE_FIN) && r->snd->fin_sent && r->snd->fin_end == tcpstate_seg_end(r->seg);
}

/* The same FIN again within COPY_TIME is a copy of the segment. The copies may have different data before the FIN, because offload regroups
 * data; the number of the FIN is the same. */
static bool
is_copy_of_fin(const struct reading *r)
{
    int64_t gap = r->seg->time - r->snd->last_sent;

    return gap > -COPY_TIME && gap < COPY_TIME;
}

/* The same FIN again: its ACK was lost or is late. The peer in TIME_WAIT starts its 2MSL again (RFC 9293 section 3.10.7.4). */
static void
read_fin_again(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (r->rcv->state == TCPSTATE_TIME_WAIT)
        r->rcv->waits_since = r->seg->time;
    if (self->fin_acked && self->reset == TCPSTATE_NOT_RESET) {
        struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_last_ack_lost, self);

        finding->related = self->acked_frame;
        set_finding_numbers(finding, self, self->fin_end - 1, self->fin_end - 1);
        apply_event(r, self, TCPSTATE_SND_FIN_AGAIN, TCPSTATE_OBSERVED);
        self->fin_acked = false;
    }
    report_retry(r, self, TCPSTATE_FINDING_fin_retransmitted, false);
}

/* Data below the FIN again, after the ACK of that FIN: the ACK was lost or is late. */
static void
read_data_again(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (r->seg->payload == 0 || !self->fin_sent || !self->fin_acked || seq_ge(tcpstate_seg_end(r->seg), self->fin_end) ||
        self->reset != TCPSTATE_NOT_RESET || r->seg->time - self->waits_since < COPY_TIME)
        return;
    apply_event(r, self, TCPSTATE_SND_DATA_AGAIN, TCPSTATE_OBSERVED);
    self->fin_acked = false;
}

/* A segment after its FIN from an end that is presumed to be CLOSED: the ACK of that FIN was lost, or the segment crossed it. */
static void
read_after_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (self->state != TCPSTATE_CLOSED || self->basis != TCPSTATE_PRESUMED || self->reset != TCPSTATE_NOT_RESET || !self->fin_acked ||
        r->seg->seq != self->fin_end)
        return;
    apply_event(r, self, TCPSTATE_SND_IN_LAST_ACK, TCPSTATE_OBSERVED);
    self->fin_acked = may_have_crossed(r, self->waits_since);
}

/* The ACK of the peer's FIN from an end whose TIME_WAIT had ended by the clock: its stack waits longer. */
static void
read_after_two_msl(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (!self->time_wait_over || r->seg->seq != self->fin_end || !covers_fin(r->rcv, r->seg->ack))
        return;
    self->time_wait_over = false;
    apply_event(r, self, TCPSTATE_SND_IN_TIME_WAIT, TCPSTATE_OBSERVED);
}

/* Data at the sequence number of the sender's FIN: the receiver has not accepted that FIN. */
static void
void_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);

    if (!self->fin_sent || has(r->seg, TCPSTATE_FIN) || r->seg->payload == 0 || seq_lt(end, self->fin_end) ||
        seq_ge(r->seg->seq, self->fin_end))
        return;
    self->fin_sent = self->fin_acked = false;
    apply_event(r, self, TCPSTATE_FIN_VOID, TCPSTATE_OBSERVED);
}

static void
read_ack_of_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (covers_fin(r->rcv, r->seg->ack))
        apply_event(r, self, self->fin_acked ? TCPSTATE_SND_ACK_OF_FIN_ACKED : TCPSTATE_SND_ACK_OF_FIN, TCPSTATE_OBSERVED);
    else if (self->basis == TCPSTATE_PRESUMED && self->fin_acked && !has(r->seg, TCPSTATE_FIN))
        apply_event(r, self, may_have_crossed(r, self->waits_since) ? TCPSTATE_SND_CROSSING_FIN : TCPSTATE_SND_NO_ACK_OF_FIN,
                    TCPSTATE_OBSERVED);
}

/* Whether a FIN counts: its number was not used before (the first time that a FIN was sent, the capture may have missed it), and its ACK is
 * not beyond all that the peer can have sent. */
static bool
fin_counts(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    uint32_t fin = tcpstate_seg_end(r->seg) - 1;
    bool was_missed = self->last_missed && (fin == self->snd_nxt - 1 || (peer->rcv_known && r->seg->seq == peer->rcv_nxt));

    if (!r->seg->length_known || (self->snd_known && seq_lt(fin, self->snd_nxt) && !was_missed))
        return false;
    return !peer->iss_known || !peer->snd_known || seq_le(r->seg->ack, peer->snd_nxt + MAX_WINDOW);
}

/* Whether the FIN is at the number that the receiver expects, and an earlier one was beyond it: the receiver takes this one. */
static bool
corrects_fin(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    return self->fin_sent && !self->fin_acked && r->seg->length_known && peer->rcv_known && r->seg->seq == peer->rcv_nxt &&
           seq_lt(tcpstate_seg_end(r->seg), self->fin_end);
}

static void
read_first_fin(struct reading *r)
{
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool crossed = peer->fin_sent && peer != self && !covers_fin(peer, r->seg->ack);

    if (!corrects_fin(r) && !fin_counts(r))
        return;
    self->fin_sent = true;
    self->fin_end = self->snd_nxt = tcpstate_seg_end(r->seg);
    self->fin_acked = false;
    if (self->state != TCPSTATE_FIN_WAIT_2) { /* there, an earlier FIN of it was acknowledged */
        self->acked_frame = 0;
        self->waits_since = r->seg->time;
    }
    begin_retries(r, self);
    if (apply_event(r, self, crossed ? TCPSTATE_SND_FIN_CROSSED : TCPSTATE_SND_FIN, TCPSTATE_OBSERVED) && crossed && !r->c->fins_crossed) {
        r->c->fins_crossed = true;
        raise_finding(r, TCPSTATE_FINDING_simultaneous_close, self)->seq = self->fin_end - 1;
    }
}

/* A FIN beyond the receiver's window. It counts only if the receiver acknowledges it: then the capture has missed much. */
static void
keep_far_fin(struct reading *r)
{
    struct tcpstate_stream *mine = &watch_of(r)->stream[r->seg->from];

    mine->far_fin_end = tcpstate_seg_end(r->seg);
    mine->far_fin = r->seg->length_known;
}

static void
accept_far_fin(struct reading *r)
{
    struct tcpstate_peer *peer = r->rcv;
    struct tcpstate_stream *theirs;

    if (r->c->watch == NULL)
        return;
    theirs = &r->c->watch->stream[end_of(r, peer)];
    if (!theirs->far_fin || peer->fin_sent || r->seg->ack != theirs->far_fin_end || seq_le(r->seg->ack, peer->snd_nxt))
        return;
    theirs->far_fin = false;
    peer->fin_sent = true;
    peer->fin_end = peer->snd_nxt = theirs->far_fin_end;
    apply_event(r, peer, TCPSTATE_SND_FIN, TCPSTATE_OBSERVED);
}

/* Whether neither end has sent a FIN, and the segment has none: the usual case. */
static bool
is_open(const struct reading *r)
{
    const struct tcpstate_watch *w = r->c->watch;

    return !has(r->seg, TCPSTATE_FIN) && !r->snd->fin_sent && !r->rcv->fin_sent && (w == NULL || !w->stream[end_of(r, r->rcv)].far_fin);
}

void
read_closing(struct reading *r)
{
    bool again;

    if (is_open(r))
        return;
    again = is_fin_again(r);
    if (again && !is_copy_of_fin(r))
        read_fin_again(r);
    read_data_again(r);
    read_after_two_msl(r);
    read_after_fin(r);
    void_fin(r);
    accept_far_fin(r);
    read_ack_of_fin(r);
    if (!has(r->seg, TCPSTATE_FIN) || again)
        return;
    if (placement_of(r) == PLACED_BEYOND)
        keep_far_fin(r);
    else
        read_first_fin(r);
}
