/* Segments after a RST: which of them show that it did not end the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "after_reset.h"

#include "../findings/raise.h"
#include "../model/numbers.h"
#include "../model/state.h"

/* 1 s, in nanoseconds: longer than queues hold a segment back. */
#define LONGEST_QUEUE INT64_C(1000000000)

/* Whether the segment is too late to have crossed the RST. */
static bool
is_late(struct reading *r)
{
    return !may_have_crossed(r, reset_of(r, r->c)->time);
}

/* Whether the RST of that end was beyond all that the end is known to have sent. A stack sends its RSTs at SND.NXT. */
static bool
is_beyond_own_number(struct reading *r, const struct tcpstate_peer *peer)
{
    return peer->reset == TCPSTATE_RESET_BY_SELF && peer->snd_known && seq_gt(reset_of(r, r->c)->seq[end_of(r, peer)], peer->snd_nxt);
}

/* Whether the segment was sent after its sender's own RST: it has new data, or a newer ACK than before and than the RST. Segments from
 * before the RST, which were captured late, have old ones. */
static bool
left_after_own_rst(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    const struct tcpstate_reset *reset = reset_of(r, r->c);
    bool new_data = seg->payload != 0 && seq_gt(tcpstate_seg_end(seg), reset->sent[seg->from]);
    const struct tcpstate_last_rst *rst = &reset->last[seg->from];
    bool known_ack = rst->acks && seq_le(seg->ack, rst->ack);
    bool newer_ack = has(seg, TCPSTATE_ACK) && !known_ack && (!r->snd->rcv_known || seq_gt(seg->ack, r->snd->rcv_nxt));

    return new_data || newer_ack || (is_beyond_own_number(r, r->snd) && is_late(r));
}

/* Whether a listener sent the RST, to the ACK of a handshake: its queue was full. The next segment may open the connection all the same,
 * with the number of a SYN cookie. */
static bool
is_of_listener(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;

    return self->from_listen && self->iss_known && r->c->reset->sent[r->seg->from] == self->iss + 1;
}

static void
report_rst_ignored(struct reading *r, bool own)
{
    struct tcpstate_reset *reset = reset_of(r, r->c);
    struct tcpstate_finding *finding;

    r->snd->rst_open = TCPSTATE_RST_SETTLED;
    if (reset->ignored)
        return;
    reset->ignored = true;
    if (own && is_of_listener(r))
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_rst_ignored, r->snd);
    finding->detail = (uint8_t)(own ? TCPSTATE_DETAIL_OWN_RST_IGNORED : TCPSTATE_DETAIL_RST_IGNORED);
    finding->related = reset->frame;
    finding->gap = r->seg->time - reset->time;
}

static void
report_crossed(struct reading *r)
{
    struct tcpstate_reset *reset = reset_of(r, r->c);
    struct tcpstate_finding *finding;

    if (r->seg->payload == 0 || reset->crossed)
        return;
    reset->crossed = true;
    finding = raise_finding(r, TCPSTATE_FINDING_data_after_rst, r->snd);
    finding->count = r->seg->payload;
    finding->related = reset->frame;
}

/* The target of a RST that was beyond its sender's numbers answers with a challenge ACK: the RST was not its sender's. */
static void
take_back_forged_rst(struct reading *r)
{
    struct tcpstate_peer *forged = r->rcv;
    const struct tcpstate_segment *seg = r->seg;
    bool is_old_ack = seg->payload == 0 && !has(seg, TCPSTATE_SYN | TCPSTATE_FIN) && seg->ack == r->snd->rcv_nxt &&
                      seg->seq == r->snd->snd_nxt;

    if (!is_old_ack || !is_beyond_own_number(r, forged))
        return;
    set_state(r, forged, TCPSTATE_RST_CHALLENGED, (enum tcpstate_state)forged->former_state, (enum tcpstate_basis)forged->former_basis);
    forged->reset = TCPSTATE_NOT_RESET;
    r->snd->rst_open = TCPSTATE_RST_SETTLED;
}

void
take_back_rst(struct reading *r)
{
    struct tcpstate_peer *self = r->snd;
    bool own = self->reset == TCPSTATE_RESET_BY_SELF;
    struct tcpstate_reset *reset;
    bool out_of_order;

    if (self->rst_open == TCPSTATE_RST_UNCERTAIN) {
        self->rst_open = TCPSTATE_RST_SETTLED;
        reset_of(r, r->c)->survived = true;
        take_back_forged_rst(r);
    }
    if (self->reset == TCPSTATE_NOT_RESET || (self->state != TCPSTATE_CLOSED && self->state != TCPSTATE_LISTEN))
        return;
    reset = reset_of(r, r->c);
    out_of_order = r->seg->time - reset->time < COPY_TIME && self->former_state >= TCPSTATE_SYN_SENT;
    if (own && !left_after_own_rst(r)) {
        report_crossed(r);
        return;
    }
    set_state(r, self, TCPSTATE_SND_AFTER_RST, (enum tcpstate_state)self->former_state, (enum tcpstate_basis)self->former_basis);
    self->reset = TCPSTATE_NOT_RESET;
    reset->survived |= !own;
    self->rst_open = !own && !reset->ignored ? TCPSTATE_RST_DUE : TCPSTATE_RST_SETTLED;
    if (!own)
        take_back_forged_rst(r);
    if (own && out_of_order)
        self->rst_open = TCPSTATE_RST_DOUBTED;
    else if (own)
        report_rst_ignored(r, true);
    else if (!is_late(r))
        report_crossed(r);
}

/* Whether the target of the RST certainly goes on: it acknowledges what the RST's sender sent after the RST, or sends so late that nothing
 * of it can have left before the RST arrived. Queues hold segments back for up to 250 ms. */
static bool
outlives_rst(struct reading *r, const struct tcpstate_reset *reset)
{
    bool newer_ack = has(r->seg, TCPSTATE_ACK) && r->rcv->reset == TCPSTATE_RESET_BY_SELF &&
                     seq_gt(r->seg->ack, reset->sent[!r->seg->from]) && seq_le(r->seg->ack, r->rcv->snd_nxt);

    return newer_ack || (is_late(r) && r->seg->time - reset->time > LONGEST_QUEUE);
}

void
report_rst_if_ignored(struct reading *r)
{
    const struct tcpstate_reset *reset;

    if (r->snd->rst_open != TCPSTATE_RST_DOUBTED && r->snd->rst_open != TCPSTATE_RST_DUE)
        return;
    reset = reset_of(r, r->c);
    if (r->snd->rst_open == TCPSTATE_RST_DOUBTED ? r->seg->time - reset->time > COPY_TIME : outlives_rst(r, reset))
        report_rst_ignored(r, r->snd->rst_open == TCPSTATE_RST_DOUBTED);
}
