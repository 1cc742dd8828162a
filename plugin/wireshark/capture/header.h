/* Makes the engine's segment (struct tcpstate_segment) of a TCP header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_HEADER_H
#define TCPSTATE_HEADER_H

#include "../api/compat.h"

#include <tcpstate/segment.h>

/* The fewest bytes of a header that the engine needs; that an ICMP error quotes (RFC 792); that the TCP dissector needs to create a
 * conversation. */
enum { HEADER_MIN = 14, HEADER_QUOTED_MIN = 8, HEADER_CONVERSATION_MIN = 16 };

/* A TCP header, as the TCP dissector gets it. At least HEADER_MIN bytes were captured, or HEADER_QUOTED_MIN if an ICMP error quotes it. */
struct raw_header {
    tvbuff_t *tvb; /* header and data */
    packet_info *pinfo;
    guint captured;                   /* captured bytes of tvb */
    guint8 layer;                     /* index of this TCP header in the frame, from 0 */
    gint32 ip_id;                     /* IPv4 identification; -1 for none */
    guint8 dscp;                      /* differentiated services code point (RFC 2474) */
    guint8 ttl;                       /* TTL or hop limit; 0 where it is not known */
    guint64 network;                  /* see struct tcpstate_segment */
    guint16 place;                    /* see place.h */
    const struct tcpstate_icmp *icmp; /* the ICMP error that quotes this header; NULL for a segment */
};

/* Fills all of *segment. FALSE if the header is malformed, so that a receiver drops it: a data offset of less than 20 bytes, or more than
 * the segment has. */
gboolean header_parse(const struct raw_header *raw, struct tcpstate_segment *segment);

/* The same for a header that an ICMP error quotes: it is only sure to have ports and sequence number. */
void header_parse_quoted(const struct raw_header *raw, struct tcpstate_segment *segment);

/* Checks the checksum (RFC 9293 section 3.1). FALSE also if not all bytes were captured. */
gboolean header_has_bad_checksum(const struct raw_header *raw);

/* The timestamp of a frame in nanoseconds since the epoch. It is limited to the years 1970 to 2115, so that the difference of two fits into
 * 64 bits. */
gint64 header_time(const nstime_t *time);

/* When the frame was captured: without what the user has shifted it by since. */
gint64 header_captured_time(const packet_info *pinfo);

#endif /* TCPSTATE_HEADER_H */
