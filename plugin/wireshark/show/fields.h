/* The fields and expert items of our protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FIELDS_H
#define TCPSTATE_FIELDS_H

#include "../api/compat.h"

#include <epan/expert.h>
#include <epan/proto.h>

#include <tcpstate/finding.h>

/* The fields of each of the two ends: X(member, filter name, type, display, strings, title, description). The value strings and basis_blurb
 * are in fields.c. */
#define END_FIELDS(X, END, TITLE)                                                                                                        \
    X(state, END, FT_STRING, BASE_NONE, NULL, TITLE, "State of the " END " after this segment")                                          \
    X(code, END ".code", FT_UINT8, BASE_DEC, VALS(state_codes), TITLE " (code)",                                                         \
      "The same as a number, in the order of a connection's life: 2 to 3 opening, 5 to 9 closing")                                       \
    X(previous, END ".previous", FT_STRING, BASE_NONE, NULL, TITLE " was", "State that it left with this segment")                       \
    X(pending, END ".pending", FT_STRING, BASE_NONE, NULL, TITLE " awaiting",                                                            \
      "State that it goes to if what is on its way to it arrives; its answer will show")                                                 \
    X(answered, END ".answered", FT_FRAMENUM, BASE_NONE, NULL, TITLE " answered in frame",                                               \
      "Frame in which it shows whether it came to the state that it awaits; known when the capture has been read, so not in tshark's "   \
      "first pass")                                                                                                                      \
    X(lost, END ".lost", FT_FRAMENUM, BASE_NONE, NULL, TITLE " never got frame",                                                         \
      "Frame that would bring it to the state that it awaits, and that was lost between two capture points; known when the capture has " \
      "been read, so not in tshark's first pass")                                                                                        \
    X(basis, END ".basis", FT_STRING, BASE_NONE, NULL, TITLE " basis", basis_blurb)                                                      \
    X(since, END ".since", FT_FRAMENUM, BASE_NONE, NULL, TITLE " since frame", "Frame in which it came to this state")                   \
    X(until, END ".until", FT_FRAMENUM, BASE_NONE, NULL, TITLE " until frame",                                                           \
      "Frame in which it leaves this state; known when the capture has been read, so not in tshark's first pass")                        \
    X(duration, END ".duration", FT_RELATIVE_TIME, BASE_NONE, NULL, TITLE " time in that state",                                         \
      "How long it had been in the state that it left with this segment")

/* The fields of the connection, the segment and its findings. */
#define FIELDS(X)                                                                                                                        \
    X(connection, "connection", FT_UINT32, BASE_DEC, NULL, "Connection",                                                                 \
      "Number of the connection: it ends when its endpoints end, unlike tcp.stream")                                                     \
    X(connection_previous, "connection.previous", FT_UINT32, BASE_DEC, NULL, "Previous connection",                                      \
      "Number of the connection before it between the same addresses and ports")                                                         \
    X(point, "point", FT_UINT32, BASE_DEC, NULL, "Capture point", "Number of the point at which the frame was captured")                 \
    X(point_name, "point.name", FT_STRING, BASE_NONE, NULL, "Capture point name", "Interface, VLAN and virtual network of the point")    \
    X(point_near, "point.near", FT_STRING, BASE_NONE, NULL, "Capture point near",                                                        \
      "client or server: the end that is nearer to this point than the other end, or than the other points; known when the capture has " \
      "been read")                                                                                                                       \
    X(sighting, "sighting", FT_FRAMENUM, BASE_NONE, NULL, "Also captured in frame",                                                      \
      "Frame of the same segment at another capture point; known when the capture has been read")                                        \
    X(between, "between", FT_STRING, BASE_NONE, NULL, "Between the points",                                                              \
      "What became of the segment between two capture points: both, changed, copied, injected or lost; known when the capture has been " \
      "read")                                                                                                                            \
    X(between_changed, "between.changed", FT_STRING, BASE_NONE, NULL, "Changed between the points",                                      \
      "A part of the segment that a device between the points has changed")                                                              \
    X(between_delay, "between.delay", FT_RELATIVE_TIME, BASE_NONE, NULL, "Delay between the points",                                     \
      "How much longer it took between the points than the fastest segment of this direction")                                           \
    X(sender, "sender", FT_STRING, BASE_NONE, NULL, "Sender", "client or server")                                                        \
    X(verdict, "verdict", FT_STRING, BASE_NONE, NULL, "Verdict",                                                                         \
      "How the connection stands at the end of the capture, and what is wrong with it; in its last frame, known when the capture has "   \
      "been read, so not in tshark's first pass")                                                                                        \
    X(transition, "transition", FT_STRING, BASE_NONE, NULL, "Transition", "A change of state: end, old state, new state")                \
    X(cause, "cause", FT_STRING, BASE_NONE, NULL, "Cause", "What changed the state: snd, what the end sent; rcv, what was sent to it")   \
    X(retry, "retry", FT_UINT32, BASE_DEC, NULL, "Retry", "Which retransmission of the same SYN, SYN,ACK or FIN this is")                \
    X(conn_state, "conn_state", FT_STRING, BASE_NONE, NULL, "Zeek conn_state",                                                           \
      "What Zeek's conn.log would say of the connection if the capture ended with this segment")                                         \
    X(history, "history", FT_STRING, BASE_NONE, NULL, "Zeek history",                                                                    \
      "The letters of Zeek's conn.log up to this segment, capitals for the client")                                                      \
    X(finding, "finding", FT_STRING, BASE_NONE, NULL, "Finding", "Name of a finding; each is an expert item too")                        \
    X(finding_severity, "finding.severity", FT_UINT8, BASE_DEC, VALS(severity_codes), "Severity", "1 chat, 2 note, 3 warning, 4 error")  \
    X(finding_frame, "finding.frame", FT_FRAMENUM, BASE_NONE, NULL, "Related frame", "Frame that the finding answers or contradicts")    \
    X(finding_outcome, "finding.outcome", FT_STRING, BASE_NONE, NULL, "Outcome",                                                         \
      "How it went on with an end that is stuck; known when the capture has been read, so not in tshark's first pass")

/* The field numbers that Wireshark has assigned. */
#define MEMBER(member, ...) int member;
struct end_fields {
    END_FIELDS(MEMBER, "", "")
};
extern struct fields {
    int protocol;
    struct end_fields client, server;
    FIELDS(MEMBER)
} hf;
#undef MEMBER

/* Call it once, with our protocol. */
void fields_register(int protocol);

/* The expert item of a finding, by its kind and severity. */
expert_field *fields_expert_item(const struct tcpstate_finding *finding);

#endif /* TCPSTATE_FIELDS_H */
