/* The figures of RFC 9293, and the exchanges of textbooks, as they look in a capture. The figures know which segments
 * arrived; a capture shows only which were sent. So where a figure has a new state on arrival, it stands in brackets
 * here (pending), until a segment of that end shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* clang-format off */

/* Figure 6: basic three-way handshake for connection synchronization */
static void
figure_6(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 301 data=10",   "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 7: simultaneous connection synchronization */
static void
figure_7(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [SYN_RCVD]",      "< SYN 300",               "SYN_SENT [SYN_RCVD]", "simultaneous_open"},
        {"SYN_RCVD",                 "> SYN,ACK 100 301",       "SYN_SENT [ESTABLISHED]", ""},
        {"SYN_RCVD [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD [ESTABLISHED]", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 8: recovery from old duplicate SYN, captured beside peer A */
static void
figure_8_at_a(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< SYN,ACK 300 91",        "SYN_RCVD", ""},
        {"SYN_SENT",                 "> RST 91",                "LISTEN", "synack_bad_ack"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 400 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 401",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 8, captured beside peer B: A's RST against the answer to the old SYN comes before A's own SYN */
static void
figure_8_at_b(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 90",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 91",        "SYN_RCVD", ""},
        {"CLOSED",                   "> RST 91",                "LISTEN", "half_open_scan"},
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 400 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 401",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 9: half-open connection discovery. Peer A has rebooted; the connection before is in the capture. */
static void
figure_9(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 98",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 299 99",        "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 99 300 data=1",     "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 300 100",           "ESTABLISHED", ""},
        {"SYN_SENT",                 "+3 > SYN 400",            "ESTABLISHED [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 300 100",           "ESTABLISHED", "syn_in_connection challenge_ack"},
        {"SYN_SENT",                 "> RST 100",               "CLOSED", "half_open_found"},
        {"SYN_SENT",                 "+1 > SYN 400",            "CLOSED [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 900 401",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 401 901",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 9 where the capture begins after the reboot: peer B's answer alone shows that it had a connection */
static void
figure_9_begins_late(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 400",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 300 100",           "ESTABLISHED", "challenge_ack"},
        {"SYN_SENT",                 "> RST 100",               "CLOSED", "half_open_found"},
        {"SYN_SENT",                 "+1 > SYN 400",            "CLOSED [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 10: active side causes half-open connection discovery */
static void
figure_10(void **state)
{
    static const struct row rows[] = {
        {"ESTABLISHED",              "< ACK 300 100 data=10",   "ESTABLISHED", "picked_up"},
        {"CLOSED",                   "> RST 100",               "CLOSED", "reset"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 11: old duplicate SYN initiates a reset on two passive sockets. A capture cannot show that peer A is in LISTEN
 * before its RST, because the duplicate SYN has A's address. */
static void
figure_11(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 90",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 91",        "SYN_RCVD", ""},
        {"CLOSED",                   "> RST 91",                "LISTEN", "half_open_scan"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 12: normal close sequence */
static void
figure_12(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 99",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 299 100",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 100 300",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 100 300",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 300 101",           "CLOSE_WAIT", ""},
        {"FIN_WAIT_2 [TIME_WAIT]",   "< FIN,ACK 300 101",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 101 301",           "CLOSED", ""},
        {"SYN_SENT",                 "+61 > SYN 5000",          "LISTEN [SYN_RCVD]", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Figure 13: simultaneous close sequence */
static void
figure_13(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 99",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 299 100",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 100 300",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 100 300",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [CLOSING]",     "< FIN,ACK 300 100",       "FIN_WAIT_1 [CLOSING]", "simultaneous_close"},
        {"CLOSING",                  "> ACK 101 301",           "CLOSING [TIME_WAIT]", ""},
        {"TIME_WAIT",                "< ACK 301 101",           "TIME_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A close with three segments: the second FIN is in the segment that acknowledges the first */
static void
three_segment_close(void **state)
{
    static const struct row rows[] = {
        {"ESTABLISHED",              "> ACK 100 300 data=1",    "ESTABLISHED", "picked_up"},
        {"ESTABLISHED",              "< ACK 300 101",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 101 300",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 300 102",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 301",           "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
refused(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"CLOSED",                   "< RST,ACK 0 101",         "CLOSED", "refused"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
syn_dropped(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+1 > SYN 100",            "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+2 > SYN 100",            "LISTEN [SYN_RCVD]", "syn_retransmitted syn_sent_stuck"},
        {"SYN_SENT",                 "+4 > SYN 100",            "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+8 > SYN 100",            "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+16 > SYN 100",           "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+32 > SYN 100",           "LISTEN [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
syn_ack_dropped(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "+1 > SYN 100",            "SYN_RCVD", "syn_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", "synack_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "+1 < SYN,ACK 300 101",    "SYN_RCVD", "synack_retransmitted"}, /* the first that a time-out sent */
        {"SYN_SENT [ESTABLISHED]",   "+2 < SYN,ACK 300 101",    "SYN_RCVD", "synack_retransmitted syn_rcvd_stuck"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
fin_dropped(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 99",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 299 100",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 100 300",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 100 300",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1",               "+0.2 > FIN,ACK 100 300",  "ESTABLISHED [CLOSE_WAIT]", "fin_retransmitted"},
        {"FIN_WAIT_1",               "+0.4 > FIN,ACK 100 300",  "ESTABLISHED [CLOSE_WAIT]", "fin_retransmitted fin_wait_1_stuck"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* clang-format on */

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figure_6),
        cmocka_unit_test(figure_7),
        cmocka_unit_test(figure_8_at_a),
        cmocka_unit_test(figure_8_at_b),
        cmocka_unit_test(figure_9),
        cmocka_unit_test(figure_9_begins_late),
        cmocka_unit_test(figure_10),
        cmocka_unit_test(figure_11),
        cmocka_unit_test(figure_12),
        cmocka_unit_test(figure_13),
        cmocka_unit_test(three_segment_close),
        cmocka_unit_test(refused),
        cmocka_unit_test(syn_dropped),
        cmocka_unit_test(syn_ack_dropped),
        cmocka_unit_test(fin_dropped),
    };

    return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
