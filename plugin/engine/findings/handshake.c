/* Findings about SYNs, SYN,ACKs and the third segment of a handshake: RFC 9293 section 3.5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "handshake.h"

#include "../model/history.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "doubt.h"
#include "raise.h"
#include "stuck.h"

/* 127 s, in nanoseconds. Linux gives up 1 + 2 + 4 + ... + 64 s after its first SYN; other stacks give up sooner. */
#define SYN_GIVE_UP_TIME INT64_C(127000000000)

/* 60 s, in nanoseconds. For so long Linux before 4.12, with tcp_tw_recycle, held SYNs of an address to its last timestamp. */
#define TIMESTAMP_KEPT_TIME INT64_C(60000000000)

#define LARGEST_SYN_WINDOW 0xffffu /* bytes; the window in a SYN is never scaled (RFC 7323 section 2.2) */

void
report_late_syn(struct reading *r)
{
    struct tcpstate_finding *finding;

    if (!r->snd->syn_sent)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_syn_retransmitted, r->snd);
    finding->detail = TCPSTATE_DETAIL_LATE_COPY;
    finding->related = r->snd->last_frame;
    finding->gap = r->seg->time - r->snd->last_sent;
}

void
report_changed_syn(struct reading *r, const struct tcpstate_peer *old)
{
    int64_t gap = r->seg->time - old->last_sent;
    struct tcpstate_finding *finding;

    if (!is_syn_unanswered(old) || gap > SYN_GIVE_UP_TIME)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_syn_changed_seq, r->snd);
    finding->seq_is_relative = false;
    finding->expected = old->iss;
    finding->related = old->last_frame;
    finding->gap = gap;
}

void
report_changed_syn_ack(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *sender, uint32_t number, uint32_t before)
{
    bool asked = r->rcv->last_frame > r->snd->last_frame;
    struct tcpstate_finding *finding = raise_finding(r, id, r->snd);

    set_finding_numbers(finding, sender, number, before);
    finding->seq_is_relative = sender == r->rcv && sender->iss_known;
    finding->lesser = asked || !r->rcv->syn_sent;
    if (!r->rcv->syn_sent)
        finding->detail = TCPSTATE_DETAIL_NO_SYN_CAPTURED;
    else
        finding->detail = (uint8_t)(asked ? TCPSTATE_DETAIL_SYN_BETWEEN : TCPSTATE_DETAIL_NO_SYN_BETWEEN);
    finding->related = r->snd->last_frame;
}

void
doubt_syn_ack(struct reading *r)
{
    const struct tcpstate_peer *peer = r->rcv;

    if (peer->state == TCPSTATE_SYN_SENT && peer->syn_sent && !is_of_predecessor(r->c, !r->seg->from, r->seg->ack) && !acks_earlier_syn(r))
        raise_doubt(r, TCPSTATE_FINDING_synack_bad_ack, r->seg->ack, peer->iss + 1);
}

void
report_wrong_direction(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;

    if (self->state != TCPSTATE_SYN_SENT || !self->syn_sent)
        return;
    if (self->iss != r->seg->seq && peer->syn_ack_sent && !r->c->simultaneous)
        raise_finding(r, TCPSTATE_FINDING_synack_wrong_direction, self);
    else if (!peer->syn_sent)
        raise_doubt(r, TCPSTATE_FINDING_synack_wrong_direction, r->seg->ack, r->seg->ack);
}

struct tcpstate_finding *
report_early_data(struct reading *r, const struct tcpstate_peer *self, uint32_t bytes)
{
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_data_before_established, self);

    finding->count = bytes;
    return finding;
}

void
report_wrong_early_ack(struct reading *r)
{
    const struct tcpstate_peer *self = r->rcv;
    struct tcpstate_finding *finding;

    if (self->fin_sent) {
        finding = raise_finding(r, TCPSTATE_FINDING_fin_before_established, self);
        set_finding_numbers(finding, self, self->fin_end - 1, self->fin_end - 1);
        finding->related = self->last_frame;
    } else if (self->snd_nxt != self->iss + 1) {
        finding = report_early_data(r, self, self->snd_nxt - self->iss - 1);
        set_finding_numbers(finding, self, self->iss + 1, self->iss + 1);
        finding->related = r->c->last_from == r->seg->from ? 0 : r->c->last_frame;
    } else {
        return;
    }
    finding->detail = TCPSTATE_DETAIL_WRONG_ACK;
}

void
report_unasked_syn_ack(struct reading *r, const struct tcpstate_peer *server, enum tcpstate_detail detail)
{
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_synack_unasked, server);

    finding->detail = (uint8_t)detail;
    finding->related = server->last_frame;
}

/* An earlier SYN between the same addresses, which was answered, and whose timestamp is newer than this one; NULL for none. */
static const struct tcpstate_syn *
find_newer_syn(const struct reading *r)
{
    const struct tcpstate_history *history = r->observer->history;
    uint32_t tsval = r->seg->options.tsval;

    for (int i = 0; i < TCPSTATE_SYNS_MAX; i++) {
        const struct tcpstate_syn *syn = &history->syns[i];
        int64_t gap = r->c->first_time - syn->time;

        if (syn->frame != 0 && syn->hosts == r->seg->hosts && syn->pair != r->pair && gap >= 0 && gap <= TIMESTAMP_KEPT_TIME &&
            syn->tsval != 0 && seq_gt(syn->tsval, tsval) && syn->pair->now != NULL && has_syn_ack(syn->pair->now))
            return syn;
    }
    return NULL;
}

void
report_older_timestamp(struct reading *r)
{
    const struct tcpstate_syn *syn = r->seg->hosts != 0 && r->seg->options.tsval != 0 ? find_newer_syn(r) : NULL;
    struct tcpstate_finding *finding;

    if (syn == NULL || r->rcv->syn_ack_sent)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_syn_older_timestamp, r->snd);
    finding->seq = r->seg->options.tsval;
    finding->expected = syn->tsval;
    finding->related = syn->frame;
    finding->gap = r->c->first_time - syn->time;
}

void
report_syn_ack_again(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    bool fast_open = r->rcv->fast_open || r->rcv->snd_nxt != r->rcv->iss + 1;

    if (r->snd->rcv_known && seg->ack != r->snd->rcv_nxt && r->snd->state == TCPSTATE_SYN_RCVD && !fast_open)
        report_changed_syn_ack(r, TCPSTATE_FINDING_synack_changed_ack, r->rcv, seg->ack, r->snd->rcv_nxt);
    else if (r->snd->state >= TCPSTATE_ESTABLISHED && r->rcv->syn_sent && !r->rcv->fast_open && seg->ack != r->rcv->iss + 1)
        report_changed_syn_ack(r, TCPSTATE_FINDING_synack_changed_ack, r->rcv, seg->ack, r->rcv->iss + 1);
    if (r->snd->retries == 0 && !r->rcv->syn_sent && !r->rcv->first_known)
        report_unasked_syn_ack(r, r->snd, TCPSTATE_DETAIL_MET_NOTHING);
    report_retry(r, r->snd, TCPSTATE_FINDING_synack_retransmitted, false);
}

void
report_bad_handshake_ack(struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    const struct tcpstate_segment *seg = r->seg;
    bool at_once = seg->time - peer->last_sent <= 2 * (peer->last_sent - r->c->first_time);
    uint32_t most = peer->snd_nxt + (at_once ? LARGEST_SYN_WINDOW : MAX_WINDOW);
    struct tcpstate_finding *finding;

    if (!peer->syn_ack_sent || !self->syn_sent || self->last_frame > peer->last_frame || self->first_seq != seg->seq ||
        is_of_predecessor(r->c, !seg->from, seg->ack - 1))
        return;
    if (seg->ack != peer->iss + 1 && (seg->seq != self->iss + 1 || (seq_gt(seg->ack, peer->iss) && seq_le(seg->ack, most)))) {
        raise_doubt(r, TCPSTATE_FINDING_handshake_bad_ack, seg->ack, peer->iss + 1);
        return;
    }
    if (seg->seq != self->iss + 1 || seg->ack == peer->iss + 1)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_handshake_bad_ack, self);
    set_finding_numbers(finding, peer, seg->ack, peer->iss + 1);
    finding->detail = TCPSTATE_DETAIL_NOT_SEEN;
    finding->related = peer->last_frame;
}

void
report_split_handshake(struct reading *r)
{
    struct tcpstate_finding *finding;

    if (!r->c->simultaneous || r->snd->syn_ack_sent || !r->rcv->syn_ack_sent || r->seg->from == r->c->client)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_split_handshake, r->snd);
    finding->lesser = true;
    finding->detail = TCPSTATE_DETAIL_SYN_AND_ACK;
    finding->related = r->snd->last_frame;
}
