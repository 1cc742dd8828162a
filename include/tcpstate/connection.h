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
#include <stdint.h>

#include "finding.h"
#include "segment.h"
#include "state.h"

/* Why an end is CLOSED or back in LISTEN: what would prove it wrong differs. */
enum tcpstate_closed_by {
    TCPSTATE_NOT_RESET,
    TCPSTATE_RESET_BY_PEER, /* a RST went towards it */
    TCPSTATE_RESET_BY_SELF, /* it sent a RST */
};

/* One endpoint of one connection, in the variables of RFC 9293 section 3.3.1 as far as the wire shows them. SND.UNA is the
 * other end's rcv_nxt. */
struct tcpstate_peer {
    uint32_t iss;
    uint32_t snd_nxt;                          /* after the highest number sent */
    uint32_t rcv_nxt;                          /* the highest number acknowledged: its last known RCV.NXT */
    uint32_t rcv_edge;                         /* right edge of the window it offered, with window_known */
    uint32_t sack_edge;                        /* highest right edge of the SACK blocks it sent, with sack_known */
    uint32_t fin_end;                          /* the number after its FIN, with fin_sent */
    uint32_t first_seq;                        /* of the first segment without SYN, with first_known */
    uint32_t rst_seq;                          /* of the RST it sent, with RESET_BY_SELF */
    uint32_t tsval_first, tsval_last;          /* of its SYNs; 0 where they had none */
    int64_t time_wait_since;                   /* when its 2MSL began; nanoseconds */
    int64_t last_sent;                         /* when it last sent its SYN, SYN,ACK or FIN, whichever is newest; nanoseconds */
    int64_t last_gap;                          /* between the last two of these; 0 before there were two */
    uint32_t last_frame;                       /* the frame of that */
    uint32_t acked_frame;                      /* the frame that was presumed to acknowledge its SYN or FIN; 0 for none */
    uint16_t retries;                          /* of its SYN, SYN,ACK or FIN, whichever is newest */
    uint8_t state, basis;                      /* enum tcpstate_state, enum tcpstate_basis */
    uint8_t former_state, former_basis, reset; /* before a RST closed it; enum tcpstate_closed_by */
    uint8_t window_scale;                      /* shift count that its SYN offered, or TCPSTATE_NO_SCALE */
    bool iss_known : 1, snd_known : 1, rcv_known : 1, window_known : 1, sack_known : 1, first_known : 1;
    bool syn_sent : 1;     /* its SYN or SYN,ACK is in the capture */
    bool syn_ack_sent : 1; /* its SYN,ACK is */
    bool syn_acked : 1;    /* the peer acknowledged its SYN */
    bool syn_repeated : 1; /* it sent its SYN again: a bare ACK from SYN_RCVD may be the answer */
    bool syn_due : 1;      /* a SYN is on its way to it */
    bool rst_due : 1;      /* a RST that closed it may still be on its way: what it sent since may only have crossed it */
    bool fin_sent : 1;     /* and it counts */
    bool fin_acked : 1;    /* the peer acknowledged its FIN */
    bool from_listen : 1;  /* it opened passively: RFC 9293 section 3.10.7.4 sends it back to LISTEN on a RST */
    bool fast_open : 1;    /* it uses TCP Fast Open (RFC 7413) */
    bool wrong_echo : 1;   /* the SYN,ACK to it echoed a timestamp that none of its SYNs had */
};

enum { TCPSTATE_OFFERED_MAX = 4, TCPSTATE_NO_SCALE = 0xff };

struct tcpstate_connection {
    struct tcpstate_connection *before;     /* the one before it on the same pair, or NULL */
    struct tcpstate_peer peer[2];           /* by segment.from */
    uint32_t offered[TCPSTATE_OFFERED_MAX]; /* ISNs of the server's SYN,ACKs while the client is still in SYN_SENT */
    int64_t first_time, rst_time;           /* nanoseconds; of its first SYN, of the last RST that closed an end */
    int64_t round_trip;                     /* SYN to the ACK of the SYN,ACK, nanoseconds; 0 for unknown */
    uint32_t number;                        /* for the caller to set */
    uint32_t rst_frame;
    uint8_t client; /* index of the client in peer[] */
    uint8_t offered_count;
    bool roles_assumed : 1; /* from the ports: no SYN was seen */
    bool challenging : 1;   /* it began with a SYN against `before`, which may still stand */
    bool to_itself : 1;     /* one endpoint, connected to itself: peer[0] alone */
    bool simultaneous : 1;  /* bare SYNs crossed */
    bool fins_crossed : 1;
    bool rst_denied : 1; /* an end certainly went on after the last RST, and that was told */
};

/* All that one address/port pair did. Zeroed before the first segment; the caller owns it. */
struct tcpstate_pair {
    struct tcpstate_connection *now; /* the connection that the last segment was read in; NULL before the first */
};

/* Memory of what was captured a moment ago, to tell copies of a segment from retransmissions. */
enum { TCPSTATE_RECENT_COUNT = 4096 };

struct tcpstate_recent {
    int64_t time;
    const struct tcpstate_pair *pair;
    uint32_t frame, seq, ack, payload, vlan;
    int32_t ip_id;
    uint8_t flags, from, layer, used;
};

/* A capture: what all its pairs share. Zeroed, then the first two members set. */
struct tcpstate_observer {
    /* Gives zeroed memory for one connection that lives as long as the pair, with `number` set; never NULL. */
    struct tcpstate_connection *(*new_connection)(void *owner);
    void *owner;
    int64_t two_msl; /* nanoseconds after which TIME_WAIT is over; 0 for never */
    struct tcpstate_recent recent[TCPSTATE_RECENT_COUNT];
};

/* One change of one end. More than one may come from one segment: a FIN,ACK in ESTABLISHED passes through CLOSE_WAIT. */
struct tcpstate_change {
    uint8_t end;      /* 0 or 1 */
    uint8_t from, to; /* enum tcpstate_state */
    uint8_t event;    /* enum tcpstate_event */
};

enum { TCPSTATE_CHANGES_MAX = 12, TCPSTATE_FINDINGS_MAX = 8 };

/* What a segment did. */
struct tcpstate_outcome {
    struct tcpstate_connection *connection; /* the one it belongs to */
    uint32_t copy_of;                       /* the frame whose copy it is; 0 for none. A copy changes nothing */
    uint16_t retry;                         /* which retransmission of a SYN, SYN,ACK or FIN it is; 0 for none */
    uint8_t change_count, finding_count;
    struct tcpstate_change change[TCPSTATE_CHANGES_MAX];
    struct tcpstate_finding finding[TCPSTATE_FINDINGS_MAX];
};

/* Reads one segment. Fills all of *outcome. No error: any sequence of segments has an outcome. */
void tcpstate_observe(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *segment,
                      struct tcpstate_outcome *outcome);

/* The state that `end` goes to if what is on its way to it arrives; its present state where nothing is. A fact that is derived,
 * not kept. */
enum tcpstate_state tcpstate_pending(const struct tcpstate_connection *connection, int end);

#endif /* TCPSTATE_CONNECTION_H */
