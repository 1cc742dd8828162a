/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "witness.h"

#include <string.h>

enum {
    CONNECTION = sizeof(struct tcpstate_connection),
    LARGEST = sizeof(struct tcpstate_watch), /* of what a connection has besides */
    WORD = sizeof(uint64_t),
};

/* As large as may be needed: see `memory` in the header. */
static uint64_t memory[WITNESS_SEGMENTS * (CONNECTION + sizeof(struct tcpstate_watch) + sizeof(struct tcpstate_reset)) / WORD];

static bool reached[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT], found[TCPSTATE_FINDING_COUNT];

/* The same of one sequence: in this section libFuzzer counts them as it counts branches, and clears them before each. */
static struct {
    uint8_t cells[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT], findings[TCPSTATE_FINDING_COUNT];
} counters __attribute__((section("__libfuzzer_extra_counters")));

static void
add_up(uint64_t *sum, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static void *
take(struct witness *witness, size_t size)
{
    uint64_t *piece = &memory[witness->memory_used / WORD];

    size = (size + WORD - 1) / WORD * WORD;
    witness->memory_used += size;
    assert_true(witness->memory_used <= sizeof memory);
    return memset(piece, 0, size);
}

static struct tcpstate_connection *
new_connection(void *owner)
{
    struct witness *witness = owner;
    struct tcpstate_connection *connection = take(witness, CONNECTION);

    connection->number = witness->connections++;
    assert_true(witness->connections <= witness->segments);
    witness->of[connection->number] = connection;
    return connection;
}

static void *
new_memory(void *owner, size_t size)
{
    struct witness *witness = owner;

    assert_true(size == sizeof(struct tcpstate_watch) || size == sizeof(struct tcpstate_reset));
    assert_true(++witness->pieces <= 2 * witness->connections);
    return take(witness, size);
}

void
witness_begin(struct witness *witness)
{
    memset(&witness->observer, 0, sizeof witness->observer);
    witness->observer.new_connection = new_connection;
    witness->observer.new_memory = new_memory;
    witness->observer.owner = witness;
    for (int i = 0; i < WITNESS_PAIRS; i++) {
        witness->pairs[i].pair = (struct tcpstate_pair){.now = NULL};
        witness->pairs[i].record_count = witness->pairs[i].shown_count = 0;
    }
    memset(witness->letter_count, 0, sizeof witness->letter_count);
    witness->segments = witness->connections = witness->expected = witness->pieces = 0;
    witness->memory_used = 0;
    witness->sums = (struct witness_sums){.findings = 0};
}

/* The states of a connection before a segment. */
struct before {
    const struct tcpstate_connection *connection; /* NULL where there was none */
    enum tcpstate_state state[2];
    bool challenging;
};

static struct before
before(const struct tcpstate_connection *c)
{
    if (c == NULL)
        return (struct before){.connection = NULL};
    return (struct before){
        .connection = c,
        .state = {(enum tcpstate_state)c->peer[0].state, (enum tcpstate_state)c->peer[1].state},
        .challenging = c->challenging,
    };
}

static bool
is_first_state(enum tcpstate_state client, enum tcpstate_state server)
{
    return (client == TCPSTATE_CLOSED && server == TCPSTATE_LISTEN) || (client == TCPSTATE_SYN_SENT && server == TCPSTATE_LISTEN) ||
           (client == TCPSTATE_ESTABLISHED && server == TCPSTATE_ESTABLISHED);
}

/* The changes from `first` on are of the connection; those before it ended TIME_WAIT in the one before. */
static unsigned
first_change(const struct tcpstate_outcome *outcome, const struct before *now, const struct before *old)
{
    const struct tcpstate_connection *c = outcome->connection;
    bool stands = c == now->connection && now->challenging && !c->challenging; /* no longer shown as it was in the old one */
    unsigned first = 0;

    if (stands || (c != now->connection && c != old->connection))
        for (; first < outcome->change_count && outcome->change[first].event == TCPSTATE_TWO_MSL; first++)
            assert_int_equal(now->state[outcome->change[first].end], TCPSTATE_TIME_WAIT);
    return first;
}

/* What the first change of an end leaves, or what it is where nothing changed it. */
static enum tcpstate_state
left_first(const struct tcpstate_outcome *outcome, unsigned first, int end)
{
    for (unsigned i = first; i < outcome->change_count; i++)
        if (outcome->change[i].end == end)
            return (enum tcpstate_state)outcome->change[i].from;
    return (enum tcpstate_state)outcome->connection->peer[end].state;
}

/* Where the changes begin. */
static void
states_before(const struct tcpstate_outcome *outcome, unsigned first, const struct before *now, const struct before *old,
              enum tcpstate_state state[2])
{
    const struct tcpstate_connection *c = outcome->connection;
    const struct before *known = c == now->connection ? now : c == old->connection ? old : NULL;

    if (known != NULL) {
        memcpy(state, known->state, sizeof known->state);
        if (known->challenging && !c->challenging) /* its server was shown as it was in the old connection */
            state[!c->client] = state[!c->client] == TCPSTATE_TIME_WAIT && first == 0 ? TCPSTATE_TIME_WAIT : TCPSTATE_LISTEN;
        return;
    }
    for (int end = 0; end < 2; end++)
        state[end] = left_first(outcome, first, end);
    if (c->challenging) { /* begun by a SYN */
        assert_ptr_equal(c->before, now->challenging ? old->connection : now->connection);
        state[!c->client] = TCPSTATE_LISTEN;
    }
    assert_true(is_first_state(state[c->client], state[!c->client]));
    if (c->challenging)
        state[!c->client] = left_first(outcome, first, !c->client);
}

static void
assert_changes(const struct tcpstate_outcome *outcome, unsigned first, enum tcpstate_state at[2])
{
    const struct tcpstate_connection *c = outcome->connection;

    assert_true(outcome->change_count <= TCPSTATE_CHANGES_MAX);
    for (unsigned i = 0; i < outcome->change_count; i++) {
        const struct tcpstate_change *change = &outcome->change[i];
        enum tcpstate_state to;

        if (i >= first) {
            assert_int_equal(change->from, at[change->end]);
            at[change->end] = (enum tcpstate_state)change->to;
        }
        if (change->event == TCPSTATE_SND_AFTER_RST)
            continue;
        assert_true(tcpstate_transition((enum tcpstate_event)change->event, (enum tcpstate_state)change->from, &to));
        assert_int_equal(to, change->to);
        reached[change->event][change->from] = true;
        counters.cells[change->event][change->from] = 1;
    }
    assert_int_equal(at[0], c->peer[0].state);
    assert_int_equal(at[1], c->peer[1].state);
}

/* By rows of the table, from the state that the end has. */
static bool
can_be_awaited(enum tcpstate_state from, enum tcpstate_state pending)
{
    if (from == pending)
        return true;
    for (int event = TCPSTATE_AWAIT_SYN; event <= TCPSTATE_AWAIT_RST; event++) {
        enum tcpstate_state to;

        if (tcpstate_transition((enum tcpstate_event)event, from, &to) && can_be_awaited(to, pending))
            return true;
    }
    return false;
}

/* Each has its sentence, whole. */
static void
take_findings(struct witness *witness, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    assert_true(outcome->finding_count <= TCPSTATE_FINDINGS_MAX);
    for (unsigned i = 0; i < outcome->finding_count; i++) {
        const struct tcpstate_finding *finding = &outcome->finding[i];
        char text[1024];

        assert_true(finding->id < TCPSTATE_FINDING_COUNT);
        assert_int_equal(finding->frame, segment->frame);
        assert_int_equal(finding->layer, segment->layer);
        assert_true(finding->related <= finding->frame);
        assert_true(finding->connection < witness->connections);
        if (tcpstate_finding_is_stuck(finding)) /* whose retries are told from it */
            assert_non_null(witness->of[finding->connection]->watch);
        add_up(&witness->sums.findings, finding, sizeof *finding);
        counters.findings[finding->id] = 1;
        if (found[finding->id] && finding->frame % 16 != 0)
            continue;
        found[finding->id] = true;
        tcpstate_finding_text(finding, text, sizeof text);
        assert_true(strlen(text) >= 20 && strlen(text) <= 400);
        assert_null(strpbrk(text, "{}"));
    }
}

static void
take_letters(struct witness *witness, const struct tcpstate_outcome *outcome)
{
    size_t *count;

    assert_true(outcome->letter_count <= TCPSTATE_LETTERS_MAX);
    if (outcome->letter_count == 0)
        return;
    count = &witness->letter_count[outcome->connection->number];
    assert_true(*count + outcome->letter_count <= WITNESS_LETTERS);
    memcpy(&witness->letters[outcome->connection->number][*count], outcome->letter, outcome->letter_count * sizeof outcome->letter[0]);
    *count += outcome->letter_count;
}

/* As the plugin keeps it, and as it was. */
static void
take_records(struct witness_pair *of, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;
    struct witness_shown *shown = &of->shown[of->shown_count++];

    if (!outcome->expected)
        of->record_count += tcpstate_record_segment(of->records, of->record_count, segment, outcome, &of->records[of->record_count]);
    *shown = (struct witness_shown){.frame = segment->frame, .layer = segment->layer, .connection = c->number};
    for (int end = 0; end < 2; end++) {
        int peer = c->to_itself ? 0 : end;
        enum tcpstate_state state = (enum tcpstate_state)c->peer[peer].state, pending = tcpstate_pending(c, peer);

        assert_true(can_be_awaited(state, pending));
        shown->state[end] = (uint8_t)(state | pending << 4);
    }
}

static void
take_outcome(struct witness *witness, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    take_findings(witness, segment, outcome);
    take_letters(witness, outcome);
}

void
witness_segment(struct witness *witness, unsigned pair, const struct tcpstate_segment *segment)
{
    struct witness_pair *of = &witness->pairs[pair];
    const struct before now = before(of->pair.now), old = before(now.challenging ? of->pair.now->before : NULL);
    uint32_t connections = witness->connections;
    enum tcpstate_state state[2];
    struct tcpstate_outcome outcome;
    unsigned first;

    assert_true(witness->segments < WITNESS_SEGMENTS);
    witness->segments++;
    tcpstate_observe(&witness->observer, &of->pair, segment, &outcome);
    assert_true(witness->connections <= connections + 1);
    assert_non_null(outcome.connection);
    assert_true(outcome.copy_of <= segment->frame);
    first = first_change(&outcome, &now, &old);
    states_before(&outcome, first, &now, &old, state);
    assert_changes(&outcome, first, state);
    take_records(of, segment, &outcome);
    take_outcome(witness, segment, &outcome);
    witness->expected += outcome.expected;
}

/* What is no segment of the connection changes no state. */
static void
assert_unchanged(const struct before *now, const struct tcpstate_outcome *outcome)
{
    struct before after = before(outcome->connection);

    assert_int_equal(outcome->change_count, 0);
    assert_ptr_equal(after.connection, now->connection);
    assert_memory_equal(after.state, now->state, sizeof after.state);
}

void
witness_bad_checksum(struct witness *witness, unsigned pair, const struct tcpstate_segment *segment)
{
    const struct before now = before(witness->pairs[pair].pair.now);
    struct tcpstate_outcome outcome;

    tcpstate_observe_bad_checksum(&witness->observer, &witness->pairs[pair].pair, segment, &outcome);
    assert_unchanged(&now, &outcome);
    take_outcome(witness, segment, &outcome);
}

void
witness_icmp(struct witness *witness, unsigned pair, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp)
{
    const struct before now = before(witness->pairs[pair].pair.now);
    struct tcpstate_outcome outcome;

    tcpstate_observe_icmp(&witness->observer, &witness->pairs[pair].pair, quoted, icmp, &outcome);
    assert_unchanged(&now, &outcome);
    take_outcome(witness, quoted, &outcome);
}

static bool
is_ordered(const struct tcpstate_record *before, const struct tcpstate_record *record)
{
    if (record->continued)
        return before->frame == record->frame && before->layer == record->layer && before->connection == record->connection;
    return before->frame < record->frame || (before->frame == record->frame && before->layer < record->layer);
}

/* From where the end is said to have its state it has had it, and there it came to it. */
static void
assert_since(const struct tcpstate_record *records, size_t count, size_t index, int end)
{
    size_t since = tcpstate_record_since(records, index, end);
    const struct tcpstate_record *record = &records[index];
    bool came = since == 0;

    assert_true(since <= index + 1);
    for (size_t i = since == 0 ? index : since - 1; i <= index; i++) {
        assert_int_equal(records[i].connection, record->connection);
        assert_int_equal(tcpstate_record_state(&records[i], end), tcpstate_record_state(record, end));
    }
    for (size_t i = since - 1; since > 0 && i < count && (i == since - 1 || records[i].continued); i++)
        for (unsigned step = 0; step < records[i].step_count; step++) {
            struct tcpstate_change change = tcpstate_record_change(&records[i], step);

            came = came || ((change.end == end || records[i].to_itself) && change.to == tcpstate_record_state(record, end));
        }
    assert_true(came);
}

static void
assert_timeline(const struct witness_pair *of)
{
    for (size_t i = 0; i < of->record_count; i++) {
        assert_true(i == 0 ? !of->records[0].continued : is_ordered(&of->records[i - 1], &of->records[i]));
        for (int end = 0; end < 2; end++)
            assert_since(of->records, of->record_count, i, end);
    }
    for (size_t i = 0; i < of->shown_count; i++) {
        const struct witness_shown *shown = &of->shown[i];
        size_t at = tcpstate_record_at(of->records, of->record_count, shown->frame, shown->layer);

        assert_true(at > 0);
        assert_int_equal(of->records[at - 1].connection, shown->connection);
        assert_memory_equal(of->records[at - 1].state, shown->state, 2);
    }
}

static void
assert_history(const struct tcpstate_letter *letters, size_t count)
{
    char history[TCPSTATE_HISTORY_SIZE];

    for (size_t i = 1; i < count; i++)
        assert_true(letters[i - 1].frame <= letters[i].frame);
    for (int originator = 0; originator < 2; originator++) {
        tcpstate_zeek_history(letters, count, originator, history, sizeof history);
        assert_int_equal(strlen(history), count + (count > 0 && letters[0].from != originator));
        assert_non_null(tcpstate_zeek_state(letters, count, originator));
    }
}

struct witness_sums
witness_end(struct witness *witness)
{
    struct witness_sums sums = witness->sums;

    for (int i = 0; i < WITNESS_PAIRS; i++) {
        assert_timeline(&witness->pairs[i]);
        add_up(&sums.records, witness->pairs[i].records, witness->pairs[i].record_count * sizeof witness->pairs[i].records[0]);
    }
    for (uint32_t i = 0; i < witness->connections; i++) {
        assert_history(witness->letters[i], witness->letter_count[i]);
        add_up(&sums.letters, witness->letters[i], witness->letter_count[i] * sizeof witness->letters[i][0]);
    }
    add_up(&sums.memory, memory, witness->memory_used);
    return sums;
}

void
witness_assert_same(const struct witness_sums *one, const struct witness_sums *other)
{
    assert_true(one->records == other->records);
    assert_true(one->findings == other->findings);
    assert_true(one->letters == other->letters);
    assert_true(one->memory == other->memory);
}

struct witness_coverage
witness_coverage(void)
{
    struct witness_coverage coverage = {.findings = 0};
    enum tcpstate_state to;

    for (int event = 0; event < TCPSTATE_EVENT_COUNT; event++)
        for (int from = 0; from < TCPSTATE_STATE_COUNT; from++) {
            if ((event >= TCPSTATE_AWAIT_SYN && event <= TCPSTATE_AWAIT_RST) ||
                !tcpstate_transition((enum tcpstate_event)event, (enum tcpstate_state)from, &to))
                continue;
            coverage.all_cells++;
            coverage.cells += reached[event][from];
            if (!reached[event][from])
                print_error("not reached: \"%s\" in %s\n", tcpstate_event_label((enum tcpstate_event)event),
                            tcpstate_state_name((enum tcpstate_state)from));
        }
    for (int id = 0; id < TCPSTATE_FINDING_COUNT; id++) {
        coverage.findings += found[id];
        if (!found[id])
            print_error("not found: %s\n", tcpstate_finding_kinds[id].name);
    }
    return coverage;
}
