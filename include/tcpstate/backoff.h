/* How stacks wait between retries (RFC 6298 section 5.5), and what the gaps measured tell of the next ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_BACKOFF_H
#define TCPSTATE_BACKOFF_H

#include <stdint.h>

enum tcpstate_retried { TCPSTATE_RETRIED_NOTHING, TCPSTATE_RETRIED_SYN, TCPSTATE_RETRIED_SYN_ACK, TCPSTATE_RETRIED_FIN };

enum tcpstate_pattern {
    TCPSTATE_IRREGULAR, /* no stack's, or not yet */
    TCPSTATE_DOUBLING,
    TCPSTATE_LINEAR, /* the first retries of a SYN on Linux 6.5 and later: net.ipv4.tcp_syn_linear_timeouts */
};

struct tcpstate_backoff {
    enum tcpstate_pattern pattern;
    int64_t next;    /* nanoseconds from this retry to the next; 0 where the pattern does not tell, or there is none */
    int64_t give_up; /* nanoseconds from this retry until a Linux with its defaults gives up; 0 where the pattern does not tell */
};

/* `retries` is the number of this one, from 1; the gaps before it and before the one before it in nanoseconds, 0 for none. */
struct tcpstate_backoff tcpstate_backoff(enum tcpstate_retried what, unsigned retries, int64_t gap_before, int64_t gap);

#endif /* TCPSTATE_BACKOFF_H */
