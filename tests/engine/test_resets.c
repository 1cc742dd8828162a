/* Which RST counts, and what shows that it did not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* clang-format off */

#define OPENED                                                                                                         \
    {"SYN_SENT",                 "> SYN 100 scale=2 win=100",           "LISTEN [SYN_RCVD]", ""},                      \
    {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 scale=0 win=200",   "SYN_RCVD", ""},                               \
    {"ESTABLISHED",              "> ACK 101 301 win=100",               "ESTABLISHED", ""}

/* --- towards SYN_SENT: by the acknowledgment, with no test of the sequence number --- */

static void
in_syn_sent(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 data=5",        "LISTEN [SYN_RCVD]", "syn_with_data"},
        {"SYN_SENT",                 "< RST 300",               "LISTEN [SYN_RCVD]", ""},  /* no ACK */
        {"SYN_SENT",                 "< RST,ACK 300 100",       "LISTEN [SYN_RCVD]", "refused_bad_ack"},  /* not past the ISN */
        {"SYN_SENT",                 "< RST,ACK 300 107",       "LISTEN [SYN_RCVD]", ""},  /* past all that was sent */
        {"CLOSED",                   "< RST,ACK 77 106",        "CLOSED", "refused"},      /* covers data on the SYN */
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- towards a synchronized end --- */

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
        {"CLOSED",                   "< ACK 301 101",           "ESTABLISHED [CLOSED]", ""}, /* it had missed the data: a challenge ACK */
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
        {"ESTABLISHED",              "> RST 120",               "ESTABLISHED", ""},        /* in the window */
        {"ESTABLISHED",              "> RST 90000",             "ESTABLISHED", ""},        /* outside */
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", "rst_out_of_window"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The number of its sender's FIN counts in CLOSE_WAIT, LAST_ACK and CLOSING, as on Linux. */
static void
at_its_senders_fin(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",           "CLOSE_WAIT", ""},
        {"CLOSED",                   "> RST 101",               "CLOSED", "rst_after_fin"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A passive SYN_RCVD falls to any RST in its window, back to LISTEN. */
static void
in_the_window_of_syn_rcvd(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 win=50",    "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "> RST,ACK 151 301",           "SYN_RCVD", ""},       /* at the right edge: outside */
        {"CLOSED",                   "> RST,ACK 150 301",           "LISTEN", "reset"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A closed socket's FIN_WAIT_2 too: with the window scale that both SYNs offered. */
static void
in_the_window_of_fin_wait_2(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301 win=100",   "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",               "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "< RST 701",                   "CLOSE_WAIT", ""},     /* 301 + (100 << 2) */
        {"CLOSED",                   "< RST 700",                   "CLOSED", "rst_after_fin"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The first segment of all is a RST: it ended something that nobody saw. */
static void
of_no_known_connection(void **state)
{
    static const struct row rows[] = {
        {"CLOSED",                   "> RST 101",               "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Two RSTs alike answer two segments: the second is no copy of the first. */
static void
each_rst_is_read(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST 101 id=0",          "CLOSED", "reset"},
        {"CLOSED",                   "+0.0001 < ACK 301 101",   "ESTABLISHED [CLOSED]", ""}, /* it crossed the RST */
        {"CLOSED",                   "+0.0001 > RST 101 id=0",  "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An end in SYN_SENT that refuses the SYN which crossed its own has no socket any more. */
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

/* --- a RST that did not end it --- */

/* After its own RST an end sends only what left before it. */
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

/* What its target sends within a round trip may only have crossed the RST; what it sends later did not. */
static void
crossed_or_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST,ACK 101 301",       "CLOSED", "reset"},
        {"CLOSED",                   "< ACK 301 101 data=10",   "ESTABLISHED [CLOSED]", "data_after_rst"},
        {"CLOSED",                   "+0.2 < ACK 301 101 data=10", "ESTABLISHED", "rst_ignored"},
        {"CLOSED",                   "+0.2 < ACK 301 101 data=10", "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Some stacks try a refused SYN again: no RST was ignored. */
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

/* From SYN_SENT a RST at the number of a wrong ACK rejects that ACK, and says nothing of its sender. */
static void
rejects_a_wrong_ack(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 7000 5000",         "ESTABLISHED", "challenge_ack"},
        {"SYN_SENT",                 "> RST 5000",              "CLOSED", "half_open_found"},
        {"SYN_SENT",                 "+1 > SYN 100",            "CLOSED [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* So does one that answers a SYN,ACK whose timestamp echo is none of its SYNs'. */
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
    };

    return cmocka_run_group_tests_name("resets", tests, NULL, NULL);
}
