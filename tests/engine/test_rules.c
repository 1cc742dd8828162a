/* The engine's rules beyond the figures of the RFC: which segments prove that the capture missed others, which presumed
 * states are taken back, which connection a segment belongs to, and copies and wrong order in the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* clang-format off */

#define OPENED                                                                                                 \
    {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},                          \
    {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},                                   \
    {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""}

/* --- presumptions taken back --- */

static void
handshake_ack_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "+1 < SYN,ACK 300 101",    "SYN_RCVD", "handshake_ack_lost synack_retransmitted"},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 data=5",    "ESTABLISHED", ""},
        /* an old copy: B has proved that it is ESTABLISHED */
        {"ESTABLISHED",              "+1 < SYN,ACK 300 101",    "ESTABLISHED", "synack_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* netstack sends its SYN,ACK again after a time-out with the old timestamp. Sooner, it is a late copy. */
static void
syn_ack_again_with_the_old_timestamp(void **state)
{
#define STAMPED                                                                                       \
    {"SYN_SENT",                 "> SYN 100 ts=10",                   "LISTEN [SYN_RCVD]", ""},       \
    {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 ts=20 ecr=10",    "SYN_RCVD", ""},                \
    {"ESTABLISHED",              "> ACK 101 301 ts=11 ecr=20",        "ESTABLISHED", ""}
    static const struct row after_a_time_out[] = {
        STAMPED,
        {"ESTABLISHED",              "+1 < SYN,ACK 300 101 ts=20 ecr=10", "SYN_RCVD", "handshake_ack_lost synack_retransmitted"},
    };
    static const struct row sooner[] = {
        STAMPED,
        {"ESTABLISHED",              "+0.1 < SYN,ACK 300 101 ts=20 ecr=10", "ESTABLISHED", "synack_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(after_a_time_out);
    ASSERT_ROWS(sooner);
}

static void
fin_acks_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",           "CLOSE_WAIT", ""},
        {"FIN_WAIT_1",               "+1 > FIN,ACK 101 301",    "CLOSE_WAIT", "last_ack_lost fin_retransmitted"},
        {"FIN_WAIT_2",               "< ACK 301 102",           "CLOSE_WAIT", ""},
        {"FIN_WAIT_2 [TIME_WAIT]",   "< FIN,ACK 301 102",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
        {"TIME_WAIT",                "+1 < FIN,ACK 301 102",    "LAST_ACK", "last_ack_lost fin_retransmitted"},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A retransmitted FIN starts the 2MSL of its receiver again. Here 2MSL is 60 s; on some stacks it is longer, and then the end answers a FIN
 * after that time too. */
static void
two_msl(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 301 102",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
        {"TIME_WAIT",                "+40 < FIN,ACK 301 102",   "LAST_ACK", "last_ack_lost fin_retransmitted"},
        {"TIME_WAIT",                "+40 < FIN,ACK 301 102",   "LAST_ACK", "fin_retransmitted last_ack_stuck"},
        {"CLOSED [TIME_WAIT]",       "+61 < FIN,ACK 301 102",   "LAST_ACK", "fin_retransmitted"},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
        {"TIME_WAIT",                "+40 < FIN,ACK 301 102",   "LAST_ACK", "last_ack_lost fin_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The server's bare SYN is lost, and its SYN,ACK answers the client's SYN: from then on the lost SYN is not awaited any more. */
static void
simultaneous_open_with_a_syn_lost(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [SYN_RCVD]",      "< SYN 300",               "SYN_SENT [SYN_RCVD]", "simultaneous_open"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 301 102",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
simultaneous_close_with_a_fin_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [CLOSING]",     "< FIN,ACK 301 101",       "FIN_WAIT_1 [CLOSING]", "simultaneous_close"},
        {"CLOSING [TIME_WAIT]",      "< ACK 302 102",           "CLOSING", ""},
        /* the ACK does not cover the FIN, and is too late to have crossed it: that FIN did not arrive */
        {"FIN_WAIT_2 [TIME_WAIT]",   "+1 > ACK 102 301",        "CLOSING", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An end that is presumed to be in CLOSING sends its FIN again: the ACK of that FIN was lost, so the end does not go to TIME_WAIT. */
static void
simultaneous_close_with_an_ack_lost(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [CLOSING]",     "< FIN,ACK 301 101",       "FIN_WAIT_1 [CLOSING]", "simultaneous_close"},
        {"CLOSING",                  "> ACK 102 302",           "CLOSING [TIME_WAIT]", ""},
        {"TIME_WAIT",                "+0.2 < FIN,ACK 301 102",  "CLOSING", "last_ack_lost fin_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Data at the number of a FIN: that FIN was not accepted. */
static void
fin_void(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"ESTABLISHED",              "> ACK 101 301 data=20",   "ESTABLISHED", "data_after_fin"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
fin_that_cannot_count(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=20",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "> FIN,ACK 101 301",       "ESTABLISHED", ""},          /* its number was used for a byte before */
        {"ESTABLISHED",              "> FIN,ACK 121 2000000000","ESTABLISHED", ""},          /* its ACK is beyond what B can have sent */
        {"ESTABLISHED",              "> FIN,ACK 121 301 frag=1","ESTABLISHED", ""},          /* its number is unknown */
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- what the capture missed --- */

static void
syn_ack_missed(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
handshake_ack_missed(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "< ACK 301 101 data=20",   "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
syn_missed(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Two SYNs crossed, and the capture missed the first. */
static void
crossing_syn_missed(void **state)
{
    static const struct row rows[] = {
        {"LISTEN [SYN_RCVD]",        "< SYN 300",               "SYN_SENT", ""},
        {"LISTEN [SYN_RCVD]",        "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
only_the_server_is_seen(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "< ACK 301 140 data=20",   "ESTABLISHED", ""},
        {"ESTABLISHED [CLOSE_WAIT]", "< FIN,ACK 321 140",       "FIN_WAIT_1", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- reordering and copies --- */

static void
syn_turns_up_late(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "+0.001 > SYN 100",        "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The end with the higher port is taken for the client, until a SYN shows the other. */
static void
syn_corrects_the_roles(void **state)
{
    struct bench bench;
    (void)state;

    bench_start(&bench);
    bench_read(&bench, "< ACK 301 101 data=10", 0);
    assert_int_equal(bench.outcome.connection->client, 0);
    assert_true(bench.outcome.connection->roles_assumed);
    bench_read(&bench, "+0.001 < SYN 300", 0);
    assert_int_equal(bench.outcome.connection->client, 1);
    assert_false(bench.outcome.connection->roles_assumed);
    assert_int_equal(bench.connection_count, 1);
}

/* A FIN is captured before the data in front of it: it changes its receiver's state when the receiver's ACK covers it. */
static void
fin_before_its_data(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED [CLOSE_WAIT]", "< FIN,ACK 321 101",       "FIN_WAIT_1", ""},
        {"ESTABLISHED [CLOSE_WAIT]", "< ACK 301 101 data=20",   "FIN_WAIT_1", ""},
        {"ESTABLISHED [CLOSE_WAIT]", "> ACK 101 321",           "FIN_WAIT_1", ""},
        {"CLOSE_WAIT",               "> ACK 101 322",           "FIN_WAIT_2", ""},
        {"LAST_ACK",                 "> FIN,ACK 101 322",       "FIN_WAIT_2 [TIME_WAIT]", ""},
        {"CLOSED",                   "< ACK 322 102",           "TIME_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A mirror port captures every segment twice: there is no retransmission, and no state is taken back. */
static void
copies(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 id=1",                  "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.0001 > SYN 100 id=1",          "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 id=0",          "SYN_RCVD", ""},
        {"ESTABLISHED",              "+0.0001 > ACK 101 301 id=2",      "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.0001 < SYN,ACK 300 101 id=0",  "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.0001 > ACK 101 301 id=2",      "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 101 301 id=3",          "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "+0.0001 < ACK 301 102 id=4",      "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.0001 > FIN,ACK 101 301 id=3",  "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.0001 < ACK 301 102 id=4",      "CLOSE_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Two captures were merged, 50 ms apart. The IP ID or the timestamps show what was sent once. */
static void
second_sights(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 id=7 ts=10",            "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.05 > SYN 100 id=7 ts=10",      "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 id=0 ts=20 ecr=10", "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "+0.05 < SYN,ACK 300 101 id=0 ts=20 ecr=10", "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301 id=8 ts=70 ecr=20", "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 101 301 id=9 ts=71 ecr=20", "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1",               "+0.05 > FIN,ACK 101 301 id=9 ts=71 ecr=20", "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1",               "+0.05 > FIN,ACK 101 301 id=10 ts=171 ecr=20", "ESTABLISHED [CLOSE_WAIT]", "fin_retransmitted"},
        {"FIN_WAIT_1",               "+0.2 > FIN,ACK 101 301 id=10 ts=171 ecr=20", "ESTABLISHED [CLOSE_WAIT]", "fin_retransmitted fin_wait_1_stuck"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Two copies of a FIN, one with more data in front: offload regrouped the data. */
static void
regrouped_copy_of_a_fin(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=10",           "ESTABLISHED", ""},
        {"FIN_WAIT_1",               "> FIN,ACK 111 301 data=10",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "+0.0002 < ACK 301 122",           "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.0002 > FIN,ACK 101 301 data=20", "CLOSE_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
copies_on_other_vlans(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 id=7",                  "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.05 > SYN 100 id=7 net=42",    "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 id=0",          "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301",                   "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.05 < SYN,ACK 300 101 id=0 net=42", "ESTABLISHED", ""},
        {"ESTABLISHED",              "+1 < SYN,ACK 300 101 id=0 net=42", "SYN_RCVD", "handshake_ack_lost synack_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- identity --- */

/* A stale or forged SYN: the connection goes on, and the SYN's sender has its former state again. */
static void
stale_syn(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"SYN_SENT",                 "> SYN 900",               "ESTABLISHED [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 301 101",           "ESTABLISHED", "syn_in_connection challenge_ack"},
        {"ESTABLISHED",              "> ACK 101 301 data=10",   "ESTABLISHED", ""},
    };
    struct bench bench;
    (void)state;

    ASSERT_ROWS(rows);
    bench_start(&bench);
    bench_assert_rows(&bench, rows, 6, 0);
    assert_int_equal(bench.outcome.connection->number, 0);
}

/* The receiver of the challenging SYN answers with the next segment of the old connection: data, and a FIN. */
static void
answer_of_the_old_connection(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"SYN_SENT",                 "> SYN 900",                   "ESTABLISHED [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< FIN,ACK 301 101 data=10",   "FIN_WAIT_1", ""},
        {"SYN_SENT",                 "> RST 101",                   "CLOSED", "half_open_found"},
        {"SYN_SENT",                 "+1 > SYN 900",                "CLOSED [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
syn_into_a_connection_that_is_gone(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"SYN_SENT",                 "> SYN 900",               "ESTABLISHED [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 7000 901",      "SYN_RCVD", "syn_in_connection"},
        {"ESTABLISHED",              "> ACK 901 7001",          "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
time_wait_reused(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED [CLOSE_WAIT]", "< FIN,ACK 301 101",       "FIN_WAIT_1", ""},
        {"LAST_ACK",                 "> FIN,ACK 101 302",       "FIN_WAIT_1 [TIME_WAIT]", ""},
        {"CLOSED",                   "< ACK 302 102",           "TIME_WAIT", ""},
        {"SYN_SENT",                 "+1 > SYN 900",            "TIME_WAIT [SYN_RCVD]", "time_wait_reuse"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 7000 901",      "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 901 7001",          "ESTABLISHED", ""},
    };
    struct bench bench;
    (void)state;

    ASSERT_ROWS(rows);
    bench_start(&bench);
    bench_assert_rows(&bench, rows, 9, 0);
    assert_int_equal(bench.outcome.connection->number, 1);
    assert_int_equal(bench.outcome.connection->before->number, 0);
}

static void
old_syn_changes_nothing(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "+5 > SYN 100",            "ESTABLISHED", "syn_retransmitted"},
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "< SYN,ACK 9000 101",      "ESTABLISHED", ""}, /* a SYN,ACK of another connection */
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A server that keeps no state offers several ISNs: the one that the client acknowledges is valid. */
static void
several_isns(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 500 101",       "SYN_RCVD", "synack_changed_seq"},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 data=5",    "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
split_handshake(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 200 101",           "ESTABLISHED", ""},
        {"SYN_SENT [SYN_RCVD]",      "< SYN 300",               "SYN_SENT [SYN_RCVD]", "split_handshake"},
        {"SYN_RCVD",                 "> SYN,ACK 100 301",       "SYN_SENT [ESTABLISHED]", ""},
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", "split_handshake"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A socket connected to itself: RFC 9293 figure 7, with one socket at both ends. */
static void
connected_to_itself(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT [SYN_RCVD]",      "= SYN 100",               "SYN_SENT [SYN_RCVD]", NULL},
        {"SYN_RCVD [ESTABLISHED]",   "= SYN,ACK 100 101",       "SYN_RCVD [ESTABLISHED]", NULL},
        {"ESTABLISHED",              "= ACK 101 101",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "= ACK 101 101 data=10",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "= ACK 111 111",           "ESTABLISHED", ""},
        {"FIN_WAIT_1 [CLOSING]",     "= FIN,ACK 111 111",       "FIN_WAIT_1 [CLOSING]", ""},
        {"TIME_WAIT",                "= ACK 112 112",           "TIME_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* --- Fast Open (RFC 7413) --- */

static void
fast_open(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 data=10 tfo=1", "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 111",       "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "< ACK 301 111 data=20",   "SYN_RCVD", ""}, /* the server may send before the handshake ends */
        {"ESTABLISHED",              "> ACK 111 321",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
fast_open_without_the_option(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 data=10",       "LISTEN [SYN_RCVD]", "syn_with_data"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 111",       "SYN_RCVD", ""}, /* the server accepted the data */
        {"SYN_SENT [ESTABLISHED]",   "< ACK 301 111 data=20",   "SYN_RCVD", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
data_on_a_syn_alone_is_no_fast_open(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100 data=10",       "LISTEN [SYN_RCVD]", "syn_with_data"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", "tfo_data_ignored"},
        {"ESTABLISHED",              "< ACK 301 101 data=20",   "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void
no_event(void **state)
{
    static const struct row rows[] = {
        {"CLOSED",                   "> FIN 100",               "LISTEN", "fin_unknown no_ack_flag"},
        {"CLOSED",                   "> - 100",                 "LISTEN", "flags_null"},
        {"SYN_SENT",                 "> SYN,FIN 100",           "LISTEN [SYN_RCVD]", "flags_syn_fin"},
        {"SYN_SENT",                 "> FIN 101",               "LISTEN [SYN_RCVD]", "fin_before_established"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* clang-format on */

/* The same frame given twice is no copy, and changes nothing. */
static void
same_frame_again(void **state)
{
    struct bench bench;
    struct tcpstate_segment again;
    (void)state;

    bench_start(&bench);
    bench_read(&bench, "> SYN 100", 0);
    again = bench.segment;
    tcpstate_observe(&bench.observer, &bench.pair, &again, &bench.outcome);
    assert_int_equal(bench.outcome.copy_of, 0);
    assert_int_equal(bench.outcome.change_count + bench.outcome.finding_count + bench.outcome.retry, 0);
    again.frame++;
    tcpstate_observe(&bench.observer, &bench.pair, &again, &bench.outcome);
    assert_int_equal(bench.outcome.copy_of, 1);
}

static void
retries_are_counted_and_timed(void **state)
{
    struct bench bench;
    char text[512];
    (void)state;

    bench_start(&bench);
    bench_read(&bench, "> SYN 100", 0);
    bench_read(&bench, "+1 > SYN 100", 0);
    assert_int_equal(bench.outcome.retry, 1);
    bench_read(&bench, "+2 > SYN 100", 0);
    assert_int_equal(bench.outcome.retry, 2);
    tcpstate_finding_text(&bench.outcome.finding[0], text, sizeof text);
    assert_string_equal(text,
                        "The client sent its SYN again (SEQ 0, absolute 100): retry 2, 2.000 s after the one before (2.0 times the gap "
                        "before)");
    tcpstate_finding_text(&bench.outcome.finding[0], text, 12);
    assert_string_equal(text, "The client ");
}

/* The capture missed the SYN,ACK, the ACK and the first request: the peer's ACK is of more than the SYN */
static void
opening_missed_with_data(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"ESTABLISHED",              "< ACK 301 103",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 103 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The same ACK, but the end rejects it: it is still in SYN_SENT */
static void
opening_not_missed(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"ESTABLISHED",              "< ACK 301 1000",          "ESTABLISHED", ""},
        {"SYN_SENT",                 "> RST 1000",              "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An ACK before the SYN,ACK, which does not cover it: the end is still in SYN_SENT */
static void
wrong_ack_before_the_syn_ack(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"ESTABLISHED",              "> ACK 101 1 data=5",      "ESTABLISHED", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 5000 101",      "SYN_RCVD", "data_before_established"},
        {"ESTABLISHED",              "> ACK 101 5001 data=5",   "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The end has been rebooted, and chooses the same ISN: so long after, the SYN is no copy */
static void
same_isn_after_a_reboot(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=10",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 111",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "+100 > SYN 100",          "ESTABLISHED", "syn_retransmitted"},
        {"SYN_SENT",                 "+121 > SYN 100",          "ESTABLISHED [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 301 111",           "ESTABLISHED", "syn_in_connection challenge_ack"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A FIN beyond the window does not count */
static void
fin_beyond_the_window(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> FIN,ACK 500101 301",    "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101",           "ESTABLISHED", "fin_not_acceptable"},
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",           "CLOSE_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* But it counts if it is acknowledged: then the capture has missed much */
static void
fin_beyond_the_window_acknowledged(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "> FIN,ACK 500101 301",    "ESTABLISHED", ""},
        {"FIN_WAIT_2",               "< ACK 301 500102",        "CLOSE_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An ACK with a number beyond the window does not move its receiver */
static void
ack_beyond_the_window(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 500101 301",        "SYN_RCVD", ""},
        {"ESTABLISHED",              "< ACK 301 101",           "SYN_RCVD", "ack_not_acceptable"},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* An end in SYN_RCVD rejects a wrong ACK of its SYN,ACK: nobody is closed */
static void
handshake_ack_rejected(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 900",           "SYN_RCVD", ""},
        {"ESTABLISHED",              "< RST 900",               "SYN_RCVD", "handshake_bad_ack"},
        {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A RST at a number that was acknowledged before answers an older segment: its sender has no socket, its target does not accept it */
static void
rst_without_a_socket(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"ESTABLISHED",              "< ACK 301 101 data=50",   "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 351",           "ESTABLISHED", ""},
        {"ESTABLISHED",              "< RST 301",               "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The capture missed a FIN, which its sender sends again */
static void
fin_missed_and_sent_again(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 302 102",           "CLOSE_WAIT", ""},
        {"FIN_WAIT_2 [TIME_WAIT]",   "+0.2 < FIN,ACK 301 102",  "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The last ACK was lost: the end is still in LAST_ACK, and answers a new SYN from there */
static void
challenge_from_last_ack(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",       "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 301 102",       "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",           "CLOSED", ""},
        {"SYN_SENT",                 "+1 > SYN 90000",          "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "< ACK 302 102",           "LAST_ACK", "challenge_ack"},
        {"SYN_SENT",                 "> RST 102",               "CLOSED", ""},
        {"SYN_SENT",                 "+1 > SYN 90000",          "CLOSED [SYN_RCVD]", "syn_retransmitted"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_ack_lost),
        cmocka_unit_test(syn_ack_again_with_the_old_timestamp),
        cmocka_unit_test(fin_acks_lost),
        cmocka_unit_test(two_msl),
        cmocka_unit_test(simultaneous_open_with_a_syn_lost),
        cmocka_unit_test(simultaneous_close_with_a_fin_lost),
        cmocka_unit_test(simultaneous_close_with_an_ack_lost),
        cmocka_unit_test(fin_void),
        cmocka_unit_test(fin_that_cannot_count),
        cmocka_unit_test(syn_ack_missed),
        cmocka_unit_test(handshake_ack_missed),
        cmocka_unit_test(syn_missed),
        cmocka_unit_test(crossing_syn_missed),
        cmocka_unit_test(only_the_server_is_seen),
        cmocka_unit_test(syn_turns_up_late),
        cmocka_unit_test(syn_corrects_the_roles),
        cmocka_unit_test(fin_before_its_data),
        cmocka_unit_test(copies),
        cmocka_unit_test(second_sights),
        cmocka_unit_test(regrouped_copy_of_a_fin),
        cmocka_unit_test(copies_on_other_vlans),
        cmocka_unit_test(stale_syn),
        cmocka_unit_test(answer_of_the_old_connection),
        cmocka_unit_test(syn_into_a_connection_that_is_gone),
        cmocka_unit_test(time_wait_reused),
        cmocka_unit_test(old_syn_changes_nothing),
        cmocka_unit_test(several_isns),
        cmocka_unit_test(split_handshake),
        cmocka_unit_test(connected_to_itself),
        cmocka_unit_test(fast_open),
        cmocka_unit_test(fast_open_without_the_option),
        cmocka_unit_test(data_on_a_syn_alone_is_no_fast_open),
        cmocka_unit_test(no_event),
        cmocka_unit_test(same_frame_again),
        cmocka_unit_test(retries_are_counted_and_timed),
        cmocka_unit_test(opening_missed_with_data),
        cmocka_unit_test(opening_not_missed),
        cmocka_unit_test(wrong_ack_before_the_syn_ack),
        cmocka_unit_test(same_isn_after_a_reboot),
        cmocka_unit_test(fin_beyond_the_window),
        cmocka_unit_test(fin_beyond_the_window_acknowledged),
        cmocka_unit_test(ack_beyond_the_window),
        cmocka_unit_test(handshake_ack_rejected),
        cmocka_unit_test(rst_without_a_socket),
        cmocka_unit_test(fin_missed_and_sent_again),
        cmocka_unit_test(challenge_from_last_ack),
    };

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
