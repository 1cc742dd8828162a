/* What the engine's files share: a segment being read, and the one setter of states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_ENGINE_OBSERVE_H
#define TCPSTATE_ENGINE_OBSERVE_H

#include <tcpstate/connection.h>
#include <tcpstate/seq.h>

/* Within this time, nanoseconds, a segment seen again is a copy of the first one, and a wrong order is the capture's. */
#define TCPSTATE_COPY_TIME INT64_C(4000000)
/* And within this time on another VLAN: less than a stack waits before it sends a SYN,ACK again, the one that keeps its IP ID. */
#define TCPSTATE_VLAN_COPY_TIME INT64_C(250000000)

#define NEVER_ACCEPTABLE (UINT32_C(1) << 30) /* no window is larger (RFC 7323 section 2.3) */

enum { TCPSTATE_MOST_SCALE = 14 }; /* RFC 7323 section 2.3 */

/* A segment being read in a connection. */
struct reading {
    struct tcpstate_observer *observer;
    struct tcpstate_pair *pair;
    struct tcpstate_outcome *out;
    const struct tcpstate_segment *seg;
    struct tcpstate_connection *c;
    struct tcpstate_peer *snd, *rcv; /* the segment's sender and receiver in c; one and the same when connected to itself */
    enum tcpstate_state before[2];   /* states by end before the segment */
    bool is_repeated, shows_gap;     /* its payload was sent before; it acknowledges what was not captured */
};

static inline bool
has(const struct tcpstate_segment *seg, unsigned flag)
{
    return (seg->flags & flag) != 0;
}

/* The index of one of the two. */
static inline uint8_t
end_of(const struct reading *r, const struct tcpstate_peer *peer)
{
    return peer == &r->c->peer[1];
}

/* state.c: states are changed here and nowhere else */
void set_state(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_state to, enum tcpstate_basis basis);
bool apply(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_basis basis);
void read_in(struct reading *r, struct tcpstate_connection *c);

/* observe.c: an outcome of nothing yet */
void begin_outcome(struct reading *r);
void account(struct reading *r);
bool window_shift(const struct tcpstate_peer *self, const struct tcpstate_peer *peer, unsigned *shift);
struct tcpstate_finding *find(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *about);
void set_numbers(struct tcpstate_finding *finding, const struct tcpstate_peer *space, uint32_t seq, uint32_t expected);

/* expected.c: whether the segment only moves numbers on */
bool is_expected(const struct reading *r);

/* identity.c: which connection a segment belongs to */
void open_connection(struct reading *r, uint8_t client, enum tcpstate_state client_state, enum tcpstate_state server_state);
void open_for_syn(struct reading *r);
void open_for_syn_ack(struct reading *r);
void open_midway(struct reading *r);
void new_connection_stands(struct reading *r);
void old_connection_stands(struct reading *r);
void read_in_old_connection(struct reading *r);
bool is_of_unseen_connection(const struct reading *r);
bool is_of_predecessor(const struct tcpstate_connection *c, int end, uint32_t seq);

/* opening.c, synchronized.c, reset.c: the segment's events */
void read_syn(struct reading *r);
void read_syn_ack(struct reading *r);
void read_ack(struct reading *r);
void read_rst(struct reading *r);
void revive(struct reading *r);
void doubt_rst(struct reading *r);

/* findings: opening_told.c, synchronized_told.c, reset_told.c */
void find_late_syn(struct reading *r);
void find_changed_syn(struct reading *r, const struct tcpstate_peer *old);
void find_changed_syn_ack(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *space, uint32_t number,
                          uint32_t before);
void find_syn_ack_again(struct reading *r);
void find_bad_syn_ack(struct reading *r);
void find_wrong_direction(struct reading *r);
void find_bad_handshake(struct reading *r);
void find_split_handshake(struct reading *r);
void find_beyond_fin(struct reading *r);
void tell_rst(struct reading *r);
void tell_unacceptable_rst(struct reading *r);
void tell_rejected(struct reading *r);
void tell_refused(struct reading *r);
void tell_syn(struct reading *r, enum tcpstate_detail answer); /* identity.c */

/* those that need more than the states: stuck.c, watch.c, overlap.c, doubt.c, header.c */
void sent(struct reading *r, struct tcpstate_peer *peer);
struct tcpstate_finding *sent_again(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_finding_id id, bool answered);
void find_half_closed(struct reading *r);
struct tcpstate_watch *watch_of(struct reading *r);
void watch_data(struct reading *r);
void watch_rst(struct reading *r);
void watch_time(struct reading *r);
bool watch_is_calm(const struct reading *r);
void watch_expected(struct reading *r);
int64_t round_trip(const struct tcpstate_connection *c);
void compare_data(struct reading *r);
void doubt(struct reading *r, enum tcpstate_finding_id id, uint32_t seq, uint32_t expected);
void settle_doubt(struct reading *r);
void count_challenge(struct reading *r, uint32_t frame);
void find_in_header(struct reading *r, uint8_t flags);

/* spelling.c: letters of Zeek's history */
void spell(struct reading *r, uint8_t flags);
void spell_bad_checksum(struct reading *r);

/* ISS < number <= SND.NXT: acknowledges the peer's SYN, or what came with it (RFC 9293 section 3.10.7.3) */
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

static inline bool
has_acked_fin_of(const struct tcpstate_peer *self, const struct tcpstate_peer *peer)
{
    return peer->fin_sent && self->rcv_known && seq_ge(self->rcv_nxt, peer->fin_end);
}

#endif /* TCPSTATE_ENGINE_OBSERVE_H */
