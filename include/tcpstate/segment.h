/* A TCP segment as the engine reads it: the fields of its header in host byte order, and where and when it was captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_H
#define TCPSTATE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Control bits, with the values of RFC 9293 section 3.1. The engine ignores CWR and ECE, because they do not change a state. */
enum {
    TCPSTATE_FIN = 0x01,
    TCPSTATE_SYN = 0x02,
    TCPSTATE_RST = 0x04,
    TCPSTATE_PSH = 0x08,
    TCPSTATE_ACK = 0x10,
    TCPSTATE_URG = 0x20,
};

/* Bits of `present`: the options that are in the header and were captured whole. */
enum {
    TCPSTATE_OPTION_WINDOW_SCALE = 0x01, /* RFC 7323 section 2 */
    TCPSTATE_OPTION_SACK = 0x02,         /* RFC 2018 section 3 */
    TCPSTATE_OPTION_TIMESTAMPS = 0x04,   /* RFC 7323 section 3.2 */
    TCPSTATE_OPTION_FAST_OPEN = 0x08,    /* RFC 7413 section 4.1.1: kind 34, or kind 254 with magic 0xF989 */
};

struct tcpstate_options {
    uint8_t present;
    uint8_t window_scale;  /* shift count as sent; more than 14 counts as 14 (RFC 7323 section 2.3) */
    bool cut;              /* the capture does not have all bytes of the options */
    uint8_t bad_kind;      /* kind of an option that has an impossible length; 0 for none */
    uint8_t repeated_kind; /* kind of an option that is there twice, and should not be; 0 for none */
    uint32_t sack_edge;    /* the highest right edge of the SACK blocks */
    uint32_t tsval, tsecr;
};

struct tcpstate_segment {
    int64_t time;      /* when it was captured, nanoseconds since the epoch; may be earlier than the segment before */
    uint32_t frame;    /* number in the capture, from 1 */
    uint8_t layer;     /* which TCP header of the frame, from 0: a frame with a tunnel has several */
    uint8_t from;      /* the endpoint that sent it: 0 or 1, with the same meaning for all segments of a pair */
    bool to_itself;    /* both ends have the same address and port; `from` is then 0 */
    bool length_known; /* false for the first fragment of a datagram that was not reassembled */
    uint8_t flags;
    bool window_cut; /* the capture does not have the window */
    uint16_t window; /* as in the header, not scaled */
    uint16_t src_port, dst_port;
    uint32_t seq, ack; /* SEG.SEQ, SEG.ACK */
    uint32_t payload;  /* bytes of data: computed from the length in the IP header, not from the bytes captured */
    int32_t ip_id;     /* identification of the IPv4 header, -1 where there is none */
    uint8_t way;       /* of the cooked header of the device "any", which does not tell the interface: its packet type plus 1; else 0 */
    uint8_t ttl;       /* TTL or hop limit of the IP header, 0 where it is not known */
    uint32_t hosts;    /* of a SYN without ACK: a hash of its two addresses, with their directions; 0 where it is not known */
    uint64_t network;  /* number of the tunnel in which it was captured; 0 for none */
    struct tcpstate_options options;
    const uint8_t *header; /* header_length bytes as captured; the engine uses them only during the call */
    const uint8_t *data;   /* `payload` bytes, directly after the header in memory; NULL where the capture does not have all */
    uint8_t header_length; /* bytes */
};

/* An ICMP error: type and code of ICMPv6 (RFC 4443) or ICMP (RFC 792). */
struct tcpstate_icmp {
    uint8_t type, code;
    bool is_v6;
};

/* SEG.LEN: the bytes of data, and one sequence number each for SYN and FIN (RFC 9293 section 3.4). */
static inline uint32_t
tcpstate_seg_len(const struct tcpstate_segment *seg)
{
    return seg->payload + ((seg->flags & TCPSTATE_SYN) != 0) + ((seg->flags & TCPSTATE_FIN) != 0);
}

/* The sequence number after the last one of the segment. */
static inline uint32_t
tcpstate_seg_end(const struct tcpstate_segment *seg)
{
    return seg->seq + tcpstate_seg_len(seg);
}

#endif /* TCPSTATE_SEGMENT_H */
