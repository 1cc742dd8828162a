/* Findings that a healthy or harmless exchange must not raise, each beside the exchange that must.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

/* clang-format off */

#define OPENED                                                                                                       \
    {"SYN_SENT",                 "> SYN 100",               "LISTEN [SYN_RCVD]", ""},                                \
    {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",       "SYN_RCVD", ""},                                         \
    {"ESTABLISHED",              "> ACK 101 301",           "ESTABLISHED", ""}

/* One SYN,ACK is lost, and the timers of both ends fire together: the answer to the client's SYN is no second time-out. */
static void
one_syn_ack_lost(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",           "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "+1.02 < SYN,ACK 300 101",     "SYN_RCVD", "synack_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "> SYN 100",                   "SYN_RCVD", "syn_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",           "SYN_RCVD", "synack_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "+2 < SYN,ACK 300 101",        "SYN_RCVD", "synack_retransmitted syn_rcvd_stuck"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A client that was challenged sends its SYN again at once. */
static void
syn_again_at_once(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.1 > SYN 100",              "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+1 > SYN 100",                "LISTEN [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT",                 "+2 > SYN 100",                "LISTEN [SYN_RCVD]", "syn_retransmitted syn_sent_stuck"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Copies of a RST, as a mirror or the device "any" captures them. */
static void
copies_of_a_rst(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST 101",                   "CLOSED", "reset"},
        {"CLOSED",                   "+0.001 > RST 101",            "CLOSED", ""},
        {"CLOSED",                   "+0.1 > RST 101",              "CLOSED", "rst_unknown"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Ten copies are no doing of the capture. */
static void
storm_of_rsts(void **state)
{
#define COPY {"CLOSED",          "+0.0005 > RST 101",           "CLOSED", ""}
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "> RST 101",                   "CLOSED", "reset"},
        COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY,
        {"CLOSED",                   "+0.0005 > RST 101",           "CLOSED", "storm"},
        COPY, COPY,
    };
#undef COPY
    (void)state;
    ASSERT_ROWS(rows);
}

/* Copies of a RST that rejects an ACK. */
static void
copies_of_a_rejection(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",           "SYN_RCVD", ""},
        {"SYN_SENT [ESTABLISHED]",   "< ACK 301 101",               "SYN_RCVD", ""},
        {"SYN_SENT",                 "> RST,ACK 101 301",           "LISTEN", ""},
        {"SYN_SENT",                 "+0.001 > RST,ACK 101 301",    "LISTEN", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* Copies of a RST with which lwIP refuses a SYN in TIME_WAIT. */
static void
copies_of_a_refusal(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"FIN_WAIT_1",               "> FIN,ACK 101 301",           "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_1 [TIME_WAIT]",   "< FIN,ACK 301 102",           "LAST_ACK", ""},
        {"TIME_WAIT",                "> ACK 102 302",               "CLOSED", ""},
        {"TIME_WAIT [SYN_RCVD]",     "< SYN 400",                   "SYN_SENT", "time_wait_reuse"},
        {"TIME_WAIT [CLOSED]",       "> RST,ACK 0 401 win=500",     "CLOSED", "refused"},
        {"TIME_WAIT [CLOSED]",       "+0.0001 > RST,ACK 0 401 win=500", "CLOSED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A RST that says nothing to SYN_SENT, and its copy, which comes when its number lies in the window. */
static void
copy_of_a_rst_in_the_window(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                        "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.0005 < RST 350",                "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "+0.0005 < SYN,ACK 300 101",        "SYN_RCVD", ""},
        {"ESTABLISHED",              "+0.0005 > ACK 101 301",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.0005 < PSH,ACK 301 101 data=99", "ESTABLISHED", ""},
        {"ESTABLISHED [CLOSED]",     "+0.0005 < RST 350",                "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* One byte was missed, and the next bare ACK is a keep-alive probe. With more bytes it is an ACK of what was not sent. */
static void
missed_byte_and_keepalive(void **state)
{
    static const struct row one[] = {
        OPENED,
        {"ESTABLISHED",              "< ACK 301 102",               "ESTABLISHED", ""},
        {"ESTABLISHED",              "+30 > ACK 101 301",           "ESTABLISHED", ""},
    };
    static const struct row more[] = {
        OPENED,
        {"ESTABLISHED",              "< ACK 301 151",               "ESTABLISHED", ""},
        {"ESTABLISHED",              "+1 > ACK 101 301",            "ESTABLISHED", "ack_unsent_data"},
    };
    (void)state;
    ASSERT_ROWS(one);
    ASSERT_ROWS(more);
}

/* A host that knows no connection answers at once. A RST that comes later is an abort or a time-out. */
static void
late_rst(void **state)
{
    static const struct row at_once[] = {
        OPENED,
        {"ESTABLISHED",              "+5 < ACK 301 101 data=5",     "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 306",               "ESTABLISHED", ""},
        {"ESTABLISHED",              "+5 > ACK 101 306 data=5",     "ESTABLISHED", ""},
        {"CLOSED",                   "< RST 306",                   "CLOSED", "reset half_open_found"},
    };
    static const struct row late[] = {
        OPENED,
        {"ESTABLISHED",              "+5 < ACK 301 101 data=5",     "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 306",               "ESTABLISHED", ""},
        {"ESTABLISHED",              "+5 > ACK 101 306 data=5",     "ESTABLISHED", ""},
        {"CLOSED",                   "+9 < RST 306",                "CLOSED", "reset"},
    };
    (void)state;
    ASSERT_ROWS(at_once);
    ASSERT_ROWS(late);
}

/* A SYN,ACK that answers the client's earlier SYN. */
static void
answers_the_earlier_syn(void **state)
{
    static const struct row rows[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT",                 "+0.3 > SYN 90000",            "LISTEN [SYN_RCVD]", "syn_changed_seq"},
        {"SYN_SENT",                 "< SYN,ACK 300 101",           "SYN_RCVD", ""},
        {"SYN_SENT",                 "> RST 101",                   "LISTEN", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* A listener may open between two SYNs. A host that answers one SYN with a RST and a SYN,ACK has not sent both. */
static void
refused_and_accepted(void **state)
{
    static const struct row one_syn[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"CLOSED",                   "< RST,ACK 0 101",             "CLOSED", "refused"},
        {"CLOSED",                   "+0.2 < SYN,ACK 300 101",      "SYN_RCVD", "refusal_contradicted"},
    };
    static const struct row two_syns[] = {
        {"SYN_SENT",                 "> SYN 100",                   "LISTEN [SYN_RCVD]", ""},
        {"CLOSED",                   "< RST,ACK 0 101",             "CLOSED", "refused"},
        {"SYN_SENT",                 "+1 > SYN 100",                "CLOSED [SYN_RCVD]", "syn_retransmitted"},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101",           "SYN_RCVD", ""},
    };
    (void)state;
    ASSERT_ROWS(one_syn);
    ASSERT_ROWS(two_syns);
}

/* netstack probes a closed window with its last ACK. An ACK that comes soon answers something. */
static void
window_probes_without_data(void **state)
{
    static const struct row probes[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=5",        "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 106 win=0",         "ESTABLISHED", "window_shrunk"},
        {"ESTABLISHED",              "+1 > ACK 106 301",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+40 > ACK 106 301",           "ESTABLISHED", "zero_window_stuck"},
    };
    static const struct row answers[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=5",        "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 106 win=0",         "ESTABLISHED", "window_shrunk"},
        {"ESTABLISHED",              "+20 < ACK 301 106 data=5 win=0", "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 106 306",               "ESTABLISHED", ""},
        {"ESTABLISHED",              "+20 < ACK 306 106 data=5 win=0", "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 106 311",               "ESTABLISHED", ""},
    };
    (void)state;
    ASSERT_ROWS(probes);
    ASSERT_ROWS(answers);
}

/* Large segments do not arrive, small ones do. Where the peer has larger ones from behind, size is no reason. */
static void
path_mtu(void **state)
{
    static const struct row black_hole[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=1448",                 "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 1549 301 data=445",                 "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 sack=1994",                 "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.3 > ACK 101 301 data=1448",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.6 > ACK 101 301 data=1448",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+1.2 > ACK 101 301 data=1448",            "ESTABLISHED", "pmtu_black_hole"},
    };
    static const struct row lost[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 101 301 data=1448",                 "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 1549 301 data=1448",                "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 sack=2997",                 "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.3 > ACK 101 301 data=1448",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.6 > ACK 101 301 data=1448",            "ESTABLISHED", ""},
        {"ESTABLISHED",              "+1.2 > ACK 101 301 data=1448",            "ESTABLISHED", "retransmission_stuck"},
    };
    (void)state;
    ASSERT_ROWS(black_hole);
    ASSERT_ROWS(lost);
}

/* A listener with a full queue resets the ACK of the handshake, and takes the next segment, which has the number of a SYN cookie. */
static void
rst_of_a_listener(void **state)
{
    static const struct row rows[] = {
        OPENED,
        {"CLOSED",                   "< RST,ACK 301 101",                  "CLOSED", "reset"},
        {"FIN_WAIT_1 [CLOSED]",      "+0.001 > FIN,ACK 101 301",           "CLOSED", ""},
        {"FIN_WAIT_2 [CLOSED]",      "+0.07 < ACK 301 102",                "CLOSE_WAIT", ""},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* The network delivers segments in another order. Their older timestamps, or an ACK with the number before a FIN, show nothing. Data that was
 * overtaken was not sent again. */
static void
another_order(void **state)
{
    static const struct row timestamps[] = {
        {"SYN_SENT",                 "> SYN 100 ts=50000",                             "LISTEN [SYN_RCVD]", ""},
        {"SYN_SENT [ESTABLISHED]",   "< SYN,ACK 300 101 ts=9000 ecr=50000",            "SYN_RCVD", ""},
        {"ESTABLISHED",              "> ACK 101 301 ts=50010 ecr=9000",                "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 301 ts=50900 ecr=9000 data=10",        "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 111 301 ts=50100 ecr=9000 data=10",        "ESTABLISHED", ""},
        {"ESTABLISHED",              "< ACK 301 101 ts=9900 ecr=50010",                "ESTABLISHED", ""},
    };
    static const struct row before_a_fin[] = {
        OPENED,
        {"FIN_WAIT_1",               "+1 > FIN,ACK 101 301",     "ESTABLISHED [CLOSE_WAIT]", ""},
        {"FIN_WAIT_2",               "< ACK 301 102",            "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.01 > ACK 101 301",      "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.01 > ACK 101 301",      "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.01 > ACK 101 301",      "CLOSE_WAIT", ""},
        {"FIN_WAIT_2",               "+0.01 > ACK 101 301",      "CLOSE_WAIT", ""},
    };
    static const struct row data[] = {
        OPENED,
        {"ESTABLISHED",              "> ACK 1549 301 data=1448",        "ESTABLISHED", ""},
        {"ESTABLISHED",              "> ACK 101 301 data=1448",         "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.3 > ACK 101 301 data=1448",    "ESTABLISHED", ""},
        {"ESTABLISHED",              "+0.6 > ACK 101 301 data=1448",    "ESTABLISHED", ""},
        {"ESTABLISHED",              "+1.2 > ACK 101 301 data=1448",    "ESTABLISHED", "retransmission_stuck"},
    };
    (void)state;
    ASSERT_ROWS(timestamps);
    ASSERT_ROWS(before_a_fin);
    ASSERT_ROWS(data);
}

#define FAR_AWAY                                                                                                          \
    {"SYN_SENT",                 "> SYN 100 ttl=64 id=1 ts=5",                     "LISTEN [SYN_RCVD]", ""},              \
    {"SYN_SENT [ESTABLISHED]",   "+0.04 < SYN,ACK 300 101 ttl=110 id=7000 ts=8 ecr=5", "SYN_RCVD", ""},                   \
    {"ESTABLISHED",              "> ACK 101 301 ttl=64 id=2 ts=5 ecr=8",           "ESTABLISHED", ""},                    \
    {"ESTABLISHED",              "+0.1 < ACK 301 101 ttl=109 id=7001 ts=9 ecr=5 data=9", "ESTABLISHED", ""},              \
    {"ESTABLISHED",              "> ACK 101 310 ttl=64 id=3 ts=6 ecr=9 data=7 win=1321", "ESTABLISHED", ""}

/* Another distance and other marks. Another initial TTL at the same distance is no mark, nor is a route that is one hop longer. */
static void
origin_of_a_rst(void **state)
{
    static const struct row far[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=47 id=9 win=0",             "CLOSED", "foreign_origin reset"}};
    static const struct row copied[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=60 id=3 win=1321",           "CLOSED", "foreign_origin reset"}};
    static const struct row same_distance[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=46 id=3 win=1321",           "CLOSED", "reset"}};
    static const struct row a_hop_more[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=108 id=7002 ts=9 win=1000", "CLOSED", "reset"}};
    static const struct row overtaken[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=108 id=6999 ts=9 win=1000", "CLOSED", "reset"}};
    static const struct row seen_before[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST,ACK 310 108 ttl=109 id=3 win=1321",         "CLOSED", "reset"}};
    static const struct row no_socket[] = {FAR_AWAY,
        {"CLOSED",                   "+0.1 < RST 310 ttl=46 id=0 win=0",                     "CLOSED", "reset half_open_found"}};
    (void)state;
    ASSERT_ROWS(far);
    ASSERT_ROWS(copied);
    ASSERT_ROWS(same_distance);
    ASSERT_ROWS(a_hop_more);
    ASSERT_ROWS(overtaken);
    ASSERT_ROWS(seen_before);
    ASSERT_ROWS(no_socket);
}

/* clang-format on */

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_syn_ack_lost),          cmocka_unit_test(syn_again_at_once),       cmocka_unit_test(copies_of_a_rst),
        cmocka_unit_test(missed_byte_and_keepalive), cmocka_unit_test(late_rst),                cmocka_unit_test(answers_the_earlier_syn),
        cmocka_unit_test(refused_and_accepted),      cmocka_unit_test(window_probes_without_data),
        cmocka_unit_test(copies_of_a_rejection),     cmocka_unit_test(copies_of_a_refusal),
        cmocka_unit_test(path_mtu),                  cmocka_unit_test(origin_of_a_rst),
        cmocka_unit_test(copy_of_a_rst_in_the_window), cmocka_unit_test(another_order),
        cmocka_unit_test(rst_of_a_listener),       cmocka_unit_test(storm_of_rsts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
