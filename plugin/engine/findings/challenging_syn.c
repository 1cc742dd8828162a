/* Findings about a SYN against a connection that is open or in TIME_WAIT: RFC 5961 section 4, RFC 6191 section 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "challenging_syn.h"

#include "../model/numbers.h"

/* The tests of RFC 6191 section 2: a newer timestamp, or else a larger sequence number. */
void
report_reuse(struct reading *r)
{
    const struct tcpstate_connection *old = r->c->before;
    const struct tcpstate_peer *self, *target;
    bool stamped, newer, older, larger;
    struct tcpstate_finding *finding;

    if (old == NULL || old->to_itself)
        return;
    self = &old->peer[r->seg->from];
    target = &old->peer[!r->seg->from];
    stamped = self->ts_known && (r->seg->options.present & TCPSTATE_OPTION_TIMESTAMPS) != 0;
    newer = stamped && seq_gt(r->seg->options.tsval, self->tsval);
    older = stamped && seq_lt(r->seg->options.tsval, self->tsval);
    larger = seq_gt(r->seg->seq, target->rcv_nxt);
    if (target->state != TCPSTATE_TIME_WAIT || target->rst_open == TCPSTATE_RST_UNCERTAIN || !target->rcv_known)
        return;
    r->c->too_soon = !newer && (older || !larger);
    if (r->c->too_soon)
        return; /* report_challenging_syn() reports it when the SYN is not accepted */
    finding = raise_finding(r, TCPSTATE_FINDING_time_wait_reuse, r->snd);
    finding->seq_is_relative = false;
    finding->detail = (uint8_t)(newer ? TCPSTATE_DETAIL_NEWER_TIMESTAMP : TCPSTATE_DETAIL_LARGER_NUMBER);
}

/* Whether the SYN's sender had certainly not closed: there is no FIN of it, and the capture has missed no segment. */
static bool
was_surely_open(const struct tcpstate_connection *old, uint8_t client)
{
    const struct tcpstate_peer *self = &old->peer[client], *peer = &old->peer[!client];
    bool all_captured = self->snd_known && peer->snd_known && (!self->rcv_known || seq_le(self->rcv_nxt, peer->snd_nxt)) &&
                        (!peer->rcv_known || seq_le(peer->rcv_nxt, self->snd_nxt));

    return both_syns_seen(old) && all_captured && !self->fin_sent;
}

void
report_challenging_syn(struct reading *r, enum tcpstate_detail answer)
{
    struct tcpstate_connection *c = r->c;
    const struct tcpstate_peer *client = &c->peer[c->client], *target = &c->peer[!c->client];
    bool time_wait = target->state == TCPSTATE_TIME_WAIT, taken = answer == TCPSTATE_DETAIL_SYN_ACK;
    struct tcpstate_finding *finding;

    if (!c->challenging || c->challenge_reported || target->rst_open == TCPSTATE_RST_UNCERTAIN ||
        (time_wait ? taken || !c->too_soon : target->state < TCPSTATE_ESTABLISHED))
        return;
    if (!time_wait && !taken && !was_surely_open(c->before, c->client))
        return;
    c->challenge_reported = true;
    finding = raise_finding(r, time_wait ? TCPSTATE_FINDING_reuse_too_soon : TCPSTATE_FINDING_syn_in_connection, client);
    set_finding_numbers(finding, client, client->iss, target->rcv_nxt);
    finding->seq_is_relative = false;
    finding->related = client->last_frame;
    finding->detail = (uint8_t)answer;
    finding->lesser = taken ||
                      (!time_wait &&
                       answer == TCPSTATE_DETAIL_SYN_RETRIED); /* the old connection may have ended without the capture showing it */
}
