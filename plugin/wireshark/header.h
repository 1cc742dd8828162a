/* A TCP header as the engine's segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_HEADER_H
#define TCPSTATE_HEADER_H

#include <tcpstate/segment.h>

#include "shim.h"

/* Fills all of *segment. False where stacks drop it: a data offset below 20 bytes, or beyond the segment. */
gboolean header_parse(const struct arrival *arrival, struct tcpstate_segment *segment);

/* The same of a header that an ICMP error quotes, of which only ports and sequence number are certain to be there. */
void header_parse_quoted(const struct arrival *arrival, struct tcpstate_segment *segment);

/* RFC 9293 section 3.1. False where the capture has not all of the bytes. */
gboolean header_has_bad_checksum(const struct arrival *arrival);

/* A frame's time in nanoseconds between 1970 and 2115, so that no difference of two overflows. */
gint64 header_time(const nstime_t *time);

#endif /* TCPSTATE_HEADER_H */
