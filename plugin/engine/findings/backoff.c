/* The gaps between retries of known stacks with default settings: Linux, lwIP and libslirp as measured until they gave up, the others as
 * told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "backoff.h"

#include <stddef.h>

#define MS INT64_C(1000000)                 /* a millisecond, in nanoseconds */
#define LONGEST_GAP (INT64_C(3600000) * MS) /* an hour: no stack waits so long; a clock has jumped */

enum {
    SYN = 1u << TCPSTATE_RETRYING_SYN,
    SYN_ACK = 1u << TCPSTATE_RETRYING_SYN_ACK,
    FIN = 1u << TCPSTATE_RETRYING_FIN,
    LAST_FIN = 1u << TCPSTATE_RETRYING_LAST_FIN,
    FINS = FIN | LAST_FIN,
};

/* A line for each stack and segment, with default settings. The first `equal` gaps are the same, each later one is twice the one before, up
 * to `longest`. The first gap of a FIN depends on the round-trip time: it is between `first` and `first_most`. After `most` retries the
 * stack waits for `last`, or with 0 as long as the next gap would be, and gives up. Times are milliseconds. */
static const struct line {
    const char *stack;
    unsigned what; /* a set of enum tcpstate_retrying */
    unsigned equal, most;
    int64_t first, first_most, longest, last;
} lines[] = {
    {"Linux", SYN, 1, 6, 1000, 1000, 120000, 0},
    {"Linux", SYN, 5, 10, 1000, 1000, 120000, 0}, /* since 6.5: net.ipv4.tcp_syn_linear_timeouts */
    {"netstack", SYN, 1, 6, 1000, 1000, 120000, 0},
    {"lwIP", SYN, 6, 6, 3000, 3000, 3000, 1000},
    {"slirp", SYN, 1, 6, 6000, 6000, 12000, 9000},
    {"Windows", SYN, 1, 2, 3000, 3000, 120000, 0},
    {"Linux", SYN_ACK, 1, 5, 1000, 1000, 120000, 0},
    {"netstack", SYN_ACK, 1, 6, 1000, 1000, 120000, 0},
    {"lwIP", SYN_ACK, 1, 2, 3000, 3000, 120000, 11000},
    {"slirp", SYN_ACK, 1, 6, 6000, 6000, 12000, 9000},
    {"Linux", FINS, 2, 9, 200, 2500, 120000, 0}, /* tcp_orphan_retries 0 means 8, after a tail loss probe (RFC 8985) */
    {"netstack", FINS, 1, 15, 1000, 1000, 120000, 0},
    {"lwIP", FIN, 1, 12, 1000, 6000, 384000, 1000},
    {"slirp", FINS, 1, 47, 1000, 1500, 12000, 0},
    {"lwIP", LAST_FIN, 1, 5, 3000, 3000, 384000, 27000},
};

/* Whether a gap differs from the expected one by less than 25 %: timers have jitter, and the network adds delay. */
static bool
is_about(int64_t gap, int64_t expected)
{
    return gap > expected - expected / 4 && gap < expected + expected / 4;
}

/* The gap before retry `retry`, from 1, where the first gap is `first`; nanoseconds. */
static int64_t
expected_gap(const struct line *line, int64_t first, unsigned retry)
{
    int64_t gap = first, longest = line->longest * MS;

    for (unsigned i = line->equal; i < retry && gap < longest; i++)
        gap *= 2;
    return gap < longest ? gap : longest;
}

/* Whether the gap has the longest value, after enough retries to reach it. Then the first gap does not matter any more. */
static bool
is_longest(const struct line *line, unsigned retries, int64_t gap)
{
    return is_about(gap, line->longest * MS) && expected_gap(line, line->first_most * MS, retries) == line->longest * MS;
}

/* The first gap, nanoseconds, from the one before this retry. */
static int64_t
first_gap(const struct line *line, unsigned retries, int64_t gap)
{
    if (line->first == line->first_most)
        return line->first * MS;
    if (is_longest(line, retries, gap))
        return gap;
    return retries <= line->equal ? gap : retries - line->equal < 32 ? gap >> (retries - line->equal) : 0;
}

/* Whether the gaps may be those of the line. Without a tail loss probe, a FIN's gaps double from the first on. */
static bool
fits(const struct line *line, unsigned retries, int64_t gap_before, int64_t gap, int64_t first)
{
    bool longest = is_longest(line, retries, gap);
    bool varies = line->first != line->first_most;

    if (varies && !longest && (first < line->first * MS * 3 / 4 || first > line->first_most * MS))
        return false;
    if (longest && gap_before >= line->longest * MS / 2)
        return true;
    if (varies && is_about(gap, 2 * gap_before) && gap <= line->longest * MS * 5 / 4)
        return true;
    return is_about(gap, expected_gap(line, first, retries)) && is_about(gap_before, expected_gap(line, first, retries - 1));
}

static void
add_stack(struct tcpstate_backoff *backoff, const struct line *line, unsigned retries, int64_t first)
{
    int64_t give_up = line->last > 0 ? line->last * MS : expected_gap(line, first, line->most + 1);
    int64_t next = retries < line->most ? expected_gap(line, first, retries + 1) : 0;

    for (unsigned retry = retries + 1; retry <= line->most; retry++)
        give_up += expected_gap(line, first, retry);
    if (next > 0 && (backoff->next == 0 || next < backoff->next))
        backoff->next = next;
    if (backoff->stack == NULL || give_up < backoff->soonest)
        backoff->soonest = give_up;
    if (give_up > backoff->latest)
        backoff->latest = give_up;
    backoff->several = backoff->stack != NULL;
    backoff->stack = line->stack;
}

struct tcpstate_backoff
tcpstate_backoff(enum tcpstate_retrying what, unsigned retries, int64_t gap_before, int64_t gap)
{
    struct tcpstate_backoff backoff = {.stack = NULL};

    if (gap_before <= 0 || gap > LONGEST_GAP || gap_before > LONGEST_GAP)
        return backoff;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        int64_t first = first_gap(&lines[i], retries, gap);

        if ((lines[i].what >> what & 1) == 0 || !fits(&lines[i], retries, gap_before, gap, first))
            continue;
        if (retries <= lines[i].most)
            add_stack(&backoff, &lines[i], retries, first);
        else
            backoff.beyond = true;
    }
    return backoff;
}
