/* What is told of SYNs and SYN,ACKs that are no change of state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

/* No stack waits longer for an answer to a SYN: 1 + 2 + ... + 64 s on Linux. */
#define SYN_GIVEN_UP INT64_C(127000000000)

/* It was answered already. A host that comes to life again with the same number would be another matter. */
void
find_late_syn(struct reading *r)
{
    struct tcpstate_finding *finding;

    if (!r->snd->syn_sent)
        return;
    finding = find(r, TCPSTATE_FINDING_syn_retransmitted, r->snd);
    finding->detail = TCPSTATE_DETAIL_LATE_COPY;
    finding->related = r->snd->last_frame;
    finding->gap = r->seg->time - r->snd->last_sent;
}

/* Its own SYN was not answered, and now it tries another number, sooner than a stack gives the first up. */
void
find_changed_syn(struct reading *r, const struct tcpstate_peer *old)
{
    int64_t gap = r->seg->time - old->last_sent;
    struct tcpstate_finding *finding;

    if (old->state != TCPSTATE_SYN_SENT || !old->iss_known || gap > SYN_GIVEN_UP)
        return;
    finding = find(r, TCPSTATE_FINDING_syn_changed_seq, r->snd);
    finding->seq_is_relative = false;
    finding->expected = old->iss;
    finding->related = old->last_frame;
    finding->gap = gap;
}

/* From SYN_RCVD, with another number than before. */
void
find_changed_syn_ack(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *space, uint32_t number, uint32_t before)
{
    bool asked = r->rcv->last_frame > r->snd->last_frame;
    struct tcpstate_finding *finding = find(r, id, r->snd);

    set_numbers(finding, space, number, before);
    finding->seq_is_relative = space == r->rcv && space->iss_known;
    finding->lesser = asked || !r->rcv->syn_sent;
    if (!r->rcv->syn_sent)
        finding->detail = TCPSTATE_DETAIL_NO_SYN_CAPTURED;
    else
        finding->detail = (uint8_t)(asked ? TCPSTATE_DETAIL_SYN_BETWEEN : TCPSTATE_DETAIL_NO_SYN_BETWEEN);
    finding->related = r->snd->last_frame;
}

/* A SYN,ACK that leaves SYN_SENT as it is; unless the capture has missed the SYN that it answers. */
void
find_bad_syn_ack(struct reading *r)
{
    const struct tcpstate_peer *peer = r->rcv;

    if (peer->state == TCPSTATE_SYN_SENT && peer->syn_sent && !is_of_predecessor(r->c, !r->seg->from, r->seg->ack))
        doubt(r, TCPSTATE_FINDING_synack_bad_ack, r->seg->ack, peer->iss + 1);
}

/* A SYN,ACK from an end that had sent a SYN is right only in answer to its peer's SYN, which the capture may have missed; then it has
 * its own SYN's number. */
void
find_wrong_direction(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    if (self->state != TCPSTATE_SYN_SENT || !self->syn_sent)
        return;
    if (self->iss != r->seg->seq && peer->syn_ack_sent && !r->c->simultaneous)
        find(r, TCPSTATE_FINDING_synack_wrong_direction, self);
    else if (!peer->syn_sent)
        doubt(r, TCPSTATE_FINDING_synack_wrong_direction, r->seg->ack, r->seg->ack);
}

/* The same SYN,ACK again, or one like it. */
void
find_syn_ack_again(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    bool fast_open = r->rcv->fast_open || r->rcv->snd_nxt != r->rcv->iss + 1;

    if (r->snd->rcv_known && seg->ack != r->snd->rcv_nxt && r->snd->state == TCPSTATE_SYN_RCVD && !fast_open)
        find_changed_syn_ack(r, TCPSTATE_FINDING_synack_changed_ack, r->rcv, seg->ack, r->snd->rcv_nxt);
    sent_again(r, r->snd, TCPSTATE_FINDING_synack_retransmitted, false);
}
