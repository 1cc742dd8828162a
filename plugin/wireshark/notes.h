/* The shim: a pass-through in front of the TCP dissector that notes each TCP header of a frame, also those that other dissectors
 * wrap, reassemble or throw at later. The post-dissector reads the notes when the frame is dissected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_NOTES_H
#define TCPSTATE_NOTES_H

#include <tcpstate/segment.h>

#include "compat.h"

enum { NOTE_HEADER_MIN = 14, NOTE_HEADER_MAX = 60, NOTE_QUOTED_MIN = 8 };

/* One TCP header. Lives as long as the frame's dissection, and so do the addresses. */
struct note {
    struct note *next; /* the next one of the frame, from the outside in */
    address src, dst;
    guint32 reported_length; /* of header and data, by the IP header */
    gint32 ip_id;            /* -1 where there is none */
    gboolean fragmented;     /* a first fragment that was not reassembled: the length is that of the fragment */
    gboolean bad_checksum;   /* looked at only if asked for */
    gboolean quoted;         /* in an ICMP error: no segment, and 8 bytes are enough (RFC 792) */
    struct tcpstate_icmp icmp;
    tvbuff_t *tvb;  /* header and data */
    guint captured; /* bytes of header[] that the capture has: NOTE_HEADER_MIN to NOTE_HEADER_MAX */
    guint8 header[NOTE_HEADER_MAX];
};

/* To be called from the registration and the handoff routine. `proto` is the protocol that the notes are for: where the user has
 * disabled it, none are taken. */
void notes_register(void);
void notes_handoff(int proto);

/* Whether to verify checksums, which takes the whole segment. */
void notes_set_check_checksum(gboolean check);

/* The notes of this frame, the outermost first; NULL for none. */
const struct note *notes_of(packet_info *pinfo);

#endif /* TCPSTATE_NOTES_H */
