/* Raises a finding: fills in what all findings have in common, and drops findings of muted families and of storms.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "raise.h"

enum { STORM = 10 };

/* The findings that say that a segment came again, or says nothing new, and the kind of segment. */
static const uint8_t storms_of[TCPSTATE_FINDING_COUNT] = {
    [TCPSTATE_FINDING_syn_retransmitted] = TCPSTATE_DETAIL_SYNS, [TCPSTATE_FINDING_synack_retransmitted] = TCPSTATE_DETAIL_SYN_ACKS,
    [TCPSTATE_FINDING_fin_retransmitted] = TCPSTATE_DETAIL_FINS, [TCPSTATE_FINDING_rst_unknown] = TCPSTATE_DETAIL_RSTS,
    [TCPSTATE_FINDING_rst_inexact] = TCPSTATE_DETAIL_RSTS,       [TCPSTATE_FINDING_rst_out_of_window] = TCPSTATE_DETAIL_RSTS,
};

static struct tcpstate_finding *
place_finding(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about, bool quiet)
{
    uint8_t end = end_of(r, about);
    bool muted = quiet || (r->observer->muted >> tcpstate_finding_kinds[id].family & 1) != 0 ||
                 r->out->finding_count == TCPSTATE_FINDINGS_MAX;
    struct tcpstate_finding *finding = &r->out->finding[muted ? TCPSTATE_FINDINGS_MAX : r->out->finding_count++];

    *finding = (struct tcpstate_finding){
        .time = r->seg->time,
        .frame = r->seg->frame,
        .connection = r->c->number,
        .layer = r->seg->layer,
        .id = (uint8_t)id,
        .end = end,
        .end_is_client = end == r->c->client,
        .state = (uint8_t)r->before[end],
        .other = (uint8_t)r->before[!end],
    };
    set_finding_numbers(finding, r->snd, r->seg->seq, r->seg->seq);
    return finding;
}

static void
report_storm(struct reading *r, const struct tcpstate_peer *about, const struct tcpstate_storm *storm)
{
    struct tcpstate_finding *finding = place_finding(r, TCPSTATE_FINDING_storm, about, false);

    finding->detail = storm->detail;
    finding->count = storm->count;
    finding->related = storm->first_frame;
    finding->gap = r->seg->time - storm->first_time;
}

/* Counts segments of a kind, which come without a pause. The tenth is reported as a storm. Returns whether there is one. */
static bool
count_storm(struct reading *r, uint8_t kind, const struct tcpstate_peer *about)
{
    struct tcpstate_storm *storm = &watch_of(r)->stream[end_of(r, about)].storm;
    int64_t gap = r->seg->time - storm->last_time;

    if (storm->detail != kind || gap > MIN_RTO || gap < -MIN_RTO)
        *storm = (struct tcpstate_storm){.first_time = r->seg->time, .first_frame = r->seg->frame, .detail = kind};
    storm->last_time = r->seg->time;
    if (storm->count < UINT32_MAX)
        storm->count++;
    if (storm->count == STORM)
        report_storm(r, about, storm);
    return storm->count >= STORM;
}

/* Whether the finding says of one segment more what a storm has said of all. */
static bool
is_in_storm(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about)
{
    bool is_first = r->c->watch == NULL && r->c->first_time == r->seg->time;

    return storms_of[id] != 0 && !r->is_quiet && !is_first && count_storm(r, storms_of[id], about);
}

void
count_rst_copy(struct reading *r)
{
    count_storm(r, TCPSTATE_DETAIL_RSTS, r->snd);
}

struct tcpstate_finding *
raise_finding(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about)
{
    return place_finding(r, id, about, r->is_quiet || is_in_storm(r, id, about));
}

void
set_finding_numbers(struct tcpstate_finding *finding, const struct tcpstate_peer *sender, uint32_t seq, uint32_t expected)
{
    finding->seq = seq;
    finding->expected = expected;
    finding->seq_base = sender->iss;
    finding->seq_is_relative = sender->iss_known;
}
