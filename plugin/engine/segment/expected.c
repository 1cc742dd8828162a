/* The fast path, after the header prediction of Jacobson (4BSD TCP Header Prediction, 1990): most segments carry the
 * next data or the next ACK, and only advance sequence numbers and windows. The tests compare it with the outcome of the
 * complete rules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "expected.h"

#include "../findings/watch.h"
#include "../model/numbers.h"
#include "../record/letters.h"

static bool
is_settled(const struct tcpstate_peer *peer)
{
    return peer->state == TCPSTATE_ESTABLISHED && peer->basis == TCPSTATE_OBSERVED && !peer->fin_sent;
}

/* Whether both ends have proved that they are ESTABLISHED, and no RST is in doubt. */
static bool
is_quiet(const struct reading *r)
{
    return is_settled(r->snd) && is_settled(r->rcv) && r->snd->rst_open == TCPSTATE_RST_SETTLED && !r->c->to_itself;
}

/* Whether the segment has the next sequence number, and no ACK below the last one or beyond what was sent, and its header gives no finding.
 */
static bool
is_next(const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    const uint8_t flags = TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST | TCPSTATE_ACK;

    return (seg->flags & flags) == TCPSTATE_ACK && seg->seq == r->snd->snd_nxt && seq_ge(seg->ack, r->snd->rcv_nxt) &&
           seq_le(seg->ack, r->rcv->snd_nxt) && seg->window > 0 && (seg->options.present & TCPSTATE_OPTION_WINDOW_SCALE) == 0 &&
           seg->options.bad_kind == 0 && seg->options.repeated_kind == 0 && seg->src_port != 0 && seg->dst_port != 0;
}

bool
is_expected(const struct reading *r)
{
    return r->c->watched && is_next(r) && is_quiet(r) && adds_no_letter(r) && watch_is_quiet(r);
}
