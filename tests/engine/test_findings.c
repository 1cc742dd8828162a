/* The sentences: every word is filled in, none is longer than Wireshark shows, and the back-off is told as stacks do it.
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

#include <tcpstate/backoff.h>
#include <tcpstate/finding.h>
#include <tcpstate/state.h>

enum {
    LABEL = 240,                                                     /* Wireshark's ITEM_LABEL_LENGTH: a line of the tree, terminated */
    LONGEST = LABEL - 1 - sizeof "Expert Info (Warning/Sequence): ", /* what it puts in front */
};

#define MILLISECOND INT64_C(1000000)

/* With numbers as long as they get in practice: a connection of gigabytes, a capture of a million frames. */
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

/* Which phrases a finding uses is the engine's matter; all of one family of texts would be too long with all. So the longest that
 * the engine gives it is named here. */
static const struct {
    enum tcpstate_finding_id id;
    enum tcpstate_detail detail;
} detailed[] = {
    {TCPSTATE_FINDING_syn_retransmitted, TCPSTATE_DETAIL_LATE_COPY},
    {TCPSTATE_FINDING_synack_retransmitted, TCPSTATE_DETAIL_RETRY},
    {TCPSTATE_FINDING_syn_sent_stuck, TCPSTATE_DETAIL_SYN_ACK_CAPTURED},
    {TCPSTATE_FINDING_syn_rcvd_stuck, TCPSTATE_DETAIL_ACK_CAPTURED},
    {TCPSTATE_FINDING_icmp_unreachable, TCPSTATE_DETAIL_HARD_ERROR},
    {TCPSTATE_FINDING_synack_changed_seq, TCPSTATE_DETAIL_NO_SYN_CAPTURED},
    {TCPSTATE_FINDING_synack_changed_ack, TCPSTATE_DETAIL_NO_SYN_CAPTURED},
    {TCPSTATE_FINDING_split_handshake, TCPSTATE_DETAIL_ACK_AND_SYN},
    {TCPSTATE_FINDING_syn_in_connection, TCPSTATE_DETAIL_OLD_ACK},
    {TCPSTATE_FINDING_half_open_found, TCPSTATE_DETAIL_AMNESIA},
    {TCPSTATE_FINDING_idle_then_reset, TCPSTATE_DETAIL_MET_SILENCE},
    {TCPSTATE_FINDING_fin_retransmitted, TCPSTATE_DETAIL_RETRY},
    {TCPSTATE_FINDING_fin_wait_1_stuck, TCPSTATE_DETAIL_NOTHING_ARRIVED},
    {TCPSTATE_FINDING_last_ack_stuck, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_FINDING_closing_stuck, TCPSTATE_DETAIL_FIN_ACK_CAPTURED},
    {TCPSTATE_FINDING_fin_unknown, TCPSTATE_DETAIL_FIN_SCAN},
    {TCPSTATE_FINDING_time_wait_reuse, TCPSTATE_DETAIL_LARGER_NUMBER},
    {TCPSTATE_FINDING_rst_after_fin, TCPSTATE_DETAIL_NOT_ALL_ACKED},
    {TCPSTATE_FINDING_rst_unknown, TCPSTATE_DETAIL_ANSWERS_OLDER},
    {TCPSTATE_FINDING_port_zero, TCPSTATE_DETAIL_FROM_PORT},
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

static void
assert_backoff(enum tcpstate_retried what, unsigned retries, int64_t before, int64_t gap, enum tcpstate_pattern pattern, int64_t next,
               int64_t give_up)
{
    struct tcpstate_backoff backoff = tcpstate_backoff(what, retries, before * MILLISECOND, gap * MILLISECOND);

    assert_int_equal(backoff.pattern, pattern);
    assert_int_equal(backoff.next, next * MILLISECOND);
    assert_int_equal(backoff.give_up, give_up * MILLISECOND);
}

/* Against what Linux did: the experiments on the loopback, whose sockets were watched until the stack gave up. */
static void
back_off(void **state)
{
    (void)state;
    /* tcp_syn_retries 6, no linear ones: 1, 3, 7, 15, 31, 63 s, and over at 127 s */
    assert_backoff(TCPSTATE_RETRIED_SYN, 2, 1000, 2000, TCPSTATE_DOUBLING, 4000, 124000);
    assert_backoff(TCPSTATE_RETRIED_SYN, 6, 16000, 32000, TCPSTATE_DOUBLING, 0, 64000);
    /* with them: 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s, and over at 131 s */
    assert_backoff(TCPSTATE_RETRIED_SYN, 2, 1000, 1000, TCPSTATE_LINEAR, 1000, 129000);
    assert_backoff(TCPSTATE_RETRIED_SYN, 5, 1000, 1000, TCPSTATE_LINEAR, 2000, 126000);
    /* tcp_synack_retries 5: over at 63 s */
    assert_backoff(TCPSTATE_RETRIED_SYN_ACK, 2, 1000, 2000, TCPSTATE_DOUBLING, 4000, 60000);
    /* a loss probe, then 8 retries from 0.2 s on: 0.2, 0.4, 0.8 ... 52 s, and over 104 s after the FIN */
    assert_backoff(TCPSTATE_RETRIED_FIN, 2, 200, 200, TCPSTATE_DOUBLING, 400, 102000);
    assert_backoff(TCPSTATE_RETRIED_FIN, 9, 13000, 26000, TCPSTATE_DOUBLING, 0, 52000);
    /* never longer than 120 s */
    assert_backoff(TCPSTATE_RETRIED_FIN, 8, 60000, 120000, TCPSTATE_DOUBLING, 120000, 240000);
    /* anything else is no stack's */
    assert_backoff(TCPSTATE_RETRIED_SYN, 1, 0, 1000, TCPSTATE_IRREGULAR, 0, 0);
    assert_backoff(TCPSTATE_RETRIED_SYN, 2, 500, 550, TCPSTATE_IRREGULAR, 0, 0);
    assert_backoff(TCPSTATE_RETRIED_SYN_ACK, 2, 1000, 1000, TCPSTATE_IRREGULAR, 0, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences_are_whole), cmocka_unit_test(a_short_buffer_cuts),
                                       cmocka_unit_test(back_off)};

    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
