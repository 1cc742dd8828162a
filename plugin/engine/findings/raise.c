/* Raises a finding: fills in what all findings have in common, and drops findings of muted families.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "raise.h"

struct tcpstate_finding *
raise_finding(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about)
{
    uint8_t end = end_of(r, about);
    bool muted = r->is_quiet || (r->observer->muted >> tcpstate_finding_kinds[id].family & 1) != 0 ||
                 r->out->finding_count == TCPSTATE_FINDINGS_MAX;
    struct tcpstate_finding *finding = &r->out->finding[muted ? TCPSTATE_FINDINGS_MAX : r->out->finding_count++];

    *finding = (struct tcpstate_finding){
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

void
set_finding_numbers(struct tcpstate_finding *finding, const struct tcpstate_peer *sender, uint32_t seq, uint32_t expected)
{
    finding->seq = seq;
    finding->expected = expected;
    finding->seq_base = sender->iss;
    finding->seq_is_relative = sender->iss_known;
}
