/* Findings about flags, options and ports that no stack sends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_FLAGS_H
#define TCPSTATE_FINDINGS_FLAGS_H

#include "../model/reading.h"

/* `flags`: the flags as sent. r->seg->flags has only those that a receiver regards. */
void report_header(struct reading *r, uint8_t flags);

#endif /* TCPSTATE_FINDINGS_FLAGS_H */
