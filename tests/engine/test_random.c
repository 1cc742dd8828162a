/* Whatever segments come, in whatever order: every change is a cell of the table or restores what a RST had closed, changes join up,
 * the timeline says for each frame what the engine said then, and the same input gives the same output. And every cell of the table
 * that segments can reach is reached.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum { SEGMENTS = 60, EXCHANGES = 60000, RECORDS = SEGMENTS * TCPSTATE_RECORDS_PER_SEGMENT };

static uint64_t seed = 1;
static bool reached[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT];

static bool found[TCPSTATE_FINDING_COUNT];

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

/* `before` is the connection before the segment, NULL where a SYN challenged another: what that end then is, it was elsewhere. */
static void
assert_changes(const struct tcpstate_outcome *outcome, const struct tcpstate_connection *before, const uint8_t *was)
{
    const struct tcpstate_connection *c = outcome->connection;
    uint8_t at[2] = {was[0], was[1]};

    assert_true(outcome->change_count <= TCPSTATE_CHANGES_MAX);
    assert_true(outcome->finding_count <= TCPSTATE_FINDINGS_MAX);
    for (unsigned i = 0; i < outcome->change_count; i++) {
        const struct tcpstate_change *change = &outcome->change[i];
        enum tcpstate_state to;

        if (change->event != TCPSTATE_SND_AFTER_RST) {
            assert_true(tcpstate_transition((enum tcpstate_event)change->event, (enum tcpstate_state)change->from, &to));
            assert_int_equal(to, change->to);
            reached[change->event][change->from] = true;
        }
        if (c == before)
            assert_int_equal(change->from, at[change->end]);
        at[change->end] = change->to;
    }
    if (c != before)
        return;
    assert_int_equal(at[0], c->peer[0].state); /* no change without a word */
    assert_int_equal(at[1], c->peer[1].state);
}

/* Each has its sentence, whole. */
static void
count_findings(const struct tcpstate_outcome *outcome)
{
    for (unsigned i = 0; i < outcome->finding_count; i++) {
        const struct tcpstate_finding *finding = &outcome->finding[i];
        char text[1024];

        if (found[finding->id] && finding->frame % 16 != 0)
            continue;
        found[finding->id] = true;
        tcpstate_finding_text(finding, text, sizeof text);
        assert_true(strlen(text) >= 20 && strlen(text) <= 400);
        assert_null(strpbrk(text, "{}"));
        if (finding->related != 0)
            assert_true(finding->related >= 1 && finding->related <= finding->frame);
    }
}

struct shown {
    uint32_t frame, connection;
    uint8_t state[2];
};

static void
assert_timeline(const struct tcpstate_record *records, size_t count, const struct shown *shown, size_t frames)
{
    for (size_t i = 1; i < count; i++)
        assert_true(records[i - 1].frame < records[i].frame || (records[i - 1].frame == records[i].frame && records[i].continued));
    for (size_t i = 0; i < frames; i++) {
        size_t at = tcpstate_record_at(records, count, shown[i].frame, 0);

        assert_true(at > 0);
        assert_int_equal(records[at - 1].connection, shown[i].connection);
        assert_memory_equal(records[at - 1].state, shown[i].state, 2);
        for (int end = 0; end < 2; end++)
            assert_true(tcpstate_record_since(records, at - 1, end) <= at);
    }
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

static uint32_t expected;
static uint64_t told; /* a sum of all that was found and spelt */

static void
add_up(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        told = (told ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

/* `likely` of a hundred segments are as their sender would send them. */
static void
read_exchange(struct bench *bench, uint64_t start, uint32_t likely, struct tcpstate_record *records, size_t *count)
{
    struct shown shown[SEGMENTS];
    uint32_t isn[2];
    bool to_itself;
    int64_t time = INT64_C(1000000000000);

    seed = start;
    isn[0] = random_below(3) == 0 ? UINT32_MAX - random_below(6) : random_below(UINT32_MAX);
    isn[1] = random_below(UINT32_MAX);
    to_itself = random_below(16) == 0;
    bench->observer.limits.challenges = bench->observer.limits.resent = 2;
    *count = 0;
    for (uint32_t frame = 1; frame <= SEGMENTS; frame++) {
        struct tcpstate_segment seg = random_segment(frame, time, isn, to_itself);
        const struct tcpstate_connection *before = bench->pair.now, *c;
        uint8_t was[2] = {before != NULL ? before->peer[0].state : 0, before != NULL ? before->peer[1].state : 0};

        if (before != NULL && likely > 0 && random_below(100) < likely)
            make_likely(&seg, before);
        if (before != NULL && before->challenging)
            before = NULL;
        time = seg.time;
        tcpstate_observe(&bench->observer, &bench->pair, &seg, &bench->outcome);
        count_findings(&bench->outcome);
        expected += bench->outcome.expected;
        add_up(bench->outcome.finding, bench->outcome.finding_count * sizeof bench->outcome.finding[0]);
        add_up(bench->outcome.letter, bench->outcome.letter_count * sizeof bench->outcome.letter[0]);
        c = bench->outcome.connection;
        assert_non_null(c);
        assert_changes(&bench->outcome, before, was);
        *count += tcpstate_record_segment(records, *count, &seg, &bench->outcome, &records[*count]);
        shown[frame - 1] = (struct shown){.frame = frame, .connection = c->number};
        for (int end = 0; end < 2; end++)
            shown[frame - 1].state[end] = (uint8_t)(c->peer[to_itself ? 0 : end].state | tcpstate_pending(c, to_itself ? 0 : end) << 4);
    }
    assert_timeline(records, *count, shown, SEGMENTS);
}

static void
invariants(void **state)
{
    static struct bench bench;
    static struct tcpstate_record once[RECORDS], twice[RECORDS];
    size_t count, again;
    (void)state;

    for (uint64_t i = 1; i <= EXCHANGES; i++) {
        uint64_t start = i * UINT64_C(0x9e3779b97f4a7c15);

        bench_start(&bench);
        read_exchange(&bench, start, 0, once, &count);
        if (i % 16 != 0)
            continue;
        bench_start(&bench);
        read_exchange(&bench, start, 0, twice, &again);
        assert_int_equal(count, again);
        assert_memory_equal(once, twice, count * sizeof once[0]);
    }
}

/* What was expected is read the short way, and comes to the same. */
static void
short_way(void **state)
{
    static struct bench bench, shortly;
    static struct tcpstate_record records[2][RECORDS];
    size_t count[2];
    uint64_t told_shortly;
    (void)state;

    expected = 0;
    for (uint64_t i = 1; i <= EXCHANGES / 4; i++) {
        uint64_t start = i * UINT64_C(0x9e3779b97f4a7c15);

        told = 0;
        bench_start(&bench);
        read_exchange(&bench, start, 80, records[0], &count[0]);
        shortly = bench;
        told_shortly = told;
        told = 0;
        bench_start(&bench);
        bench.observer.thorough = true;
        read_exchange(&bench, start, 80, records[1], &count[1]);
        assert_int_equal(told, told_shortly);
        assert_int_equal(count[0], count[1]);
        assert_memory_equal(records[0], records[1], count[0] * sizeof records[0][0]);
        assert_int_equal(bench.connection_count, shortly.connection_count);
        assert_memory_equal(bench.connections, shortly.connections, sizeof bench.connections);
        assert_int_equal(bench.memory_used, shortly.memory_used);
        assert_memory_equal(bench.memory, shortly.memory, sizeof bench.memory);
    }
    assert_true(expected > EXCHANGES / 4 * 10);
}

/* After `invariants`. Pending rows change nothing, so they are not among what can be reached. */
static void
every_cell_is_reached(void **state)
{
    int missed = 0;
    (void)state;

    for (int event = 0; event < TCPSTATE_EVENT_COUNT; event++)
        for (int from = 0; from < TCPSTATE_STATE_COUNT; from++) {
            enum tcpstate_state to;

            if (event >= TCPSTATE_AWAIT_SYN && event <= TCPSTATE_AWAIT_RST)
                continue;
            if (tcpstate_transition((enum tcpstate_event)event, (enum tcpstate_state)from, &to) && !reached[event][from]) {
                print_error("not reached: \"%s\" in %s\n", tcpstate_event_label((enum tcpstate_event)event),
                            tcpstate_state_name((enum tcpstate_state)from));
                missed++;
            }
        }
    assert_int_equal(missed, 0);
}

/* After `invariants`. Those that need what no random segment has are named. */
static void
every_finding_is_found(void **state)
{
    static const enum tcpstate_finding_id apart[] = {TCPSTATE_FINDING_icmp_unreachable, TCPSTATE_FINDING_option_bad_length,
                                                     TCPSTATE_FINDING_port_zero};
    int missed = 0;
    (void)state;

    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++)
        found[apart[i]] = true;
    for (int id = 0; id < TCPSTATE_FINDING_COUNT; id++)
        if (!found[id]) {
            print_error("not found: %s\n", tcpstate_finding_kinds[id].name);
            missed++;
        }
    assert_int_equal(missed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(invariants), cmocka_unit_test(short_way), cmocka_unit_test(every_cell_is_reached),
                                       cmocka_unit_test(every_finding_is_found)};

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
