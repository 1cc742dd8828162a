/* Findings about sequence numbers beyond a FIN. A FIN is the last number that an end sends, and so the last that can be
 * acknowledged (RFC 9293 section 3.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "after_fin.h"

#include "../model/numbers.h"
#include "raise.h"

static void
report_fin_moved(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);
    struct tcpstate_finding *finding;

    if (!has(r->seg, TCPSTATE_FIN) || !r->seg->length_known || end == self->fin_end || !is_near(end, self->fin_end))
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_fin_moved, self);
    set_finding_numbers(finding, self, end - 1, self->fin_end - 1);
    finding->related = self->last_frame;
}

static void
report_data_after_fin(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd;
    uint32_t end = tcpstate_seg_end(r->seg);
    struct tcpstate_finding *finding;

    if (r->seg->payload == 0 || has(r->seg, TCPSTATE_FIN) || seq_lt(end, self->fin_end) || !is_near(r->seg->seq, self->fin_end))
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_data_after_fin, self);
    set_finding_numbers(finding, self, r->seg->seq, self->fin_end - 1);
    finding->count = r->seg->payload;
    finding->related = self->last_frame;
}

static void
report_ack_beyond_fin(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    uint32_t ack = r->seg->ack;
    struct tcpstate_finding *finding;

    if (!seq_gt(ack, peer->fin_end) || !is_near(ack, peer->fin_end) || !self->snd_known || r->seg->seq != self->snd_nxt)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_ack_beyond_fin, self);
    set_finding_numbers(finding, peer, ack, peer->fin_end);
    finding->related = peer->last_frame;
}

void
report_beyond_fin(struct reading *r)
{
    if (r->c->to_itself)
        return;
    if (r->snd->fin_sent) {
        report_fin_moved(r);
        report_data_after_fin(r);
    }
    if (r->rcv->fin_sent && r->snd->reset == TCPSTATE_NOT_RESET && r->snd->state != TCPSTATE_LISTEN)
        report_ack_beyond_fin(r);
}
