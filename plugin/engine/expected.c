/* The short way. Most segments carry the data or the ACK that was to be expected next, and move numbers on: what BSD's stack called header
 * prediction (Jacobson, 4BSD TCP Header Prediction, 1990). Here is only when that is so; then all else that is looked at on the long way
 * has nothing to say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

static bool
is_settled(const struct tcpstate_peer *peer)
{
    return peer->state == TCPSTATE_ESTABLISHED && peer->basis == TCPSTATE_OBSERVED && !peer->fin_sent;
}

/* Both ends have shown that they are open, and no RST is in doubt. */
static bool
is_calm(const struct reading *r)
{
    return is_settled(r->snd) && is_settled(r->rcv) && !r->snd->rst_due && !r->snd->rst_doubted && !r->c->to_itself;
}

/* The next number, and no ACK beyond what was sent; with a header that has nothing wrong in it. */
static bool
is_next(const struct reading *r)
{
    const struct tcpstate_segment *seg = r->seg;
    const uint8_t flags = TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST | TCPSTATE_ACK;

    return (seg->flags & flags) == TCPSTATE_ACK && seg->seq == r->snd->snd_nxt && seq_le(seg->ack, r->rcv->snd_nxt) && seg->window > 0 &&
           (seg->options.present & TCPSTATE_OPTION_WINDOW_SCALE) == 0 && seg->options.bad_kind == 0 && seg->src_port != 0 &&
           seg->dst_port != 0;
}

/* Its letter of Zeek's history was spelt before. */
static bool
is_spelt(const struct reading *r)
{
    return (r->c->letters[r->seg->from] >> (r->seg->payload > 0 ? TCPSTATE_LETTER_DATA : TCPSTATE_LETTER_ACK) & 1) != 0;
}

bool
is_expected(const struct reading *r)
{
    return r->c->watched && is_next(r) && is_calm(r) && is_spelt(r) && watch_is_calm(r);
}
