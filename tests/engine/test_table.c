/* Compares every cell of the transition table with RFC 9293 figure 5 and section 3.10, written out as a list: a cell
 * that is not in the list keeps its state. test_random shows that segments reach each cell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <tcpstate/decimal.h>

#include "rows.h"

#define EV(event) TCPSTATE_##event, #event
#define ST(state) TCPSTATE_##state

/* clang-format off */
static const struct {
    enum tcpstate_event event;
    const char *name;
    enum tcpstate_state from, to;
} sentences[] = {
    {EV(SND_SYN),                   ST(CLOSED),      ST(SYN_SENT)},     /* figure 5: active OPEN */
    {EV(SND_SYN),                   ST(LISTEN),      ST(SYN_SENT)},     /* figure 5: SEND */
    {EV(SND_SYN),                   ST(TIME_WAIT),   ST(SYN_SENT)},
    {EV(SND_SYN),                   ST(ESTABLISHED), ST(SYN_SENT)},     /* split handshake: no SYN,ACK was missed */
    {EV(SND_SYN_ACK),               ST(LISTEN),      ST(SYN_RCVD)},     /* figure 5: rcv SYN, snd SYN,ACK */
    {EV(SND_SYN_ACK),               ST(CLOSED),      ST(SYN_RCVD)},
    {EV(SND_SYN_ACK),               ST(TIME_WAIT),   ST(SYN_RCVD)},     /* 3.10.7.4: a new SYN in TIME_WAIT */
    {EV(SND_SYN_ACK),               ST(SYN_SENT),    ST(SYN_RCVD)},     /* figure 5: rcv SYN, snd SYN,ACK */
    {EV(SND_ACK_OF_SYN),            ST(SYN_SENT),    ST(ESTABLISHED)},  /* figure 5: rcv SYN,ACK, snd ACK */
    {EV(SND_ACK_OF_SYN),            ST(LISTEN),      ST(ESTABLISHED)},  /* the capture missed its SYN,ACK */
    {EV(SND_PAST_OPENING),          ST(SYN_RCVD),    ST(ESTABLISHED)},  /* figure 5: rcv ACK of SYN */
    {EV(SND_OLD_ACK),               ST(LISTEN),      ST(ESTABLISHED)},
    {EV(SND_ACK_OF_FIN),            ST(SYN_RCVD),    ST(CLOSE_WAIT)},   /* 3.10.7.4 eighth */
    {EV(SND_ACK_OF_FIN),            ST(ESTABLISHED), ST(CLOSE_WAIT)},   /* figure 5: rcv FIN, snd ACK */
    {EV(SND_ACK_OF_FIN),            ST(FIN_WAIT_1),  ST(CLOSING)},      /* figure 5 */
    {EV(SND_ACK_OF_FIN),            ST(FIN_WAIT_2),  ST(TIME_WAIT)},    /* figure 5 */
    {EV(SND_ACK_OF_FIN_ACKED),      ST(SYN_RCVD),    ST(CLOSE_WAIT)},
    {EV(SND_ACK_OF_FIN_ACKED),      ST(ESTABLISHED), ST(CLOSE_WAIT)},
    {EV(SND_ACK_OF_FIN_ACKED),      ST(FIN_WAIT_1),  ST(TIME_WAIT)},    /* 3.10.7.4 eighth: our FIN has been acknowledged */
    {EV(SND_ACK_OF_FIN_ACKED),      ST(FIN_WAIT_2),  ST(TIME_WAIT)},
    {EV(SND_ACK_OF_FIN_ACKED),      ST(CLOSING),     ST(TIME_WAIT)},    /* figure 5: rcv ACK of FIN */
    {EV(SND_FIN),                   ST(SYN_RCVD),    ST(FIN_WAIT_1)},   /* figure 5: CLOSE, snd FIN */
    {EV(SND_FIN),                   ST(ESTABLISHED), ST(FIN_WAIT_1)},   /* figure 5 */
    {EV(SND_FIN),                   ST(CLOSE_WAIT),  ST(LAST_ACK)},     /* figure 5 */
    {EV(SND_FIN_CROSSED),           ST(SYN_RCVD),    ST(FIN_WAIT_1)},
    {EV(SND_FIN_CROSSED),           ST(ESTABLISHED), ST(FIN_WAIT_1)},
    {EV(SND_FIN_CROSSED),           ST(CLOSE_WAIT),  ST(CLOSING)},      /* it was sent before the ACK that was captured before it */
    {EV(SND_RST),                   ST(LISTEN),      ST(CLOSED)},
    {EV(SND_RST),                   ST(SYN_SENT),    ST(CLOSED)},       /* 3.10.5 ABORT */
    {EV(SND_RST),                   ST(SYN_RCVD),    ST(CLOSED)},
    {EV(SND_RST),                   ST(ESTABLISHED), ST(CLOSED)},
    {EV(SND_RST),                   ST(FIN_WAIT_1),  ST(CLOSED)},
    {EV(SND_RST),                   ST(FIN_WAIT_2),  ST(CLOSED)},
    {EV(SND_RST),                   ST(CLOSE_WAIT),  ST(CLOSED)},
    {EV(SND_RST),                   ST(CLOSING),     ST(CLOSED)},
    {EV(SND_RST),                   ST(LAST_ACK),    ST(CLOSED)},
    {EV(SND_RST),                   ST(TIME_WAIT),   ST(CLOSED)},
    {EV(OPENING_MISSED),            ST(CLOSED),      ST(ESTABLISHED)},
    {EV(OPENING_MISSED),            ST(LISTEN),      ST(ESTABLISHED)},
    {EV(OPENING_MISSED),            ST(SYN_SENT),    ST(ESTABLISHED)},
    {EV(OPENING_MISSED),            ST(TIME_WAIT),   ST(ESTABLISHED)},
    {EV(RCV_ACK_OF_SYN),            ST(SYN_RCVD),    ST(ESTABLISHED)},  /* figure 5 */
    {EV(RCV_ACK_OF_FIN),            ST(FIN_WAIT_1),  ST(FIN_WAIT_2)},   /* figure 5 */
    {EV(RCV_ACK_OF_FIN),            ST(CLOSING),     ST(TIME_WAIT)},    /* figure 5 */
    {EV(RCV_ACK_OF_FIN),            ST(LAST_ACK),    ST(CLOSED)},       /* figure 5 */
    {EV(RCV_ACK_OF_FIN_AFTER_FIN),  ST(FIN_WAIT_1),  ST(CLOSING)},
    {EV(RCV_ACK_OF_FIN_AFTER_FIN),  ST(LAST_ACK),    ST(CLOSED)},
    {EV(RCV_RST),                   ST(SYN_SENT),    ST(CLOSED)},       /* 3.10.7.3 second */
    {EV(RCV_RST),                   ST(SYN_RCVD),    ST(CLOSED)},       /* 3.10.7.4 second: from an active OPEN */
    {EV(RCV_RST),                   ST(ESTABLISHED), ST(CLOSED)},
    {EV(RCV_RST),                   ST(FIN_WAIT_1),  ST(CLOSED)},
    {EV(RCV_RST),                   ST(FIN_WAIT_2),  ST(CLOSED)},
    {EV(RCV_RST),                   ST(CLOSE_WAIT),  ST(CLOSED)},
    {EV(RCV_RST),                   ST(CLOSING),     ST(CLOSED)},
    {EV(RCV_RST),                   ST(LAST_ACK),    ST(CLOSED)},
    {EV(RCV_RST_PASSIVE),           ST(SYN_RCVD),    ST(LISTEN)},       /* 3.10.7.4 second: from a passive OPEN */
    {EV(TWO_MSL),                   ST(TIME_WAIT),   ST(CLOSED)},       /* figure 5: Timeout=2MSL */
    {EV(AWAIT_SYN),                 ST(CLOSED),      ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(LISTEN),      ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(SYN_SENT),    ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(TIME_WAIT),   ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(ESTABLISHED), ST(SYN_RCVD)},     /* a SYN for a new connection: if the old one is gone */
    {EV(AWAIT_SYN),                 ST(FIN_WAIT_1),  ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(FIN_WAIT_2),  ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(CLOSE_WAIT),  ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(CLOSING),     ST(SYN_RCVD)},
    {EV(AWAIT_SYN),                 ST(LAST_ACK),    ST(SYN_RCVD)},
    {EV(AWAIT_SYN_ACK),             ST(SYN_SENT),    ST(ESTABLISHED)},
    {EV(AWAIT_SYN_ACK),             ST(SYN_RCVD),    ST(ESTABLISHED)},
    {EV(AWAIT_FIN),                 ST(ESTABLISHED), ST(CLOSE_WAIT)},
    {EV(AWAIT_FIN),                 ST(FIN_WAIT_1),  ST(CLOSING)},
    {EV(AWAIT_FIN),                 ST(FIN_WAIT_2),  ST(TIME_WAIT)},
    {EV(AWAIT_FIN_ACKED),           ST(ESTABLISHED), ST(CLOSE_WAIT)},
    {EV(AWAIT_FIN_ACKED),           ST(FIN_WAIT_1),  ST(TIME_WAIT)},
    {EV(AWAIT_FIN_ACKED),           ST(FIN_WAIT_2),  ST(TIME_WAIT)},
    {EV(AWAIT_ACKED),               ST(CLOSING),     ST(TIME_WAIT)},
    {EV(AWAIT_ACKED),               ST(LAST_ACK),    ST(CLOSED)},
    {EV(AWAIT_OLD_FIN),             ST(CLOSED),      ST(TIME_WAIT)},
    {EV(AWAIT_RST),                 ST(SYN_RCVD),    ST(LISTEN)},       /* 3.10.7.4 second: from a passive OPEN */
    {EV(AWAIT_RST),                 ST(ESTABLISHED), ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(FIN_WAIT_1),  ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(FIN_WAIT_2),  ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(CLOSE_WAIT),  ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(CLOSING),     ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(LAST_ACK),    ST(CLOSED)},
    {EV(AWAIT_RST),                 ST(TIME_WAIT),   ST(CLOSED)},
    {EV(SND_SYN_ACK_AGAIN),         ST(ESTABLISHED), ST(SYN_RCVD)},
    {EV(SND_FIN_AGAIN),             ST(FIN_WAIT_2),  ST(FIN_WAIT_1)},
    {EV(SND_FIN_AGAIN),             ST(TIME_WAIT),   ST(CLOSING)},
    {EV(SND_FIN_AGAIN),             ST(CLOSED),      ST(LAST_ACK)},
    {EV(SND_RST_OF_ACK),            ST(ESTABLISHED), ST(SYN_SENT)},     /* 3.10.7.3 first */
    {EV(SND_RST_OF_HANDSHAKE_ACK),  ST(ESTABLISHED), ST(SYN_RCVD)},     /* 3.10.7.4 fifth */
    {EV(ACK_WRONG),                 ST(ESTABLISHED), ST(SYN_SENT)},
    {EV(ACK_WRONG),                 ST(FIN_WAIT_1),  ST(SYN_SENT)},
    {EV(SND_DATA_AGAIN),            ST(FIN_WAIT_2),  ST(FIN_WAIT_1)},
    {EV(SND_DATA_AGAIN),            ST(TIME_WAIT),   ST(CLOSING)},
    {EV(SND_DATA_AGAIN),            ST(CLOSED),      ST(LAST_ACK)},
    {EV(SND_IN_LAST_ACK),           ST(CLOSED),      ST(LAST_ACK)},
    {EV(SND_IN_TIME_WAIT),          ST(CLOSED),      ST(TIME_WAIT)},
    {EV(SND_NO_ACK_OF_FIN),         ST(CLOSING),     ST(FIN_WAIT_2)},
    {EV(SND_CROSSING_FIN),          ST(CLOSING),     ST(FIN_WAIT_1)},
    {EV(FIN_VOID),                  ST(FIN_WAIT_1),  ST(ESTABLISHED)},
    {EV(FIN_VOID),                  ST(FIN_WAIT_2),  ST(ESTABLISHED)},
    {EV(FIN_VOID),                  ST(CLOSING),     ST(CLOSE_WAIT)},
    {EV(FIN_VOID),                  ST(LAST_ACK),    ST(CLOSE_WAIT)},
    {EV(FIN_VOID),                  ST(TIME_WAIT),   ST(CLOSE_WAIT)},
};
/* clang-format on */

static const size_t sentence_count = sizeof sentences / sizeof sentences[0];

static void
cell_by_cell(void **state)
{
    (void)state;
    for (int event = 0; event < TCPSTATE_EVENT_COUNT; event++)
        for (int from = 0; from < TCPSTATE_STATE_COUNT; from++) {
            enum tcpstate_state got = (enum tcpstate_state)from, expected = got;
            bool changes = tcpstate_transition((enum tcpstate_event)event, got, &got);

            for (size_t i = 0; i < sentence_count; i++)
                if (sentences[i].event == (enum tcpstate_event)event && sentences[i].from == (enum tcpstate_state)from)
                    expected = sentences[i].to;
            if (got != expected || changes != (expected != (enum tcpstate_state)from))
                fail_msg("event \"%s\" in %s: %s, expected %s", tcpstate_event_label((enum tcpstate_event)event),
                         tcpstate_state_name((enum tcpstate_state)from), tcpstate_state_name(got), tcpstate_state_name(expected));
        }
}

static void
names(void **state)
{
    static const char *const in_order[] = {"CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
                                           "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK", "TIME_WAIT"};
    (void)state;
    assert_int_equal(TCPSTATE_STATE_COUNT, 11);
    for (int i = 0; i < TCPSTATE_STATE_COUNT; i++)
        assert_string_equal(tcpstate_state_name((enum tcpstate_state)i), in_order[i]);
    assert_string_equal(tcpstate_basis_name(TCPSTATE_ASSUMED), "assumed");
    assert_string_equal(tcpstate_basis_name(TCPSTATE_PRESUMED), "presumed");
    assert_string_equal(tcpstate_basis_name(TCPSTATE_OBSERVED), "observed");
    for (int i = 0; i < TCPSTATE_EVENT_COUNT; i++)
        assert_true(strlen(tcpstate_event_label((enum tcpstate_event)i)) > 0);
}

static void
decimals(void **state)
{
    static const struct {
        int64_t number, unit;
        unsigned decimals;
        const char *text;
    } rows[] = {{0, 1, 0, "0"},
                {250, 1000, 3, "0.250"},
                {1999, 1000, 1, "2.0"},
                {-50, 1000, 1, "-0.1"},
                {149, 1000, 1, "0.1"},
                {500, 1000, 0, "1"},
                {120000000, 1000000, 0, "120"},
                {-1, 1, 0, "-1"},
                {INT64_MAX, 1, 0, "9223372036854775807"},
                {INT64_MIN, 1, 0, "-9223372036854775808"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(tcpstate_decimal(rows[i].number, rows[i].unit, rows[i].decimals).text, rows[i].text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cell_by_cell), cmocka_unit_test(names), cmocka_unit_test(decimals)};

    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
