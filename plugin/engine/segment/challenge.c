/* Decides which connection an ACK or a RST belongs to. A SYN with another ISN against an open connection is kept beside it until
 * an answer decides (RFC 9293 section 3.10.7.4, RFC 5961 section 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "challenge.h"

#include "../findings/challenging_syn.h"
#include "../findings/doubt.h"
#include "../findings/missed.h"
#include "../findings/origin.h"
#include "../findings/raise.h"
#include "../findings/watch.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "reset.h"
#include "synchronized.h"

/* Begins a connection for a segment that belongs to no known one. */
static void
open_if_unknown(struct reading *r)
{
    if (r->c != NULL && !is_of_unseen_connection(r))
        return;
    open_midway(r);
    raise_finding(r, has(r->seg, TCPSTATE_FIN) ? TCPSTATE_FINDING_fin_unknown : TCPSTATE_FINDING_picked_up, r->snd)->detail =
        TCPSTATE_DETAIL_ASSUMED_BEFORE;
}

/* The segment was read in the old connection, but its outcome is that of the challenging one. From change `first` on, keeps only the
 * changes of the segment's sender: the other end is in its new connection. `from` is the sender's state in the challenging connection
 * before the segment. Where its state in the old connection was different (a RST had closed it), one change from `from` to the present
 * state replaces the others. */
static void
translate_changes(struct reading *r, uint8_t first, uint8_t from)
{
    struct tcpstate_outcome *out = r->out;
    uint8_t kept = first;

    for (uint8_t i = first; i < out->change_count; i++)
        if (out->change[i].end == r->seg->from)
            out->change[kept++] = out->change[i];
    out->change_count = kept;
    if ((kept > first ? out->change[first].from : r->snd->state) == from)
        return;
    out->change_count = first;
    if (from != r->snd->state && first < TCPSTATE_CHANGES_MAX)
        out->change[out->change_count++] = (struct tcpstate_change){
            .end = r->seg->from, .from = from, .to = r->snd->state, .event = TCPSTATE_SND_AFTER_RST};
}

/* The receiver of a challenging SYN sent a segment with the old numbers: `read` reads it in the old connection. The SYN's sender keeps its
 * state. */
static void
read_in_old_connection(struct reading *r, void (*read)(struct reading *))
{
    struct tcpstate_connection *challenger = r->c;
    uint8_t state_before = r->snd->state, first = r->out->change_count;

    read_in(r, challenger->before);
    read(r);
    if (r->c != challenger->before)
        return; /* it belongs to neither of the two, and began its own connection */
    note_last_segment(r);
    translate_changes(r, first, state_before);
    copy_old_end(&challenger->peer[r->seg->from], r->snd);
    r->c = challenger;
}

static void
read_old_ack(struct reading *r)
{
    r->rcv->syn_repeated = true;
    open_if_unknown(r);
    read_synchronized(r);
}

/* Whether the segment is a challenge ACK: it has nothing but the numbers that its sender had before. */
static bool
is_challenge_ack(const struct reading *r)
{
    const struct tcpstate_peer *self = &r->c->before->peer[r->seg->from];

    return r->seg->payload == 0 && !has(r->seg, TCPSTATE_FIN) && self->rcv_known && r->seg->ack == self->rcv_nxt && self->snd_known &&
           r->seg->seq == self->snd_nxt;
}

/* An ACK with the old numbers from the receiver of a challenging SYN: a challenge ACK, or what it was about to send. */
static void
read_ack_of_challenged(struct reading *r)
{
    struct tcpstate_connection *challenger = r->c;

    if (is_challenge_ack(r)) {
        report_challenging_syn(r, TCPSTATE_DETAIL_OLD_ACK);
        read_in(r, challenger->before);
        report_challenge(r, challenger->peer[challenger->client].last_frame);
        read_in(r, challenger);
    }
    read_in_old_connection(r, read_old_ack);
    challenger->peer[r->seg->from].syn_due = false;
}

/* The SYN's sender sent a segment with the old numbers: the SYN was stale or forged, and the old connection is valid. */
static void
keep_old_connection(struct reading *r)
{
    bool in_order = r->seg->time - r->snd->last_sent > COPY_TIME;

    if (in_order && (r->seg->payload > 0 || has(r->seg, TCPSTATE_FIN)))
        report_challenging_syn(r, TCPSTATE_DETAIL_WENT_ON);
    abandon_connection(r, r->c);
    r->pair->now = r->c->before;
    read_in(r, r->pair->now);
}

/* A SYN challenges the connection: finds which of the two connections the ACK belongs to. Returns true where it was read in the old one. */
static bool
settle_challenge(struct reading *r)
{
    int client = r->c->client;
    const struct tcpstate_peer *old = r->c->before->peer, *old_client = &old[client], *old_server = &old[!client];

    if (r->seg->from == client) {
        if (is_after_syn(r->c, client, r->seg->seq, old_client->snd_nxt, old_client->snd_known))
            keep_new_connection(r);
        else
            keep_old_connection(r);
        return false;
    }
    if (!is_after_syn(r->c, client, r->seg->ack, old_server->rcv_nxt, old_server->rcv_known) && !acks_earlier_syn(r)) {
        read_ack_of_challenged(r);
        return true;
    }
    keep_new_connection(r); /* the capture missed its SYN,ACK */
    return false;
}

void
read_ack(struct reading *r)
{
    open_if_unknown(r);
    if (r->c->challenging && settle_challenge(r))
        return;
    read_synchronized(r);
}

/* Whether the RST is of the end that a SYN challenges, with the number that it would use next in the old connection. */
static bool
ends_old_connection(const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    const struct tcpstate_peer *self;

    if (r->c == NULL || !r->c->challenging || seg->from == r->c->client || (has(seg, TCPSTATE_ACK) && covers_syn(r->rcv, seg->ack)))
        return false;
    self = &r->c->before->peer[seg->from];
    return self->snd_known && seg->seq == self->snd_nxt;
}

/* Whether the end has sent the same RST just before. Where other segments are between, it may answer one of them, so it is read, but it is
 * reported once. */
static bool
is_rst_again(const struct tcpstate_last_rst *last, const struct tcpstate_segment *seg)
{
    return last->frame != 0 && seg->time - last->time < COPY_TIME && last->time - seg->time < COPY_TIME && seg->seq == last->seq &&
           seg->ack == last->ack;
}

/* Returns whether the RST is a copy that has nothing to say. */
static bool
note_last_rst(struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    struct tcpstate_last_rst *last = &reset_of(r, r->c)->last[seg->from];
    bool answered = last->answered;

    r->is_quiet = is_rst_again(last, seg);
    if (r->is_quiet)
        count_rst_copy(r);
    *last = (struct tcpstate_last_rst){
        .time = seg->time, .frame = seg->frame, .seq = seg->seq, .ack = seg->ack, .acks = has(seg, TCPSTATE_ACK)};
    return r->is_quiet && !answered;
}

void
read_reset(struct reading *r)
{
    bool refuses = r->c != NULL && r->c->challenging && r->seg->from != r->c->client && has(r->seg, TCPSTATE_ACK) &&
                   covers_syn(r->rcv, r->seg->ack);

    if (r->c != NULL) {
        if (note_last_rst(r))
            return;
        report_origin(r);
        watch_direction(r);
    }
    if (ends_old_connection(r)) {
        read_in_old_connection(r, read_rst_of_challenged);
        return;
    }
    if (refuses) { /* the RST answers the SYN, so its sender does not have the old connection */
        if (r->snd->state == TCPSTATE_TIME_WAIT)
            report_challenging_syn(r, TCPSTATE_DETAIL_MET_RST);
        keep_new_connection(r);
    }
    read_rst(r);
}
