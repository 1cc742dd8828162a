/* What the engine knows of a connection: its two ends, with the variables of RFC 9293 section 3.3.1, and what went wrong
 * in it. Callers of the engine do not see these structures: they read a connection with the functions of
 * <tcpstate/observer.h>.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_CONNECTION_H
#define TCPSTATE_MODEL_CONNECTION_H

#include <tcpstate/observer.h>

/* Which RST closed an end, or sent it back to LISTEN. The two kinds are taken back for different reasons: see segment/reset.c. */
enum tcpstate_closed_by {
    TCPSTATE_NOT_RESET,
    TCPSTATE_RESET_BY_PEER, /* a RST that was sent to it */
    TCPSTATE_RESET_BY_SELF, /* a RST that it sent */
};

/* What is not known yet of the last RST. Segments that follow settle it. */
enum tcpstate_rst_open {
    TCPSTATE_RST_SETTLED,
    TCPSTATE_RST_DUE,       /* it may still be on its way to the end: the segments that the end has sent since may have crossed it */
    TCPSTATE_RST_UNCERTAIN, /* it reached the end, and not every stack accepts it: the end is in its state, or closed */
    TCPSTATE_RST_DOUBTED,   /* the end sent it, and a segment within COPY_TIME after it: out of order, or the end ignores its own RST */
};

/* One end of a connection, with the variables of RFC 9293 section 3.3.1 as far as a capture shows them. SND.UNA is rcv_nxt of the other
 * end. Times are in nanoseconds since the epoch. */
struct tcpstate_peer {
    int64_t last_time;    /* of its last segment; valid where the connection is `watched` */
    uint64_t bytes;       /* of data in its segments */
    int64_t last_sent;    /* when it last sent its SYN, SYN,ACK or FIN, the newest of them */
    int64_t waits_since;  /* when it last sent new data; in FIN_WAIT_2: when its FIN was acknowledged, or the last data after that; in
                             TIME_WAIT: start of 2MSL */
    uint32_t segments;    /* of it that were captured, without copies */
    uint32_t copies;      /* of its segments that were captured again */
    uint32_t last_frame;  /* the frame of last_sent */
    uint32_t acked_frame; /* the frame that is presumed to have acknowledged its SYN or FIN; 0 for none */
    uint32_t iss;         /* valid with iss_known */
    uint32_t snd_nxt;     /* the number after the highest that it sent; valid with snd_known */
    uint32_t rcv_nxt;     /* the highest number that it acknowledged: its last known RCV.NXT; valid with rcv_known */
    uint32_t rcv_edge;    /* right edge of the window that it offered; valid with window_known */
    uint32_t window_max;  /* the largest window that it has offered, bytes */
    uint32_t fin_end;     /* the number after its FIN; valid with fin_sent */
    uint32_t first_seq;   /* of its first segment without SYN; valid with first_known */
    uint32_t tsval;   /* with ts_known: TS.Recent of its receiver (RFC 7323 section 4.3); else the newest TSval of its SYNs, 0 for none */
    uint16_t retries; /* retransmissions of its SYN, SYN,ACK or FIN, the newest of them */
    uint8_t state : 4, basis : 2;               /* enum tcpstate_state, enum tcpstate_basis */
    bool misses_data : 1;                       /* its last ACK is too late to have crossed the data that it does not acknowledge */
    bool last_missed : 1;                       /* the capture has no segment with the number before snd_nxt */
    uint8_t former_state : 4, former_basis : 2; /* before a RST closed it */
    bool time_wait_over : 1;                    /* its TIME_WAIT ended by the clock; on some stacks it lasts longer */
    bool syn_copied : 1;      /* its SYN was captured twice: the network may have made the copy, so that it arrives twice */
    uint8_t window_scale : 5; /* shift count that its SYN offered, TCPSTATE_NO_SCALE, or TCPSTATE_UNKNOWN_SCALE */
    uint8_t reset : 2;        /* enum tcpstate_closed_by */
    bool iss_known : 1, snd_known : 1, rcv_known : 1, window_known : 1, first_known : 1, ts_known : 1;
    bool sack_known : 1;     /* its last segment had SACK blocks */
    bool syn_sent : 1;       /* its SYN or SYN,ACK is in the capture */
    bool syn_ack_sent : 1;   /* its SYN,ACK is in the capture */
    bool syn_acked : 1;      /* the peer acknowledged its SYN */
    bool syn_repeated : 1;   /* it retransmitted its SYN: a bare ACK of a peer in SYN_RCVD may be the answer to that */
    bool syn_due : 1;        /* a SYN is on its way to it */
    uint8_t rst_open : 2;    /* enum tcpstate_rst_open */
    bool stuck_reported : 1; /* the finding that it is stuck with its SYN, SYN,ACK or FIN was raised, or does not apply */
    bool fin_sent : 1;       /* it sent a FIN that counts */
    bool fin_acked : 1;      /* the peer acknowledged its FIN */
    bool from_listen : 1;    /* it opened passively: a RST in SYN_RCVD sends it back to LISTEN (RFC 9293 section 3.10.7.4) */
    bool fast_open : 1;      /* it uses TCP Fast Open (RFC 7413) */
    bool wrong_echo : 1;     /* the SYN,ACK to it echoed a timestamp that none of its SYNs had */
    bool half_closed_reported : 1, half_close_data_reported : 1;
    bool got_old_segment : 1;      /* it is in TIME_WAIT and received an old segment, which it will answer with an ACK */
    bool answered_old_segment : 1; /* it sent that ACK */
    bool tsval_changed : 1;        /* its SYNs had several TSvals: see tcpstate_stream.tsval_first */
};

/* Values of window_scale that are no shift count: its SYN was not captured with all its options; its SYN had no such option. */
enum { TCPSTATE_UNKNOWN_SCALE = 0x1e, TCPSTATE_NO_SCALE = 0x1f };

/* A doubtful segment: it is wrong, or the capture has missed other segments. The next segments of its receiver show which of the two. */
struct tcpstate_doubt {
    int64_t time;           /* of that segment */
    uint32_t frame;         /* of that segment; 0 for no doubt */
    uint32_t seq, expected; /* its number, and the number that was expected */
    uint8_t id;             /* enum tcpstate_finding_id: the finding to raise */
    bool reported;          /* the finding was raised already; only a challenge ACK is still awaited */
};

/* Numbers of an end that the capture has skipped: see gaps.h. */
enum { TCPSTATE_GAPS_MAX = 32 };
struct tcpstate_gap {
    uint32_t seq, end; /* its first number, and the number after its last */
};
struct tcpstate_gaps {
    int64_t time;    /* when the capture skipped the first of them, nanoseconds since the epoch; valid with `count` */
    uint64_t missed; /* how many numbers were given up */
    struct tcpstate_gap gap[TCPSTATE_GAPS_MAX];
    uint8_t count;
};

/* Segments of one kind that an end sends without a pause. */
struct tcpstate_storm {
    int64_t first_time, last_time; /* nanoseconds since the epoch */
    uint32_t first_frame, count;
    uint8_t detail; /* enum tcpstate_detail: of which kind */
};

/* What one end sends again without success, and what its segments show besides states. Times are in nanoseconds since the epoch. Most
 * connections need no such record: see tcpstate_watch. */
struct tcpstate_stream {
    int64_t last_gap;                           /* time between its last two SYNs, SYN,ACKs or FINs, nanoseconds; 0 before there were two */
    int64_t zero_since;                         /* when its window closed; valid with zero_frame */
    int64_t first_time;                         /* of the first unanswered keep-alive probe, or of the first segment at resent_seq */
    int64_t resent_time;                        /* of the last retransmission that `resent` counts, or of the first segment; 0 for none */
    struct tcpstate_doubt doubt;                /* about a segment that this end received */
    uint32_t zero_frame;                        /* the frame in which its window closed; 0 where the window is open */
    uint32_t first_frame;                       /* the frame of first_time */
    uint32_t half_closed_frame;                 /* of data from the peer after its FIN was acknowledged; 0 for none */
    uint32_t tsval_first;                       /* the oldest TSval of its SYNs; valid with tsval_changed */
    uint32_t sack_edge;                         /* highest right edge of the SACK blocks that it sent; valid with sack_known */
    uint32_t resent_seq;                        /* of the oldest data that is not acknowledged; valid with resent_time */
    uint32_t repeats, zero_windows, gaps;       /* for Zeek's letters */
    uint32_t bad_checksums;                     /* for Zeek's letters */
    uint16_t resent, keepalives, window_probes; /* retransmissions, keep-alive and window probes without success so far */
    uint16_t challenges;                        /* challenge ACKs that it sent */
    uint16_t time_outs;                         /* how many of its `retries` a time-out has sent */
    uint32_t challenge_frame;                   /* the frame of the last challenge ACK; 0 for none */
    struct tcpstate_gaps *skipped;              /* in its data, as captured; NULL before the first one */
    uint64_t repeated;                          /* bytes of its data that it had sent before */
    struct tcpstate_storm storm;                /* of its segments */
    uint32_t mtu_frame;                         /* of an ICMP error that asked for smaller segments, with nothing acknowledged since */
    uint32_t far_fin_end;                       /* the number after its FIN beyond the window; valid with far_fin */
    bool far_fin;                               /* it has sent such a FIN, which was not acknowledged */
    bool zero_reported, gap_reported, no_timestamp_reported;
};

/* Enough for a server that answers retransmitted SYNs without state: the client acknowledges one of the last SYN,ACKs. */
enum { TCPSTATE_OFFERED_MAX = 4 };

/* How many SYNs against an open connection are remembered: a late SYN,ACK may answer one of the last. */
enum { TCPSTATE_CHALLENGERS_MAX = 4 };

/* What is known of a connection besides its numbers. It is made where a segment needs it; most connections never have one. */
struct tcpstate_watch {
    int64_t idle_gap;                               /* the silence before the data in idle_frame, nanoseconds */
    uint32_t idle_frame;                            /* the frame of data after a long silence, not answered so far; 0 for none */
    uint32_t offered[TCPSTATE_OFFERED_MAX];         /* ISNs of the server's SYN,ACKs while the client is still in SYN_SENT */
    uint32_t challengers[TCPSTATE_CHALLENGERS_MAX]; /* ISNs of SYNs against this connection that another SYN has replaced */
    uint8_t offered_count, challenger_count;
    uint8_t idle_from;                /* the end that sent idle_frame */
    struct tcpstate_stream stream[2]; /* by segment.from */
};

/* The last RST that an end sent, whether it counts or not. */
struct tcpstate_last_rst {
    int64_t time;   /* nanoseconds since the epoch */
    uint32_t frame; /* 0 for none */
    uint32_t seq, ack;
    bool acks;     /* it has ACK */
    bool answered; /* segments without RST came after it */
};

/* The last RST that closed an end. */
struct tcpstate_reset {
    int64_t time; /* nanoseconds since the epoch */
    uint32_t frame;
    uint32_t seq[2];                  /* by end: sequence number of the RST that it sent; valid with RESET_BY_SELF */
    uint32_t sent[2];                 /* its SND.NXT then */
    bool ignored;                     /* an end certainly went on after the RST, and this was reported */
    bool crossed;                     /* data came after the RST, and this was reported */
    struct tcpstate_last_rst last[2]; /* by end */
    bool survived;                    /* the target of a RST went on: its stack does not accept such RSTs */
};

/* Of an end: what its last segment but a RST had in its IP header, and its window as in the header. */
struct tcpstate_origin {
    uint16_t ip_id, window;
    uint8_t ttl;          /* of its first segment; 0 where it is not known */
    uint8_t other_ttl;    /* of its last segment with another one, as from two devices of a router; 0 for none */
    bool in_sequence : 1; /* the last IP ID came soon after the one before it */
};

/* Whether it was reported that the capture has one direction only. */
enum tcpstate_one_direction { TCPSTATE_BOTH_DIRECTIONS, TCPSTATE_ONE_SO_FAR, TCPSTATE_ONE_TO_ITS_END };

struct tcpstate_connection {
    struct tcpstate_connection *before; /* the connection before it on the same pair, or NULL */
    struct tcpstate_watch *watch;       /* NULL before the first segment that needs one */
    struct tcpstate_reset *reset;       /* NULL before the first RST that counts */
    int64_t first_time;                 /* of its first segment, nanoseconds since the epoch */
    int64_t round_trip;                 /* from the SYN to the ACK of the SYN,ACK, nanoseconds; 0 where it is unknown */
    struct tcpstate_peer peer[2];       /* by segment.from */
    struct tcpstate_origin origin[2];   /* the same */
    uint32_t number;                    /* see tcpstate_number() */
    uint32_t end_frame;                 /* the frame of its last segment */
    uint32_t last_frame;                /* the frame of its last segment, valid with `watched`; with `replaced`, the frame that showed it */
    uint16_t letters[2];                /* by end: one bit for each enum tcpstate_letter_id that was added */
    uint8_t client : 1;                 /* index of the client in peer[] */
    uint8_t last_from : 1;              /* the end that sent the last segment; valid with `watched` */
    bool watched : 1;                   /* it has had segments other than SYNs */
    bool roles_assumed : 1;             /* client and server are guessed from the ports, because no SYN was captured */
    bool challenging : 1;  /* it began with a SYN while `before` was open, and it is not decided yet which of the two is valid */
    bool to_itself : 1;    /* a socket connected to itself: only peer[0] is used */
    bool simultaneous : 1; /* the SYNs crossed */
    bool fins_crossed : 1;
    bool too_soon : 1;           /* it began with a SYN that an end in TIME_WAIT should not accept (RFC 6191 section 2) */
    bool replaced : 1;           /* another connection with the same addresses and ports is valid in its place */
    uint8_t one_direction : 2;   /* enum tcpstate_one_direction: what was reported about it */
    uint8_t unheard_acks : 2;    /* how often one end acknowledged more, while the capture had nothing of the other; at most 3 */
    uint8_t unheard_data;        /* how many segments with new data it sent meanwhile; at most 255 */
    bool challenge_reported : 1; /* the outcome of the SYN against `before` was reported */
};

/* 120 s, in nanoseconds (RFC 9293 section 3.4.1). */
#define MAX_SEGMENT_LIFETIME INT64_C(120000000000)

/* The first time-out of a SYN or SYN,ACK takes 1 s (RFC 6298 section 2.1). Less a quarter, in nanoseconds: timers are not exact. */
#define FIRST_TIME_OUT INT64_C(750000000)

/* 190 ms, in nanoseconds. The shortest retransmission time-out of Linux (TCP_RTO_MIN) is 200 ms; 5 % less, because clocks differ. */
#define MIN_RTO INT64_C(190000000)

/* Time of the last segment, nanoseconds since the epoch; 0 before the first. */
static inline int64_t
last_time(const struct tcpstate_connection *c)
{
    return c->peer[c->last_from].last_time;
}

/* The round-trip time, nanoseconds. Where it was not measured, or is longer than the maximum segment lifetime: 250 ms, which is long for a
 * path between continents. */
static inline int64_t
round_trip(const struct tcpstate_connection *c)
{
    return c->round_trip > 0 && c->round_trip <= MAX_SEGMENT_LIFETIME ? c->round_trip : INT64_C(250000000);
}

/* Whether the capture has a SYN,ACK of the connection. */
static inline bool
has_syn_ack(const struct tcpstate_connection *c)
{
    return c->peer[0].syn_ack_sent || c->peer[1].syn_ack_sent;
}

/* Whether the end has sent a SYN that nothing has answered, and nothing else. */
static inline bool
is_syn_unanswered(const struct tcpstate_peer *peer)
{
    return peer->syn_sent && !peer->syn_ack_sent && !peer->syn_acked && !peer->first_known && peer->reset == TCPSTATE_NOT_RESET;
}

/* 10 ms, in nanoseconds. Segments may cross for at least so long, even if the round-trip time is shorter: queues delay them. */
#define MIN_CROSSING_TIME INT64_C(10000000)

/* How long after a segment its receiver may still send what it would have sent without that segment, nanoseconds. Four round-trip times,
 * because queues may have grown since the handshake. */
static inline int64_t
crossing_time(const struct tcpstate_connection *c)
{
    int64_t time = 4 * round_trip(c);

    return time > MIN_CROSSING_TIME ? time : MIN_CROSSING_TIME;
}

#endif /* TCPSTATE_MODEL_CONNECTION_H */
