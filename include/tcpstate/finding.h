/* The findings: what the engine reports about abnormal segments and states. This list is the only source of their names,
 * families, severities, groups, RFC sections and texts; plugin/FINDINGS.md and doc/findings.adoc are made from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDING_H
#define TCPSTATE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tcpstate_severity { TCPSTATE_CHAT = 1, TCPSTATE_NOTE, TCPSTATE_WARN, TCPSTATE_ERROR };
enum tcpstate_group { TCPSTATE_SEQUENCE, TCPSTATE_PROTOCOL, TCPSTATE_MALFORMED, TCPSTATE_SECURITY, TCPSTATE_ASSUMPTION };

/* Each family can be switched off. X(id, preference, what it is about) */
#define TCPSTATE_FAMILIES(X)                                                                  \
    X(OPENING, opening, "how connections open: retries, refusals, wrong answers")             \
    X(ESTABLISHED, established, "open connections: challenges, windows, keep-alives, losses") \
    X(CLOSING, closing, "how connections close, TIME_WAIT and the reuse of ports")            \
    X(RESETS, reset, "resets: what they ended, lost and forged ones")                         \
    X(FLAGS, flags, "flags and options that no stack sends")                                  \
    X(POINTS, points, "what happened to segments between two capture points")

enum tcpstate_family {
#define X(id, preference, about) TCPSTATE_##id##_FAMILY,
    TCPSTATE_FAMILIES(X)
#undef X
};

/* X(name, family, severity, lesser severity, group, RFC and section, summary, text)
 *
 * A finding whose member `lesser` is set has the lesser severity.
 *
 * tcpstate_finding_text() replaces the words in braces:
 *   {end} {peer}       the end that the finding is about, and the other end: "client" or "server"
 *   {state} {other}    the states of these two ends before the segment
 *   {frame}            "frame 7", the frame that the segment answers or contradicts; "an earlier frame" where its number is not known
 *   {count}            a count: of retries, of probes
 *   {bytes}            the same count as "1 byte", "12 bytes"
 *   {gap}              seconds since that frame
 *   {ratio}            this gap divided by the gap before it; nothing for the first gap
 *   {seq} {expected}   sequence numbers: absolute, and relative to the ISN where the ISN is known
 *   {value} {was}      the same two numbers, as plain numbers
 *   {at}               " in frame 7" where the finding is raised later than frame 7, to which it belongs
 *   {detail}           one of the phrases below
 *   {backoff}          whether the gaps are those of a known stack, and when that stack sends again or gives up
 *   {usual}            "; 350 s is AWS's default", where a usual time-out of middleboxes is a little less than the gap
 *   {quote}            ": \"text\"", the text in a RST, where the capture has it
 *   {segment} {marks}  of a foreign origin: "RST", "FIN" or "SYN,ACK", and what else does not agree: see enum tcpstate_mark
 *   {icmp}             the name of the ICMP error
 *   {from} {to}        "point 1": two capture points, as the segment passes them
 *   {sends}            "; so were the other 5 like it", or nothing
 *   {changes}          "MSS from 1460 to 1200": what was changed
 *   {unacked}          "; 12 bytes to it were left unacknowledged", or nothing where all was acknowledged
 *   {untested}         "; its number could not be tested", or nothing */

#define TCPSTATE_FINDINGS(X)                                                                                                               \
    X(syn_retransmitted, OPENING, NOTE, NOTE, SEQUENCE, "RFC 6298 section 5", "SYN sent again",                                            \
      "The {end} sent its SYN again (SEQ {seq}): {detail}, {gap} s after the one before{ratio}")                                           \
    X(synack_retransmitted, OPENING, NOTE, NOTE, SEQUENCE, "RFC 6298 section 5", "SYN,ACK sent again",                                     \
      "The {end} sent its SYN,ACK again (SEQ {seq}): {detail}, {gap} s after the one before{ratio}")                                       \
    X(syn_sent_stuck, OPENING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "Stuck in SYN_SENT",                                        \
      "The {end} is stuck in SYN_SENT: {count} retries of SYN (SEQ {seq}), {detail}; {backoff}")                                           \
    X(syn_rcvd_stuck, OPENING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "Stuck in SYN_RCVD",                                        \
      "The {end} is stuck in SYN_RCVD: {count} retries of SYN,ACK (SEQ {seq}), {detail}; {backoff}")                                       \
    X(handshake_ack_lost, OPENING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.10.7.4",                                                      \
      "The ACK that ended the handshake was lost, late or ignored",                                                                        \
      "The {end} sent its SYN,ACK again (SEQ {seq}): the {peer}'s ACK in {frame} was lost, late or ignored, and the {end} is still "       \
      "in SYN_RCVD")                                                                                                                       \
    X(refused, OPENING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.5.2", "Connection refused",                                              \
      "The {end} refused the connection: its RST acknowledges the {peer}'s SYN (ACK {seq})")                                               \
    X(refused_bad_ack, OPENING, WARN, NOTE, SECURITY, "RFC 9293 section 3.10.7.3", "RST that does not answer the SYN",                     \
      "The {end}'s RST{at} does not acknowledge the {peer}'s SYN (ACK {seq}, expected {expected}): {detail}")                              \
    X(syn_aborted, OPENING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.10.5", "Opening aborted",                                            \
      "The {end} aborted before an answer to its SYN was captured (RST with SEQ {seq})")                                                   \
    X(half_open_scan, OPENING, NOTE, NOTE, SECURITY, "RFC 9293 section 3.5.2", "Handshake broken off after the SYN,ACK",                   \
      "The {end} answered the SYN,ACK with a RST (SEQ {seq}): likely a half-open port scan, a health check, or a program that gave up")    \
    X(synack_wrong_address, OPENING, WARN, WARN, PROTOCOL, "RFC 9293 section 3.5.2", "SYN,ACK from an address that was not asked",         \
      "The {end} rejects the SYN,ACK (RST with SEQ {seq}): it sent the same SYN to another address in {frame}, and a translation "         \
      "of addresses is not undone")                                                                                                        \
    X(synack_unasked, OPENING, NOTE, NOTE, SECURITY, "RFC 9293 section 3.5", "SYN,ACK without a SYN",                                      \
      "The {end}'s SYN,ACK in {frame} answers no SYN in the capture, and {detail}: a SYN in the {peer}'s name was forged, or was "         \
      "not "                                                                                                                               \
      "captured")                                                                                                                          \
    X(icmp_unreachable, OPENING, NOTE, NOTE, PROTOCOL, "RFC 9293 section 3.9.2.2", "An ICMP error answers a segment",                      \
      "{icmp} answers the {end}'s segment (SEQ {seq}), which was not acknowledged: {detail}")                                              \
    X(synack_bad_ack, OPENING, WARN, NOTE, SEQUENCE, "RFC 9293 section 3.10.7.3", "SYN,ACK that does not acknowledge the SYN",             \
      "The {end}'s SYN,ACK{at} does not acknowledge the {peer}'s SYN (ACK {seq}, expected {expected}): {detail}")                          \
    X(synack_changed_seq, OPENING, WARN, NOTE, SEQUENCE, "RFC 9293 section 3.4.1", "SYN,ACK again with another sequence number",           \
      "The {end} sent another SYN,ACK with another sequence number (SEQ {seq}, before {expected}) than in {frame}, {detail}")              \
    X(synack_changed_ack, OPENING, WARN, NOTE, SEQUENCE, "RFC 9293 section 3.4.1", "SYN,ACK again with another acknowledgment number",     \
      "The {end} sent its SYN,ACK again with another acknowledgment number (ACK {seq}, before {expected}) than in {frame}, "               \
      "{detail}")                                                                                                                          \
    X(syn_changed_seq, OPENING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.4.1", "SYN again with another sequence number",                  \
      "The {end} sent a SYN with another sequence number ({seq}; before {expected}), {gap} s after its SYN in {frame}, which had "         \
      "not opened a connection")                                                                                                           \
    X(syn_older_timestamp, OPENING, NOTE, NOTE, SEQUENCE, "RFC 7323 appendix B.2", "SYN with an older timestamp than another one",         \
      "The {end}'s SYN has no answer; its timestamp (TSval {value}) is older than in {frame} ({was}), {gap} s before, from the "           \
      "same "                                                                                                                              \
      "address: likely another host, and the {peer} may drop it")                                                                          \
    X(synack_wrong_direction, OPENING, WARN, WARN, PROTOCOL, "RFC 9293 section 3.5", "SYN,ACK from the sender of the SYN",                 \
      "The {end}, which had sent the SYN, sent a SYN,ACK{at} as if it were the server: the {peer} had sent no SYN")                        \
    X(simultaneous_open, OPENING, CHAT, CHAT, SEQUENCE, "RFC 9293 section 3.5 figure 7", "Simultaneous open",                              \
      "The {end}'s SYN (SEQ {seq}) crossed the {peer}'s in {frame}: simultaneous open")                                                    \
    X(split_handshake, OPENING, WARN, CHAT, SECURITY, "RFC 9293 section 3.4.1", "Split handshake",                                         \
      "The {end} answered the {peer}'s SYN {detail}")                                                                                      \
    X(handshake_bad_ack, OPENING, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7.4", "The handshake ends with an ACK of no SYN,ACK",       \
      "The {end}'s ACK at the end of the handshake acknowledges no SYN,ACK (ACK {seq}, expected {expected}): {detail}")                    \
                                                                                                                                           \
    X(data_before_established, OPENING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.10.2", "Data before the connection is open",             \
      "The {end} sent {bytes} (SEQ {seq}){at} while it is in SYN_SENT, {detail}")                                                          \
    X(syn_with_data, OPENING, CHAT, CHAT, PROTOCOL, "RFC 9293 section 3.10.7.3", "SYN with data",                                          \
      "The {end}'s SYN carries {bytes} without a Fast Open option: they wait until the handshake is over")                                 \
    X(tfo_data_ignored, OPENING, CHAT, CHAT, SEQUENCE, "RFC 7413 section 4.2.2", "The SYN's data was not taken",                           \
      "The {end}'s SYN,ACK acknowledges the {peer}'s SYN, but not its {bytes} of data: they will be sent again")                           \
    X(picked_up, OPENING, CHAT, CHAT, ASSUMPTION, "RFC 9293 section 3.10", "The capture begins inside this connection",                    \
      "The capture begins inside this connection: its first segment is no SYN, and states are assumed until the ends prove theirs")        \
    X(one_direction, OPENING, NOTE, CHAT, ASSUMPTION, "RFC 9293 section 3.10", "The capture has one direction only",                       \
      "Of this connection the capture has only the {end}'s direction {detail}: the {peer}'s states are presumed")                          \
    X(syn_in_connection, ESTABLISHED, WARN, CHAT, SEQUENCE, "RFC 5961 section 4.2", "SYN on an open connection",                           \
      "The {end} sent a SYN (SEQ {seq}) in {frame} while the connection was open; {detail}")                                               \
    X(challenge_ack, ESTABLISHED, NOTE, NOTE, SECURITY, "RFC 5961 sections 3.2 and 4.2", "Challenge ACK",                                  \
      "The {end} challenges the segment in {frame} with the numbers of the connection that it has (ACK {seq})")                            \
    X(challenge_ack_loop, ESTABLISHED, WARN, WARN, PROTOCOL, "RFC 5961 section 7", "Challenge ACKs without end",                           \
      "The {end} has sent {count} challenge ACKs: the two ends disagree about the connection and go round in circles")                     \
    X(half_open_found, ESTABLISHED, WARN, NOTE, SEQUENCE, "RFC 9293 section 3.5.1", "One side had lost the connection",                    \
      "The {end} answers the {peer}'s segment in {frame} with a RST (SEQ {seq}): {detail}")                                                \
    X(synack_in_connection, ESTABLISHED, WARN, WARN, SECURITY, "RFC 5961 section 4.2",                                                     \
      "SYN,ACK with foreign numbers on an open connection",                                                                                \
      "A SYN,ACK in the {end}'s name in {frame} has a foreign number (SEQ {seq}), and the connection goes on: it is stale or "             \
      "forged")                                                                                                                            \
    X(ack_unsent_data, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.10.7.4", "ACK of data that was never sent",                  \
      "The {end} acknowledged in {frame} what the {peer} had not sent (ACK {seq}; the {peer} is at {expected}): an optimistic or a "       \
      "forged ACK")                                                                                                                        \
    X(segment_out_of_window, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.10.7.4", "Segment beyond the window",                  \
      "The {end}'s segment in {frame} was beyond the {peer}'s window (SEQ {seq}, right edge {expected}), and the {peer} did not "          \
      "take it")                                                                                                                           \
    X(ack_not_acceptable, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.10.7.4", "ACK with a number that is not acceptable",      \
      "The {end}'s ACK in {frame} was not acceptable (SEQ {seq}, the {peer} expects {expected}): {detail}")                                \
    X(ack_too_old, ESTABLISHED, WARN, WARN, SECURITY, "RFC 5961 section 5.2", "ACK of what was acknowledged long before",                  \
      "The {end}'s ACK in {frame} is older than the {peer} may accept (ACK {seq}, before {expected}), and the {peer} did not take "        \
      "it: "                                                                                                                               \
      "stale or forged")                                                                                                                   \
    X(segments_missed, ESTABLISHED, CHAT, CHAT, ASSUMPTION, "RFC 9293 section 3.4", "Acknowledged data that the capture does not have",    \
      "The {end} acknowledged {bytes} (SEQ {seq}) of the {peer} that the capture does not have: states rest on segments that it missed")   \
    X(no_timestamp, ESTABLISHED, NOTE, NOTE, PROTOCOL, "RFC 7323 section 3.2", "Segment without a timestamp",                              \
      "The {end}'s segment (SEQ {seq}) has no timestamp, though both ends use them: RFC 7323 asks the {peer} to drop it")                  \
    X(window_shrunk, ESTABLISHED, NOTE, NOTE, PROTOCOL, "RFC 9293 section 3.8.6, RFC 7323 section 2.4", "Window shrunk",                   \
      "The {end} took back {bytes} of the window that it had offered (right edge {seq}, before {expected})")                               \
    X(zero_window_stuck, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.6.1", "Stuck on a zero window",                          \
      "The {end} offers no window since {frame}, {gap} s ago, whatever the {peer}'s {count} probes: its application does not read")        \
    X(paws_reject, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 7323 section 5.3", "Data dropped for an old timestamp",                         \
      "The {peer} dropped the {end}'s data in {frame} for its timestamp (TSval {value}, before {was}): two machines behind one "           \
      "address, or a clock set back")                                                                                                      \
    X(overlap_conflict, ESTABLISHED, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7.4", "The same bytes sent with other content",          \
      "The {end} sent {bytes} again that differ from those in {frame}, first at SEQ {seq}: one of the two is forged, and "                 \
      "nobody knows which the {peer} read")                                                                                                \
    X(keepalive_unanswered, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.4", "Keep-alive probes without an answer",            \
      "The {end}'s {count} keep-alive probes since {frame}, {gap} s ago, have no answer: the {peer} is gone, or no longer "                \
      "reachable")                                                                                                                         \
    X(keepalive_reset, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.4", "Reset after unanswered keep-alive probes",            \
      "The {end} reset the connection after {count} keep-alive probes without an answer, {gap} s after the first in {frame}")              \
    X(retransmission_stuck, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "The same data sent again and again",             \
      "The {end} has sent the same data (SEQ {seq}) again {count} times since {frame}, {gap} s ago, without an ACK so far: "               \
      "{detail}")                                                                                                                          \
    X(pmtu_black_hole, ESTABLISHED, WARN, WARN, PROTOCOL, "RFC 2923 section 2.1", "Large segments do not arrive",                          \
      "The {end}'s {bytes} (SEQ {seq}), sent again since {frame}, {gap} s ago, do not arrive: {detail}; likely a path MTU black "          \
      "hole")                                                                                                                              \
    X(idle_then_reset, ESTABLISHED, WARN, WARN, SEQUENCE, "RFC 5382 section 5", "Connection lost after long silence",                      \
      "After {gap} s of silence the {peer}'s next data, in {frame}, {detail}: likely a firewall, NAT or load balancer forgot the "         \
      "idle connection{usual}")                                                                                                            \
    X(fin_retransmitted, CLOSING, NOTE, NOTE, SEQUENCE, "RFC 6298 section 5", "FIN sent again",                                            \
      "The {end} sent its FIN again (SEQ {seq}): retry {count}, {gap} s after the one before{ratio}")                                      \
    X(fin_wait_1_stuck, CLOSING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "Stuck in FIN_WAIT_1",                                    \
      "The {end} is stuck in FIN_WAIT_1: {count} retries of FIN (SEQ {seq}), {detail}; {backoff}")                                         \
    X(fin_wait_2_long, CLOSING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.6.1", "Long in FIN_WAIT_2",                                      \
      "The {end} closed, and has waited in FIN_WAIT_2 for {gap} s, since {frame}, for the {peer} to close")                                \
    X(close_wait_stuck, CLOSING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.6", "Stuck in CLOSE_WAIT",                                      \
      "The {end} has been in CLOSE_WAIT since {frame}, {gap} s ago, without a word: the {peer} closed, the {end}'s application has "       \
      "not, and may have forgotten the connection")                                                                                        \
    X(last_ack_stuck, CLOSING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "Stuck in LAST_ACK",                                        \
      "The {end} is stuck in LAST_ACK: {count} retries of FIN (SEQ {seq}), {detail}; {backoff}")                                           \
    X(closing_stuck, CLOSING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.8.3", "Stuck in CLOSING",                                          \
      "The {end} is stuck in CLOSING: {count} retries of FIN (SEQ {seq}), {detail}; {backoff}")                                            \
    X(last_ack_lost, CLOSING, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.10.7.4", "The ACK of a FIN was lost or late",                      \
      "The {end} sent its FIN again (SEQ {seq}): the {peer}'s ACK in {frame} was lost or late")                                            \
    X(simultaneous_close, CLOSING, CHAT, CHAT, SEQUENCE, "RFC 9293 section 3.6 figure 13", "Simultaneous close",                           \
      "The {end}'s FIN (SEQ {seq}) crossed the {peer}'s: simultaneous close")                                                              \
    X(half_close_data, CLOSING, CHAT, CHAT, SEQUENCE, "RFC 9293 section 3.6.1", "Data after the other end closed",                         \
      "The {end} sends on (SEQ {seq}) after the {peer} has closed its direction: a half-closed connection")                                \
    X(data_after_fin, CLOSING, ERROR, ERROR, SEQUENCE, "RFC 9293 section 3.6", "Data after its own FIN",                                   \
      "The {end} sent {bytes} at or beyond its own FIN (SEQ {seq}, FIN at {expected} in {frame}): that FIN or this data is "               \
      "not its own")                                                                                                                       \
    X(fin_moved, CLOSING, ERROR, ERROR, SEQUENCE, "RFC 9293 section 3.10.4", "FIN at another sequence number",                             \
      "The {end}'s FIN is at another sequence number (SEQ {seq}) than in {frame} (SEQ {expected}): one of the two is forged")              \
    X(fin_not_acceptable, CLOSING, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7.4", "FIN with a number that is not acceptable",          \
      "The {end}'s FIN in {frame} was not acceptable (SEQ {seq}, the {peer} expects {expected}): the {peer} did not take it, and "         \
      "nothing is closed by it")                                                                                                           \
    X(ack_beyond_fin, CLOSING, WARN, WARN, SEQUENCE, "RFC 9293 section 3.10.7.4", "ACK beyond a FIN",                                      \
      "The {end} acknowledged more than the {peer} can send (ACK {seq}): the {peer}'s FIN in {frame} ends at {expected}")                  \
    X(fin_before_established, CLOSING, WARN, WARN, PROTOCOL, "RFC 9293 section 3.10.4", "FIN before the connection is open",               \
      "The {end} sent a FIN (SEQ {seq}){at} while it is in SYN_SENT, {detail}: no stack does, and none will take it")                      \
    X(fin_unknown, CLOSING, CHAT, CHAT, ASSUMPTION, "RFC 9293 section 3.10.7.1", "FIN of an unknown connection",                           \
      "The first segment of this connection in the capture is a FIN: {detail}")                                                            \
    X(time_wait_reuse, CLOSING, CHAT, CHAT, SEQUENCE, "RFC 6191 section 2", "Reuse of a connection in TIME_WAIT",                          \
      "The {end}'s SYN (SEQ {seq}) reuses the addresses and ports while the {peer} is in TIME_WAIT, with {detail} as it should")           \
    X(reuse_too_soon, CLOSING, WARN, WARN, SEQUENCE, "RFC 6191 section 2", "Reuse too soon for TIME_WAIT",                                 \
      "The {end}'s SYN in {frame} was not taken from TIME_WAIT by the {peer}: SEQ {seq} is not after the old {expected}, and its "         \
      "timestamp is no newer")                                                                                                             \
    X(time_wait_assassinated, CLOSING, WARN, WARN, SECURITY, "RFC 1337", "RST against TIME_WAIT",                                          \
      "The {peer} answered an old segment from TIME_WAIT, and the {end}'s RST (SEQ {seq}) now ends that TIME_WAIT before its time, "       \
      "unless its stack ignores RSTs there")                                                                                               \
    X(reset, RESETS, NOTE, NOTE, SEQUENCE, "RFC 9293 section 3.5.3", "Connection reset",                                                   \
      "The {end} reset the connection (SEQ {seq}) from {state}, the {peer} being in {other}{untested}{unacked}")                           \
    X(rst_inexact, RESETS, WARN, WARN, SECURITY, "RFC 5961 section 3.2", "RST in the window, but not at the expected number",              \
      "The RST in the {end}'s name{at} is in the window but not at RCV.NXT (SEQ {seq}, expected {expected}): RFC 5961 section 3.2 asks "   \
      "for a challenge ACK")                                                                                                               \
    X(rst_out_of_window, RESETS, WARN, WARN, SECURITY, "RFC 9293 section 3.5.3", "RST outside the window",                                 \
      "The RST in the {end}'s name{at} is outside the window (SEQ {seq}, expected {expected}): the {peer} ignores it; it is stale or "     \
      "forged")                                                                                                                            \
    X(rst_ignored, RESETS, WARN, WARN, SECURITY, "RFC 5961 section 3.2", "A RST did not end the connection",                               \
      "The {end} goes on after the RST in {frame}, {gap} s later: {detail}")                                                               \
    X(foreign_origin, RESETS, WARN, NOTE, SECURITY, "RFC 5961 section 1.1", "A segment in an end's name came from elsewhere",              \
      "The {end}'s {segment} came with TTL {value}, its other segments with {was}{marks}: {detail}")                                       \
    X(refusal_contradicted, RESETS, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7.3", "SYN,ACK after a refusal of the same SYN",          \
      "The {end} answers with a SYN,ACK the SYN that a RST in its name refused in {frame}, {gap} s before: that RST was not its "          \
      "own")                                                                                                                               \
    X(rst_after_fin, RESETS, NOTE, CHAT, SEQUENCE, "RFC 2525 section 2.17", "RST after a FIN",                                             \
      "The {end} ended with a RST (SEQ {seq}) what a FIN had begun, from {state}, the {peer} being in {other}; {detail}")                  \
    X(data_after_rst, RESETS, CHAT, CHAT, SEQUENCE, "RFC 9293 section 3.5.2", "Data after a RST",                                          \
      "The {end} sent {bytes} (SEQ {seq}) after the RST in {frame}: they crossed it, or left before it")                                   \
    X(rst_unknown, RESETS, CHAT, CHAT, SEQUENCE, "RFC 9293 section 3.5.2", "RST for no known connection",                                  \
      "The {end}'s RST (SEQ {seq}) says nothing new: {detail}")                                                                            \
    X(rst_with_text, RESETS, NOTE, NOTE, PROTOCOL, "RFC 1122 section 4.2.2.12", "RST with data",                                           \
      "The {end}'s RST carries {bytes} of data{quote}")                                                                                    \
    X(storm, RESETS, NOTE, NOTE, PROTOCOL, "RFC 9293 section 3.5.2", "The same segment again and again",                                   \
      "The {end} sends {detail} without a pause: {count} since {frame}, {gap} s ago; the next ones are not reported")                      \
    X(flags_syn_fin, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.10.7", "SYN and FIN together",                                      \
      "The {end}'s segment has both SYN and FIN: no stack sends that")                                                                     \
    X(flags_syn_rst, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.10.7", "SYN and RST together",                                      \
      "The {end}'s segment has both SYN and RST: no stack sends that")                                                                     \
    X(flags_syn_urg, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.10.7", "SYN and URG together",                                      \
      "The {end}'s SYN has the URG flag: no stack sends that")                                                                             \
    X(flags_fin_rst, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.10.7", "FIN and RST together",                                      \
      "The {end}'s segment has both FIN and RST: no stack sends that")                                                                     \
    X(flags_null, FLAGS, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7", "No flag at all",                                                \
      "The {end}'s segment has no flag at all: a NULL scan")                                                                               \
    X(flags_xmas, FLAGS, WARN, WARN, SECURITY, "RFC 9293 section 3.10.7", "FIN, PSH and URG alone",                                        \
      "The {end}'s segment has FIN, PSH and URG alone: an Xmas scan")                                                                      \
    X(no_ack_flag, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.10.7.4", "Segment without ACK",                                       \
      "The {end}'s segment (SEQ {seq}) has no ACK flag though it is no SYN and no RST: every stack drops it")                              \
    X(wscale_over_14, FLAGS, WARN, WARN, MALFORMED, "RFC 7323 section 2.3", "Window scale over 14",                                        \
      "The {end} offers a window scale of {count}: more than 14 counts as 14")                                                             \
    X(option_bad_length, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.1", "TCP option with a wrong length",                           \
      "The {end}'s TCP option of kind {count} has a length that it cannot have")                                                           \
    X(option_repeated, FLAGS, WARN, WARN, MALFORMED, "RFC 9293 section 3.1", "TCP option twice",                                           \
      "The {end}'s segment has the TCP option of kind {count} more than once")                                                             \
    X(port_zero, FLAGS, WARN, WARN, MALFORMED, "RFC 6335 section 6", "Port 0", "The segment is {detail} port 0, which is reserved")        \
    X(lost_between, POINTS, WARN, NOTE, SEQUENCE, "RFC 9293 section 3.8.1", "Lost between two capture points",                             \
      "The {end}'s {detail} (SEQ {seq}) was captured at {from} and not at {to}, nearer to the {peer}: it was lost between them{sends}")    \
    X(injected_between, POINTS, WARN, WARN, SECURITY, "RFC 5961 section 1", "Came from between two capture points",                        \
      "This {detail} in the {end}'s name (SEQ {seq}) was captured at {to} and not at {from}, nearer to the {end}: the {end} did not send " \
      "it")                                                                                                                                \
    X(changed_between, POINTS, WARN, NOTE, PROTOCOL, "RFC 3234 section 2", "Changed between two capture points",                           \
      "The {end}'s {detail} of {frame} was changed between {from} and {to}: {changes}")

/* X(id, phrase): the phrases for {detail}. They may have words in braces themselves. */
#define TCPSTATE_DETAILS(X)                                                                                                        \
    X(UNANSWERED, "no answer captured")                                                                                            \
    X(SYN_ACK_CAPTURED, "the {peer}'s SYN,ACK does not arrive")                                                                    \
    X(NO_ACK_CAPTURED, "no ACK of the {peer} captured")                                                                            \
    X(NOTHING_ARRIVED, "no ACK captured: the {peer} may still be {other}")                                                         \
    X(ACK_CAPTURED, "the {peer}'s ACK in {frame} was lost or ignored")                                                             \
    X(FIN_ACK_CAPTURED, "the {peer}'s ACK in {frame} does not arrive")                                                             \
    X(RETRY, "retry {count}")                                                                                                      \
    X(RETRY_REFUSED, "retry {count} although it was refused")                                                                      \
    X(ASKED, "in answer to the {peer}'s SYN in {frame}")                                                                           \
    X(NO_TIME_OUT, "sooner than a time-out")                                                                                       \
    X(LATE_COPY, "a late copy, for it has been answered, and changes nothing")                                                     \
    X(ASSUMED_BEFORE, "states before it are assumed")                                                                              \
    X(FIN_SCAN, "without an ACK, as no stack sends it; likely a FIN scan")                                                         \
    X(NO_SYN_CAPTURED, "and no SYN of the {peer} is in the capture")                                                               \
    X(ACK_AND_SYN, "with an ACK in {frame} and a SYN (SEQ {seq}) instead of a SYN,ACK: a split handshake, which turns the roles "  \
                   "round for a firewall")                                                                                         \
    X(SYN_AND_ACK,                                                                                                                 \
      "with a SYN in {frame} and an ACK instead of a SYN,ACK: a split handshake, or a simultaneous open whose first SYN was lost") \
    X(HALF_OPEN, "without having closed, it, or a middlebox in its place, no longer knows the connection")                         \
    X(HALF_OPEN_OR_CLOSED, "it no longer knows the connection, or has just closed it unseen")                                      \
    X(SYN_BETWEEN, "after another SYN")                                                                                            \
    X(NO_SYN_BETWEEN, "with no SYN between")                                                                                       \
    X(OLD_ACK, "the {peer} answers with the old numbers: stale, forged, or of an end that lost the connection")                    \
    X(SYN_ACK, "the {peer} took it for a new connection")                                                                          \
    X(SYN_RETRIED, "the {peer} does not answer, and the SYN is sent again")                                                        \
    X(WENT_ON, "the {end} goes on with the old numbers, so that SYN was stale or forged")                                          \
    X(MET_RST, "met a RST")                                                                                                        \
    X(MET_SILENCE, "has no answer")                                                                                                \
    X(NEWER_TIMESTAMP, "a newer timestamp")                                                                                        \
    X(LARGER_NUMBER, "a larger sequence number")                                                                                   \
    X(ALL_ACKED, "all was acknowledged")                                                                                           \
    X(NOT_ALL_ACKED, "unacknowledged sequence numbers: {count}")                                                                   \
    X(NO_CONNECTION, "the capture has no connection that it belongs to")                                                           \
    X(ALREADY_OVER, "the connection is over already")                                                                              \
    X(ANSWERS_OLDER, "it answers an older segment, at a number that the {peer} has acknowledged since")                            \
    X(RST_IGNORED, "that RST was lost, forged, or not acceptable to it")                                                           \
    X(OWN_RST_IGNORED, "that RST, in its own name, was not its own")                                                               \
    X(RST_CAPTURED, "the {peer}'s RSTs do not acknowledge it")                                                                     \
    X(STALE_OR_FORGED, "stale or forged, the {peer} must ignore it")                                                               \
    X(SYN_NOT_COUNTED, "a refusal by a stack that does not count the SYN")                                                         \
    X(EARLIER_SYN, "it may answer an earlier SYN, which the capture missed")                                                       \
    X(NOT_TAKEN, "the {peer} does not take it")                                                                                    \
    X(NOTHING_PASSES, "the {peer} is gone, one direction is broken, or loss is heavy")                                             \
    X(SACKED_BEHIND, "the {peer} has later data: only this segment is lost")                                                       \
    X(SMALLER_PASS, "smaller ones from behind do, and no ICMP came")                                                               \
    X(SMALLER_ASKED, "ICMP asks for smaller segments, which the {end} does not send")                                              \
    X(FOREIGN, "a middlebox or a forger sent it")                                                                                  \
    X(MAYBE_FOREIGN, "a middlebox or a forger may have sent it")                                                                   \
    X(SOFT_ERROR, "the {end} goes on trying")                                                                                      \
    X(HARD_ERROR, "a stack may give up at once")                                                                                   \
    X(NOT_SEEN, "it has not seen the one in {frame}")                                                                              \
    X(ACK_REJECTED, "the {peer} rejects the ACK in {frame} with a RST")                                                            \
    X(DROPPED, "the {peer} drops it")                                                                                              \
    X(WENT_ON_BELOW, "the {end} itself goes on below it, so it is forged or damaged")                                              \
    X(MET_NOTHING, "nothing answers it")                                                                                           \
    X(MET_REJECTION, "the {peer} rejects it")                                                                                      \
    X(SYNS, "SYNs")                                                                                                                \
    X(SYN_ACKS, "SYN,ACKs")                                                                                                        \
    X(FINS, "FINs")                                                                                                                \
    X(RSTS, "RSTs")                                                                                                                \
    X(WITHOUT_ACK, "without SYN or ACK")                                                                                           \
    X(WRONG_ACK, "with an ACK of nothing that the {peer} sent")                                                                    \
    X(SO_FAR, "so far")                                                                                                            \
    X(AFTER_SYN, "since the {peer}'s SYN")                                                                                         \
    X(TO_ITS_END, "to its end")                                                                                                    \
    X(FROM_PORT, "from")                                                                                                           \
    X(TO_PORT, "to")                                                                                                               \
    X(A_SYN, "SYN") X(A_SYN_ACK, "SYN,ACK") X(A_FIN, "FIN") X(A_RST, "RST") X(SOME_DATA, "data") X(AN_ACK, "ACK")

enum tcpstate_finding_id {
#define X(name, ...) TCPSTATE_FINDING_##name,
    TCPSTATE_FINDINGS(X)
#undef X
};
#define X(name, ...) +1
enum { TCPSTATE_FINDING_COUNT = TCPSTATE_FINDINGS(X) };
#undef X

enum tcpstate_detail {
    TCPSTATE_NO_DETAIL,
#define X(id, phrase) TCPSTATE_DETAIL_##id,
    TCPSTATE_DETAILS(X)
#undef X
};

/* X(id, bit, words): what does not agree with the other segments of the same end, beside the distance. */
#define TCPSTATE_MARKS(X)                                       \
    X(ID_COPIED, 0, ", with the {peer}'s IP ID")                \
    X(WINDOW_COPIED, 1, ", with the {peer}'s window")           \
    X(ID_OUT_OF_SEQUENCE, 2, ", with an IP ID out of sequence") \
    X(NO_TIMESTAMP, 3, ", without timestamps")                  \
    X(TOO_SOON, 4, ", too soon for its distance")

enum tcpstate_mark {
#define X(id, bit, words) TCPSTATE_MARK_##id = 1 << (bit),
    TCPSTATE_MARKS(X)
#undef X
        TCPSTATE_MARK_FLAGS = 8 /* the flags of the segment are in the bits from here on */
};

/* X(id, name, words): the parts of a segment that a device between two capture points may change. */
#define TCPSTATE_CHANGES(X)                   \
    X(SEQ, "seq", "sequence number")          \
    X(ACK, "ack", "acknowledgment number")    \
    X(ADDRESS, "address", "address or port")  \
    X(FLAGS, "flags", "flags")                \
    X(WINDOW, "window", "window")             \
    X(MSS, "mss", "MSS")                      \
    X(OPTIONS, "options", "options")          \
    X(TIMESTAMPS, "timestamps", "timestamps") \
    X(IP_ID, "ip_id", "IP identification")    \
    X(DSCP, "dscp", "DSCP")                   \
    X(PAYLOAD, "payload", "data")

enum tcpstate_change_index {
#define X(id, name, words) TCPSTATE_CHANGED_##id##_INDEX,
    TCPSTATE_CHANGES(X)
#undef X
        TCPSTATE_CHANGED_COUNT
};

enum tcpstate_changed {
#define X(id, name, words) TCPSTATE_CHANGED_##id = 1 << TCPSTATE_CHANGED_##id##_INDEX,
    TCPSTATE_CHANGES(X)
#undef X
};

enum { TCPSTATE_QUOTE_MAX = 48 }; /* characters of a RST's text that are shown */

/* A finding, with the values that its text needs. Members that the text does not use are zero. */
struct tcpstate_finding {
    int64_t time;        /* of that frame, nanoseconds since the epoch */
    uint32_t frame;      /* the frame in which it is raised */
    uint32_t connection; /* number of the connection that it is about; where a SYN challenges a connection, this may not be that of the
                            segment */
    uint8_t layer;
    uint8_t id;           /* enum tcpstate_finding_id */
    uint8_t end;          /* the end that it is about: 0 or 1, as segment.from */
    uint8_t state, other; /* enum tcpstate_state: of that end and of the other one, before the segment */
    uint8_t detail;       /* enum tcpstate_detail */
    uint8_t icmp_type, icmp_code;
    bool end_is_client : 1;   /* as known at that time: a later SYN may correct the roles */
    bool lesser : 1;          /* it has the lesser severity */
    bool untested : 1;        /* there was no number to test the RST against */
    bool seq_is_relative : 1; /* seq_base is known */
    bool icmp_is_v6 : 1;
    uint8_t from_point, to_point; /* numbers of capture points, from 1 */
    uint8_t unused;               /* so that all bytes of equal findings are equal */
    uint32_t related;             /* the frame that the segment answers or contradicts; 0 for none */
    uint32_t count;
    uint32_t seq, expected, seq_base;
    int64_t gap, gap_before; /* nanoseconds */
    const char
        *quote; /* text of the segment, or NULL: at most TCPSTATE_QUOTE_MAX printable characters, which live as long as the connection */
};

struct tcpstate_finding_kind {
    const char *name; /* as in the filter tcpstate.NAME */
    enum tcpstate_family family;
    enum tcpstate_severity severity, lesser;
    enum tcpstate_group group;
    const char *rfc, *summary, *text;
};

/* Indexed by enum tcpstate_finding_id. */
extern const struct tcpstate_finding_kind tcpstate_finding_kinds[TCPSTATE_FINDING_COUNT];

enum tcpstate_severity tcpstate_finding_severity(const struct tcpstate_finding *finding);

/* Whether the finding is about an end that sends the same SYN, SYN,ACK or FIN again and again. */
bool tcpstate_finding_is_stuck(const struct tcpstate_finding *finding);

/* Writes the sentence of the finding to `text`. It is cut at `size` bytes, and always terminated if size > 0. */
void tcpstate_finding_text(const struct tcpstate_finding *finding, char *text, size_t size);

#endif /* TCPSTATE_FINDING_H */
