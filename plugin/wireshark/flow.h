/* An address/port pair's states in Wireshark's memory: the engine's pair and its timeline. A pair has one flow, in a table of our own:
 * Wireshark opens a conversation at every SYN with another number, and to find one takes several times as long. Everything lives as long as
 * the capture file is open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOW_H
#define TCPSTATE_FLOW_H

#include <tcpstate/timeline.h>

#include "header.h"

/* One of the two addresses and ports. */
struct flow_end {
    guint8 type, length; /* of struct address */
    guint16 port;
    guint8 bytes[16]; /* `length` of them are there */
};

/* What an end takes, zero behind its address. */
enum { FLOW_END_WORDS_MAX = (sizeof(struct flow_end) + sizeof(guint64) - 1) / sizeof(guint64), FLOW_WORDS_MAX = 2 * FLOW_END_WORDS_MAX };
static inline guint
flow_end_words(guint length)
{
    return (guint)(offsetof(struct flow_end, bytes) + length + sizeof(guint64) - 1) / (guint)sizeof(guint64);
}

struct flow {
    struct flow *next; /* of the same chain, for flows.c */
    struct tcpstate_pair pair;
    struct tcpstate_record *records;
    struct tcpstate_finding *findings; /* by frame and layer */
    guint32 record_count, finding_count;
    guint64 ends[FLOW_WORDS_MAX]; /* no more of it is there than the addresses need: see flow_end() */
};

/* Its end 0 or 1, by segment.from. */
static inline const struct flow_end *
flow_end(const struct flow *flow, int end)
{
    const struct flow_end *first = (const struct flow_end *)(const void *)flow->ends;

    return end == 0 ? first : (const struct flow_end *)(const void *)&flow->ends[flow_end_words(first->length)];
}

/* For a new capture, or the same one again, with what the user has set: struct tcpstate_observer says what. */
void flow_reset(gint64 two_msl, const struct tcpstate_limits *limits, guint8 muted);

/* To be called with each segment. Whether the engine is to read it: on the first pass, and not where it has had this frame, or later ones.
 * Frames that Wireshark dissects out of order, after a redissection was interrupted, come too late to change anything. */
gboolean flow_is_next(const packet_info *pinfo, const struct tcpstate_segment *segment);

/* The last frame that the engine had; what is asked of a flow tells of all frames up to it. 0 for none. */
guint32 flow_last_frame(void);

/* Runs the engine. Once for each segment, in the order of the capture. */
void flow_observe(struct flow *flow, const struct tcpstate_segment *segment);

/* The same with a segment that its receiver drops. */
void flow_observe_bad_checksum(struct flow *flow, const struct tcpstate_segment *segment);

/* The same with a header that an ICMP error quotes. */
void flow_observe_icmp(struct flow *flow, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp);

/* Whether any segment has any, as far as the capture has been read. */
gboolean flow_has_findings(void);

/* The findings of one segment: their count, and the first of them in *first. */
guint flow_findings_at(const struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_finding **first);

/* A connection, and what it left. Of a connection that challenged another one the records of the two may be mixed. */
struct flow_connection {
    struct tcpstate_connection connection;
    struct flow *flow;
    struct tcpstate_letter *letters; /* by frame and layer */
    guint32 letter_count;
    guint32 first_record, end_record; /* indices of its first record, and after its last */
};

/* By its number; NULL where there is none. */
const struct flow_connection *flow_connection(guint32 number);
guint32 flow_connection_count(void);

/* The connection's finding after `finding`, or its first one after NULL; NULL after the last. A finding belongs to the connection that its
 * frame shows; those after a flow's last record are the last connection's. *record is the one that its frame shows. */
const struct tcpstate_finding *flow_next_finding(guint32 number, const struct tcpstate_finding *finding,
                                                 const struct tcpstate_record **record);

/* How long TIME_WAIT lasts in this capture, nanoseconds; 0 for ever. */
gint64 flow_two_msl(void);

/* Its address, which points into *end. */
address flow_end_as_address(const struct flow_end *end);

/* "10.0.0.1", and with its port "10.0.0.1:80" or "[2001:db8::1]:80", in `scope`. */
char *flow_end_address(wmem_allocator_t *scope, const struct flow_end *end);
char *flow_end_text(wmem_allocator_t *scope, const struct flow_end *end);

#endif /* TCPSTATE_FLOW_H */
