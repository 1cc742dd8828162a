/* Keeps the gaps in the order of their numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gaps.h"

#include <string.h>

#include <tcpstate/seq.h>

static void
remove_gaps(struct tcpstate_gaps *gaps, unsigned at, unsigned count)
{
    memmove(&gaps->gap[at], &gaps->gap[at + count], (gaps->count - at - count) * sizeof gaps->gap[0]);
    gaps->count = (uint8_t)(gaps->count - count);
}

void
gaps_give_up(struct tcpstate_gaps *gaps, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        gaps->missed += gaps->gap[i].end - gaps->gap[i].seq;
    remove_gaps(gaps, 0, count);
}

void
gaps_open(struct tcpstate_gaps *gaps, uint32_t seq, uint32_t end)
{
    if (gaps->count == TCPSTATE_GAPS_MAX)
        gaps_give_up(gaps, 1);
    gaps->gap[gaps->count++] = (struct tcpstate_gap){.seq = seq, .end = end};
}

/* Takes the numbers out of the gap at `at`, which may leave a part of it, two parts, or nothing. Returns by how many places the gaps after
 * it have moved. */
static int
cut(struct tcpstate_gaps *gaps, unsigned at, uint32_t seq, uint32_t end)
{
    struct tcpstate_gap whole = gaps->gap[at];

    if (seq == whole.seq && end == whole.end) {
        remove_gaps(gaps, at, 1);
        return -1;
    }
    if (seq == whole.seq) {
        gaps->gap[at].seq = end;
        return 0;
    }
    gaps->gap[at].end = seq;
    if (end == whole.end)
        return 0;
    if (gaps->count == TCPSTATE_GAPS_MAX) { /* no room for the second part: it counts as missed */
        gaps->missed += whole.end - end;
        return 0;
    }
    memmove(&gaps->gap[at + 2], &gaps->gap[at + 1], (gaps->count - at - 1) * sizeof gaps->gap[0]);
    gaps->gap[at + 1] = (struct tcpstate_gap){.seq = end, .end = whole.end};
    gaps->count++;
    return 1;
}

uint32_t
gaps_fill(struct tcpstate_gaps *gaps, uint32_t seq, uint32_t end)
{
    uint32_t filled = 0;

    for (int i = 0; i < gaps->count; i++) {
        const struct tcpstate_gap *gap = &gaps->gap[i];
        uint32_t from = seq_gt(seq, gap->seq) ? seq : gap->seq, to = seq_lt(end, gap->end) ? end : gap->end;

        if (!seq_lt(from, to))
            continue;
        filled += to - from;
        i += cut(gaps, (unsigned)i, from, to);
    }
    return filled;
}

uint32_t
gaps_left(const struct tcpstate_gaps *gaps)
{
    uint32_t left = 0;

    for (unsigned i = 0; i < gaps->count; i++)
        left += gaps->gap[i].end - gaps->gap[i].seq;
    return left;
}
