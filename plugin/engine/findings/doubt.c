/* Decides doubts. A segment that looks wrong may only show that the capture has missed other segments; the next segments
 * of its receiver show which of the two is true.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "doubt.h"

#include "../model/numbers.h"
#include "raise.h"

struct tcpstate_doubt *
raise_doubt(struct reading *r, enum tcpstate_finding_id id, uint32_t seq, uint32_t expected)
{
    struct tcpstate_doubt *doubt;

    if (r->is_quiet)
        return NULL;
    r->c->watched = true;
    doubt = &watch_of(r)->stream[!r->seg->from].doubt;
    *doubt = (struct tcpstate_doubt){.id = (uint8_t)id, .frame = r->seg->frame, .time = r->seg->time, .seq = seq, .expected = expected};
    return doubt;
}

static bool
is_bare_ack(const struct tcpstate_segment *seg)
{
    return seg->payload == 0 && !has(seg, TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST) && has(seg, TCPSTATE_ACK);
}

/* A bare ACK with the numbers that its sender had before. A stack sends it when it does not accept a segment (RFC 9293 section 3.10.7.4).
 */
static bool
is_old_ack(const struct reading *r)
{
    return is_bare_ack(r->seg) && r->snd->rcv_known && r->seg->ack == r->snd->rcv_nxt && r->snd->snd_known &&
           r->seg->seq == r->snd->snd_nxt;
}

static bool
is_round_trip_later(const struct reading *r, const struct tcpstate_doubt *d)
{
    return r->seg->time - d->time > round_trip(r->c);
}

/* What a segment of the receiver shows about the doubtful segment: nothing; that it was correct; that it was wrong. */
enum verdict { UNDECIDED, UNFOUNDED, CERTAIN };

static enum verdict
verdict_on_rst(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (has(r->seg, TCPSTATE_RST) || !has(r->seg, TCPSTATE_ACK))
        return UNDECIDED;
    if (!d->reported && seq_ge(r->seg->ack, d->seq))
        return UNFOUNDED; /* the capture missed the data up to the number of the RST */
    return is_old_ack(r) || is_round_trip_later(r, d) ? CERTAIN : UNDECIDED;
}

static enum verdict
verdict_on_ack(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (seq_ge(tcpstate_seg_end(r->seg), d->seq))
        return UNFOUNDED;
    if (r->seg->time - d->time < COPY_TIME || d->seq - d->expected == 1)
        return UNDECIDED; /* the data may be captured in the wrong order; or one byte was missed, and this is a keep-alive probe */
    return is_bare_ack(r->seg) && r->seg->seq == d->expected ? CERTAIN : UNDECIDED;
}

static enum verdict
verdict_on_right_edge(const struct reading *r, const struct tcpstate_doubt *d)
{
    const struct tcpstate_options *options = &r->seg->options;

    if (seq_gt(r->seg->ack, d->seq) || ((options->present & TCPSTATE_OPTION_SACK) != 0 && seq_gt(options->sack_edge, d->seq)))
        return UNFOUNDED;
    return is_bare_ack(r->seg) && is_round_trip_later(r, d) ? CERTAIN : UNDECIDED;
}

static enum verdict
verdict_on_syn_ack(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (r->seg->ack == d->seq + 1)
        return UNFOUNDED; /* it opens a connection whose SYN was not captured */
    return is_old_ack(r) ? CERTAIN : UNDECIDED;
}

/* The receiver drops the segment, and answers it with an ACK. */
static enum verdict
verdict_on_drop(const struct reading *r, const struct tcpstate_doubt *d)
{
    (void)d;
    if (!has(r->seg, TCPSTATE_ACK) || has(r->seg, TCPSTATE_RST))
        return UNDECIDED;
    if (!r->snd->rcv_known || seq_gt(r->seg->ack, r->snd->rcv_nxt))
        return UNFOUNDED;
    return is_old_ack(r) ? CERTAIN : UNDECIDED;
}

static enum verdict
verdict_on_direction(const struct reading *r, const struct tcpstate_doubt *d)
{
    bool rejected = has(r->seg, TCPSTATE_RST) && !has(r->seg, TCPSTATE_ACK) && r->seg->seq == d->seq;

    return rejected ? CERTAIN : UNFOUNDED;
}

static enum verdict
verdict_on_number(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (!has(r->seg, TCPSTATE_ACK) || has(r->seg, TCPSTATE_RST))
        return UNDECIDED;
    if (seq_ge(d->seq, d->expected) && seq_ge(r->seg->ack, d->seq))
        return UNFOUNDED; /* the capture missed the data up to that number */
    return is_old_ack(r) ? CERTAIN : UNDECIDED;
}

/* The receiver in SYN_RCVD rejects the ACK with a RST. */
static enum verdict
verdict_on_handshake_ack(const struct reading *r, const struct tcpstate_doubt *d)
{
    bool rejects = has(r->seg, TCPSTATE_RST) && !has(r->seg, TCPSTATE_ACK) && r->seg->seq == d->seq;

    return rejects ? CERTAIN : verdict_on_ack(r, d);
}

/* The receiver is in SYN_SENT. It ignored the segment if it sends its SYN again, or opens the connection after a RST; it rejects a SYN,ACK
 * with a RST. */
static enum verdict
verdict_on_answer_to_syn(const struct reading *r, const struct tcpstate_doubt *d)
{
    bool again = !has(r->seg, TCPSTATE_ACK | TCPSTATE_RST) && has(r->seg, TCPSTATE_SYN) && r->snd->iss_known && r->seg->seq == r->snd->iss;
    bool rejects = has(r->seg, TCPSTATE_RST) && !has(r->seg, TCPSTATE_ACK) && r->seg->seq == d->seq;
    bool opens = has(r->seg, TCPSTATE_ACK) && !has(r->seg, TCPSTATE_RST) && r->snd->iss_known && r->seg->seq == r->snd->iss + 1;

    if (d->id == TCPSTATE_FINDING_synack_bad_ack) /* where the SYNs have crossed, the segment takes the other end's SYN alone */
        return again || rejects || (opens && r->c->simultaneous) ? CERTAIN : UNFOUNDED;
    return again || opens ? CERTAIN : UNFOUNDED;
}

/* An earlier SYN of the same addresses and ports has a lower ISN on most stacks (RFC 6528). */
static void
explain_syn_ack(const struct reading *r, struct tcpstate_finding *finding)
{
    (void)r;
    finding->lesser = seq_lt(finding->seq, finding->expected) && finding->expected - finding->seq >= NEAR;
    finding->detail = (uint8_t)(finding->lesser ? TCPSTATE_DETAIL_EARLIER_SYN : TCPSTATE_DETAIL_NOT_TAKEN);
}

static void
explain_rejection(const struct reading *r, struct tcpstate_finding *finding)
{
    finding->detail = has(r->seg, TCPSTATE_RST) ? TCPSTATE_DETAIL_ACK_REJECTED : TCPSTATE_DETAIL_DROPPED;
}

static void
explain_drop(const struct reading *r, struct tcpstate_finding *finding)
{
    (void)r;
    finding->detail = TCPSTATE_DETAIL_DROPPED;
}

static void
explain_refusal(const struct reading *r, struct tcpstate_finding *finding)
{
    (void)r;
    finding->detail = TCPSTATE_DETAIL_STALE_OR_FORGED;
}

static const struct judge {
    enum tcpstate_finding_id id;
    enum verdict (*judge)(const struct reading *r, const struct tcpstate_doubt *d);
    bool of_receiver;   /* the numbers in the doubt are those that the receiver of the doubtful segment uses */
    bool is_challenged; /* the receiver answers with a challenge ACK */
    void (*explain)(const struct reading *r, struct tcpstate_finding *finding); /* says what the number may mean; may be NULL */
} judges[] = {
    {TCPSTATE_FINDING_rst_inexact, verdict_on_rst, false, true, NULL},
    {TCPSTATE_FINDING_rst_out_of_window, verdict_on_rst, false, false, NULL},
    {TCPSTATE_FINDING_ack_unsent_data, verdict_on_ack, true, false, NULL},
    {TCPSTATE_FINDING_segment_out_of_window, verdict_on_right_edge, false, false, NULL},
    {TCPSTATE_FINDING_synack_in_connection, verdict_on_syn_ack, false, true, NULL},
    {TCPSTATE_FINDING_paws_reject, verdict_on_drop, false, false, NULL},
    {TCPSTATE_FINDING_synack_wrong_direction, verdict_on_direction, true, false, NULL},
    {TCPSTATE_FINDING_handshake_bad_ack, verdict_on_handshake_ack, true, false, explain_rejection},
    {TCPSTATE_FINDING_ack_not_acceptable, verdict_on_number, false, false, explain_drop},
    {TCPSTATE_FINDING_fin_not_acceptable, verdict_on_number, false, false, NULL},
    {TCPSTATE_FINDING_ack_too_old, verdict_on_drop, true, true, NULL},
    {TCPSTATE_FINDING_synack_bad_ack, verdict_on_answer_to_syn, true, false, explain_syn_ack},
    {TCPSTATE_FINDING_refused_bad_ack, verdict_on_answer_to_syn, true, false, explain_refusal},
};

/* The finding of the doubt about a segment of `sender`. */
static struct tcpstate_finding *
raise_certain(struct reading *r, const struct tcpstate_doubt *d, const struct tcpstate_peer *sender, const struct tcpstate_peer *counts)
{
    struct tcpstate_finding *finding = raise_finding(r, (enum tcpstate_finding_id)d->id, sender);

    set_finding_numbers(finding, counts, d->seq, d->expected);
    finding->related = d->frame;
    finding->gap = r->seg->time - d->time;
    return finding;
}

/* What the receiver of the doubtful segment sends. */
static void
settle_by_receiver(struct reading *r, struct tcpstate_doubt *d)
{
    const struct judge *judge = judges;
    enum verdict verdict;

    while (judge->id != d->id)
        judge++;
    verdict = judge->judge(r, d);
    if (verdict == CERTAIN && !d->reported) {
        struct tcpstate_finding *finding = raise_certain(r, d, r->rcv, judge->of_receiver ? r->snd : r->rcv);

        if (judge->explain != NULL)
            judge->explain(r, finding);
    }
    if (verdict == CERTAIN && judge->is_challenged && is_old_ack(r))
        report_challenge(r, d->frame);
    if (verdict != UNDECIDED)
        d->frame = 0;
}

/* Whether the sender's sequence number is lower than before. An ACK without data has the next number, which only grows. */
static bool
goes_back(const struct reading *r, const struct tcpstate_doubt *d)
{
    return is_bare_ack(r->seg) && r->seg->seq == r->snd->snd_nxt && seq_lt(r->seg->seq, d->seq) &&
           r->seg->time - d->time >= MIN_CROSSING_TIME;
}

/* Whether the sender's ACK is lower than before, although it acknowledges data that the receiver has sent since. */
static bool
acks_less(const struct reading *r, const struct tcpstate_doubt *d)
{
    const struct tcpstate_peer *peer = r->rcv;

    return is_bare_ack(r->seg) && seq_lt(r->seg->ack, d->seq) && peer->snd_known && r->seg->ack == peer->snd_nxt &&
           peer->waits_since > d->time;
}

/* What the sender of the doubtful segment sends later. */
static void
settle_by_sender(struct reading *r, struct tcpstate_doubt *d)
{
    bool of_ack = d->id == TCPSTATE_FINDING_ack_unsent_data || d->id == TCPSTATE_FINDING_handshake_bad_ack;

    if ((d->id == TCPSTATE_FINDING_ack_not_acceptable && goes_back(r, d)) || (of_ack && acks_less(r, d))) {
        raise_certain(r, d, r->snd, of_ack ? r->rcv : r->snd)->detail = TCPSTATE_DETAIL_WENT_ON_BELOW;
        d->frame = 0;
    }
}

void
settle_doubt(struct reading *r)
{
    struct tcpstate_watch *w = r->c->watch;

    if (w == NULL)
        return;
    if (w->stream[r->seg->from].doubt.frame != 0)
        settle_by_receiver(r, &w->stream[r->seg->from].doubt);
    if (!r->c->to_itself && w->stream[!r->seg->from].doubt.frame != 0)
        settle_by_sender(r, &w->stream[!r->seg->from].doubt);
}

void
report_challenge(struct reading *r, uint32_t frame)
{
    struct tcpstate_stream *mine = &watch_of(r)->stream[r->seg->from];
    struct tcpstate_finding *finding = raise_finding(r, TCPSTATE_FINDING_challenge_ack, r->snd);

    r->c->watched = true;
    set_finding_numbers(finding, r->rcv, r->seg->ack, r->seg->ack);
    finding->related = frame;
    mine->challenge_frame = r->seg->frame;
    if (mine->challenges < UINT16_MAX)
        mine->challenges++;
    if (r->observer->limits.challenges > 0 && mine->challenges == r->observer->limits.challenges)
        raise_finding(r, TCPSTATE_FINDING_challenge_ack_loop, r->snd)->count = mine->challenges;
}
