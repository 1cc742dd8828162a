/* Checks the outcome of each segment against the states before it, and the timeline at the end of a sequence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "invariants.h"

#include <string.h>

static bool reached[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT], raised[TCPSTATE_FINDING_COUNT];

/* The cells and findings of one sequence. libFuzzer treats this section like its counters of branches, and clears it before each sequence.
 */
static struct {
    uint8_t cells[TCPSTATE_EVENT_COUNT][TCPSTATE_STATE_COUNT], findings[TCPSTATE_FINDING_COUNT];
} counters __attribute__((section("__libfuzzer_extra_counters")));

static void
add_to_sum(uint64_t *sum, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static void *
allocate(struct checker *checker, size_t size)
{
    const size_t word = sizeof checker->memory[0];
    uint64_t *piece = &checker->memory[checker->memory_used / word];

    size = (size + word - 1) / word * word;
    checker->memory_used += size;
    assert_true(checker->memory_used <= sizeof checker->memory);
    return memset(piece, 0, size);
}

static struct tcpstate_connection *
new_connection(void *owner, size_t size, uint32_t *number)
{
    struct checker *checker = owner;
    struct tcpstate_connection *connection = allocate(checker, size);

    assert_int_equal(size, sizeof *connection);
    *number = checker->connections;
    checker->of[checker->connections++] = connection;
    assert_true(checker->connections <= checker->segments);
    return connection;
}

static void *
new_memory(void *owner, size_t size)
{
    struct checker *checker = owner;

    if (size == sizeof checker->history)
        return memset(&checker->history, 0, size);
    if (size == TCPSTATE_QUOTE_MAX + 1) {
        assert_true(++checker->quotes <= checker->segments);
        return allocate(checker, size);
    }
    assert_true(size == sizeof(struct tcpstate_watch) || size == sizeof(struct tcpstate_reset) || size == sizeof(struct tcpstate_gaps));
    assert_true(++checker->pieces <= 4 * checker->connections);
    return allocate(checker, size);
}

void
checker_begin(struct checker *checker)
{
    memset(&checker->observer, 0, sizeof checker->observer);
    checker->observer.new_connection = new_connection;
    checker->observer.new_memory = new_memory;
    checker->observer.owner = checker;
    for (int i = 0; i < CHECKER_PAIRS; i++) {
        checker->pairs[i].pair = (struct tcpstate_pair){.now = NULL};
        checker->pairs[i].record_count = checker->pairs[i].states_count = 0;
    }
    memset(checker->letter_count, 0, sizeof checker->letter_count);
    checker->segments = checker->connections = checker->expected = checker->pieces = checker->quotes = 0;
    checker->memory_used = 0;
    checker->sums = (struct checker_sums){.findings = 0};
}

/* A connection as it was before a segment. */
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

/* Returns the index of the first change that belongs to the outcome's connection. The changes before it ended TIME_WAIT in the connection
 * before. */
static unsigned
first_change(const struct tcpstate_outcome *outcome, const struct before *now, const struct before *old)
{
    const struct tcpstate_connection *c = outcome->connection;
    /* the segment decided the challenge: the server does not have the state of the old connection any more */
    bool decided = c == now->connection && now->challenging && !c->challenging;
    unsigned first = 0;

    if (decided || (c != now->connection && c != old->connection))
        for (; first < outcome->change_count && outcome->change[first].event == TCPSTATE_TWO_MSL; first++)
            assert_int_equal(now->state[outcome->change[first].end], TCPSTATE_TIME_WAIT);
    return first;
}

/* The state from which the first change of an end starts; the present state where it has no change. */
static enum tcpstate_state
left_first(const struct tcpstate_outcome *outcome, unsigned first, int end)
{
    for (unsigned i = first; i < outcome->change_count; i++)
        if (outcome->change[i].end == end)
            return (enum tcpstate_state)outcome->change[i].from;
    return (enum tcpstate_state)outcome->connection->peer[end].state;
}

/* The state that is left of the server's state in the old connection when the new one is valid. `expired`: its TIME_WAIT has ended. */
static enum tcpstate_state
left_of_old(enum tcpstate_state state, bool expired)
{
    if (state == TCPSTATE_TIME_WAIT)
        return expired ? TCPSTATE_CLOSED : TCPSTATE_TIME_WAIT;
    return state == TCPSTATE_CLOSED ? TCPSTATE_CLOSED : TCPSTATE_LISTEN;
}

/* Sets the states from which the changes of both ends must start. */
static void
states_before(const struct tcpstate_outcome *outcome, unsigned first, const struct before *now, const struct before *old,
              enum tcpstate_state state[2])
{
    const struct tcpstate_connection *c = outcome->connection;
    const struct before *known = c == now->connection ? now : c == old->connection ? old : NULL;

    if (known != NULL) {
        memcpy(state, known->state, sizeof known->state);
        if (known->challenging && !c->challenging) /* its server had the state of the old connection */
            state[!c->client] = left_of_old(state[!c->client], first > 0);
        return;
    }
    for (int end = 0; end < 2; end++)
        state[end] = left_first(outcome, first, end);
    if (c->challenging) { /* a SYN began it */
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
        if (change->event == TCPSTATE_SND_AFTER_RST || change->event == TCPSTATE_RST_CHALLENGED)
            continue;
        assert_true(tcpstate_transition((enum tcpstate_event)change->event, (enum tcpstate_state)change->from, &to));
        assert_int_equal(to, change->to);
        reached[change->event][change->from] = true;
        counters.cells[change->event][change->from] = 1;
    }
    assert_int_equal(at[0], c->peer[0].state);
    assert_int_equal(at[1], c->peer[1].state);
}

/* Whether rows of awaited events lead from the state of the end to the pending state: at most so many, each event once. */
static bool
can_be_awaited(enum tcpstate_state from, enum tcpstate_state pending, int events)
{
    if (from == pending)
        return true;
    if (events == 0)
        return false;
    for (int event = TCPSTATE_AWAIT_SYN; event <= TCPSTATE_AWAIT_RST; event++) {
        enum tcpstate_state to;

        if (tcpstate_transition((enum tcpstate_event)event, from, &to) && can_be_awaited(to, pending, events - 1))
            return true;
    }
    return false;
}

/* Each finding has a complete sentence. */
static void
check_findings(struct checker *checker, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    assert_true(outcome->finding_count <= TCPSTATE_FINDINGS_MAX);
    for (unsigned i = 0; i < outcome->finding_count; i++) {
        const struct tcpstate_finding *finding = &outcome->finding[i];
        char text[1024];

        assert_true(finding->id < TCPSTATE_FINDING_COUNT);
        assert_int_equal(finding->frame, segment->frame);
        assert_int_equal(finding->layer, segment->layer);
        assert_true(finding->related <= finding->frame);
        assert_true(finding->connection < checker->connections);
        if (tcpstate_finding_is_stuck(finding)) /* the gaps between its retries are stored there */
            assert_non_null(checker->of[finding->connection]->watch);
        add_to_sum(&checker->sums.findings, finding, sizeof *finding);
        counters.findings[finding->id] = 1;
        if (raised[finding->id] && finding->frame % 16 != 0)
            continue;
        raised[finding->id] = true;
        tcpstate_finding_text(finding, text, sizeof text);
        assert_true(strlen(text) >= 20 && strlen(text) <= 400);
        assert_null(strpbrk(text, "{}"));
    }
}

static void
keep_letters(struct checker *checker, const struct tcpstate_outcome *outcome)
{
    size_t *count;

    assert_true(outcome->letter_count <= TCPSTATE_LETTERS_MAX);
    if (outcome->letter_count == 0)
        return;
    count = &checker->letter_count[outcome->connection->number];
    assert_true(*count + outcome->letter_count <= CHECKER_LETTERS);
    memcpy(&checker->letters[outcome->connection->number][*count], outcome->letter, outcome->letter_count * sizeof outcome->letter[0]);
    *count += outcome->letter_count;
}

/* Writes the records as the plugin does, and keeps the states to compare them with. */
static void
keep_records(struct checker_pair *of, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;
    struct checker_states *states = &of->states[of->states_count++];

    if (!outcome->expected)
        of->record_count += tcpstate_record_segment(of->records, of->record_count, segment, outcome, &of->records[of->record_count]);
    *states = (struct checker_states){.frame = segment->frame, .layer = segment->layer, .connection = c->number};
    for (int end = 0; end < 2; end++) {
        int peer = c->to_itself ? 0 : end;
        enum tcpstate_state state = (enum tcpstate_state)c->peer[peer].state, pending = tcpstate_pending(c, peer);

        assert_true(can_be_awaited(state, pending, TCPSTATE_AWAIT_RST - TCPSTATE_AWAIT_SYN + 1));
        states->state[end] = (uint8_t)(state | pending << 4);
    }
}

static void
check_outcome(struct checker *checker, const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    check_findings(checker, segment, outcome);
    keep_letters(checker, outcome);
}

void
checker_segment(struct checker *checker, unsigned pair, const struct tcpstate_segment *segment)
{
    struct checker_pair *of = &checker->pairs[pair];
    const struct before now = before(of->pair.now), old = before(now.challenging ? of->pair.now->before : NULL);
    uint32_t connections = checker->connections;
    enum tcpstate_state state[2];
    struct tcpstate_outcome outcome;
    unsigned first;

    assert_true(checker->segments < CHECKER_SEGMENTS);
    checker->segments++;
    tcpstate_observe(&checker->observer, &of->pair, segment, &outcome);
    assert_true(checker->connections <= connections + 1);
    assert_non_null(outcome.connection);
    assert_true(outcome.copy_of <= segment->frame);
    assert_true(outcome.copy_of != 0 || tcpstate_was_read(&checker->observer, &of->pair, segment));
    first = first_change(&outcome, &now, &old);
    states_before(&outcome, first, &now, &old, state);
    assert_changes(&outcome, first, state);
    keep_records(of, segment, &outcome);
    check_outcome(checker, segment, &outcome);
    checker->expected += outcome.expected;
}

/* An ICMP error or a segment with a bad checksum changes no state. */
static void
assert_unchanged(const struct before *now, const struct tcpstate_outcome *outcome)
{
    struct before after = before(outcome->connection);

    assert_int_equal(outcome->change_count, 0);
    assert_ptr_equal(after.connection, now->connection);
    assert_memory_equal(after.state, now->state, sizeof after.state);
}

void
checker_bad_checksum(struct checker *checker, unsigned pair, const struct tcpstate_segment *segment)
{
    const struct before now = before(checker->pairs[pair].pair.now);
    struct tcpstate_outcome outcome;

    tcpstate_observe_bad_checksum(&checker->observer, &checker->pairs[pair].pair, segment, &outcome);
    assert_unchanged(&now, &outcome);
    check_outcome(checker, segment, &outcome);
}

void
checker_icmp(struct checker *checker, unsigned pair, const struct tcpstate_segment *quoted, const struct tcpstate_icmp *icmp)
{
    const struct before now = before(checker->pairs[pair].pair.now);
    struct tcpstate_outcome outcome;

    tcpstate_observe_icmp(&checker->observer, &checker->pairs[pair].pair, quoted, icmp, &outcome);
    assert_unchanged(&now, &outcome);
    check_outcome(checker, quoted, &outcome);
}

static bool
is_ordered(const struct tcpstate_record *before, const struct tcpstate_record *record)
{
    if (record->continued)
        return before->frame == record->frame && before->layer == record->layer && before->connection == record->connection;
    return before->frame < record->frame || (before->frame == record->frame && before->layer < record->layer);
}

/* From the record that tcpstate_record_since() gives up to this one, the end has the same state; and in that record it came to this state.
 */
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
assert_timeline(const struct checker_pair *of)
{
    for (size_t i = 0; i < of->record_count; i++) {
        assert_true(i == 0 ? !of->records[0].continued : is_ordered(&of->records[i - 1], &of->records[i]));
        for (int end = 0; end < 2; end++)
            assert_since(of->records, of->record_count, i, end);
    }
    for (size_t i = 0; i < of->states_count; i++) {
        const struct checker_states *states = &of->states[i];
        size_t at = tcpstate_record_at(of->records, of->record_count, states->frame, states->layer);

        assert_true(at > 0);
        assert_int_equal(of->records[at - 1].connection, states->connection);
        assert_memory_equal(of->records[at - 1].state, states->state, 2);
    }
}

static void
assert_history(const struct tcpstate_letter *letters, size_t count)
{
    char text[TCPSTATE_HISTORY_SIZE];

    for (size_t i = 1; i < count; i++)
        assert_true(letters[i - 1].frame <= letters[i].frame);
    for (int originator = 0; originator < 2; originator++) {
        tcpstate_zeek_history(letters, count, originator, text, sizeof text);
        assert_int_equal(strlen(text), count + (count > 0 && letters[0].from != originator));
        assert_non_null(tcpstate_zeek_state(letters, count, originator));
    }
}

struct checker_sums
checker_end(struct checker *checker)
{
    struct checker_sums sums = checker->sums;

    for (int i = 0; i < CHECKER_PAIRS; i++) {
        assert_timeline(&checker->pairs[i]);
        add_to_sum(&sums.records, checker->pairs[i].records, checker->pairs[i].record_count * sizeof checker->pairs[i].records[0]);
    }
    for (uint32_t i = 0; i < checker->connections; i++) {
        assert_history(checker->letters[i], checker->letter_count[i]);
        add_to_sum(&sums.letters, checker->letters[i], checker->letter_count[i] * sizeof checker->letters[i][0]);
    }
    add_to_sum(&sums.memory, checker->memory, checker->memory_used);
    return sums;
}

void
checker_assert_same(const struct checker_sums *one, const struct checker_sums *other)
{
    assert_true(one->records == other->records);
    assert_true(one->findings == other->findings);
    assert_true(one->letters == other->letters);
    assert_true(one->memory == other->memory);
}

struct checker_coverage
checker_coverage(void)
{
    struct checker_coverage coverage = {.findings = 0};
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
        if (tcpstate_finding_kinds[id].family == TCPSTATE_POINTS_FAMILY)
            continue; /* raised by the caller of the engine */
        coverage.all_findings++;
        coverage.findings += raised[id];
        if (!raised[id])
            print_error("not raised: %s\n", tcpstate_finding_kinds[id].name);
    }
    return coverage;
}
