/* A TCP segment as the engine wants it: the header's numbers in host byte order, and where and when it was captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_H
#define TCPSTATE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Control bits, in their places of RFC 9293 section 3.1. The engine looks at no others: those of ECN mean nothing to a state. */
enum {
    TCPSTATE_FIN = 0x01,
    TCPSTATE_SYN = 0x02,
    TCPSTATE_RST = 0x04,
    TCPSTATE_PSH = 0x08,
    TCPSTATE_ACK = 0x10,
    TCPSTATE_URG = 0x20,
};

/* What the header's options said; a bit of `present` for each that was there and captured whole. */
enum {
    TCPSTATE_OPTION_WINDOW_SCALE = 0x01, /* RFC 7323 section 2 */
    TCPSTATE_OPTION_SACK = 0x02,         /* RFC 2018 section 3 */
    TCPSTATE_OPTION_TIMESTAMPS = 0x04,   /* RFC 7323 section 3 */
    TCPSTATE_OPTION_FAST_OPEN = 0x08,    /* RFC 7413 section 4.1.1: kind 34, or kind 254 with magic 0xF989 */
};

struct tcpstate_options {
    uint8_t present;
    uint8_t window_scale; /* shift count, as sent: over 14 means 14 (RFC 7323 section 2.3) */
    bool cut;             /* the capture has not all of them */
    uint8_t bad_kind;     /* of an option with a length that it cannot have; 0 for none */
    uint32_t sack_edge;   /* the highest right edge of the SACK blocks */
    uint32_t tsval, tsecr;
};

struct tcpstate_segment {
    int64_t time;      /* of the capture, nanoseconds since the epoch; may run backwards */
    uint32_t frame;    /* number in the capture, from 1 */
    uint8_t layer;     /* which TCP header of the frame, from 0: tunnels carry several */
    uint8_t from;      /* the endpoint that sent it: 0 or 1, the same for all segments of a pair */
    bool to_itself;    /* both ends are one address and port; `from` is then 0 */
    bool length_known; /* false for the first fragment of a datagram that was not reassembled */
    uint8_t flags;
    uint16_t window; /* as on the wire, unscaled */
    uint16_t src_port, dst_port;
    uint32_t seq, ack; /* SEG.SEQ, SEG.ACK */
    uint32_t payload;  /* bytes of data, from the IP header's length and not from what was captured */
    int32_t ip_id;     /* identification of the IPv4 header, -1 where there is none */
    uint32_t vlan;     /* outermost VLAN, 0 where there is none: of a segment seen on several, all but one are copies */
    struct tcpstate_options options;
    const uint8_t *header; /* header_length bytes as captured; only during the call */
    const uint8_t *data;   /* `payload` bytes, behind the header's; NULL where the capture has not all of them */
    uint8_t header_length;
};

/* An ICMP error: its type and code, of ICMPv6 (RFC 4443) or of ICMP (RFC 792). */
struct tcpstate_icmp {
    uint8_t type, code;
    bool is_v6;
};

/* SEG.LEN: SYN and FIN take a sequence number each (RFC 9293 section 3.3.1). */
static inline uint32_t
tcpstate_seg_len(const struct tcpstate_segment *seg)
{
    return seg->payload + ((seg->flags & TCPSTATE_SYN) != 0) + ((seg->flags & TCPSTATE_FIN) != 0);
}

/* The number after the segment's last. */
static inline uint32_t
tcpstate_seg_end(const struct tcpstate_segment *seg)
{
    return seg->seq + tcpstate_seg_len(seg);
}

#endif /* TCPSTATE_SEGMENT_H */
