/* The verdict on a connection: in a word, how it stands at the end of the capture, and what is wrong with it.
 *
 * This list is the only source of the verdicts' names, severities and texts; the manual's list is made from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_VERDICT_H
#define TCPSTATE_VERDICT_H

#include "evidence.h"

/* X(id, severity, lesser severity, name, summary, headline, text, look)
 *
 * OF_END("x") names a verdict about an end: "client_x" and "server_x". OF_ALL("x") is one about the connection. The severity is that of
 * findings, NONE for a healthy connection. The headline and the text are of one connection or of many, in the report;
 * `look` says who has to look. Words in braces:
 *   {end} {peer}   the end that the verdict is about, and the other end: "client" or "server"
 *   {place}        that end: "10.0.0.2:80", "10.0.0.1 (client of 10.0.0.2:80)", "clients of 10.0.0.2:80"
 *   {s} {does} {has}  of a verb of {place}: "s" or nothing, "does" or "do", "has" or "have"
 *   {service}      address and port of the server
 *   {many}         "1 connection", "9 connections of 3 clients"
 *   {times}        for how long, when the capture ends or the connection ended: "31 s", "31 s to 812 s" */
#define TCPSTATE_VERDICTS(X)                                                                                                               \
    X(RESET_FROM_OUTSIDE, WARN, WARN, OF_ALL("reset_from_outside"), "Reset from outside", "{service} is reset by somebody else",           \
      "{many} with a RST in the {end}'s name that the {end} did not send", "the path: a firewall, or a forger")                            \
    X(FORGOTTEN, WARN, WARN, OF_ALL("forgotten"), "Forgotten after a silence", "{service} loses idle connections",                         \
      "{many} whose next data after a long silence met a RST or nothing", "the path: a firewall, NAT or load balancer; keep-alives")       \
    X(LOST_CONNECTION, WARN, WARN, OF_END("lost_connection"), "One side lost the connection", "{place} lost connections",                  \
      "{many} that the {end} no longer knew and had not closed: a RST answers the {peer}'s segment",                                       \
      "the {end}'s host: a reboot or crash; or a middlebox that answers in its place")                                                     \
    X(PORT_REUSED, WARN, WARN, OF_ALL("port_reused"), "Port reused too soon", "{place} reuse{s} ports too soon",                           \
      "{many} whose SYN meets TIME_WAIT, and is not taken", "the {end}'s host: its range of ports, or a NAT")                              \
    X(UNREACHABLE, WARN, WARN, OF_ALL("unreachable"), "Unreachable, says ICMP", "{service} is not reachable",                              \
      "{many} whose SYN was answered by an ICMP error", "the path: the router or firewall that sent the ICMP error")                       \
    X(SYN_CHALLENGED, WARN, WARN, OF_ALL("syn_challenged"), "The SYN meets an old connection", "{service} still has old connections",      \
      "{many} whose SYN the server answers with the numbers of an old connection for {times}",                                             \
      "the server's host: the old connection; a filter that drops the client's RST")                                                       \
    X(SYN_UNANSWERED, WARN, WARN, OF_ALL("syn_unanswered"), "No answer to the SYN", "{service} does not answer",                           \
      "{many} without a valid answer to the SYN for {times}", "the server's host, or a filter on the path")                                \
    X(SYNACK_LOST, WARN, WARN, OF_ALL("synack_lost"), "The SYN,ACK does not come through",                                                 \
      "The SYN,ACK of {service} does not come through",                                                                                    \
      "{many} whose client sends its SYN again though a SYN,ACK was captured, for {times}", "the path from the server to the client")      \
    X(HANDSHAKE_UNFINISHED, WARN, WARN, OF_ALL("handshake_unfinished"), "The client does not finish the handshake",                        \
      "Clients of {service} do not finish the handshake", "{many} whose client sends nothing after the SYN,ACK, for {times}",              \
      "the clients: gone, or their SYNs are forged; or the path to them")                                                                  \
    X(HANDSHAKE_ACK_LOST, WARN, WARN, OF_ALL("handshake_ack_lost"), "The ACK of the handshake is lost or ignored",                         \
      "{service} does not take the ACK of the handshake",                                                                                  \
      "{many} whose SYN,ACK is sent again though the client acknowledged it, for {times}",                                                 \
      "the server's application: a full accept queue; or the path to it")                                                                  \
    X(PATH_MTU, WARN, WARN, OF_END("path_mtu"), "Large segments do not arrive", "Large segments of {place} do not arrive",                 \
      "{many} whose large segments are sent again and again, for {times}", "the path MTU; ICMP that is filtered")                          \
    X(NOT_READING, WARN, WARN, OF_END("not_reading"), "An application does not read", "{place} {does} not read",                           \
      "{many} with a closed window for {times}", "the {end}'s application")                                                                \
    X(VANISHED, WARN, WARN, OF_END("vanished"), "An end vanished", "{place} {has} vanished",                                               \
      "{many} whose data or probes to the {end} have no answer for {times}", "the {end}'s host, or the path to it")                        \
    X(DATA_LOST, WARN, WARN, OF_END("data_lost"), "Data does not come through", "Data of {place} does not come through",                   \
      "{many} with the same data sent again and again for {times}, while the {peer} answers", "the path from the {end} to the {peer}")     \
    X(FIN_ACK_LOST, WARN, WARN, OF_END("fin_ack_lost"), "The ACK of a FIN does not come through",                                          \
      "The ACK of the FIN of {place} does not come through",                                                                               \
      "{many} whose FIN is sent again though the {peer} acknowledged it, for {times}", "the path from the {peer} to the {end}")            \
    X(FIN_LOST, WARN, WARN, OF_END("fin_lost"), "A FIN does not come through", "The FIN of {place} does not come through",                 \
      "{many} whose FIN is not acknowledged for {times}", "the path from the {end} to the {peer}, or the {peer}'s host")                   \
    X(NOT_CLOSING, WARN, NOTE, OF_END("not_closing"), "An application does not close", "{place} {does} not close",                         \
      "{many} in CLOSE_WAIT for {times} when the capture ends; the {peer}'s FIN was acknowledged", "the {end}'s application")              \
    X(ABORTED_WITH_DATA, NOTE, NOTE, OF_END("aborted_with_data"), "Aborted with data on the way", "{place} abort{s} with data on the way", \
      "{many} reset by the {end} while data was not acknowledged", "the {end}'s application")                                              \
    X(REFUSED, NOTE, NOTE, OF_ALL("refused"), "Refused", "{service} refuses", "{many} refused by a RST",                                   \
      "the server: does a program listen there? or a firewall that rejects")                                                               \
    X(ABORTED, NOTE, NOTE, OF_END("aborted"), "Aborted", "{place} abort{s}", "{many} reset by the {end}", "the {end}'s application")       \
    X(CLOSED_LATE, NOTE, NOTE, OF_END("closed_late"), "Closed too late", "{place} close{s} late",                                          \
      "{many} that the {end} closed when the {peer} no longer waited: a RST answers its FIN", "the {end}'s application")                   \
    X(STALE_SYN, NOTE, NOTE, OF_ALL("stale_syn"), "A stale or forged SYN", "SYNs meet open connections to {service}",                      \
      "{many} begun by a SYN that nobody took: the open connection went on", "the sender of the SYN: stale or forged")                     \
    X(SYNACK_UNASKED, NOTE, NOTE, OF_ALL("synack_unasked"), "SYN,ACK without a SYN", "{service} answers what it was not asked",            \
      "{many} with a SYN,ACK that answers no SYN of these addresses", "a translation of addresses, or forged SYNs")                        \
    X(PROBE, NOTE, NOTE, OF_ALL("probe"), "A scan, a health check, or given up", "{place} probe{s}",                                       \
      "{many} broken off by a RST after the SYN,ACK, or begun by a segment that no stack sends", "the client")                             \
    X(SILENT, NOTE, NOTE, OF_ALL("silent"), "Open, and silent for long", "{service} has idle connections",                                 \
      "{many} open, and without a segment for {times} when the capture ends", "whether they are still needed: no keep-alive was captured") \
    X(ONE_DIRECTION, CHAT, CHAT, OF_ALL("one_direction"), "One direction captured", "Of {service}, one direction was captured",            \
      "{many} of which the capture has one direction only", "where the capture was taken")                                                 \
    X(REPLACED, NONE, NONE, OF_ALL("replaced"), "Another connection took its ports before it was closed", "", "", "")                      \
    X(PART, NONE, NONE, OF_ALL("part"), "Begun before the capture, and not closed in it", "", "", "")                                      \
    X(OPENING, NONE, NONE, OF_ALL("opening"), "Opening when the capture ends", "", "", "")                                                 \
    X(CLOSING, NONE, NONE, OF_ALL("closing"), "Closing when the capture ends", "", "", "")                                                 \
    X(OPEN, NONE, NONE, OF_ALL("open"), "Open when the capture ends", "", "", "")                                                          \
    X(CLOSED, NONE, NONE, OF_ALL("closed"), "Closed normally", "", "", "")

enum { TCPSTATE_NONE = 0 }; /* a severity */

/* Worst first. */
enum verdict_id {
#define X(id, ...) VERDICT_##id,
    TCPSTATE_VERDICTS(X)
#undef X
        VERDICT_COUNT
};

struct verdict_kind {
    guint8 severity, lesser; /* enum tcpstate_severity, or TCPSTATE_NONE */
    const char *names[2];    /* by enum role */
    const char *summary, *headline, *text, *look;
};
extern const struct verdict_kind verdict_kinds[VERDICT_COUNT];

struct verdict {
    enum verdict_id id;
    enum role role; /* the end that it is about; ROLE_CLIENT if it is about none */
    gboolean lesser;
    gint64 since;  /* when that began, nanoseconds since the epoch */
    gint64 until;  /* the end of the capture, or of the connection if that is over */
    guint32 frame; /* that shows it best */
};

/* Findings that are switched off do not count. Call between_update() before, as for the evidence. */
struct verdict verdict_on(const struct evidence *evidence);

guint8 verdict_severity(const struct verdict *verdict);

/* Whether the verdict is about one end, and its name says which. */
gboolean verdict_is_about_end(enum verdict_id id);

/* "server_not_closing". Static. */
const char *verdict_name(const struct verdict *verdict);

#endif /* TCPSTATE_VERDICT_H */
