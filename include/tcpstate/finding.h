/* Findings: what an analyst is told about abnormal transitions. One line each is the only source of their ids, filter names,
 * severities, groups, sections and texts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDING_H
#define TCPSTATE_FINDING_H

#include <stddef.h>
#include <stdint.h>

enum tcpstate_severity { TCPSTATE_CHAT = 1, TCPSTATE_NOTE, TCPSTATE_WARN, TCPSTATE_ERROR };
enum tcpstate_group { TCPSTATE_SEQUENCE, TCPSTATE_PROTOCOL, TCPSTATE_MALFORMED, TCPSTATE_SECURITY, TCPSTATE_ASSUMPTION };

/* X(id, filter name, severity, group, RFC and section, summary, text)
 *
 * The text's words in braces are filled in by tcpstate_finding_text():
 *   {end} {peer}     the end that the finding is about, the other one: client or server
 *   {state} {other}  their states before the segment
 *   {frame}          the frame that it answers or contradicts
 *   {count}          a count: of retries, of bytes
 *   {gap} {ratio}    seconds since that frame; how many times the gap before, or nothing for the first
 *   {seq}            a sequence number, relative to the sender's ISN where that is known, and absolute */
#define TCPSTATE_FINDINGS(X)                                                                                                         \
    X(SYN_RETRANSMITTED, syn_retransmitted, NOTE, SEQUENCE, "RFC 6298 section 5", "SYN sent again",                                  \
      "The {end} sent its SYN again (SEQ {seq}): retry {count}, {gap} s after the one before{ratio}")                                \
    X(HANDSHAKE_ACK_LOST, handshake_ack_lost, NOTE, SEQUENCE, "RFC 9293 section 3.10.7.4",                                           \
      "The ACK that ended the handshake was lost, late or ignored",                                                                  \
      "The {end} sent its SYN,ACK again (SEQ {seq}): the {peer}'s ACK in frame {frame} was lost, late or ignored, and the {end} is " \
      "still in SYN_RCVD")                                                                                                           \
    X(REFUSED, refused, NOTE, SEQUENCE, "RFC 9293 section 3.5.2", "Connection refused",                                              \
      "The {end} refused the connection: its RST acknowledges the {peer}'s SYN (ACK {seq})")                                         \
    X(SIMULTANEOUS_OPEN, simultaneous_open, CHAT, SEQUENCE, "RFC 9293 section 3.5 figure 7", "Simultaneous open",                    \
      "The {end}'s SYN (SEQ {seq}) crossed the {peer}'s in frame {frame}: simultaneous open")                                        \
    X(PICKED_UP, picked_up, CHAT, ASSUMPTION, "RFC 9293 section 3.10", "The capture begins inside this connection",                  \
      "The capture begins inside this connection: its first segment is no SYN, and states are assumed until the ends prove theirs")  \
    X(LAST_ACK_LOST, last_ack_lost, NOTE, SEQUENCE, "RFC 9293 section 3.10.7.4", "The ACK of a FIN was lost or late",                \
      "The {end} sent its FIN again (SEQ {seq}): the {peer}'s ACK in frame {frame} was lost or late")                                \
    X(SIMULTANEOUS_CLOSE, simultaneous_close, CHAT, SEQUENCE, "RFC 9293 section 3.6 figure 13", "Simultaneous close",                \
      "The {end}'s FIN (SEQ {seq}) crossed the {peer}'s: simultaneous close")                                                        \
    X(RESET, reset, NOTE, SEQUENCE, "RFC 9293 section 3.5.3", "Connection reset",                                                    \
      "The {end} reset the connection (SEQ {seq}) from {state}, the {peer} being in {other}{untested}{unacked}")                     \
    X(RST_IGNORED, rst_ignored, WARN, SECURITY, "RFC 5961 section 3.2", "A RST did not end the connection",                          \
      "The {end} goes on after the RST in frame {frame}, {gap} s later: that RST was lost or forged")

enum tcpstate_finding_id {
#define X(id, name, severity, group, rfc, summary, text) TCPSTATE_FINDING_##id,
    TCPSTATE_FINDINGS(X)
#undef X
};
#define X(id, name, severity, group, rfc, summary, text) +1
enum { TCPSTATE_FINDING_COUNT = TCPSTATE_FINDINGS(X) };
#undef X

/* What the texts need. Members that a finding's text does not name are zero. */
struct tcpstate_finding {
    uint32_t frame; /* where it is raised */
    uint8_t layer;
    uint8_t id;
    uint8_t end;             /* segment.from of the end it is about */
    uint8_t end_is_client;   /* as the roles were then */
    uint8_t state, other;    /* before the segment */
    uint8_t untested;        /* the RST met no state to test it against */
    uint8_t seq_is_relative; /* seq_base is known */
    uint32_t related;        /* frame it answers or contradicts; 0 for none */
    uint32_t count;
    uint32_t seq, seq_base;
    int64_t gap, gap_before; /* nanoseconds */
};

struct tcpstate_finding_kind {
    const char *name; /* as in the filter tcpstate.NAME */
    enum tcpstate_severity severity;
    enum tcpstate_group group;
    const char *rfc, *summary, *text;
};

/* By enum tcpstate_finding_id. */
extern const struct tcpstate_finding_kind tcpstate_finding_kinds[TCPSTATE_FINDING_COUNT];

/* Writes the sentence, always terminated, cut at `size` bytes. */
void tcpstate_finding_text(const struct tcpstate_finding *finding, char *text, size_t size);

#endif /* TCPSTATE_FINDING_H */
