/* The gaps between retries.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdbool.h>

#include <tcpstate/backoff.h>

#define SECOND INT64_C(1000000000)
#define LONGEST (120 * SECOND) /* Linux's TCP_RTO_MAX */

enum { LINEAR_RETRIES = 5 }; /* 1 s apart: tcp_syn_linear_timeouts is 4, and the first doubling comes after one more */

/* Linux's defaults: tcp_syn_retries; tcp_synack_retries; tcp_orphan_retries, whose 0 means 8, and a loss probe (RFC 8985 section 7) before.
 */
static const unsigned most_retries[] = {[TCPSTATE_RETRIED_SYN] = 6, [TCPSTATE_RETRIED_SYN_ACK] = 5, [TCPSTATE_RETRIED_FIN] = 9};

static bool
is_about(int64_t gap, int64_t expected)
{
    return gap > expected - expected / 4 && gap < expected + expected / 4;
}

static int64_t
doubled(int64_t gap)
{
    return gap > LONGEST / 2 ? LONGEST : 2 * gap;
}

/* The waits after a retry with that gap before it, the last of them in vain. */
static int64_t
doublings(int64_t gap, unsigned count)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < count; i++) {
        gap = doubled(gap);
        sum += gap;
    }
    return sum;
}

struct tcpstate_backoff
tcpstate_backoff(enum tcpstate_retried what, unsigned retries, int64_t gap_before, int64_t gap)
{
    unsigned most = most_retries[what];
    bool linear = what == TCPSTATE_RETRIED_SYN && gap_before > 0 && is_about(gap, SECOND) && is_about(gap_before, SECOND);
    bool after_probe = what == TCPSTATE_RETRIED_FIN && retries == 2 && is_about(gap, gap_before);
    bool longest = gap_before >= LONGEST / 2 && is_about(gap, LONGEST);
    struct tcpstate_backoff backoff = {.pattern = TCPSTATE_IRREGULAR};

    if (linear) {
        unsigned left = retries < LINEAR_RETRIES ? LINEAR_RETRIES - retries : 0;

        backoff.pattern = TCPSTATE_LINEAR;
        backoff.next = left > 0 ? gap : doubled(gap);
        backoff.give_up = (int64_t)left * gap + doublings(gap, most);
    } else if (gap_before > 0 && (is_about(gap, 2 * gap_before) || after_probe || longest)) {
        backoff.pattern = TCPSTATE_DOUBLING;
        backoff.next = retries < most ? doubled(gap) : 0;
        backoff.give_up = doublings(gap, retries < most ? most - retries + 1 : 1);
    }
    return backoff;
}
