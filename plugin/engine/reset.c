/* RST: which one counts (RFC 9293 sections 3.5.2, 3.5.3 and 3.10.7, RFC 5961 section 3), and what shows that it did not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

#define SHORT_QUEUE INT64_C(10000000) /* nanoseconds */

static bool
in_window(const struct tcpstate_peer *self, uint32_t seq)
{
    return self->window_known && seq_le(self->rcv_nxt, seq) && seq_lt(seq, self->rcv_edge);
}

/* Does its target accept it? In the order of the stacks' own tests. */
static bool
is_acceptable(const struct reading *r)
{
    const struct tcpstate_peer *sender = r->snd, *target = r->rcv;
    const struct tcpstate_segment *seg = r->seg;

    switch (target->state) {
    case TCPSTATE_LISTEN:
    case TCPSTATE_CLOSED:
        return true; /* changes only its sender */
    case TCPSTATE_SYN_SENT:
        if (target->iss_known) /* no sequence test: RFC 9293 erratum 8167 */
            return has(seg, TCPSTATE_ACK) && covers_syn(target, seg->ack);
        break;
    case TCPSTATE_SYN_RCVD:
        if (target->from_listen && in_window(target, seg->seq))
            return true;
        break;
    case TCPSTATE_FIN_WAIT_2: /* a closed socket's FIN_WAIT_2 is kept by a stub without the exact test */
        if (in_window(target, seg->seq))
            return true;
        break;
    case TCPSTATE_CLOSE_WAIT:
    case TCPSTATE_LAST_ACK:
    case TCPSTATE_CLOSING:
        if (sender->fin_sent && seg->seq == sender->fin_end - 1)
            return true;
        break;
    default:
        break;
    }
    return !target->rcv_known || seg->seq == target->rcv_nxt || (sender->snd_known && seg->seq == sender->snd_nxt) ||
           (target->sack_known && seg->seq == r->c->watch->stream[end_of(r, target)].sack_edge);
}

static struct tcpstate_reset *
reset_of(struct reading *r, struct tcpstate_connection *c)
{
    if (c->reset == NULL)
        c->reset = r->observer->new_memory(r->observer->owner, sizeof *c->reset);
    return c->reset;
}

static void
remember(struct tcpstate_peer *peer, enum tcpstate_closed_by by)
{
    peer->former_state = peer->state;
    peer->former_basis = peer->basis;
    peer->reset = by & 3;
}

static void
close_sender(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;

    if (self->state != TCPSTATE_CLOSED)
        remember(self, TCPSTATE_RESET_BY_SELF);
    self->reset = TCPSTATE_RESET_BY_SELF;
    reset_of(r, r->c)->seq[r->seg->from] = r->seg->seq;
    if (!apply(r, self, TCPSTATE_SND_RST, TCPSTATE_OBSERVED))
        self->basis = TCPSTATE_OBSERVED;
}

static void
close_target(struct reading *r, struct tcpstate_peer *target)
{
    bool passive = target->state == TCPSTATE_SYN_RCVD && target->from_listen;

    if (target->state == TCPSTATE_LISTEN || target->state == TCPSTATE_CLOSED)
        return;
    remember(target, TCPSTATE_RESET_BY_PEER);
    apply(r, target, passive ? TCPSTATE_RCV_RST_PASSIVE : TCPSTATE_RCV_RST, TCPSTATE_PRESUMED);
}

static void
note_rst(struct reading *r, struct tcpstate_connection *c)
{
    struct tcpstate_reset *reset = reset_of(r, c);

    reset->time = r->seg->time;
    reset->frame = r->seg->frame;
    reset->denied = reset->crossed = false;
    c->peer[0].rst_due = c->peer[1].rst_due = false;
}

/* The old connection ends by the RST that its answer to a challenging SYN met. */
static void
close_old_connection(struct reading *r)
{
    struct tcpstate_connection *old = r->c->before;
    struct tcpstate_peer *target = &old->peer[!r->seg->from];

    note_rst(r, old);
    if (target->state == TCPSTATE_CLOSED || target->state == TCPSTATE_LISTEN)
        return;
    remember(target, TCPSTATE_RESET_BY_PEER);
    target->state = r->rcv->state;
    target->basis = r->rcv->basis;
}

/* From SYN_SENT a RST without ACK rejects an ACK that it cannot use: its sender stays where it is (RFC 9293 section 3.10.7.3). True
 * where it was that. */
static bool
rejects_an_ack(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    bool of_old_connection = !covers_syn(self, seg->seq) && (r->c->challenging || is_of_predecessor(r->c, seg->from, seg->seq));

    if (self->state != TCPSTATE_SYN_SENT || !self->iss_known || (has(seg, TCPSTATE_ACK) && !of_old_connection))
        return false;
    if (!self->wrong_echo && covers_syn(self, seg->seq))
        return false;
    if (peer->rcv_known && seg->seq == peer->rcv_nxt) {
        tell_rejected(r);
        note_rst(r, r->c);
        close_target(r, peer);
        if (r->c->challenging)
            close_old_connection(r);
    }
    peer->syn_due = self->syn_acked = self->wrong_echo = false;
    return true;
}

/* A RST,ACK of the bare SYN that crossed its own, from an end in SYN_SENT: its socket is gone (RFC 9293 section 3.10.7.1), though the peer,
 * which has gone on, does not accept it. */
static bool
refuses_too_late(const struct reading *r)
{
    return r->c->simultaneous && r->snd->state == TCPSTATE_SYN_SENT && has(r->seg, TCPSTATE_ACK) && r->rcv->iss_known &&
           r->seg->ack == r->rcv->iss + 1;
}

void
read_rst(struct reading *r)
{
    bool unknown = r->c == NULL;

    if (unknown)
        open_midway(r);
    if (rejects_an_ack(r))
        return;
    if (!is_acceptable(r)) {
        if (!refuses_too_late(r)) {
            tell_unacceptable_rst(r);
        } else {
            tell_refused(r);
            close_sender(r);
            r->snd->syn_due = false;
        }
        return;
    }
    if (unknown)
        find(r, TCPSTATE_FINDING_rst_unknown, r->snd)->detail = TCPSTATE_DETAIL_NO_CONNECTION;
    else
        tell_rst(r);
    note_rst(r, r->c);
    if (r->rcv != r->snd)
        close_target(r, r->rcv);
    close_sender(r);
    r->snd->syn_due = r->rcv->syn_due = false;
}

/* After its own RST an end sends only what left before it: old data, old ACKs. */
static bool
left_after_own_rst(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    bool new_data = seg->payload != 0 && seq_ge(seg->seq, reset_of(r, r->c)->seq[seg->from]);
    bool newer_ack = has(seg, TCPSTATE_ACK) && (!r->snd->rcv_known || seq_gt(seg->ack, r->snd->rcv_nxt));

    return new_data || newer_ack;
}

/* Some round trips after the RST, for queues grow: what comes now did not cross it. */
static bool
is_late(struct reading *r)
{
    int64_t enough = 4 * round_trip(r->c);

    return r->seg->time - reset_of(r, r->c)->time > (enough > SHORT_QUEUE ? enough : SHORT_QUEUE);
}

static void
deny_rst(struct reading *r)
{
    struct tcpstate_reset *reset = reset_of(r, r->c);
    struct tcpstate_finding *finding;

    r->snd->rst_due = r->snd->rst_doubted = false;
    if (reset->denied)
        return;
    reset->denied = true;
    finding = find(r, TCPSTATE_FINDING_rst_ignored, r->snd);
    finding->related = reset->frame;
    finding->gap = r->seg->time - reset->time;
}

static void
find_crossed(struct reading *r)
{
    struct tcpstate_reset *reset = reset_of(r, r->c);
    struct tcpstate_finding *finding;

    if (r->seg->payload == 0 || reset->crossed)
        return;
    reset->crossed = true;
    finding = find(r, TCPSTATE_FINDING_data_after_rst, r->snd);
    finding->count = r->seg->payload;
    finding->related = reset->frame;
}

/* A segment from an end that a RST had closed: that RST was lost, crossed or was forged, and the end is what it was before. */
void
revive(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    bool own = self->reset == TCPSTATE_RESET_BY_SELF;
    const struct tcpstate_reset *reset;
    bool out_of_order;

    if (self->reset == TCPSTATE_NOT_RESET || (self->state != TCPSTATE_CLOSED && self->state != TCPSTATE_LISTEN))
        return;
    reset = reset_of(r, r->c);
    out_of_order = r->seg->time - reset->time < TCPSTATE_COPY_TIME && self->former_state >= TCPSTATE_SYN_SENT;
    if (own && !left_after_own_rst(r)) {
        find_crossed(r);
        return;
    }
    set_state(r, self, TCPSTATE_SND_AFTER_RST, (enum tcpstate_state)self->former_state, (enum tcpstate_basis)self->former_basis);
    self->reset = TCPSTATE_NOT_RESET;
    self->rst_due = !own && !reset->denied;
    if (own && out_of_order)
        self->rst_doubted = true;
    else if (own)
        deny_rst(r);
    else if (!is_late(r))
        find_crossed(r);
}

/* Whether the RST only crossed what its target sent shows after a round trip. */
void
doubt_rst(struct reading *r)
{
    bool beyond_doubt = r->snd->rst_doubted && r->seg->time - reset_of(r, r->c)->time > TCPSTATE_COPY_TIME;

    if (beyond_doubt || (r->snd->rst_due && is_late(r)))
        deny_rst(r);
}
