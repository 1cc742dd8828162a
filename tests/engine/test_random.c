/* Random exchanges, close to those that stacks have: what witness.h says must be so of each, the short way comes to the same as the long
 * one, and every cell of the table that segments can reach is reached.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "witness.h"

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

/* Numbers close to those that matter, so that tests on them come out both ways. */
static uint32_t
random_number(uint32_t first)
{
    static const uint32_t steps[] = {0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 12};

    return first + (random_below(40) == 0 ? random_below(UINT32_MAX) : steps[random_below(sizeof steps / sizeof steps[0])]);
}

static struct tcpstate_segment
random_segment(uint32_t frame, int64_t time, const uint32_t *isn, bool to_itself)
{
    static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x10, 0x10, 0x11, 0x11, 0x11, 0x04, 0x14, 0x03, 0x01, 0x00, 0x13, 0x16, 0x05, 0x29};
    static const int64_t gaps[] = {100000, 5000000, 20000000, 300000000, 1500000000, INT64_C(61000000000), INT64_C(301000000000), -2000000};
    static const uint8_t bytes[][8] = {"abcabcd", "abcabce", "abcxbcd"}; /* header and data */
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
                    .tsval = random_below(8),
                    .tsecr = random_below(8),
                    .cut = random_below(50) == 0},
    };
}

/* What its sender would send next if all was well. */
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

/* `likely` of a hundred segments are as their sender would send them. */
static void
read_exchange(struct witness *witness, uint64_t start, uint32_t likely)
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
        const struct tcpstate_connection *now = witness->pairs[0].pair.now;

        if (now != NULL && likely > 0 && random_below(100) < likely)
            make_likely(&seg, now);
        time = seg.time;
        witness_segment(witness, 0, &seg);
    }
}

static void
begin(struct witness *witness)
{
    witness_begin(witness);
    witness->observer.limits = (struct tcpstate_limits){.half_closed = INT64_C(60000000000),
                                                        .zero_window = INT64_C(30000000000),
                                                        .idle = INT64_C(300000000000),
                                                        .stuck = 2,
                                                        .resent = 2,
                                                        .challenges = 2};
    witness->observer.two_msl = INT64_C(60000000000);
}

static uint64_t
start_of(uint64_t exchange)
{
    return exchange * UINT64_C(0x9e3779b97f4a7c15);
}

static struct witness witness;

/* And the same again comes to the same. */
static void
invariants(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= EXCHANGES; i++) {
        struct witness_sums once, twice;

        begin(&witness);
        read_exchange(&witness, start_of(i), 0);
        once = witness_end(&witness);
        if (i % 16 != 0)
            continue;
        begin(&witness);
        read_exchange(&witness, start_of(i), 0);
        twice = witness_end(&witness);
        witness_assert_same(&once, &twice);
    }
}

/* What was expected is read the short way, and comes to the same. */
static void
short_way(void **state)
{
    uint32_t expected = 0;
    (void)state;

    for (uint64_t i = 1; i <= EXCHANGES / 4; i++) {
        struct witness_sums shortly, thoroughly;

        begin(&witness);
        read_exchange(&witness, start_of(i), 80);
        shortly = witness_end(&witness);
        expected += witness.expected;
        begin(&witness);
        witness.observer.thorough = true;
        read_exchange(&witness, start_of(i), 80);
        thoroughly = witness_end(&witness);
        witness_assert_same(&shortly, &thoroughly);
    }
    assert_true(expected > EXCHANGES / 4 * 10);
}

/* After `invariants`. */
static void
every_cell_and_finding_is_reached(void **state)
{
    enum { APART = 3 }; /* icmp_unreachable, option_bad_length and port_zero need what no random segment has */
    struct witness_coverage coverage = witness_coverage();
    (void)state;

    assert_int_equal(coverage.cells, coverage.all_cells);
    assert_int_equal(coverage.findings, TCPSTATE_FINDING_COUNT - APART);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(invariants), cmocka_unit_test(short_way),
                                       cmocka_unit_test(every_cell_and_finding_is_reached)};

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
