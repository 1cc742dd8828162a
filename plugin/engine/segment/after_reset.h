/* Segments after a RST, which may show that it did not end the connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEGMENT_AFTER_RESET_H
#define TCPSTATE_SEGMENT_AFTER_RESET_H

#include "../model/reading.h"

/* For a segment from an end that a RST has closed: the RST was lost, forged, or crossed the segment. Gives the end back the state from
 * before the RST, where the segment shows this. */
void take_back_rst(struct reading *r);

/* For a segment from an end that has its state back: reports that the RST was ignored, if the segment is too late to have crossed it. */
void report_rst_if_ignored(struct reading *r);

#endif /* TCPSTATE_SEGMENT_AFTER_RESET_H */
