/* Parses rows of text, gives their segments to the engine, and compares states and findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static struct tcpstate_connection *
new_connection(void *owner, size_t size, uint32_t *number)
{
    struct bench *bench = owner;
    struct tcpstate_connection *connection = &bench->connections[bench->connection_count];

    assert_true(bench->connection_count < sizeof bench->connections / sizeof bench->connections[0]);
    assert_int_equal(size, sizeof *connection);
    *number = bench->connection_count++;
    return memset(connection, 0, size);
}

static void *
new_memory(void *owner, size_t size)
{
    struct bench *bench = owner;
    uint64_t *memory = &bench->memory[bench->memory_used];

    if (size == sizeof bench->history)
        return &bench->history; /* zeroed with the bench */
    bench->memory_used += (size + sizeof *memory - 1) / sizeof *memory;
    assert_true(bench->memory_used <= sizeof bench->memory / sizeof bench->memory[0]);
    return memset(memory, 0, size);
}

void
bench_start(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->observer.new_connection = new_connection;
    bench->observer.new_memory = new_memory;
    bench->observer.owner = bench;
    bench->observer.limits = (struct tcpstate_limits){.half_closed = INT64_C(60000000000),
                                                      .zero_window = INT64_C(30000000000),
                                                      .idle = INT64_C(300000000000),
                                                      .stuck = 2,
                                                      .resent = 3,
                                                      .challenges = 5};
    bench->observer.two_msl = INT64_C(60000000000);
    bench->segment.time = INT64_C(1000000000000);
}

static uint8_t
parse_flags(const char *text)
{
    static const struct {
        const char *name;
        uint8_t flag;
    } names[] = {{"SYN", TCPSTATE_SYN},
                 {"ACK", TCPSTATE_ACK},
                 {"FIN", TCPSTATE_FIN},
                 {"RST", TCPSTATE_RST},
                 {"PSH", TCPSTATE_PSH},
                 {"URG", TCPSTATE_URG},
                 {"-", 0}};
    const size_t count = sizeof names / sizeof names[0];
    char copy[32], *word;
    uint8_t flags = 0;

    snprintf(copy, sizeof copy, "%s", text);
    for (word = strtok(copy, ","); word != NULL; word = strtok(NULL, ",")) {
        size_t i = 0;

        while (i < count && strcmp(names[i].name, word) != 0)
            i++;
        assert_true(i < count);
        flags |= names[i].flag;
    }
    return flags;
}

static void
parse_word(struct tcpstate_segment *seg, const char *word, uint32_t shift)
{
    char name[16];
    unsigned long value;

    assert_int_equal(sscanf(word, "%15[a-z]=%lu", name, &value), 2);
    if (strcmp(name, "data") == 0)
        seg->payload = (uint32_t)value;
    else if (strcmp(name, "id") == 0)
        seg->ip_id = (int32_t)value;
    else if (strcmp(name, "ttl") == 0)
        seg->ttl = (uint8_t)value;
    else if (strcmp(name, "net") == 0)
        seg->network = (uint64_t)value;
    else if (strcmp(name, "win") == 0)
        seg->window = (uint16_t)value;
    else if (strcmp(name, "frag") == 0)
        seg->length_known = value == 0;
    else if (strcmp(name, "scale") == 0) {
        seg->options.present |= TCPSTATE_OPTION_WINDOW_SCALE;
        seg->options.window_scale = (uint8_t)value;
    } else if (strcmp(name, "sack") == 0) {
        seg->options.present |= TCPSTATE_OPTION_SACK;
        seg->options.sack_edge = (uint32_t)value + shift;
    } else if (strcmp(name, "ts") == 0) {
        seg->options.present |= TCPSTATE_OPTION_TIMESTAMPS;
        seg->options.tsval = (uint32_t)value;
    } else if (strcmp(name, "ecr") == 0)
        seg->options.tsecr = (uint32_t)value;
    else if (strcmp(name, "tfo") == 0)
        seg->options.present |= TCPSTATE_OPTION_FAST_OPEN;
    else
        fail_msg("no such word: %s", word);
}

void
bench_read(struct bench *bench, const char *text, uint32_t shift)
{
    struct tcpstate_segment seg = {.frame = bench->segment.frame + 1,
                                   .time = bench->segment.time + 10000000,
                                   .ip_id = (int32_t)bench->segment.frame + 1,
                                   .length_known = true,
                                   .window = 1000};
    char copy[160], *word;

    snprintf(copy, sizeof copy, "%s", text);
    word = strtok(copy, " ");
    if (*word == '+') {
        seg.time = bench->segment.time + (int64_t)(strtod(word + 1, NULL) * 1e9);
        word = strtok(NULL, " ");
    }
    seg.from = *word == '<';
    seg.to_itself = *word == '=';
    seg.src_port = seg.from ? 80 : 40000;
    seg.dst_port = seg.from || seg.to_itself ? 40000 : 80;
    word = strtok(NULL, " ");
    char flags[32];
    snprintf(flags, sizeof flags, "%s", word);
    seg.seq = (uint32_t)strtoul(strtok(NULL, " "), NULL, 10) + shift;
    word = strtok(NULL, " ");
    if (word != NULL && strchr(word, '=') == NULL) {
        seg.ack = (uint32_t)strtoul(word, NULL, 10) + shift;
        word = strtok(NULL, " ");
    }
    for (; word != NULL; word = strtok(NULL, " "))
        parse_word(&seg, word, shift);
    seg.flags = parse_flags(flags);
    bench->segment = seg;
    tcpstate_observe(&bench->observer, &bench->pair, &seg, &bench->outcome);
}

static void
assert_end(const struct bench *bench, int end, const char *expected, const char *segment)
{
    const struct tcpstate_connection *c = bench->outcome.connection;
    int shown = c->to_itself ? 0 : end;
    enum tcpstate_state state = (enum tcpstate_state)c->peer[shown].state, pending = tcpstate_pending(c, shown);
    char got[64];

    if (pending == state)
        snprintf(got, sizeof got, "%s", tcpstate_state_name(state));
    else
        snprintf(got, sizeof got, "%s [%s]", tcpstate_state_name(state), tcpstate_state_name(pending));
    if (strcmp(got, expected) != 0)
        fail_msg("after \"%s\" peer %c is %s, expected %s", segment, end == 0 ? 'A' : 'B', got, expected);
}

static void
assert_findings(const struct bench *bench, const struct row *row)
{
    char got[512] = "";

    for (unsigned i = 0; i < bench->outcome.finding_count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i > 0 ? " " : "",
                 tcpstate_finding_kinds[bench->outcome.finding[i].id].name);
    if (row->findings != NULL && strcmp(got, row->findings) != 0)
        fail_msg("\"%s\" raises \"%s\", expected \"%s\"", row->segment, got, row->findings);
}

void
bench_assert_rows(struct bench *bench, const struct row *rows, size_t count, uint32_t shift)
{
    for (size_t i = 0; i < count; i++) {
        bench_read(bench, rows[i].segment, shift);
        assert_end(bench, 0, rows[i].a, rows[i].segment);
        assert_end(bench, 1, rows[i].b, rows[i].segment);
        assert_findings(bench, &rows[i]);
    }
}

void
assert_rows(const struct row *rows, size_t count)
{
    static const uint32_t shifts[] = {0,
                                      UINT32_C(0) - 50,
                                      UINT32_C(0) - 100,
                                      UINT32_C(0) - 101,
                                      UINT32_C(0) - 102,
                                      UINT32_C(0) - 300,
                                      UINT32_C(0) - 301,
                                      UINT32_C(0) - 302,
                                      UINT32_C(0x7fffffff) - 101,
                                      UINT32_C(0x80000000) - 301};

    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        struct bench bench;

        bench_start(&bench);
        bench_assert_rows(&bench, rows, count, shifts[i]);
    }
}
