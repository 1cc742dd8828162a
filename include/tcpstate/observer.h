/* The entry of the engine, which derives the TCP states of both endpoints from the segments of a capture.
 *
 * Give every segment of one pair of addresses and ports to tcpstate_observe(), in the order of the capture. The engine
 * has no globals, and takes memory only from functions of the caller. The same segments always give the same outcomes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OBSERVER_H
#define TCPSTATE_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "finding.h"
#include "segment.h"
#include "state.h"
#include "zeek.h"

/* Private to the engine. The functions at the end of this file read a connection. */
struct tcpstate_connection;
struct tcpstate_history;

/* A pair of addresses and ports, with all its connections. The caller owns it, and zeroes it before the first segment. */
struct tcpstate_pair {
    struct tcpstate_connection *now; /* the connection of the last segment; NULL before the first */
};

/* The limits at which findings are raised: times in nanoseconds, and counts. 0 switches the finding off. */
struct tcpstate_limits {
    int64_t half_closed; /* time in FIN_WAIT_2 and CLOSE_WAIT without data */
    int64_t zero_window; /* time of a zero window that was probed without success */
    int64_t idle;        /* silence after which a middlebox may have forgotten the connection */
    uint16_t stuck;      /* retries of a SYN, SYN,ACK or FIN; keep-alive probes without an answer */
    uint16_t resent;     /* retransmissions of the same data */
    uint16_t challenges; /* challenge ACKs of one end */
};

/* What all pairs of one capture point share. The caller zeroes it and sets the members above `history`, which is private to the engine. */
struct tcpstate_observer {
    /* Both return zeroed memory of `size` bytes, aligned for any type, which lives as long as the pairs; never NULL. new_connection() is
     * called once for each connection, and sets *number to its number: see tcpstate_number(). */
    struct tcpstate_connection *(*new_connection)(void *owner, size_t size, uint32_t *number);
    void *(*new_memory)(void *owner, size_t size);
    void *owner;
    int64_t two_msl; /* how long TIME_WAIT lasts, nanoseconds; 0 for no end */
    struct tcpstate_limits limits;
    uint8_t muted; /* a bit for each enum tcpstate_family whose findings are not reported */
    bool thorough; /* read every segment with all rules, also an expected one: slower, with the same outcome */

    struct tcpstate_history *history; /* the newest segments and data of all pairs; NULL before the first segment */
};

/* One change of one end. One segment may cause several: a FIN,ACK from ESTABLISHED leads through CLOSE_WAIT to LAST_ACK. */
struct tcpstate_change {
    uint8_t end;      /* 0 or 1 */
    uint8_t from, to; /* enum tcpstate_state */
    uint8_t event;    /* enum tcpstate_event */
};

/* Room for the results of one segment; further ones are dropped. The tests have seen at most 5 changes, 6 findings and 5 letters. */
enum { TCPSTATE_CHANGES_MAX = 12, TCPSTATE_FINDINGS_MAX = 12, TCPSTATE_LETTERS_MAX = 8 };

/* What an end sends again until it is answered. */
enum tcpstate_retried { TCPSTATE_RETRIED_NOTHING, TCPSTATE_RETRIED_SYN, TCPSTATE_RETRIED_SYN_ACK, TCPSTATE_RETRIED_FIN };

/* What a segment did. */
struct tcpstate_outcome {
    struct tcpstate_connection *connection; /* the connection of the segment */
    uint32_t copy_of;                       /* the frame of which the segment is a copy, 0 for none; a copy changes nothing */
    uint16_t retry;                         /* number of the retransmission of a SYN, SYN,ACK or FIN, from 1; 0 for none */
    uint8_t retried;                        /* enum tcpstate_retried: what was retransmitted */
    bool expected;                          /* only sequence numbers and windows advanced: no state changes, and no record is needed */
    uint8_t change_count, finding_count, letter_count;
    struct tcpstate_letter letter[TCPSTATE_LETTERS_MAX]; /* of `connection` */
    struct tcpstate_change change[TCPSTATE_CHANGES_MAX];
    struct tcpstate_finding finding[TCPSTATE_FINDINGS_MAX + 1]; /* findings that are muted or too many go to the last one */
};

/* Reads one segment, and fills in *outcome. There is no error: any sequence of segments has an outcome. */
void tcpstate_observe(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                      struct tcpstate_outcome *outcome);

/* Reads the TCP header that an ICMP error quotes. It changes no state, and may raise a finding. Of `quoted` only frame, layer, from and seq
 * are used. */
void tcpstate_observe_icmp(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *quoted,
                           const struct tcpstate_icmp *icmp, struct tcpstate_outcome *outcome);

/* Reads a segment with a bad checksum. Its receiver drops it, so it changes no state: it is only counted for Zeek's history. */
void tcpstate_observe_bad_checksum(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                                   struct tcpstate_outcome *outcome);

/* Whether the segment can belong to the present connection of the pair, by its numbers and data. For a caller that sees the same addresses
 * and ports in several networks and has a pair for each: a segment that fits none of these pairs belongs to another connection. */
bool tcpstate_fits(const struct tcpstate_observer *observer, const struct tcpstate_pair *pair, const struct tcpstate_segment *segment);

/* Whether a new connection may begin: an end of the pair's present connection is in CLOSED or TIME_WAIT, or there is none. */
bool tcpstate_is_over(const struct tcpstate_pair *pair);

/* The number that new_connection() gave the connection: from 0, in the order of the first segments. */
uint32_t tcpstate_number(const struct tcpstate_connection *connection);

/* Whether the segment was read already, as one of the newest of the capture point: with the same numbers, flags, length, timestamps and IP
 * identification. For a caller that sees the same pair at several places. */
bool tcpstate_was_read(const struct tcpstate_observer *observer, const struct tcpstate_pair *pair, const struct tcpstate_segment *segment);

/* The newest segments of the capture point, in no order: FALSE if there is none at this index. Of *segment only these are set: time, frame,
 * layer, from, flags, seq, ack, payload, timestamps, IP identification and TTL. */
enum { TCPSTATE_NEWEST_MAX = 4096 };
bool tcpstate_newest(const struct tcpstate_observer *observer, unsigned index, struct tcpstate_segment *segment,
                     const struct tcpstate_pair **pair);

/* Whether the numbers of the segment are among those that the connection has used, or at most `reach` from them. For a caller that sees the
 * same connection at several capture points, whose clocks may differ. */
bool tcpstate_contains(const struct tcpstate_connection *connection, const struct tcpstate_segment *segment, uint32_t reach);

/* The connection before it on the same pair; NULL for the first. */
const struct tcpstate_connection *tcpstate_before(const struct tcpstate_connection *connection);

/* The frame that showed that another connection of the pair is valid in its place, so that no end has it open any more: a later one, or for
 * a SYN that was stale or forged, the one before. 0 for none. */
uint32_t tcpstate_replaced_frame(const struct tcpstate_connection *connection);

/* The end that is the client: 0 or 1. */
int tcpstate_client(const struct tcpstate_connection *connection);

/* The time from the SYN to the ACK of the SYN,ACK, nanoseconds; 0 where it is unknown. */
int64_t tcpstate_round_trip(const struct tcpstate_connection *connection);

/* The time of its last segment, nanoseconds since the epoch; 0 where it has had only SYNs. And the frame of its last segment, without
 * copies.
 */
int64_t tcpstate_last_time(const struct tcpstate_connection *connection);
uint32_t tcpstate_last_frame(const struct tcpstate_connection *connection);

/* The state that `end` enters when the segments on their way to it arrive; its present state where there are none. It is computed from the
 * connection, and not stored. */
enum tcpstate_state tcpstate_pending(const struct tcpstate_connection *connection, int end);

/* One end as it is now. Where a socket is connected to itself, both ends are equal. */
struct tcpstate_end {
    enum tcpstate_state state;
    enum tcpstate_basis basis;
    uint32_t iss, snd_nxt; /* ISS, valid with iss_known; SND.NXT, the number after the highest that it sent */
    bool iss_known;
    bool has_sent; /* a segment of it was read */
    uint8_t ttl;   /* TTL or hop limit of its first segment but a RST; 0 where it is not known */
    /* Its newest SYN, SYN,ACK or FIN: the number of retransmissions, the frame and time (nanoseconds since the epoch) when it was last
     * sent, and the time between the last two (nanoseconds). 0 where there is none. */
    uint16_t retries;
    uint32_t sent_frame;
    int64_t sent_time, sent_gap;
};
struct tcpstate_end tcpstate_end(const struct tcpstate_connection *connection, int end);

/* What an end has sent; copies count only as such. */
struct tcpstate_traffic {
    int64_t last_time; /* of its last segment, nanoseconds since the epoch; 0 where the connection has had only SYNs */
    uint32_t segments;
    uint32_t copies;       /* of segments that were captured again */
    bool window_is_closed; /* the window that it offers is zero */
    uint32_t unacked;      /* sequence numbers from SND.UNA to SND.NXT; 0 where SND.UNA is not known */
    uint64_t bytes;        /* of data */
    uint64_t unique_bytes; /* of data that it had not sent before */
    uint64_t missed_bytes; /* what the other end has acknowledged, and the capture does not have; where more than 32 gaps were open at a
                              time, the oldest count as missed */
};
struct tcpstate_traffic tcpstate_traffic(const struct tcpstate_connection *connection, int end);

#endif /* TCPSTATE_OBSERVER_H */
