/* Findings about data beyond a FIN, a FIN at another number, and an ACK beyond a FIN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_AFTER_FIN_H
#define TCPSTATE_FINDINGS_AFTER_FIN_H

#include "../model/reading.h"

/* Call it before the segment changes its sender's numbers. */
void report_beyond_fin(struct reading *r);

#endif /* TCPSTATE_FINDINGS_AFTER_FIN_H */
