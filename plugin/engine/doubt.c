/* Doubts: a segment that looks wrong may only show that the capture has missed others. What its receiver sends next tells which.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

/* The segment is such a case; it is raised, and names this frame, when its receiver shows that nothing was missed. */
void
doubt(struct reading *r, enum tcpstate_finding_id id, uint32_t seq, uint32_t expected)
{
    r->c->watched = true;
    watch_of(r)->stream[!r->seg->from].doubt = (struct tcpstate_doubt){
        .id = (uint8_t)id, .frame = r->seg->frame, .time = r->seg->time, .seq = seq, .expected = expected};
}

static bool
is_bare_ack(const struct tcpstate_segment *seg)
{
    return seg->payload == 0 && !has(seg, TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST) && has(seg, TCPSTATE_ACK);
}

/* What a stack sends at once when something comes that it does not accept: the numbers that it has. */
static bool
is_old_ack(const struct reading *r)
{
    return is_bare_ack(r->seg) && r->snd->rcv_known && r->seg->ack == r->snd->rcv_nxt && r->snd->snd_known &&
           r->seg->seq == r->snd->snd_nxt;
}

static bool
a_round_trip_later(const struct reading *r, const struct tcpstate_doubt *d)
{
    return r->seg->time - d->time > round_trip(r->c);
}

enum verdict { OPEN, UNFOUNDED, CERTAIN };

static enum verdict
of_rst(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (has(r->seg, TCPSTATE_RST) || !has(r->seg, TCPSTATE_ACK))
        return OPEN;
    if (!d->told && seq_ge(r->seg->ack, d->seq))
        return UNFOUNDED; /* what the capture missed makes it exact */
    return is_old_ack(r) || a_round_trip_later(r, d) ? CERTAIN : OPEN;
}

static enum verdict
of_ack(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (seq_ge(tcpstate_seg_end(r->seg), d->seq))
        return UNFOUNDED;
    if (r->seg->time - d->time < TCPSTATE_COPY_TIME)
        return OPEN; /* captured in the wrong order */
    return is_bare_ack(r->seg) && r->seg->seq == d->expected ? CERTAIN : OPEN;
}

static enum verdict
of_right_edge(const struct reading *r, const struct tcpstate_doubt *d)
{
    const struct tcpstate_options *options = &r->seg->options;

    if (seq_gt(r->seg->ack, d->seq) || ((options->present & TCPSTATE_OPTION_SACK) != 0 && seq_gt(options->sack_edge, d->seq)))
        return UNFOUNDED;
    return is_bare_ack(r->seg) && a_round_trip_later(r, d) ? CERTAIN : OPEN;
}

static enum verdict
of_syn_ack(const struct reading *r, const struct tcpstate_doubt *d)
{
    if (r->seg->ack == d->seq + 1)
        return UNFOUNDED; /* a connection whose SYN was missed */
    return is_old_ack(r) ? CERTAIN : OPEN;
}

static enum verdict
of_timestamp(const struct reading *r, const struct tcpstate_doubt *d)
{
    (void)d;
    if (!has(r->seg, TCPSTATE_ACK) || has(r->seg, TCPSTATE_RST))
        return OPEN;
    if (!r->snd->rcv_known || seq_gt(r->seg->ack, r->snd->rcv_nxt))
        return UNFOUNDED;
    return is_old_ack(r) ? CERTAIN : OPEN;
}

static enum verdict
of_direction(const struct reading *r, const struct tcpstate_doubt *d)
{
    bool rejected = has(r->seg, TCPSTATE_RST) && !has(r->seg, TCPSTATE_ACK) && r->seg->seq == d->seq;

    return rejected ? CERTAIN : UNFOUNDED;
}

/* SYN_SENT goes on as if nothing had come, or rejects it. */
static enum verdict
of_answer_to_syn(const struct reading *r, const struct tcpstate_doubt *d)
{
    bool again = !has(r->seg, TCPSTATE_ACK | TCPSTATE_RST) && has(r->seg, TCPSTATE_SYN) && r->snd->iss_known && r->seg->seq == r->snd->iss;
    bool rejects = has(r->seg, TCPSTATE_RST) && !has(r->seg, TCPSTATE_ACK) && r->seg->seq == d->seq;
    bool opens = has(r->seg, TCPSTATE_ACK) && !has(r->seg, TCPSTATE_RST) && r->snd->iss_known && r->seg->seq == r->snd->iss + 1;

    if (d->id == TCPSTATE_FINDING_synack_bad_ack)
        return again || rejects ? CERTAIN : UNFOUNDED;
    return again || opens ? CERTAIN : UNFOUNDED;
}

static const struct {
    enum tcpstate_finding_id id;
    enum verdict (*judge)(const struct reading *r, const struct tcpstate_doubt *d);
    bool of_witness; /* the numbers are those of what the witness sends */
    bool challenged; /* the witness's ACK is a challenge */
} judges[] = {
    {TCPSTATE_FINDING_rst_inexact, of_rst, false, true},
    {TCPSTATE_FINDING_rst_out_of_window, of_rst, false, false},
    {TCPSTATE_FINDING_ack_unsent_data, of_ack, true, false},
    {TCPSTATE_FINDING_segment_out_of_window, of_right_edge, false, false},
    {TCPSTATE_FINDING_synack_in_connection, of_syn_ack, false, true},
    {TCPSTATE_FINDING_paws_reject, of_timestamp, false, false},
    {TCPSTATE_FINDING_synack_wrong_direction, of_direction, true, false},
    {TCPSTATE_FINDING_synack_bad_ack, of_answer_to_syn, true, false},
    {TCPSTATE_FINDING_refused_bad_ack, of_answer_to_syn, true, false},
};

/* The receiver of a doubtful segment speaks. */
void
settle_doubt(struct reading *r)
{
    struct tcpstate_doubt *d;
    enum verdict verdict = OPEN;
    size_t i = 0;

    if (r->c->watch == NULL || r->c->watch->stream[r->seg->from].doubt.frame == 0)
        return;
    d = &r->c->watch->stream[r->seg->from].doubt;
    while (judges[i].id != d->id)
        i++;
    verdict = judges[i].judge(r, d);
    if (verdict == CERTAIN && !d->told) {
        struct tcpstate_finding *finding = find(r, (enum tcpstate_finding_id)d->id, r->rcv);

        set_numbers(finding, judges[i].of_witness ? r->snd : r->rcv, d->seq, d->expected);
        finding->related = d->frame;
        finding->gap = r->seg->time - d->time;
    }
    if (verdict == CERTAIN && judges[i].challenged && is_old_ack(r))
        count_challenge(r, d->frame);
    if (verdict != OPEN)
        d->frame = 0;
}

/* The sender's ACK challenges what came in that frame. */
void
count_challenge(struct reading *r, uint32_t frame)
{
    struct tcpstate_stream *mine = &watch_of(r)->stream[r->seg->from];
    struct tcpstate_finding *finding = find(r, TCPSTATE_FINDING_challenge_ack, r->snd);

    r->c->watched = true;
    set_numbers(finding, r->rcv, r->seg->ack, r->seg->ack);
    finding->related = frame;
    mine->challenge_frame = r->seg->frame;
    if (mine->challenges < UINT16_MAX)
        mine->challenges++;
    if (r->observer->limits.challenges > 0 && mine->challenges == r->observer->limits.challenges)
        find(r, TCPSTATE_FINDING_challenge_ack_loop, r->snd)->count = mine->challenges;
}
