/* The states, what a state is based on, and the events that change states. All names that the project shows for them
 * come from these lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_STATE_H
#define TCPSTATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* The states of RFC 9293 section 3.3.2, in the order of a connection's life: a connection is opening in 2 and 3, and closing in 5 to 9. The
 * numbers are the values of the display field tcpstate.client.code: never change the order. */
#define TCPSTATE_STATES(X) \
    X(CLOSED)              \
    X(LISTEN)              \
    X(SYN_SENT)            \
    X(SYN_RCVD)            \
    X(ESTABLISHED)         \
    X(FIN_WAIT_1)          \
    X(FIN_WAIT_2)          \
    X(CLOSE_WAIT)          \
    X(CLOSING)             \
    X(LAST_ACK)            \
    X(TIME_WAIT)

enum tcpstate_state {
#define X(name) TCPSTATE_##name,
    TCPSTATE_STATES(X)
#undef X
};
#define X(name) +1
enum { TCPSTATE_STATE_COUNT = TCPSTATE_STATES(X) };
#undef X

/* What the state of an end is based on: no segment yet; a segment that was sent to it and may have been lost; a segment that it sent. */
#define TCPSTATE_BASES(X)                                               \
    X(ASSUMED, assumed, "nothing of it seen yet")                       \
    X(PRESUMED, presumed, "unless the segment that led to it was lost") \
    X(OBSERVED, observed, "it sent what proves it")

enum tcpstate_basis {
#define X(id, name, words) TCPSTATE_##id,
    TCPSTATE_BASES(X)
#undef X
};

/* The events that a segment is split into, with labels as in RFC 9293 figure 5: `snd` is what the end sent, `rcv` is what was sent to it.
 * Each event has a row in the transition table (plugin/engine/model/transitions.c). */
#define TCPSTATE_EVENTS(X)                                 \
    /* A: a segment that the end sends proves its state */ \
    X(SND_SYN, "snd SYN")                                  \
    X(SND_SYN_ACK, "snd SYN,ACK")                          \
    X(SND_ACK_OF_SYN, "snd ACK of SYN")                    \
    X(SND_PAST_OPENING, "snd past the handshake")          \
    X(SND_OLD_ACK, "snd ACK of an older connection")       \
    X(SND_ACK_OF_FIN, "snd ACK of FIN")                    \
    X(SND_ACK_OF_FIN_ACKED, "snd ACK of FIN")              \
    X(SND_FIN, "snd FIN")                                  \
    X(SND_FIN_CROSSED, "snd FIN, crossing the peer's")     \
    X(SND_RST, "snd RST")                                  \
    X(OPENING_MISSED, "handshake not captured")            \
    /* B: a segment to the end that forces no reply */     \
    X(RCV_ACK_OF_SYN, "rcv ACK of SYN")                    \
    X(RCV_ACK_OF_FIN, "rcv ACK of FIN")                    \
    X(RCV_ACK_OF_FIN_AFTER_FIN, "rcv FIN, ACK of FIN")     \
    X(RCV_RST, "rcv RST")                                  \
    X(RCV_RST_PASSIVE, "rcv RST")                          \
    X(TWO_MSL, "2MSL passed")                              \
    /* C: a segment to the end that forces a reply */      \
    X(AWAIT_SYN, "rcv SYN")                                \
    X(AWAIT_SYN_ACK, "rcv SYN,ACK")                        \
    X(AWAIT_FIN, "rcv FIN")                                \
    X(AWAIT_FIN_ACKED, "rcv FIN")                          \
    X(AWAIT_ACKED, "rcv ACK of FIN")                       \
    X(AWAIT_OLD_FIN, "rcv FIN again")                      \
    X(AWAIT_RST, "rcv RST")                                \
    /* a presumed state proves wrong and is taken back */  \
    X(SND_SYN_ACK_AGAIN, "snd SYN,ACK again")              \
    X(SND_RST_OF_ACK, "snd RST of an ACK")                 \
    X(SND_RST_OF_HANDSHAKE_ACK, "snd RST of wrong ACK")    \
    X(ACK_WRONG, "snd wrong ACK of SYN")                   \
    X(SND_FIN_AGAIN, "snd FIN again")                      \
    X(SND_DATA_AGAIN, "snd data before the FIN again")     \
    X(SND_IN_LAST_ACK, "snd after its FIN")                \
    X(SND_IN_TIME_WAIT, "snd after 2MSL")                  \
    X(SND_NO_ACK_OF_FIN, "snd no ACK of FIN")              \
    X(SND_CROSSING_FIN, "snd before FIN, ACK of FIN")      \
    X(FIN_VOID, "snd data over the FIN")                   \
    X(SND_AFTER_RST, "snd after RST")                      \
    X(RST_CHALLENGED, "RST not accepted")

enum tcpstate_event {
#define X(id, label) TCPSTATE_##id,
    TCPSTATE_EVENTS(X)
#undef X
};
#define X(id, label) +1
enum { TCPSTATE_EVENT_COUNT = TCPSTATE_EVENTS(X) };
#undef X

/* Whether the event takes back a presumed state: those of the last group do. */
static inline bool
tcpstate_event_takes_back(enum tcpstate_event event)
{
    return event >= TCPSTATE_SND_SYN_ACK_AGAIN;
}

/* For example "FIN_WAIT_1", "observed", "it sent what proves it", "snd FIN". Static strings. */
const char *tcpstate_state_name(enum tcpstate_state state);
const char *tcpstate_basis_name(enum tcpstate_basis basis);
const char *tcpstate_basis_words(enum tcpstate_basis basis);
const char *tcpstate_event_label(enum tcpstate_event event);

/* The transition table. Returns true and sets *next where the event changes the state. Otherwise returns false and does not write *next. */
bool tcpstate_transition(enum tcpstate_event event, enum tcpstate_state from, enum tcpstate_state *next);

#endif /* TCPSTATE_STATE_H */
