/* The entry of the engine: reads a segment with the rules for its flags, and fills in the outcome.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../findings/doubt.h"
#include "../findings/flags.h"
#include "../findings/handshake.h"
#include "../findings/origin.h"
#include "../findings/raise.h"
#include "../findings/stuck.h"
#include "../findings/watch.h"
#include "../model/history.h"
#include "../model/identity.h"
#include "../model/numbers.h"
#include "../model/state.h"
#include "../record/letters.h"
#include "challenge.h"
#include "copies.h"
#include "expected.h"
#include "opening.h"

/* Ends TIME_WAIT after 2MSL, by the clock of the capture. Where a SYN challenges the connection, TIME_WAIT ends in the old connection too.
 */
static void
expire_time_wait(struct reading *r)
{
    for (int end = 0; end < 2; end++) {
        struct tcpstate_peer *peer = &r->c->peer[end];

        if (peer->state != TCPSTATE_TIME_WAIT || r->observer->two_msl <= 0 || r->seg->time - peer->waits_since <= r->observer->two_msl)
            continue;
        apply_event(r, peer, TCPSTATE_TWO_MSL, TCPSTATE_PRESUMED);
        peer->fin_acked = false; /* it is over, and not only presumed to have received the ACK of its FIN */
        peer->time_wait_over = true;
        if (r->c->challenging && end != r->c->client) {
            r->c->before->peer[end].state = peer->state;
            r->c->before->peer[end].fin_acked = false;
        }
    }
}

/* A segment with none of SYN, RST and ACK: every stack drops it, so it changes no state (RFC 9293 section 3.10.7.4). */
static void
read_without_ack(struct reading *r)
{
    bool has_fin = has(r->seg, TCPSTATE_FIN);

    if (r->c == NULL) {
        open_connection(r, r->seg->from, TCPSTATE_CLOSED, TCPSTATE_LISTEN);
        if (has_fin)
            raise_finding(r, TCPSTATE_FINDING_fin_unknown, r->snd)->detail = TCPSTATE_DETAIL_FIN_SCAN;
    }
    if (r->snd->state != TCPSTATE_SYN_SENT)
        return;
    if (has_fin)
        raise_finding(r, TCPSTATE_FINDING_fin_before_established, r->snd)->detail = TCPSTATE_DETAIL_WITHOUT_ACK;
    if (r->seg->payload > 0)
        report_early_data(r, r->snd, r->seg->payload)->detail = TCPSTATE_DETAIL_WITHOUT_ACK;
}

static void
read_segment(struct reading *r)
{
    if (r->c != NULL && (has(r->seg, TCPSTATE_FIN) || (r->seg->flags & (TCPSTATE_SYN | TCPSTATE_ACK)) == (TCPSTATE_SYN | TCPSTATE_ACK)) &&
        !has(r->seg, TCPSTATE_RST))
        report_origin(r);
    if (has(r->seg, TCPSTATE_RST))
        read_reset(r);
    else if (!has(r->seg, TCPSTATE_SYN | TCPSTATE_ACK))
        read_without_ack(r);
    else if (!has(r->seg, TCPSTATE_ACK))
        read_syn(r);
    else if (has(r->seg, TCPSTATE_SYN))
        read_syn_ack(r);
    else
        read_ack(r);
}

static void
count_segment(struct tcpstate_connection *c, const struct tcpstate_segment *seg)
{
    struct tcpstate_peer *peer = &c->peer[seg->from];

    peer->segments++;
    peer->bytes += seg->payload;
    c->end_frame = seg->frame;
}

/* The segment only advances sequence numbers and windows: see expected.c. */
static void
read_expected(struct reading *r)
{
    watch_expected(r);
    advance_numbers(r);
    note_last_segment(r);
    count_segment(r->c, r->seg);
    r->out->expected = true;
}

/* A copy changes nothing, but the network may have made it: then a copied SYN arrives twice, and is answered twice. */
static void
note_copy(struct reading *r)
{
    if (r->pair->now != NULL)
        r->pair->now->peer[r->seg->from].copies++;
    if (r->pair->now == NULL || (r->seg->flags & (TCPSTATE_SYN | TCPSTATE_ACK | TCPSTATE_RST)) != TCPSTATE_SYN)
        return;
    read_in(r, r->pair->now);
    if (r->snd->iss_known && r->snd->iss == r->seg->seq)
        r->snd->syn_copied = true;
}

void
tcpstate_observe(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                 struct tcpstate_outcome *outcome)
{
    struct reading r = {.observer = observer, .pair = pair, .out = outcome, .seg = segment};
    struct tcpstate_segment effective;

    if (effective_flags(segment->flags) != segment->flags) {
        effective = *segment;
        effective.flags = effective_flags(segment->flags);
        r.seg = &effective;
    }
    if (observer->history == NULL)
        observer->history = observer->new_memory(observer->owner, sizeof *observer->history);
    begin_outcome(&r);
    if (is_copy(&r)) {
        note_copy(&r);
        return;
    }
    if (pair->now != NULL) {
        read_in(&r, pair->now);
        if (!observer->thorough && is_expected(&r)) {
            read_expected(&r);
            return;
        }
        report_half_closed(&r);
        settle_doubt(&r);
        expire_time_wait(&r);
    }
    read_segment(&r);
    report_header(&r, segment->flags);
    add_letters(&r, segment->flags);
    note_last_segment(&r);
    if (pair->now != NULL)
        count_segment(pair->now, segment);
    outcome->connection = pair->now;
}

void
tcpstate_observe_bad_checksum(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                              struct tcpstate_outcome *outcome)
{
    struct reading r = {.observer = observer, .pair = pair, .out = outcome, .seg = segment};

    begin_outcome(&r);
    if (pair->now == NULL)
        return;
    read_in(&r, pair->now);
    add_bad_checksum_letter(&r);
}
