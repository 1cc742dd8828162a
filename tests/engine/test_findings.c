/* Tests the sentences of findings: every word in braces is filled in, no sentence is longer than Wireshark can show, and
 * the back-off is predicted as Linux does it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>

#include <cmocka.h>

#include <tcpstate/finding.h>
#include <tcpstate/segment.h>
#include <tcpstate/state.h>

enum {
    LABEL = 240,                                                     /* ITEM_LABEL_LENGTH of Wireshark: bytes of a line in the tree */
    LONGEST = LABEL - 1 - sizeof "Expert Info (Warning/Sequence): ", /* Wireshark writes this in front */
};

#define MILLISECOND INT64_C(1000000)

/* A finding with long numbers, as in a connection of gigabytes and a capture of a million frames. */
static struct tcpstate_finding
long_finding(int id, int detail)
{
    return (struct tcpstate_finding){.id = (uint8_t)id,
                                     .detail = (uint8_t)detail,
                                     .state = TCPSTATE_ESTABLISHED,
                                     .other = TCPSTATE_ESTABLISHED,
                                     .seq_is_relative = true,
                                     .seq = UINT32_C(4123456789),
                                     .expected = UINT32_C(4123456780),
                                     .seq_base = UINT32_C(4120000000),
                                     .related = 1234567,
                                     .count = 2,
                                     .gap = 12208 * MILLISECOND,
                                     .gap_before = 6104 * MILLISECOND,
                                     .icmp_type = 3,
                                     .icmp_code = 13};
}

/* The longest phrase that the engine uses with each finding. The sentence with this phrase is the longest one. */
static const struct {
    enum tcpstate_finding_id id;
    enum tcpstate_detail detail;
} detailed[] = {
    {TCPSTATE_FINDING_syn_retransmitted, TCPSTATE_DETAIL_LATE_COPY},
    {TCPSTATE_FINDING_synack_retransmitted, TCPSTATE_DETAIL_ASKED},
    {TCPSTATE_FINDING_refused_bad_ack, TCPSTATE_DETAIL_SYN_NOT_COUNTED},
    {TCPSTATE_FINDING_synack_bad_ack, TCPSTATE_DETAIL_EARLIER_SYN},
    {TCPSTATE_FINDING_syn_sent_stuck, TCPSTATE_DETAIL_SYN_ACK_CAPTURED},
    {TCPSTATE_FINDING_syn_rcvd_stuck, TCPSTATE_DETAIL_ACK_CAPTURED},
    {TCPSTATE_FINDING_icmp_unreachable, TCPSTATE_DETAIL_HARD_ERROR},
    {TCPSTATE_FINDING_synack_changed_seq, TCPSTATE_DETAIL_NO_SYN_CAPTURED},
    {TCPSTATE_FINDING_synack_changed_ack, TCPSTATE_DETAIL_NO_SYN_CAPTURED},
    {TCPSTATE_FINDING_split_handshake, TCPSTATE_DETAIL_ACK_AND_SYN},
    {TCPSTATE_FINDING_syn_in_connection, TCPSTATE_DETAIL_OLD_ACK},
    {TCPSTATE_FINDING_half_open_found, TCPSTATE_DETAIL_HALF_OPEN},
    {TCPSTATE_FINDING_retransmission_stuck, TCPSTATE_DETAIL_SACKED_BEHIND},
    {TCPSTATE_FINDING_pmtu_black_hole, TCPSTATE_DETAIL_SMALLER_PASS},
    {TCPSTATE_FINDING_idle_then_reset, TCPSTATE_DETAIL_MET_SILENCE},
    {TCPSTATE_FINDING_fin_retransmitted, TCPSTATE_DETAIL_RETRY},
    {TCPSTATE_FINDING_fin_wait_1_stuck, TCPSTATE_DETAIL_NOTHING_ARRIVED},
    {TCPSTATE_FINDING_last_ack_stuck, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_FINDING_closing_stuck, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_FINDING_fin_unknown, TCPSTATE_DETAIL_FIN_SCAN},
    {TCPSTATE_FINDING_time_wait_reuse, TCPSTATE_DETAIL_LARGER_NUMBER},
    {TCPSTATE_FINDING_rst_after_fin, TCPSTATE_DETAIL_NOT_ALL_ACKED},
    {TCPSTATE_FINDING_foreign_origin, TCPSTATE_DETAIL_FOREIGN},
    {TCPSTATE_FINDING_rst_ignored, TCPSTATE_DETAIL_RST_IGNORED},
    {TCPSTATE_FINDING_rst_unknown, TCPSTATE_DETAIL_ANSWERS_OLDER},
    {TCPSTATE_FINDING_synack_unasked, TCPSTATE_DETAIL_MET_NOTHING},
    {TCPSTATE_FINDING_handshake_bad_ack, TCPSTATE_DETAIL_ACK_REJECTED},
    {TCPSTATE_FINDING_one_direction, TCPSTATE_DETAIL_AFTER_SYN},
    {TCPSTATE_FINDING_ack_not_acceptable, TCPSTATE_DETAIL_WENT_ON_BELOW},
    {TCPSTATE_FINDING_storm, TCPSTATE_DETAIL_SYN_ACKS},
    {TCPSTATE_FINDING_data_before_established, TCPSTATE_DETAIL_WRONG_ACK},
    {TCPSTATE_FINDING_fin_before_established, TCPSTATE_DETAIL_WRONG_ACK},
    {TCPSTATE_FINDING_port_zero, TCPSTATE_DETAIL_FROM_PORT},
    {TCPSTATE_FINDING_lost_between, TCPSTATE_DETAIL_A_SYN_ACK},
    {TCPSTATE_FINDING_injected_between, TCPSTATE_DETAIL_A_SYN_ACK},
    {TCPSTATE_FINDING_changed_between, TCPSTATE_DETAIL_A_SYN_ACK},
};

static enum tcpstate_detail
detail_of(int id)
{
    for (size_t i = 0; i < sizeof detailed / sizeof detailed[0]; i++)
        if ((int)detailed[i].id == id)
            return detailed[i].detail;
    return TCPSTATE_NO_DETAIL;
}

static void
sentences_are_whole(void **state)
{
    int too_long = 0;
    (void)state;

    for (int id = 0; id < TCPSTATE_FINDING_COUNT; id++) {
        struct tcpstate_finding finding = long_finding(id, (int)detail_of(id));
        char text[1024];

        tcpstate_finding_text(&finding, text, sizeof text);
        assert_null(strpbrk(text, "{}"));
        assert_null(strstr(text, "  "));
        if (strstr(tcpstate_finding_kinds[id].text, "{detail}") != NULL)
            assert_int_not_equal(detail_of(id), TCPSTATE_NO_DETAIL);
        if (strlen(text) > LONGEST) {
            print_error("%zu: %s: %s\n", strlen(text), tcpstate_finding_kinds[id].name, text);
            too_long++;
        }
    }
    assert_int_equal(too_long, 0);
}

/* With every mark, but for an IP ID that is both copied and out of sequence. */
static void
all_marks_have_room(void **state)
{
    struct tcpstate_finding finding = long_finding(TCPSTATE_FINDING_foreign_origin, TCPSTATE_DETAIL_FOREIGN);
    char text[1024];
    (void)state;

    finding.seq = finding.expected = 255;
    finding.count = TCPSTATE_MARK_ID_COPIED | TCPSTATE_MARK_WINDOW_COPIED | TCPSTATE_MARK_NO_TIMESTAMP | TCPSTATE_MARK_TOO_SOON |
                    TCPSTATE_SYN << TCPSTATE_MARK_FLAGS;
    tcpstate_finding_text(&finding, text, sizeof text);
    assert_null(strpbrk(text, "{}"));
    assert_true(strlen(text) <= LONGEST);
    assert_non_null(strstr(text, "forger"));
}

static void
a_short_buffer_cuts(void **state)
{
    struct tcpstate_finding finding = long_finding(TCPSTATE_FINDING_refused, TCPSTATE_NO_DETAIL);
    char whole[256], part[256];
    (void)state;

    tcpstate_finding_text(&finding, whole, sizeof whole);
    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
        memset(part, 'x', sizeof part);
        tcpstate_finding_text(&finding, part, size);
        assert_int_equal(strlen(part), size - 1);
        assert_memory_equal(part, whole, size - 1);
        assert_int_equal(part[size], 'x');
    }
}

/* What is said of the gaps, in milliseconds. */
#define ASSERT_BACKOFF(what, retries, before, gap, said) assert_backoff(TCPSTATE_FINDING_##what##_stuck, retries, before, gap, said)

static void
assert_backoff(enum tcpstate_finding_id id, unsigned retries, int64_t before, int64_t gap, const char *said)
{
    struct tcpstate_finding finding = {.id = (uint8_t)id, .count = retries, .gap_before = before * MILLISECOND, .gap = gap * MILLISECOND};
    char text[512];
    const char *gaps;

    tcpstate_finding_text(&finding, text, sizeof text);
    gaps = strstr(text, " s: ");
    assert_string_equal(gaps != NULL ? gaps + 4 : strstr(text, " s, of no"), said);
}

/* The gaps were measured until the stacks gave up: Linux on the loopback interface, lwIP in the lab. */
static void
back_off(void **state)
{
    (void)state;
    /* Linux, tcp_syn_retries 6, no linear time-outs: retries at 1, 3, 7, 15, 31, 63 s; gives up at 127 s, as netstack does */
    ASSERT_BACKOFF(syn_sent, 2, 1000, 2000, "next in 4.0 s, known stacks give up in 124 s");
    ASSERT_BACKOFF(syn_sent, 6, 16000, 32000, "the last retry, known stacks give up in 64 s");
    ASSERT_BACKOFF(syn_sent, 7, 32000, 64000, "more retries than known stacks make");
    /* with linear time-outs: retries at 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s; gives up at 131 s */
    ASSERT_BACKOFF(syn_sent, 2, 1000, 1000, "next in 1.0 s, Linux gives up in 129 s");
    ASSERT_BACKOFF(syn_sent, 5, 1000, 1000, "next in 2.0 s, Linux gives up in 126 s");
    ASSERT_BACKOFF(syn_sent, 7, 2000, 4000, "next in 8.0 s, Linux gives up in 120 s");
    /* lwIP: every 3 s, with a first gap that its timer shortens; gives up at 19 s. Windows: at 3 and 9 s; gives up at 21 s */
    ASSERT_BACKOFF(syn_sent, 2, 2750, 3000, "next in 3.0 s, lwIP gives up in 13 s");
    ASSERT_BACKOFF(syn_sent, 6, 3000, 3000, "the last retry, lwIP gives up in 1 s");
    ASSERT_BACKOFF(syn_sent, 2, 3000, 6000, "the last retry, Windows gives up in 12 s");
    /* libslirp, with 4.4BSD's stack: at 6, 18, 30, 42, 54, 66 s; gives up at 75 s */
    ASSERT_BACKOFF(syn_sent, 2, 6000, 12000, "next in 12.0 s, slirp gives up in 57 s");
    ASSERT_BACKOFF(syn_rcvd, 6, 12000, 12000, "the last retry, slirp gives up in 9 s");
    /* tcp_synack_retries 5: gives up at 63 s; netstack retries once more; lwIP gives up at 20 s */
    ASSERT_BACKOFF(syn_rcvd, 2, 1000, 2000, "next in 4.0 s, known stacks give up in 60 to 124 s");
    ASSERT_BACKOFF(syn_rcvd, 5, 8000, 16000, "next in 32.0 s, known stacks give up in 32 to 96 s");
    ASSERT_BACKOFF(syn_rcvd, 2, 2750, 6000, "the last retry, lwIP gives up in 11 s");
    /* Linux: a tail loss probe, then 8 retries: gaps of 0.2, 0.2, 0.4, 0.8 ... s; gives up 104 s after the FIN */
    ASSERT_BACKOFF(fin_wait_1, 2, 200, 200, "next in 0.4 s, Linux gives up in 102 s");
    ASSERT_BACKOFF(fin_wait_1, 9, 13000, 26000, "the last retry, Linux gives up in 52 s");
    /* lwIP: 3, 6, 12 ... 384 s, gives up 2302 s after the FIN; but in LAST_ACK after 120 s. netstack: 1, 2, 4 ... 64, 120 s; 1207 s */
    ASSERT_BACKOFF(fin_wait_1, 3, 6000, 12000, "next in 24.0 s, lwIP gives up in 2281 s");
    ASSERT_BACKOFF(last_ack, 3, 6000, 12000, "next in 24.0 s, lwIP gives up in 99 s");
    ASSERT_BACKOFF(last_ack, 3, 2000, 4000, "next in 8.0 s, known stacks give up in 480 to 1200 s");
    /* libslirp: 1.5, 3, 6, 12 s, and every 12 s until 551 s after the FIN */
    ASSERT_BACKOFF(fin_wait_1, 4, 6000, 12000, "next in 12.0 s, known stacks give up in 528 to 1897 s");
    ASSERT_BACKOFF(fin_wait_1, 47, 12000, 12000, "the last retry, slirp gives up in 12 s");
    /* a gap is at most 120 s */
    ASSERT_BACKOFF(closing, 8, 60000, 120000, "next in 120.0 s, known stacks give up in 240 to 1393 s");
    /* all other gaps are of no known stack */
    ASSERT_BACKOFF(syn_sent, 2, 500, 550, " s, of no known stack");
    ASSERT_BACKOFF(syn_rcvd, 2, 1000, 1000, " s, of no known stack");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences_are_whole), cmocka_unit_test(all_marks_have_room),
                                       cmocka_unit_test(a_short_buffer_cuts), cmocka_unit_test(back_off)};

    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
