/* Which RST ends a connection, and which later segments show that a RST did not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* clang-format off */

#define OPENED                                                                                                         \
    {"SYN_SENT",                 "> SYN 100 scale=2 win=100",           "LISTEN [SYN_RCVD]", ""},                      \
    {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 scale=0 win=200",   "SYN_RCVD", ""},                               \
    {"ESTABLISHED",              "> ACK 101 301 win=100",               "ESTABLISHED", ""}

/* --- a RST to SYN_SENT: its ACK is tested, and not its sequence number --- */

static void
in_syn_sent(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 data=5",        "LISTEN [SYN_RCVD]", "syn_with_data"},
        {"SYN_SENT",                 "< RST 300",               "LISTEN [SYN_RCVD]", ""},  /* no ACK */
        {"SYN_SENT",                 "< RST,ACK 300 100",       "LISTEN [SYN_RCVD]", "refused_bad_ack"},  /* does not acknowledge the SYN */
        {"SYN_SENT",                 "< RST,ACK 300 107",       "LISTEN [SYN_RCVD]", ""},  /* beyond all that was sent */
        {"CLOSED",                   "< RST,ACK 77 106",        "CLOSED", "refused"},      /* covers data on the SYN */
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- a RST to a synchronized end --- */

static void
exact(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST 101",               "CLOSED", "reset"},
        {"CLOSED",                   "> RST 101",               "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
at_its_senders_own_next_number(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=50",   "ESTABLISHED", ""},
        {"CLOSED",                   "> RST,ACK 151 301",       "CLOSED", "reset"},
        {"CLOSED",                   "< ACK 301 101",           "ESTABLISHED [CLOSED]", ""}, /* B missed the data: a challenge ACK */
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
at_the_sack_edge(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 201 301 data=50",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 261 301 data=50",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 sack=251",  "ESTABLISHED", ""},
        {"CLOSED",                   "> RST 251",               "CLOSED", "reset"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
inexact_changes_nothing(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> RST 120",               "ESTABLISHED [CLOSED]", ""}, /* in the window: a stack before RFC 5961 closes */
        {"ESTABLISHED",              "> RST 90000",             "ESTABLISHED [CLOSED]", ""}, /* outside */
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", "rst_out_of_window"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* In CLOSE_WAIT, LAST_ACK and CLOSING, Linux accepts a RST at the number of its sender's FIN; other stacks do not, and go on. */
static void
at_its_senders_fin(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",           "CLOSE_WAIT", ""},
        {"CLOSED",                   "> RST 101",               "CLOSE_WAIT [CLOSED]", "rst_after_fin"},
        {"CLOSED",                   "+1 < ACK 301 102 data=5", "CLOSE_WAIT", "half_close_data"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* After a passive open, any RST in the window leads from SYN_RCVD back to LISTEN on Linux; lwIP answers it with a challenge ACK. */
static void
in_the_window_of_syn_rcvd(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 win=50",    "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST,ACK 151 301",           "SYN_RCVD", ""},       /* at the right edge: outside */
        {"CLOSED",                   "> RST,ACK 150 301",           "SYN_RCVD [LISTEN]", "reset"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Any RST in the window may end FIN_WAIT_2: on Linux after close(). The window is scaled, as both SYNs offered. */
static void
in_the_window_of_fin_wait_2(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301 win=100",   "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",               "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "< RST 701",                   "CLOSE_WAIT", ""},     /* 301 + (100 << 2) */
        {"FIN_WAIT_2 [CLOSED]",      "< RST 700",                   "CLOSED", "rst_after_fin"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A forged RST in the window, in the name of a client in SYN_SENT, may send the server back to LISTEN. At the right edge it does not. */
static void
in_the_name_of_syn_sent(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 win=50",    "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST 151",                   "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST 150",                   "SYN_RCVD [LISTEN]", ""},
        {"ESTABLISHED",              "> ACK 101 301",               "ESTABLISHED [CLOSED]", ""},
        {"ESTABLISHED",              "< ACK 301 101 data=5",        "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

#define TIME_WAIT                                                                                                     \
    OPENED,                                                                                                          \
    {"FIN_WAIT_1",               "> FIN,ACK 101 301",           "ESTABLISHED [CLOSE_WAIT]", ""},                     \
    {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 301 102",           "LAST_ACK", ""},                                     \
    {"TIME_WAIT",                "> ACK 102 302",               "CLOSED", ""}

/* Linux ends TIME_WAIT by a RST; lwIP, netstack and RFC 1337 ignore it. */
static void
in_time_wait(void **state)
{
    static const struct row rows[] = {
        TIME_WAIT,
        {"TIME_WAIT [CLOSED]",       "< RST 302",                   "CLOSED", "rst_after_fin"},
        {"TIME_WAIT",                "> ACK 102 302",               "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A new connection after that is no reuse of TIME_WAIT that the server would notice. */
static void
in_time_wait_then_reused(void **state)
{
    static const struct row rows[] = {
        TIME_WAIT,
        {"TIME_WAIT [CLOSED]",       "< RST 302",                   "CLOSED", "rst_after_fin"},
        {"LISTEN [SYN_RCVD]",        "< SYN 90000",                 "SYN_SENT", ""},
        {"SYN_RCVD",                 "> SYN,ACK 700 90001",         "SYN_SENT [ESTABLISHED]", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* With that RST a client asks to be let in with its next SYN. A stack that ignored it once will ignore it again. */
static void
in_time_wait_for_a_syn(void **state)
{
    static const struct row rows[] = {
        TIME_WAIT,
        {"TIME_WAIT [SYN_RCVD]",     "< SYN 200",                   "SYN_SENT", ""},
        {"TIME_WAIT",                "> ACK 102 302",               "SYN_SENT", "reuse_too_soon challenge_ack"},
        {"TIME_WAIT [CLOSED]",       "< RST 302",                   "SYN_SENT", ""},
        {"CLOSED [SYN_RCVD]",        "+1 < SYN 200",                "SYN_SENT", "syn_retransmitted"},
        {"TIME_WAIT",                "> ACK 102 302",               "SYN_SENT", "challenge_ack"},
        {"TIME_WAIT [CLOSED]",       "< RST 302",                   "SYN_SENT", ""},
        {"TIME_WAIT [SYN_RCVD]",     "+2 < SYN 200",                "SYN_SENT", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* lwIP refuses a SYN in the window of the connection in TIME_WAIT, and stays. Its RSTs have a window. Other stacks are closed then. */
static void
sent_in_time_wait(void **state)
{
    static const struct row rows[] = {
        TIME_WAIT,
        {"TIME_WAIT [SYN_RCVD]",     "< SYN 400",                   "SYN_SENT", "time_wait_reuse"},
        {"TIME_WAIT [CLOSED]",       "> RST,ACK 0 401 win=500",     "CLOSED", "refused"},
    };
    static const struct row without_window[] = {
        TIME_WAIT,
        {"TIME_WAIT [SYN_RCVD]",     "< SYN 400",                   "SYN_SENT", "time_wait_reuse"},
        {"CLOSED",                   "> RST,ACK 0 401 win=0",       "CLOSED", "refused"},
    };
    (void)state;
    ASSERT_ROWS(rows);
    ASSERT_ROWS(without_window);
}

/* The first segment of the capture is a RST: it ended a connection that was not captured. */
static void
of_no_known_connection(void **state)
{
    static const struct row rows[] = {
        {"CLOSED",                   "> RST 101",               "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Two equal RSTs answer two segments: the second is no copy of the first. */
static void
each_rst_is_read(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST 101 id=0",          "CLOSED", "reset"},
        {"CLOSED",                   "+0.0001 < ACK 301 101",   "ESTABLISHED [CLOSED]", ""}, /* it crossed the RST */
        {"CLOSED",                   "+0.0001 > RST 101 id=0",  "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An end in SYN_SENT refuses the SYN that crossed its own: its socket does not exist any more. */
static void
refused_too_late(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [SYN_RCVD]",      "< SYN 300",               "SYN_SENT [SYN_RCVD]", "simultaneous_open"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"CLOSED",                   "> RST,ACK 0 301",         "SYN_RCVD", "refused"},
        {"CLOSED",                   "< FIN,ACK 301 101",       "FIN_WAIT_1", ""},
        {"CLOSED",                   "< FIN,ACK 301 101",       "FIN_WAIT_1", "fin_retransmitted"},
        {"CLOSED",                   "> RST 101",               "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
one_direction_is_untested(void **state)
{
    struct bench bench;
    char text[512];
    (void)state;

    bench_start(&bench);
    bench_read(&bench, "> ACK 101 301 data=10", 0);
    bench_read(&bench, "> RST 4000", 0);
    assert_int_equal(bench.outcome.finding_count, 1);
    tcpstate_finding_text(&bench.outcome.finding[0], text, sizeof text);
    assert_string_equal(text, "The client reset the connection (SEQ 4000 absolute) from ESTABLISHED, the server being in ESTABLISHED; its "
                              "number could not be tested");
}

/* --- a RST that did not end the connection --- */

/* Segments that are captured after their sender's own RST, but were sent before it: old data. */
static void
old_segments_after_its_own_rst(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=50",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 151",           "ESTABLISHED", ""},
        {"CLOSED",                   "> RST,ACK 151 301",       "CLOSED", "reset"},
        {"CLOSED",                   "> ACK 101 301 data=50",   "CLOSED", "data_after_rst"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
forged(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST,ACK 101 301",       "CLOSED", "reset"},
        {"ESTABLISHED",              "> ACK 101 301 data=50",   "CLOSED", "rst_ignored"},
        {"ESTABLISHED",              "< ACK 301 151",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A segment that the target of a RST sends soon after may have crossed the RST; a segment that it sends later did not. */
static void
crossed_or_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST,ACK 101 301",       "CLOSED", "reset"},
        {"CLOSED",                   "< ACK 301 101 data=10",   "ESTABLISHED [CLOSED]", "data_after_rst"},
        {"CLOSED",                   "+0.2 < ACK 301 101 data=10", "ESTABLISHED [CLOSED]", ""}, /* queues may have held it back */
        {"CLOSED",                   "+0.9 < ACK 301 101 data=10", "ESTABLISHED", "rst_ignored"},
        {"CLOSED",                   "+0.2 < ACK 311 101 data=10", "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Some stacks send a refused SYN again: the RST was not ignored. */
static void
refused_and_tried_again(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"CLOSED",                   "< RST,ACK 0 101",         "CLOSED", "refused"},
        {"SYN_SENT",                 "+3 > SYN 100",            "CLOSED [SYN_RCVD]", "syn_retransmitted"},
        {"CLOSED",                   "< RST,ACK 0 101",         "CLOSED", "refused"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* In SYN_SENT an end answers a wrong ACK with a RST at the number of that ACK, and stays in SYN_SENT. */
static void
rejects_a_wrong_ack(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 7000 5000000",      "ESTABLISHED", "challenge_ack"},
        {"SYN_SENT",                 "> RST 5000000",           "CLOSED", "half_open_found"},
        {"SYN_SENT",                 "+1 > SYN 100",            "CLOSED [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* In SYN_SENT, lwIP rejects a bare ACK even with the right numbers, with a RST that has ACK. A RST without ACK is of an end that is gone. */
static void
rejects_an_ack_without_syn(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST 150",               "SYN_RCVD [LISTEN]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< ACK 301 101",           "SYN_RCVD", ""},
        {"SYN_SENT",                 "> RST,ACK 101 301",       "LISTEN", ""},
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", "syn_retransmitted"},
    };
    static const struct row gone[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST 150",               "SYN_RCVD [LISTEN]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< ACK 301 101",           "SYN_RCVD", ""},
        {"CLOSED",                   "> RST 101",               "LISTEN", "half_open_scan"},
    };
    (void)state;
    ASSERT_ROWS(rows);
    ASSERT_ROWS(gone);
}

/* The same with a SYN,ACK that echoes a timestamp which none of the SYNs had. */
static void
rejects_a_wrong_echo(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 ts=500",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 ts=9 ecr=400",  "SYN_RCVD", ""},
        {"SYN_SENT",                 "> RST 101",                       "LISTEN", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 ts=9 ecr=500",  "SYN_RCVD", "synack_retransmitted"},
        {"CLOSED",                   "> RST 101",                       "LISTEN", "half_open_scan"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* clang-format on */

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_syn_sent),
        cmocka_unit_test(exact),
        cmocka_unit_test(at_its_senders_own_next_number),
        cmocka_unit_test(at_the_sack_edge),
        cmocka_unit_test(inexact_changes_nothing),
        cmocka_unit_test(at_its_senders_fin),
        cmocka_unit_test(in_the_window_of_syn_rcvd),
        cmocka_unit_test(in_the_window_of_fin_wait_2),
        cmocka_unit_test(in_the_name_of_syn_sent),
        cmocka_unit_test(in_time_wait),
        cmocka_unit_test(in_time_wait_then_reused),
        cmocka_unit_test(in_time_wait_for_a_syn),
        cmocka_unit_test(sent_in_time_wait),
        cmocka_unit_test(of_no_known_connection),
        cmocka_unit_test(each_rst_is_read),
        cmocka_unit_test(refused_too_late),
        cmocka_unit_test(one_direction_is_untested),
        cmocka_unit_test(old_segments_after_its_own_rst),
        cmocka_unit_test(forged),
        cmocka_unit_test(crossed_or_lost),
        cmocka_unit_test(refused_and_tried_again),
        cmocka_unit_test(rejects_a_wrong_ack),
        cmocka_unit_test(rejects_a_wrong_echo),
        cmocka_unit_test(rejects_an_ack_without_syn),
    };

    return cmocka_run_group_tests_name("resets", tests, NULL, NULL);
}
