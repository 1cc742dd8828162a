/* States, what they rest on, and the events that change them. Every name of the project comes from these lists.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_STATE_H
#define TCPSTATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 9293 section 3.3.2, in an order that follows a connection's life, so that ranges mean something: 2 to 3 is opening,
 * 5 to 9 is closing. The numbers are those of tcpstate.client.code; never reorder. */
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

/* What a state rests on: the end's own segment; a segment on its way to it, which may have been lost; nothing yet. */
#define TCPSTATE_BASES(X)                                               \
    X(ASSUMED, assumed, "nothing of it seen yet")                       \
    X(PRESUMED, presumed, "unless the segment that led to it was lost") \
    X(OBSERVED, observed, "it sent what proves it")

enum tcpstate_basis {
#define X(id, name, words) TCPSTATE_##id,
    TCPSTATE_BASES(X)
#undef X
};

/* The events that a segment splits into, with the words of RFC 9293 figure 5: `snd` what an end did, `rcv` what went to it.
 * A row of the transition table each (plugin/engine/transitions.c). */
#define TCPSTATE_EVENTS(X)                             \
    /* A: what an end sends proves its own state */    \
    X(SND_SYN, "snd SYN")                              \
    X(SND_SYN_ACK, "snd SYN,ACK")                      \
    X(SND_ACK_OF_SYN, "snd ACK of SYN")                \
    X(SND_PAST_OPENING, "snd past the handshake")      \
    X(SND_OLD_ACK, "snd ACK of an older connection")   \
    X(SND_ACK_OF_FIN, "snd ACK of FIN")                \
    X(SND_ACK_OF_FIN_ACKED, "snd ACK of FIN")          \
    X(SND_FIN, "snd FIN")                              \
    X(SND_FIN_CROSSED, "snd FIN, crossing the peer's") \
    X(SND_RST, "snd RST")                              \
    X(OPENING_MISSED, "handshake not captured")        \
    /* B: what reaches an end and forces no reply */   \
    X(RCV_ACK_OF_SYN, "rcv ACK of SYN")                \
    X(RCV_ACK_OF_FIN, "rcv ACK of FIN")                \
    X(RCV_ACK_OF_FIN_AFTER_FIN, "rcv FIN, ACK of FIN") \
    X(RCV_RST, "rcv RST")                              \
    X(RCV_RST_PASSIVE, "rcv RST")                      \
    X(TWO_MSL, "2MSL passed")                          \
    /* C: what forces a reply, and waits for it */     \
    X(AWAIT_SYN, "rcv SYN")                            \
    X(AWAIT_SYN_ACK, "rcv SYN,ACK")                    \
    X(AWAIT_FIN, "rcv FIN")                            \
    X(AWAIT_FIN_ACKED, "rcv FIN")                      \
    X(AWAIT_ACKED, "rcv ACK of FIN")                   \
    X(AWAIT_RST, "rcv RST")                            \
    /* presumptions that prove wrong are taken back */ \
    X(SND_SYN_ACK_AGAIN, "snd SYN,ACK again")          \
    X(SND_FIN_AGAIN, "snd FIN again")                  \
    X(SND_NO_ACK_OF_FIN, "snd no ACK of FIN")          \
    X(FIN_VOID, "snd data over the FIN")               \
    X(SND_AFTER_RST, "snd after RST")

enum tcpstate_event {
#define X(id, label) TCPSTATE_##id,
    TCPSTATE_EVENTS(X)
#undef X
};
#define X(id, label) +1
enum { TCPSTATE_EVENT_COUNT = TCPSTATE_EVENTS(X) };
#undef X

/* Whether it takes back what was presumed: the last group. */
static inline bool
tcpstate_event_takes_back(enum tcpstate_event event)
{
    return event >= TCPSTATE_SND_SYN_ACK_AGAIN;
}

/* "FIN_WAIT_1", "observed", "it sent what proves it", "snd FIN". Static strings. */
const char *tcpstate_state_name(enum tcpstate_state state);
const char *tcpstate_basis_name(enum tcpstate_basis basis);
const char *tcpstate_basis_words(enum tcpstate_basis basis);
const char *tcpstate_event_label(enum tcpstate_event event);

/* The transition table: true, and the next state in *next, where the event changes the state; false where it does not. */
bool tcpstate_transition(enum tcpstate_event event, enum tcpstate_state from, enum tcpstate_state *next);

#endif /* TCPSTATE_STATE_H */
