/* Whether a segment can belong to a connection, by its numbers and data. So connections with the same addresses and
 * ports in two networks are kept apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../findings/overlap.h"
#include "../model/numbers.h"

/* A SYN fits if its number is that of the sender's SYN, or if the sender has sent nothing yet. */
static bool
syn_fits(const struct tcpstate_peer *snd, const struct tcpstate_segment *seg)
{
    return snd->iss_known ? seg->seq == snd->iss : !snd->snd_known;
}

/* A SYN,ACK must acknowledge the peer's SYN too, unless it is the one that the connection had. */
static bool
syn_ack_fits(const struct tcpstate_peer *snd, const struct tcpstate_peer *rcv, const struct tcpstate_segment *seg)
{
    return syn_fits(snd, seg) && (snd->syn_ack_sent || !rcv->iss_known || covers_syn(rcv, seg->ack));
}

/* Any other segment fits if both of its numbers are near to those of the connection, as far as these are known. */
static bool
numbers_fit(const struct tcpstate_peer *snd, const struct tcpstate_peer *rcv, const struct tcpstate_segment *seg)
{
    bool seq_fits = !snd->snd_known || is_within_reach(seg->seq, snd->snd_nxt);
    bool ack_fits = !has(seg, TCPSTATE_ACK) || !rcv->snd_known || is_within_reach(seg->ack, rcv->snd_nxt);

    return seq_fits && ack_fits;
}

static bool
fits(const struct tcpstate_peer *snd, const struct tcpstate_peer *rcv, const struct tcpstate_segment *seg)
{
    switch (seg->flags & (TCPSTATE_SYN | TCPSTATE_ACK | TCPSTATE_RST)) {
    case TCPSTATE_SYN:
        return syn_fits(snd, seg);
    case TCPSTATE_SYN | TCPSTATE_ACK:
        return syn_ack_fits(snd, rcv, seg);
    default:
        return numbers_fit(snd, rcv, seg);
    }
}

static bool
fits_connection(const struct tcpstate_observer *observer, const struct tcpstate_connection *c, const struct tcpstate_segment *segment)
{
    int peer = segment->to_itself ? segment->from : !segment->from;

    return fits(&c->peer[segment->from], &c->peer[peer], segment) && !has_conflict(observer->history, c, segment);
}

bool
tcpstate_fits(const struct tcpstate_observer *observer, const struct tcpstate_pair *pair, const struct tcpstate_segment *segment)
{
    const struct tcpstate_connection *c = pair->now;

    return c == NULL || fits_connection(observer, c, segment) || (c->challenging && fits_connection(observer, c->before, segment));
}

/* Whether the number lies between the first and the last one that the end is known to have used. Without them, `fallback`. */
static bool
is_used(const struct tcpstate_peer *peer, uint32_t number, uint32_t reach, bool fallback)
{
    uint32_t low = (peer->iss_known ? peer->iss : peer->first_seq) - reach;

    if (!peer->snd_known || (!peer->iss_known && !peer->first_known))
        return fallback;
    return number - low <= peer->snd_nxt + reach - low;
}

bool
tcpstate_contains(const struct tcpstate_connection *c, const struct tcpstate_segment *seg, uint32_t reach)
{
    const struct tcpstate_peer *snd = &c->peer[seg->from], *rcv = &c->peer[c->to_itself ? seg->from : !seg->from];

    if (has(seg, TCPSTATE_SYN) && snd->iss_known)
        return seg->seq == snd->iss;
    if (!has(seg, TCPSTATE_ACK))
        return is_used(snd, seg->seq, reach, false);
    return is_used(snd, seg->seq, reach, true) && is_used(rcv, seg->ack, reach, is_used(snd, seg->seq, reach, false));
}

bool
tcpstate_is_over(const struct tcpstate_pair *pair)
{
    const struct tcpstate_connection *c = pair->now;

    return c == NULL || c->peer[c->client].state == TCPSTATE_CLOSED || c->peer[c->client].state == TCPSTATE_TIME_WAIT ||
           (!c->to_itself && (c->peer[!c->client].state == TCPSTATE_CLOSED || c->peer[!c->client].state == TCPSTATE_TIME_WAIT));
}
