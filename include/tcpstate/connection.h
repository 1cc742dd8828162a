/* What a capture proves about two TCP endpoints: the engine's one entry and what it keeps.
 *
 * Wire order in, states out: give every segment of one address/port pair to tcpstate_observe(), in the order of the capture.
 * The engine allocates nothing and keeps no globals; what it returns is a function of what it was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CONNECTION_H
#define TCPSTATE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backoff.h"
#include "finding.h"
#include "segment.h"
#include "state.h"
#include "zeek.h"

/* Why an end is CLOSED or back in LISTEN: what would prove it wrong differs. */
enum tcpstate_closed_by {
    TCPSTATE_NOT_RESET,
    TCPSTATE_RESET_BY_PEER, /* a RST went towards it */
    TCPSTATE_RESET_BY_SELF, /* it sent a RST */
};

/* One endpoint of one connection, in the variables of RFC 9293 section 3.3.1 as far as the wire shows them. SND.UNA is the
 * other end's rcv_nxt. Times in nanoseconds. */
struct tcpstate_peer {
    int64_t last_time;    /* of its last segment, where the connection is `watched` */
    int64_t last_sent;    /* when it last sent its SYN, SYN,ACK or FIN, whichever is newest */
    int64_t waits_since;  /* in FIN_WAIT_2 since its FIN was acknowledged or data came later, in TIME_WAIT since its 2MSL began */
    uint32_t last_frame;  /* the frame of last_sent */
    uint32_t acked_frame; /* the frame that was presumed to acknowledge its SYN or FIN; 0 for none */
    uint32_t iss;
    uint32_t snd_nxt;    /* after the highest number sent */
    uint32_t rcv_nxt;    /* the highest number acknowledged: its last known RCV.NXT */
    uint32_t rcv_edge;   /* right edge of the window it offered, with window_known */
    uint32_t window_max; /* the largest window that it ever offered, bytes */
    uint32_t fin_end;    /* the number after its FIN, with fin_sent */
    uint32_t first_seq;  /* of the first segment without SYN, with first_known */
    uint32_t
        tsval; /* of its last SYN, 0 where it had none; with ts_known the TS.Recent that its receiver has of it (RFC 7323 section 4.3) */
    uint16_t retries;                           /* of its SYN, SYN,ACK or FIN, whichever is newest */
    uint8_t state : 4, basis : 4;               /* enum tcpstate_state, enum tcpstate_basis */
    uint8_t former_state : 4, former_basis : 4; /* before a RST closed it */
    uint8_t window_scale : 5;                   /* shift count that its SYN offered, TCPSTATE_NO_SCALE, or TCPSTATE_UNKNOWN_SCALE */
    uint8_t reset : 2;                          /* enum tcpstate_closed_by */
    bool iss_known : 1, snd_known : 1, rcv_known : 1, window_known : 1, first_known : 1, ts_known : 1;
    bool sack_known : 1;   /* its last segment had SACK blocks */
    bool syn_sent : 1;     /* its SYN or SYN,ACK is in the capture */
    bool syn_ack_sent : 1; /* its SYN,ACK is */
    bool syn_acked : 1;    /* the peer acknowledged its SYN */
    bool syn_repeated : 1; /* it sent its SYN again: a bare ACK from SYN_RCVD may be the answer */
    bool syn_due : 1;      /* a SYN is on its way to it */
    bool rst_due : 1;      /* a RST that closed it may still be on its way: what it sent since may only have crossed it */
    bool stuck_told : 1;   /* that it is stuck with its SYN, SYN,ACK or FIN */
    bool rst_doubted : 1;  /* it goes on after its own RST, or the capture has the two in the wrong order */
    bool fin_sent : 1;     /* and it counts */
    bool fin_acked : 1;    /* the peer acknowledged its FIN */
    bool from_listen : 1;  /* it opened passively: RFC 9293 section 3.10.7.4 sends it back to LISTEN on a RST */
    bool fast_open : 1;    /* it uses TCP Fast Open (RFC 7413) */
    bool wrong_echo : 1;   /* the SYN,ACK to it echoed a timestamp that none of its SYNs had */
    bool half_closed_told : 1, closed_data_told : 1;
    bool met_old : 1;       /* in TIME_WAIT, an old segment came: its next ACK answers that */
    bool answered_old : 1;  /* and it did */
    bool tsval_changed : 1; /* its first SYN had another */
};

enum { TCPSTATE_OFFERED_MAX = 4, TCPSTATE_UNKNOWN_SCALE = 0x1e, TCPSTATE_NO_SCALE = 0x1f };

/* A segment that looks wrong, until what its `witness` sends next shows that it was, or that the capture had missed something. */
struct tcpstate_doubt {
    int64_t time;           /* of that segment */
    uint32_t frame;         /* of it; 0: no doubt */
    uint32_t seq, expected; /* its number, and the one that it should have had */
    uint8_t id;             /* enum tcpstate_finding_id: what it would be */
    bool told;              /* that it was is certain; only the answer is awaited */
};

/* The trouble of one end. Times in nanoseconds. */
struct tcpstate_stream {
    int64_t last_gap;                           /* between the last two of its SYNs, SYN,ACKs or FINs; 0 before there were two */
    int64_t zero_since;                         /* since when it has offered no window, with zero_frame */
    int64_t first_time;                         /* of what is sent again in vain: its keep-alive probes, or its data with resent */
    int64_t resent_time;                        /* when it last sent the same data */
    struct tcpstate_doubt doubt;                /* of what the other end sent */
    uint32_t zero_frame;                        /* 0 where there is room */
    uint32_t first_frame;                       /* of what is sent again in vain */
    uint32_t half_closed_frame;                 /* of the data that came after its FIN was acknowledged; 0 for none */
    uint32_t tsval_first;                       /* of its first SYN, with tsval_changed */
    uint32_t sack_edge;                         /* highest right edge of the SACK blocks it sent, with sack_known */
    uint32_t resent_seq;                        /* of data that it sent again */
    uint32_t repeats, zero_windows, gaps;       /* how often Zeek would have counted them */
    uint32_t bad_checksums;                     /* the same */
    uint16_t resent, keepalives, window_probes; /* how often, without an ACK */
    uint16_t challenges;                        /* challenge ACKs that it sent */
    uint32_t challenge_frame;                   /* of the last of them */
    bool zero_told;
};

/* What is known of a connection beyond the next numbers; only those have it in which something went another way than the shortest. */
struct tcpstate_watch {
    int64_t idle_gap;                       /* the silence before the data in idle_frame, nanoseconds */
    uint32_t idle_frame;                    /* data that ended a long silence and is not acknowledged; 0 for none */
    uint32_t offered[TCPSTATE_OFFERED_MAX]; /* ISNs of the server's SYN,ACKs while the client is still in SYN_SENT */
    uint8_t offered_count, idle_from;
    struct tcpstate_stream stream[2]; /* by segment.from */
};

/* The last RST that closed an end, and what was told of it. */
struct tcpstate_reset {
    int64_t time; /* nanoseconds */
    uint32_t frame;
    uint32_t seq[2]; /* by end: of the RST that it sent, with RESET_BY_SELF */
    bool denied;     /* an end certainly went on after it */
    bool crossed;    /* data came after it */
};

struct tcpstate_connection {
    struct tcpstate_connection *before; /* the one before it on the same pair, or NULL */
    struct tcpstate_watch *watch;       /* NULL before the first segment that needs it */
    struct tcpstate_reset *reset;       /* the same */
    int64_t first_time;                 /* of its first segment, nanoseconds */
    int64_t round_trip;                 /* SYN to the ACK of the SYN,ACK, nanoseconds; 0 for unknown */
    struct tcpstate_peer peer[2];       /* by segment.from */
    uint32_t number;                    /* for the caller to set */
    uint32_t last_frame;                /* of its last segment, with `watched` */
    uint16_t letters[2];                /* by end: a bit for each enum tcpstate_letter_id that it has shown */
    uint8_t client : 1;                 /* index of the client in peer[] */
    uint8_t last_from : 1;              /* of its last segment, with `watched` */
    bool watched : 1;                   /* more than SYNs came */
    bool roles_assumed : 1;             /* from the ports: no SYN was seen */
    bool challenging : 1;               /* it began with a SYN against `before`, which may still stand */
    bool to_itself : 1;                 /* one endpoint, connected to itself: peer[0] alone */
    bool simultaneous : 1;              /* bare SYNs crossed */
    bool fins_crossed : 1;
    bool too_soon : 1; /* it began with a SYN that TIME_WAIT should not take */
    bool syn_told : 1; /* what became of the SYN against `before` was told */
};

/* All that one address/port pair did. Zeroed before the first segment; the caller owns it. */
struct tcpstate_pair {
    struct tcpstate_connection *now; /* the connection that the last segment was read in; NULL before the first */
};

/* Memory of what was captured a moment ago, to tell copies of a segment from retransmissions. */
enum { TCPSTATE_RECENT_COUNT = 4096 };

struct tcpstate_recent {
    int64_t time;
    const struct tcpstate_pair *pair; /* NULL: nothing yet */
    uint32_t frame, seq, ack, payload, vlan;
    int32_t ip_id;
    uint8_t flags, from, layer;
};

/* The bytes of data that were sent last, of all pairs, in a ring: to hold what is sent again against them. */
enum { TCPSTATE_KEPT_BYTES = 1 << 18, TCPSTATE_KEPT_COUNT = 512 };

struct tcpstate_kept {
    const struct tcpstate_connection *connection;
    uint32_t frame, seq, length; /* bytes */
    uint32_t at;                 /* in the ring; the header stands in front of the data */
    uint8_t from, header_length;
};

struct tcpstate_memory {
    uint32_t oldest, next; /* of kept[], modulo its size */
    uint32_t head;         /* of bytes[] */
    struct tcpstate_kept kept[TCPSTATE_KEPT_COUNT];
    uint8_t bytes[TCPSTATE_KEPT_BYTES];
};

/* From when on something is a finding. Nanoseconds and counts; 0 for never. */
struct tcpstate_limits {
    int64_t half_closed; /* FIN_WAIT_2 and CLOSE_WAIT without a word */
    int64_t zero_window; /* probed in vain */
    int64_t idle;        /* silence in which a middlebox may forget a connection */
    uint16_t stuck;      /* retries of a SYN, SYN,ACK or FIN; keep-alive probes without an answer */
    uint16_t resent;     /* retransmissions of the same data */
    uint16_t challenges; /* challenge ACKs of one end */
};

/* A capture: what all its pairs share. Zeroed, then the members before `memory` set. */
struct tcpstate_observer {
    /* Both give zeroed memory that lives as long as the pair; never NULL. The first sets `number` too. */
    struct tcpstate_connection *(*new_connection)(void *owner);
    void *(*new_memory)(void *owner, size_t size);
    void *owner;
    int64_t two_msl; /* nanoseconds after which TIME_WAIT is over; 0 for never */
    struct tcpstate_limits limits;
    uint8_t muted; /* a bit for each enum tcpstate_family of which nothing is to be found */
    bool thorough; /* read what was expected as thoroughly as all else: more work, the same outcome */
    struct tcpstate_memory memory;
    struct tcpstate_recent recent[TCPSTATE_RECENT_COUNT];
};

/* One change of one end. More than one may come from one segment: a FIN,ACK in ESTABLISHED passes through CLOSE_WAIT. */
struct tcpstate_change {
    uint8_t end;      /* 0 or 1 */
    uint8_t from, to; /* enum tcpstate_state */
    uint8_t event;    /* enum tcpstate_event */
};

enum { TCPSTATE_CHANGES_MAX = 12, TCPSTATE_FINDINGS_MAX = 12, TCPSTATE_LETTERS_MAX = 8 };

/* What a segment did. */
struct tcpstate_outcome {
    struct tcpstate_connection *connection; /* the one it belongs to */
    uint32_t copy_of;                       /* the frame whose copy it is; 0 for none. A copy changes nothing */
    uint16_t retry;                         /* which retransmission of a SYN, SYN,ACK or FIN it is; 0 for none */
    uint8_t retried;                        /* enum tcpstate_retried: of which of them */
    bool expected;                          /* it moved numbers on: the states, and all that a record shows, stay as they were */
    uint8_t change_count, finding_count, letter_count;
    struct tcpstate_letter letter[TCPSTATE_LETTERS_MAX]; /* of `connection` */
    struct tcpstate_change change[TCPSTATE_CHANGES_MAX];
    struct tcpstate_finding finding[TCPSTATE_FINDINGS_MAX + 1]; /* the last one takes what nobody wants */
};

/* Reads one segment. Fills all of *outcome. No error: any sequence of segments has an outcome. */
void tcpstate_observe(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                      struct tcpstate_outcome *outcome);

/* Reads the header of a segment that an ICMP error quotes: no segment, but evidence of what became of one. `quoted` needs only its
 * numbers, ports and time; type and code are those of the error, of ICMP or ICMPv6. */
void tcpstate_observe_icmp(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *quoted,
                           const struct tcpstate_icmp *icmp, struct tcpstate_outcome *outcome);

/* Reads a segment with a bad checksum, which its receiver drops: it is counted, and changes nothing. */
void tcpstate_observe_bad_checksum(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                                   struct tcpstate_outcome *outcome);

/* The state that `end` goes to if what is on its way to it arrives; its present state where nothing is. A fact that is derived,
 * not kept. */
enum tcpstate_state tcpstate_pending(const struct tcpstate_connection *connection, int end);

#endif /* TCPSTATE_CONNECTION_H */
