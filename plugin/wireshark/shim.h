/* The shim: a pass-through in front of TCP's dissector, and of those of ICMP, whose errors quote TCP headers. So a header is seen as often
 * as TCP sees it, in tunnels too, whatever is thrown behind it. A post-dissector with a protocol of its own costs half as much again,
 * before it does anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SHIM_H
#define TCPSTATE_SHIM_H

#include <tcpstate/segment.h>

#include "compat.h"

enum { SHIM_HEADER_MIN = 14, SHIM_QUOTED_MIN = 8 };

/* A TCP header, as it is handed to TCP's dissector: SHIM_HEADER_MIN bytes of it at least are captured, or where an ICMP error quotes it,
 * SHIM_QUOTED_MIN (RFC 792). */
struct arrival {
    tvbuff_t *tvb; /* header and data */
    packet_info *pinfo;
    proto_tree *tree;
    guint captured;                   /* bytes of it */
    guint8 layer;                     /* which TCP header of the frame it is, from 0 */
    gint32 ip_id;                     /* -1 where there is none */
    const struct tcpstate_icmp *icmp; /* the error that quotes it: no segment; NULL for none */
};

/* To be called from the registration and the handoff routine, and with each capture: where the user has disabled protocol `proto`, nothing
 * arrives. */
void shim_register(void);
void shim_handoff(int proto);
void shim_begin_capture(void);

/* What is called, in plugin.c. Whether the headers of a frame are wanted at all. */
gboolean segments_are_wanted(const packet_info *pinfo, const proto_tree *tree);

/* With each header, before TCP's dissector has it: whether there is something to show of it. */
gboolean segment_arrives(const struct arrival *arrival);

/* Where there is, when the outermost of those headers is dissected: it and those inside it, whatever was thrown there. */
void segments_passed(void);

#endif /* TCPSTATE_SHIM_H */
