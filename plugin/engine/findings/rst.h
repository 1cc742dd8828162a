/* Findings about a RST. Call these functions before the RST changes anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_RST_H
#define TCPSTATE_FINDINGS_RST_H

#include "../model/reading.h"

/* A RST that its target accepts: what it ends. */
void report_rst(struct reading *r);

/* A RST that its target does not accept. Where the capture may have missed segments that make it acceptable, this is a doubt. */
void report_unacceptable_rst(struct reading *r);

/* A RST from SYN_SENT that rejects an ACK of an older connection. */
void report_rejected(struct reading *r);

/* The text that a RST carries. */
void report_rst_text(struct reading *r);

/* A RST that refuses a SYN. */
void report_refused(struct reading *r);

#endif /* TCPSTATE_FINDINGS_RST_H */
