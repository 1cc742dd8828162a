/* The fast path for segments with the next data or the next ACK.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_EXPECTED_H
#define TCPSTATE_SEGMENT_EXPECTED_H

#include "../model/reading.h"

/* Whether the segment only advances sequence numbers and windows: no state, letter or record changes. */
bool is_expected(const struct reading *r);

#endif /* TCPSTATE_SEGMENT_EXPECTED_H */
