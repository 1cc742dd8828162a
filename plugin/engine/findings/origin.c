/* Compares a RST, FIN or SYN,ACK with the other segments of its sender. Stacks send their RSTs with another initial TTL, without options,
 * with the IP ID 0 and no window; so only another distance counts, and other marks only beside it (Weaver, Sommer, Paxson: Detecting Forged
 * TCP Reset Packets, 2009).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "origin.h"

#include "../model/numbers.h"
#include "raise.h"

enum {
    FAR_HOPS = 3,           /* a route may change by less */
    LOST_IDS = 1024,        /* so many IP IDs of a sequence may be missed */
    SEQUENCE_STEP = 64,     /* the largest step of a sequence of IP IDs */
    SHORTEST_WAY = 4000000, /* 4 ms, in nanoseconds: of a shorter round trip no part can be told */
};

/* How many routers the segment has passed. Stacks begin with one of four values. */
static int
hops(uint8_t ttl)
{
    return ttl <= 32 ? 32 - ttl : ttl <= 64 ? 64 - ttl : ttl <= 128 ? 128 - ttl : 255 - ttl;
}

/* Firewalls that turn a segment round leave its IP ID or its window as they were. A window that its sender uses too is no mark. */
static unsigned
marks_of_copy(const struct reading *r)
{
    const struct tcpstate_origin *own = &r->c->origin[r->seg->from], *other = &r->c->origin[!r->seg->from];
    bool id = r->seg->ip_id > 0 && r->seg->ip_id == other->ip_id && r->seg->ip_id != own->ip_id;
    bool window = r->seg->window != 0 && r->seg->window == other->window && r->seg->window != own->window;

    return (id ? TCPSTATE_MARK_ID_COPIED : 0u) | (window ? TCPSTATE_MARK_WINDOW_COPIED : 0u);
}

/* Whether the sender's IP IDs were in sequence, and this one, which is no copy, is neither a later nor an earlier one. Resets without a
 * socket have 0. */
static bool
is_out_of_sequence(const struct reading *r)
{
    const struct tcpstate_origin *own = &r->c->origin[r->seg->from];

    return own->in_sequence && r->seg->ip_id > 0 && (uint16_t)(r->seg->ip_id - own->ip_id) >= LOST_IDS &&
           (uint16_t)(own->ip_id - r->seg->ip_id) >= LOST_IDS;
}

/* Whether the segment has no timestamp, although all others of its sender have. Resets without a socket have none, and no window. */
static bool
lacks_timestamp(const struct reading *r)
{
    return r->snd->ts_known && r->seg->window != 0 && !r->seg->options.cut && (r->seg->options.present & TCPSTATE_OPTION_TIMESTAMPS) == 0;
}

/* Whether the server's segment acknowledges new data sooner than a quarter of the time that its SYN,ACK took. */
static bool
is_too_soon(const struct reading *r)
{
    const struct tcpstate_peer *self = r->snd, *peer = r->rcv;
    int64_t way = self->last_sent - r->c->first_time;
    bool measured = r->seg->from != r->c->client && self->syn_ack_sent && !self->fin_sent && self->retries == 0 && peer->retries == 0;

    return measured && way > SHORTEST_WAY && has(r->seg, TCPSTATE_ACK) && peer->snd_known && r->seg->ack == peer->snd_nxt &&
           seq_gt(r->seg->ack, self->rcv_nxt) && peer->state >= TCPSTATE_ESTABLISHED && seq_gt(peer->snd_nxt, peer->iss + 1) &&
           r->seg->time - peer->waits_since < way / 4;
}

static unsigned
count_bits(unsigned bits)
{
    unsigned count = 0;

    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

void
report_origin(struct reading *r)
{
    const struct tcpstate_origin *own = &r->c->origin[r->seg->from];
    int away = hops(r->seg->ttl) - hops(own->ttl);
    bool far = away >= FAR_HOPS || away <= -FAR_HOPS;
    struct tcpstate_finding *finding;
    unsigned marks;

    if (own->ttl == 0 || r->seg->ttl == 0 || away == 0 || r->seg->ttl == own->other_ttl || r->c->to_itself)
        return;
    marks = marks_of_copy(r);
    marks |= ((marks & TCPSTATE_MARK_ID_COPIED) == 0 && is_out_of_sequence(r) ? TCPSTATE_MARK_ID_OUT_OF_SEQUENCE : 0u) |
             (lacks_timestamp(r) ? TCPSTATE_MARK_NO_TIMESTAMP : 0u) | (is_too_soon(r) ? TCPSTATE_MARK_TOO_SOON : 0u);
    if (!far && marks == 0)
        return;
    finding = raise_finding(r, TCPSTATE_FINDING_foreign_origin, r->snd);
    finding->lesser = count_bits(marks) + (far ? 1 : 0) < 2;
    finding->detail = (uint8_t)(finding->lesser ? TCPSTATE_DETAIL_MAYBE_FOREIGN : TCPSTATE_DETAIL_FOREIGN);
    finding->count = marks | (uint32_t)(r->seg->flags & (TCPSTATE_RST | TCPSTATE_FIN | TCPSTATE_SYN)) << TCPSTATE_MARK_FLAGS;
    finding->seq = r->seg->ttl;
    finding->expected = own->ttl;
}

void
note_origin(struct reading *r)
{
    struct tcpstate_origin *own = &r->c->origin[r->seg->from];

    if (own->ttl == 0)
        own->ttl = r->seg->ttl;
    else if (own->ttl != r->seg->ttl)
        own->other_ttl = r->seg->ttl;
    own->in_sequence = r->seg->ip_id > 0 && (uint16_t)(r->seg->ip_id - own->ip_id - 1) < SEQUENCE_STEP;
    own->ip_id = (uint16_t)r->seg->ip_id;
    own->window = r->seg->window;
}
