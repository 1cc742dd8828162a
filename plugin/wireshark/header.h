/* A noted TCP header as the engine's segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_HEADER_H
#define TCPSTATE_HEADER_H

#include <tcpstate/segment.h>

#include "notes.h"

/* Fills all of *segment. False where stacks drop it: a data offset below 20 bytes, or beyond the segment. */
gboolean header_parse(const struct note *note, const packet_info *pinfo, guint8 layer, struct tcpstate_segment *segment);

/* Of the frame, in nanoseconds between 1970 and 2115, so that no difference of two overflows. */
gint64 header_time(const packet_info *pinfo);

/* The same of a header that an ICMP error quotes, of which only ports and sequence number are certain to be there. */
void header_parse_quoted(const struct note *note, const packet_info *pinfo, guint8 layer, struct tcpstate_segment *segment);

#endif /* TCPSTATE_HEADER_H */
