/* Compares Zeek's history and conn_state of exchanges with what Zeek writes. The names of states and letters are those
 * of Zeek's documentation of conn.log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "rows.h"

/* clang-format off */

/* The segments of an exchange, each with the conn_state and history that conn.log would have if it were the last. */
static const struct exchange {
    const char *segment, *state, *history;
} exchanges[][9] = {
    /* an ordinary connection */
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301", "S1", "ShA"}, {"> ACK 101 301 data=5", "S1", "ShAD"},
     {"< ACK 301 106", "S1", "ShADa"}, {"> FIN,ACK 106 301", "S2", "ShADaF"}, {"< FIN,ACK 301 107", "SF", "ShADaFf"}},
    /* the responder closes; a RST after both FINs changes nothing */
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301", "S1", "ShA"}, {"< FIN,ACK 301 101", "S3", "ShAf"},
     {"> FIN,ACK 101 302", "SF", "ShAfF"}, {"< RST 302", "SF", "ShAfFr"}},
    /* refused, and reset by each end */
    {{"> SYN 100", "S0", "S"}, {"< RST,ACK 0 101", "REJ", "Sr"}},
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301", "S1", "ShA"}, {"> RST 101", "RSTO", "ShAR"}},
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301 data=5", "S1", "ShD"}, {"< RST 301", "RSTR", "ShDr"}},
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> RST 101", "RSTO", "ShR"}, {"< RST 301", "REJ", "ShRr"}},
    /* a FIN, then a RST, then the other FIN: ended as usual */
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301", "S1", "ShA"}, {"> FIN,ACK 101 301", "S2", "ShAF"},
     {"> RST 102", "RSTO", "ShAFR"}, {"< FIN,ACK 301 102", "SF", "ShAFRf"}},
    /* only one direction, or only a part, was captured */
    {{"> SYN 100", "S0", "S"}, {"> RST 101", "RSTOS0", "SR"}},
    {{"> SYN 100", "S0", "S"}, {"< ACK 7 9", "S0", "Sa"}, {"> RST 9", "OTH", "SaR"}},
    {{"> SYN 100", "S0", "S"}, {"> FIN,ACK 101 301", "SH", "SF"}},
    {{"< SYN,ACK 300 101", "OTH", "^h"}, {"< RST 301", "RSTRH", "^hr"}},
    {{"< SYN,ACK 300 101", "OTH", "^h"}, {"> ACK 101 301", "S1", "^hA"}, {"< FIN,ACK 301 101", "S3", "^hAf"}},
    {{"< SYN,ACK 300 101", "OTH", "^h"}, {"< FIN,ACK 301 101", "SHR", "^hf"}},
    {{"> ACK 101 301 data=5", "OTH", "D"}, {"< ACK 301 106", "OTH", "Da"}},
    /* counted letters, and contradictory flags */
    {{"> SYN 100", "S0", "S"}, {"< SYN,ACK 300 101", "S1", "Sh"}, {"> ACK 101 301 data=5", "S1", "ShD"}, {"> ACK 101 301 data=5", "S1", "ShDT"},
     {"< ACK 301 106 win=0", "S1", "ShDTaw"}, {"< ACK 301 206", "S1", "ShDTawG"}},
    {{"> SYN,FIN 900", "SH", "QSF"}},
    /* a socket connected to itself has no other end */
    {{"= SYN 100", "S0", "S"}},
};

/* clang-format on */

static void
conn_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        struct tcpstate_letter letters[64];
        uint32_t connection = 0;
        size_t count = 0;
        static struct bench bench;

        bench_start(&bench);
        for (const struct exchange *row = exchanges[i]; row->segment != NULL; row++) {
            const struct tcpstate_connection *c;
            char history[TCPSTATE_HISTORY_SIZE];

            bench_read(&bench, row->segment, 0);
            c = bench.outcome.connection;
            count = c->number == connection ? count : 0;
            connection = c->number;
            for (unsigned j = 0; j < bench.outcome.letter_count; j++)
                letters[count++] = bench.outcome.letter[j];
            tcpstate_zeek_history(letters, count, c->client, history, sizeof history);
            if (strcmp(history, row->history) != 0)
                fail_msg("exchange %zu, \"%s\": history %s, expected %s", i, row->segment, history, row->history);
            if (strcmp(tcpstate_zeek_state(letters, count, c->client), row->state) != 0)
                fail_msg("exchange %zu, \"%s\": %s, expected %s", i, row->segment, tcpstate_zeek_state(letters, count, c->client),
                         row->state);
        }
    }
}

/* The history at a segment has the letters up to that segment. */
static void
as_of_a_segment(void **state)
{
    static const struct tcpstate_letter letters[] = {{.frame = 1, .id = TCPSTATE_LETTER_SYN},
                                                     {.frame = 5, .from = 1, .id = TCPSTATE_LETTER_SYN_ACK},
                                                     {.frame = 5, .layer = 1, .from = 1, .id = TCPSTATE_LETTER_RST}};
    char history[8];
    (void)state;

    assert_int_equal(tcpstate_letters_at(letters, 3, 0, 0), 0);
    assert_int_equal(tcpstate_letters_at(letters, 3, 1, 0), 1);
    assert_int_equal(tcpstate_letters_at(letters, 3, 4, 0), 1);
    assert_int_equal(tcpstate_letters_at(letters, 3, 5, 0), 2);
    assert_int_equal(tcpstate_letters_at(letters, 3, 5, 1), 3);
    tcpstate_zeek_history(letters, 3, 0, history, sizeof history);
    assert_string_equal(history, "Shr");
    tcpstate_zeek_history(letters, 3, 1, history, sizeof history);
    assert_string_equal(history, "^sHR");
    tcpstate_zeek_history(letters, 3, 1, history, 3);
    assert_string_equal(history, "^s");
    tcpstate_zeek_history(letters, 3, 1, history, 1);
    assert_string_equal(history, "");
    tcpstate_zeek_history(letters, 0, 0, history, sizeof history);
    assert_string_equal(history, "");
    assert_string_equal(tcpstate_zeek_state(letters, 0, 0), "OTH");
}

static void
counted_by_powers_of_ten(void **state)
{
    static struct bench bench;
    size_t shown = 0;
    (void)state;

    bench_start(&bench);
    bench_read(&bench, "> SYN 100", 0);
    bench_read(&bench, "< SYN,ACK 300 101", 0);
    bench_read(&bench, "> ACK 101 301 data=5", 0);
    for (int i = 1; i <= 1000; i++) {
        bench_read(&bench, "> ACK 101 301 data=5", 0);
        for (unsigned j = 0; j < bench.outcome.letter_count; j++)
            shown += bench.outcome.letter[j].id == TCPSTATE_LETTER_RETRANSMITTED;
        assert_int_equal(shown, i >= 1000 ? 4 : i >= 100 ? 3 : i >= 10 ? 2 : 1);
    }
}

/* A bad checksum is counted, changes nothing, and begins no connection. */
static void
bad_checksums(void **state)
{
    static struct bench bench;
    size_t shown = 0;
    (void)state;

    bench_start(&bench);
    bench.segment = (struct tcpstate_segment){.frame = 1, .flags = TCPSTATE_SYN};
    tcpstate_observe_bad_checksum(&bench.observer, &bench.pair, &bench.segment, &bench.outcome);
    assert_null(bench.outcome.connection);
    assert_int_equal(bench.outcome.letter_count, 0);
    bench_read(&bench, "> SYN 100", 0);
    bench_read(&bench, "< SYN,ACK 300 101", 0);
    for (int i = 1; i <= 10; i++) {
        bench.segment.frame++;
        bench.segment.flags = TCPSTATE_RST;
        tcpstate_observe_bad_checksum(&bench.observer, &bench.pair, &bench.segment, &bench.outcome);
        for (unsigned j = 0; j < bench.outcome.letter_count; j++)
            shown += bench.outcome.letter[j].id == TCPSTATE_LETTER_BAD_CHECKSUM && bench.outcome.letter[j].from == bench.segment.from;
        assert_int_equal(shown, i == 10 ? 2 : 1);
        assert_int_equal(bench.outcome.connection->peer[0].state, TCPSTATE_SYN_SENT);
        assert_int_equal(bench.outcome.change_count + bench.outcome.finding_count, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(conn_log), cmocka_unit_test(as_of_a_segment), cmocka_unit_test(bad_checksums),
                                       cmocka_unit_test(counted_by_powers_of_ten)};

    return cmocka_run_group_tests_name("zeek", tests, NULL, NULL);
}
