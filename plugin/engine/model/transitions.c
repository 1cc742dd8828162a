/* The complete transition table: a row for each event, a column for each state. A cell is the state that the event leads to. KK keeps
 * the state: the event has no meaning there, or shows what is known already.
 *
 * A capture shows which segments passed one point of the network, not which of them arrived. So the events of RFC 9293 figure 5 are
 * divided into three groups. A: a segment that an end sends proves its state at once. B: a segment that is sent to an end and forces
 * no reply is presumed to arrive, and changes the state. C: a segment that forces a reply changes no state before the reply is seen;
 * these rows give the pending state. The rows of the last group take a presumed state back, when a later segment proves it wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/state.h>

enum {
    CL = TCPSTATE_CLOSED,
    LI = TCPSTATE_LISTEN,
    SS = TCPSTATE_SYN_SENT,
    SR = TCPSTATE_SYN_RCVD,
    ES = TCPSTATE_ESTABLISHED,
    F1 = TCPSTATE_FIN_WAIT_1,
    F2 = TCPSTATE_FIN_WAIT_2,
    CW = TCPSTATE_CLOSE_WAIT,
    CG = TCPSTATE_CLOSING,
    LA = TCPSTATE_LAST_ACK,
    TW = TCPSTATE_TIME_WAIT,
    KK = TCPSTATE_STATE_COUNT,
};

/* clang-format off */
static const uint8_t table[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT] = {
    /* A                                     CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPSTATE_SND_SYN]                   = { SS, SS, KK, KK, SS, KK, KK, KK, KK, KK, SS }, /* ES: presumed, a SYN,ACK seemed missing */
    [TCPSTATE_SND_SYN_ACK]               = { SR, SR, SR, KK, KK, KK, KK, KK, KK, KK, SR },
    [TCPSTATE_SND_ACK_OF_SYN]            = { KK, ES, ES, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_PAST_OPENING]          = { KK, KK, KK, ES, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_OLD_ACK]               = { KK, ES, KK, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_ACK_OF_FIN]            = { KK, KK, KK, CW, CW, CG, TW, KK, KK, KK, KK },
    [TCPSTATE_SND_ACK_OF_FIN_ACKED]      = { KK, KK, KK, CW, CW, TW, TW, KK, TW, KK, KK },
    [TCPSTATE_SND_FIN]                   = { KK, KK, KK, F1, F1, KK, KK, LA, KK, KK, KK },
    [TCPSTATE_SND_FIN_CROSSED]           = { KK, KK, KK, F1, F1, KK, KK, CG, KK, KK, KK },
    [TCPSTATE_SND_RST]                   = { KK, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL },
    [TCPSTATE_OPENING_MISSED]            = { ES, ES, ES, KK, KK, KK, KK, KK, KK, KK, ES },
    /* B                                     CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPSTATE_RCV_ACK_OF_SYN]            = { KK, KK, KK, ES, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_RCV_ACK_OF_FIN]            = { KK, KK, KK, KK, KK, F2, KK, KK, TW, CL, KK },
    [TCPSTATE_RCV_ACK_OF_FIN_AFTER_FIN]  = { KK, KK, KK, KK, KK, CG, KK, KK, KK, CL, KK },
    [TCPSTATE_RCV_RST]                   = { KK, KK, CL, CL, CL, CL, CL, CL, CL, CL, KK }, /* TW: RFC 1337; see AWAIT_RST */
    [TCPSTATE_RCV_RST_PASSIVE]           = { KK, KK, KK, LI, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_TWO_MSL]                   = { KK, KK, KK, KK, KK, KK, KK, KK, KK, KK, CL },
    /* C                                     CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPSTATE_AWAIT_SYN]                 = { SR, SR, SR, KK, SR, SR, SR, SR, SR, SR, SR }, /* ES to LA: a challenging SYN */
    [TCPSTATE_AWAIT_SYN_ACK]             = { KK, KK, ES, ES, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_AWAIT_FIN]                 = { KK, KK, KK, KK, CW, CG, TW, KK, KK, KK, KK },
    [TCPSTATE_AWAIT_FIN_ACKED]           = { KK, KK, KK, KK, CW, TW, TW, KK, KK, KK, KK },
    [TCPSTATE_AWAIT_ACKED]               = { KK, KK, KK, KK, KK, KK, KK, KK, TW, CL, KK },
    [TCPSTATE_AWAIT_OLD_FIN]             = { TW, KK, KK, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_AWAIT_RST]                 = { KK, KK, KK, LI, CL, CL, CL, CL, CL, CL, CL },
    /* taken back                            CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPSTATE_SND_SYN_ACK_AGAIN]         = { KK, KK, KK, KK, SR, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_RST_OF_ACK]            = { KK, KK, KK, KK, SS, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_RST_OF_HANDSHAKE_ACK]  = { KK, KK, KK, KK, SR, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_ACK_WRONG]                 = { KK, KK, KK, KK, SS, SS, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_FIN_AGAIN]             = { LA, KK, KK, KK, KK, KK, F1, KK, KK, KK, CG },
    [TCPSTATE_SND_DATA_AGAIN]            = { LA, KK, KK, KK, KK, KK, F1, KK, KK, KK, CG },
    [TCPSTATE_SND_IN_LAST_ACK]           = { LA, KK, KK, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_IN_TIME_WAIT]          = { TW, KK, KK, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_SND_NO_ACK_OF_FIN]         = { KK, KK, KK, KK, KK, KK, KK, KK, F2, KK, KK },
    [TCPSTATE_SND_CROSSING_FIN]          = { KK, KK, KK, KK, KK, KK, KK, KK, F1, KK, KK },
    [TCPSTATE_FIN_VOID]                  = { KK, KK, KK, KK, KK, ES, ES, KK, CW, CW, CW },
    /* back to the state before the RST: see take_back_rst() in segment/reset.c */
    [TCPSTATE_SND_AFTER_RST]             = { KK, KK, KK, KK, KK, KK, KK, KK, KK, KK, KK },
    [TCPSTATE_RST_CHALLENGED]            = { KK, KK, KK, KK, KK, KK, KK, KK, KK, KK, KK },
};
/* clang-format on */

bool
tcpstate_transition(enum tcpstate_event event, enum tcpstate_state from, enum tcpstate_state *next)
{
    uint8_t to = table[event][from];

    if (to == KK)
        return false;
    *next = (enum tcpstate_state)to;
    return true;
}

const char *
tcpstate_state_name(enum tcpstate_state state)
{
    static const char *const names[] = {
#define X(name) #name,
        TCPSTATE_STATES(X)
#undef X
    };
    return names[state];
}

const char *
tcpstate_basis_name(enum tcpstate_basis basis)
{
    static const char *const names[] = {
#define X(id, name, words) #name,
        TCPSTATE_BASES(X)
#undef X
    };
    return names[basis];
}

const char *
tcpstate_basis_words(enum tcpstate_basis basis)
{
    static const char *const said[] = {
#define X(id, name, words) words,
        TCPSTATE_BASES(X)
#undef X
    };
    return said[basis];
}

const char *
tcpstate_event_label(enum tcpstate_event event)
{
    static const char *const labels[] = {
#define X(id, label) label,
        TCPSTATE_EVENTS(X)
#undef X
    };
    return labels[event];
}
