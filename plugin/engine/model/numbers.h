/* Sequence numbers of a connection: how near two numbers are, what an ACK covers, and how a segment advances them (RFC
 * 9293 sections 3.3.1 and 3.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_NUMBERS_H
#define TCPSTATE_MODEL_NUMBERS_H

#include <tcpstate/seq.h>
#include "reading.h"

#define MAX_WINDOW (UINT32_C(1) << 30) /* bytes; every window is smaller (RFC 7323 section 2.3) */

enum { MAX_WINDOW_SCALE = 14 }; /* shift count (RFC 7323 section 2.3) */

/* The largest window without scaling, bytes. Numbers of one connection are nearer to each other than this, numbers of different connections
 * are not: an ISN is random, and after TIME_WAIT Linux chooses an ISN 65,537 above the last number of the old connection. */
enum { NEAR = 0xffff };

static inline bool
is_near(uint32_t a, uint32_t b)
{
    return a - b < NEAR || b - a < NEAR;
}

/* 1 MiB, more than most connections have in flight. Two random numbers are so near with a probability of 1 in 2,048. */
enum { REACH = 1 << 20 };

static inline bool
is_within_reach(uint32_t a, uint32_t b)
{
    return a - b <= REACH || b - a <= REACH;
}

/* How the sequence number of a segment stands to the window of its receiver (RFC 9293 section 3.10.7.4, first check). */
enum placement {
    PLACED_IN_WINDOW, /* or the window is not known */
    PLACED_BEFORE,    /* the receiver has acknowledged more than all of it */
    PLACED_BEYOND,    /* beyond the window; if it has data or a FIN, by more than an ACK that the capture missed could have moved it */
};
enum placement placement_of(const struct reading *r);

/* Advances the sender's SND.NXT by the segment, and its RCV.NXT, SACK edge and window by the ACK. */
void advance_numbers(struct reading *r);

/* Sets *shift to the shift count of the windows that `self` offers in segments without SYN: 0 unless both SYNs had the option (RFC 7323
 * section 2.2). Returns false where one of the SYNs is not known. */
bool window_shift(const struct tcpstate_peer *self, const struct tcpstate_peer *peer, unsigned *shift);

/* ISS < number <= SND.NXT: the number acknowledges the SYN of `peer`, and nothing that was not sent (RFC 9293 section 3.10.7.3). */
static inline bool
covers_syn(const struct tcpstate_peer *peer, uint32_t number)
{
    return seq_lt(peer->iss, number) && seq_le(number, peer->snd_nxt);
}

static inline bool
both_syns_seen(const struct tcpstate_connection *c)
{
    return c->peer[0].syn_sent && c->peer[1].syn_sent;
}

/* Whether the number acknowledges the FIN of `peer`. */
static inline bool
covers_fin(const struct tcpstate_peer *peer, uint32_t number)
{
    return peer->fin_sent && seq_ge(number, peer->fin_end);
}

/* Whether `self` has acknowledged the FIN of `peer`. */
static inline bool
has_acked_fin_of(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return self->rcv_known && covers_fin(peer, self->rcv_nxt);
}

#endif /* TCPSTATE_MODEL_NUMBERS_H */
