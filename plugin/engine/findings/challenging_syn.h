/* Findings about a SYN against a connection that is open or in TIME_WAIT.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_CHALLENGING_SYN_H
#define TCPSTATE_FINDINGS_CHALLENGING_SYN_H

#include "raise.h"

/* Reports a SYN that an end in TIME_WAIT may accept. For one that it should not accept, sets `too_soon` of the new connection. */
void report_reuse(struct reading *r);

/* Reports the outcome of a SYN against the connection before its own, once. `answer`: how the present segment decides it. */
void report_challenging_syn(struct reading *r, enum tcpstate_detail answer);

#endif /* TCPSTATE_FINDINGS_CHALLENGING_SYN_H */
