/* Raises the findings of the family `points`: they are known when the capture has been read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_REPORTS_H
#define TCPSTATE_REPORTS_H

#include "../wireshark/capture/flow.h"

/* Call it at the start of each capture. */
void reports_begin_capture(void);

/* Brings the findings about capture points up to date, if segments were read since. Call it before findings are shown on a later pass. */
void reports_update(void);

/* The frame of the last SYN, FIN or RST to the end up to a segment, if neither it nor any that was sent like it came to the point nearer to
 * the end: what is pending for the end is not pending. 0 for none. Call reports_update() before. */
guint32 reports_lost_frame(const struct flow *flow, const struct tcpstate_segment *segment, int end);

#endif /* TCPSTATE_REPORTS_H */
