/* The segment that is being read: its connection, its sender and receiver, and the outcome that is filled in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_READING_H
#define TCPSTATE_MODEL_READING_H

#include "connection.h"

/* 4 ms, in nanoseconds. A segment that is seen again sooner is a copy made by the capture, and segments in the wrong order within this time
 * were reordered by the capture: the time-outs of stacks are longer. */
#define COPY_TIME INT64_C(4000000)

struct reading {
    struct tcpstate_observer *observer;
    struct tcpstate_pair *pair;
    struct tcpstate_outcome *out;
    const struct tcpstate_segment *seg;
    struct tcpstate_connection *c;   /* the connection in which it is read */
    struct tcpstate_peer *snd, *rcv; /* the segment's sender and receiver in c; the same end where a socket is connected to itself */
    enum tcpstate_state before[2];   /* by end: the states before the segment */
    bool is_repeated, shows_gap;     /* its data was sent before; it acknowledges data that was not captured */
    bool is_quiet;                   /* nothing is reported about it */
};

/* Sets an empty outcome in the pair's present connection. */
void begin_outcome(struct reading *r);

/* From now on, the segment is read in connection `c`. */
void read_in(struct reading *r, struct tcpstate_connection *c);

/* The parts that a connection has only where something went wrong, or after a RST. They are allocated at the first call; never NULL. */
struct tcpstate_watch *watch_of(struct reading *r);
struct tcpstate_reset *reset_of(struct reading *r, struct tcpstate_connection *c);

/* The flags that a receiver regards: with RST it ignores SYN and FIN, and with a SYN without ACK it ignores FIN (RFC 9293 section 3.10.7).
 */
static inline uint8_t
effective_flags(uint8_t flags)
{
    if (flags & TCPSTATE_RST)
        return flags & (uint8_t) ~(TCPSTATE_SYN | TCPSTATE_FIN);
    if ((flags & (TCPSTATE_SYN | TCPSTATE_ACK)) == TCPSTATE_SYN)
        return flags & (uint8_t)~TCPSTATE_FIN;
    return flags;
}

/* Whether the segment may have left before a segment of `time` arrived. */
static inline bool
may_have_crossed(const struct reading *r, int64_t time)
{
    return r->seg->time - time <= crossing_time(r->c);
}

static inline bool
has(const struct tcpstate_segment *seg, unsigned flag)
{
    return (seg->flags & flag) != 0;
}

/* The index, 0 or 1, of an end of r->c. */
static inline uint8_t
end_of(const struct reading *r, const struct tcpstate_peer *peer)
{
    return peer == &r->c->peer[1];
}

#endif /* TCPSTATE_MODEL_READING_H */
