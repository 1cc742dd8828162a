/* How stacks wait between retries (RFC 6298 section 5.5): whose gaps the measured ones are, and when those stacks give up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_BACKOFF_H
#define TCPSTATE_FINDINGS_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* What is sent again. Some stacks wait less for the ACK of a FIN in LAST_ACK. */
enum tcpstate_retrying {
    TCPSTATE_RETRYING_NOTHING,
    TCPSTATE_RETRYING_SYN,
    TCPSTATE_RETRYING_SYN_ACK,
    TCPSTATE_RETRYING_FIN,
    TCPSTATE_RETRYING_LAST_FIN,
};

struct tcpstate_backoff {
    const char *stack;       /* a stack whose gaps these are, with default settings; NULL for none */
    bool several;            /* other stacks have the same gaps */
    bool beyond;             /* the gaps are those of known stacks, but none of them retries so often */
    int64_t next;            /* nanoseconds from this retry to the next, the soonest; 0 where it is the last */
    int64_t soonest, latest; /* nanoseconds from this retry until the stacks give up */
};

/* The stacks whose gaps these are. `retries`: the number of this retry, from 1. `gap`: the time before this retry; `gap_before`: the time
 * before the last one; nanoseconds, 0 for none: then no stack fits. */
struct tcpstate_backoff tcpstate_backoff(enum tcpstate_retrying what, unsigned retries, int64_t gap_before, int64_t gap);

#endif /* TCPSTATE_FINDINGS_BACKOFF_H */
