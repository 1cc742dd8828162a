/* Reads random exchanges that are similar to real ones: they keep the invariants of invariants.h, the fast path gives
 * the same results as the complete rules, and every cell of the table that segments can reach is reached.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "invariants.h"

/* So many exchanges reach every cell of the table, and take some seconds. */
enum { SEGMENTS = 60, EXCHANGES = 60000 };

static uint64_t seed = 1;
static uint32_t
random_below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % limit;
}

/* A number near `first`, so that comparisons with it have both results. */
static uint32_t
random_number(uint32_t first)
{
    static const uint32_t steps[] = {0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 12};

    return first + (random_below(40) == 0 ? random_below(UINT32_MAX) : steps[random_below(sizeof steps / sizeof steps[0])]);
}

static struct tcpstate_segment
random_segment(uint32_t frame, int64_t time, const uint32_t *isn, bool to_itself)
{
    static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x10, 0x10, 0x11, 0x11, 0x11, 0x04,
                                    0x14, 0x03, 0x01, 0x00, 0x13, 0x16, 0x05, 0x29, 0x22};
    static const int64_t gaps[] = {100000, 5000000, 20000000, 300000000, 1500000000, INT64_C(61000000000), INT64_C(301000000000), -2000000};
    static const uint8_t bytes[][8] = {"abcabcd", "abcabce", "abcxbcd"}; /* a header of up to 3 bytes, and data */
    const uint8_t *packet = bytes[random_below(3)];
    uint8_t header_length = (uint8_t)random_below(4);
    uint8_t from = to_itself ? 0 : (uint8_t)random_below(2);

    return (struct tcpstate_segment){
        .frame = frame,
        .time = time + gaps[random_below(random_below(4) == 0 ? 8 : 3)],
        .from = from,
        .to_itself = to_itself,
        .length_known = random_below(50) != 0,
        .flags = flags[random_below(sizeof flags)],
        .window = (uint16_t)random_below(8),
        .src_port = from || to_itself ? 80 : 40000,
        .dst_port = from ? 40000 : 80,
        .seq = random_number(isn[from] + (random_below(12) == 0 ? 7 : 0)),
        .ack = random_number(isn[!from]),
        .payload = random_below(3) == 0 ? random_below(4) : 0,
        .data = random_below(4) == 0 ? NULL : packet + 3,
        .header = packet + 3 - header_length,
        .header_length = header_length,
        .ip_id = (int32_t)random_below(3),
        .options = {.present = (uint8_t)(random_below(8) == 0 ? random_below(16) : TCPSTATE_OPTION_TIMESTAMPS),
                    .window_scale = (uint8_t)random_below(16),
                    .tsval = random_below(8) * 1024,
                    .tsecr = random_below(8) * 1024,
                    .cut = random_below(50) == 0},
    };
}

/* Makes it the segment that its sender would send next in an undisturbed connection. */
static void
make_likely(struct tcpstate_segment *seg, const struct tcpstate_connection *c)
{
    const struct tcpstate_peer *self = &c->peer[seg->from], *peer = c->to_itself ? self : &c->peer[!seg->from];

    seg->flags = peer->snd_known ? TCPSTATE_ACK : TCPSTATE_SYN;
    if (self->state == TCPSTATE_LISTEN)
        seg->flags = TCPSTATE_SYN | TCPSTATE_ACK;
    if (self->snd_known)
        seg->seq = self->snd_nxt;
    if (peer->snd_known)
        seg->ack = peer->snd_nxt;
    seg->window = 1000;
}

/* `likely`: how many of a hundred segments are those of an undisturbed connection. */
static void
read_exchange(struct checker *checker, uint64_t start, uint32_t likely)
{
    uint32_t isn[2];
    bool to_itself;
    int64_t time = INT64_C(1000000000000);

    seed = start;
    isn[0] = random_below(3) == 0 ? UINT32_MAX - random_below(6) : random_below(UINT32_MAX);
    isn[1] = random_below(UINT32_MAX);
    to_itself = random_below(16) == 0;
    for (uint32_t frame = 1; frame <= SEGMENTS; frame++) {
        struct tcpstate_segment seg = random_segment(frame, time, isn, to_itself);
        const struct tcpstate_connection *now = checker->pairs[0].pair.now;

        if (now != NULL && likely > 0 && random_below(100) < likely)
            make_likely(&seg, now);
        time = seg.time;
        checker_segment(checker, 0, &seg);
    }
}

static void
begin(struct checker *checker)
{
    checker_begin(checker);
    checker->observer.limits = (struct tcpstate_limits){.half_closed = INT64_C(60000000000),
                                                        .zero_window = INT64_C(30000000000),
                                                        .idle = INT64_C(300000000000),
                                                        .stuck = 2,
                                                        .resent = 2,
                                                        .challenges = 2};
    checker->observer.two_msl = INT64_C(60000000000);
}

static uint64_t
start_of(uint64_t exchange)
{
    return exchange * UINT64_C(0x9e3779b97f4a7c15);
}

static struct checker checker;

/* The invariants hold, and the same exchange read twice has the same results. */
static void
invariants(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= EXCHANGES; i++) {
        struct checker_sums once, twice;

        begin(&checker);
        read_exchange(&checker, start_of(i), 0);
        once = checker_end(&checker);
        if (i % 16 != 0)
            continue;
        begin(&checker);
        read_exchange(&checker, start_of(i), 0);
        twice = checker_end(&checker);
        checker_assert_same(&once, &twice);
    }
}

/* The fast path has the same results as the complete rules. */
static void
fast_path(void **state)
{
    uint32_t expected = 0;
    (void)state;

    for (uint64_t i = 1; i <= EXCHANGES / 4; i++) {
        struct checker_sums fast, thorough;

        begin(&checker);
        read_exchange(&checker, start_of(i), 80);
        fast = checker_end(&checker);
        expected += checker.expected;
        begin(&checker);
        checker.observer.thorough = true;
        read_exchange(&checker, start_of(i), 80);
        thorough = checker_end(&checker);
        checker_assert_same(&fast, &thorough);
    }
    assert_true(expected > EXCHANGES / 4 * 10); /* of 60 segments in each exchange: else the test would show little */
}

/* Runs after `invariants`, whose exchanges it counts. */
static void
every_cell_and_finding_is_reached(void **state)
{
    /* icmp_unreachable, option_bad_length, option_repeated and port_zero: random segments have no such options, ports or ICMP errors.
     * time_wait_assassinated: it needs four certain segments after a complete close, which is rare. tests/fuzz/corpus has it.
     * pmtu_black_hole: it needs SACKs that fit. synack_wrong_address: it needs the same SYN between other addresses.
     * foreign_origin: random segments have no TTL. syn_older_timestamp: they have no addresses. storm: it needs ten of a kind in turn.
     * keepalive_unanswered: it needs three probes in turn, with pauses. */
    enum { APART = 11 };
    struct checker_coverage coverage = checker_coverage();
    (void)state;

    assert_int_equal(coverage.cells, coverage.all_cells);
    assert_true(coverage.findings >= coverage.all_findings - APART);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(invariants), cmocka_unit_test(fast_path),
                                       cmocka_unit_test(every_cell_and_finding_is_reached)};

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
