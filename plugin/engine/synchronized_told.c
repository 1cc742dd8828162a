/* What is told of the end of the handshake, and of what lies beyond a FIN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

#define LARGEST_SYN_WINDOW 0xffffu /* of a SYN, whose window is not scaled (RFC 7323 section 2.2) */

enum { NEAR = 0xffff }; /* Linux begins the next connection of a TIME_WAIT 65,537 numbers after the old one */

/* The third segment of a handshake, by its number, with an ACK of no SYN,ACK, nor of data that the capture may have missed meanwhile. */
void
find_bad_handshake(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    const struct tcpstate_segment *seg = r->seg;
    bool at_once = seg->time - peer->last_sent <= 2 * (peer->last_sent - r->c->first_time);
    uint32_t most = peer->snd_nxt + (at_once ? LARGEST_SYN_WINDOW : NEVER_ACCEPTABLE);
    struct tcpstate_finding *finding;

    if (!peer->syn_ack_sent || !self->syn_sent || self->last_frame > peer->last_frame || self->first_seq != seg->seq ||
        seg->seq != self->iss + 1)
        return;
    if ((seq_gt(seg->ack, peer->iss) && seq_le(seg->ack, most)) || is_of_predecessor(r->c, !seg->from, seg->ack - 1))
        return;
    finding = find(r, TCPSTATE_FINDING_handshake_bad_ack, self);
    set_numbers(finding, peer, seg->ack, peer->iss + 1);
    finding->related = peer->last_frame;
}

/* Simultaneous opens end with two SYN,ACKs. */
void
find_split_handshake(struct reading *r)
{
    struct tcpstate_finding *finding;

    if (!r->c->simultaneous || r->snd->syn_ack_sent || !r->rcv->syn_ack_sent || r->seg->from == r->c->client)
        return;
    finding = find(r, TCPSTATE_FINDING_split_handshake, r->snd);
    finding->lesser = true;
    finding->detail = TCPSTATE_DETAIL_SYN_AND_ACK;
    finding->related = r->snd->last_frame;
}

/* Of the same connection: a new one, whose SYN was missed, has numbers of its own. */
static bool
is_near(uint32_t a, uint32_t b)
{
    return a - b < NEAR || b - a < NEAR;
}

static void
find_fin_moved(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);
    struct tcpstate_finding *finding;

    if (!has(r->seg, TCPSTATE_FIN) || !r->seg->length_known || end == self->fin_end || !is_near(end, self->fin_end))
        return;
    finding = find(r, TCPSTATE_FINDING_fin_moved, self);
    set_numbers(finding, self, end - 1, self->fin_end - 1);
    finding->related = self->last_frame;
}

static void
find_data_after_fin(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);
    struct tcpstate_finding *finding;

    if (r->seg->payload == 0 || has(r->seg, TCPSTATE_FIN) || seq_lt(end, self->fin_end) || !is_near(r->seg->seq, self->fin_end))
        return;
    finding = find(r, TCPSTATE_FINDING_data_after_fin, self);
    set_numbers(finding, self, r->seg->seq, self->fin_end - 1);
    finding->count = r->seg->payload;
    finding->related = self->last_frame;
}

static void
find_ack_beyond_fin(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    uint32_t ack = r->seg->ack;
    struct tcpstate_finding *finding;

    if (!seq_gt(ack, peer->fin_end) || !is_near(ack, peer->fin_end) || !self->snd_known || r->seg->seq != self->snd_nxt)
        return;
    finding = find(r, TCPSTATE_FINDING_ack_beyond_fin, self);
    set_numbers(finding, peer, ack, peer->fin_end);
    finding->related = peer->last_frame;
}

/* A FIN is the last that an end sends, and the last that can be acknowledged. */
void
find_beyond_fin(struct reading *r)
{
    if (r->c->to_itself)
        return;
    if (r->snd->fin_sent) {
        find_fin_moved(r);
        find_data_after_fin(r);
    }
    if (r->rcv->fin_sent && r->snd->state != TCPSTATE_CLOSED && r->snd->state != TCPSTATE_LISTEN)
        find_ack_beyond_fin(r);
}
