/* Calls the engine (plugin/engine), and stores what a segment did in its flow: records, findings and letters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_ENGINE_H
#define TCPSTATE_ENGINE_H

#include "flow.h"

/* Call it whenever Wireshark begins to read a capture, also the same one again. The arguments come from the preferences: see struct
 * tcpstate_observer. */
void engine_reset(gint64 two_msl, const struct tcpstate_limits *limits, guint8 muted);

/* How long TIME_WAIT lasts in this capture, in nanoseconds. 0 means that it never ends. */
gint64 engine_two_msl(void);

/* Whether any segment that was read so far has a finding. */
gboolean engine_has_findings(void);

/* Another part has added findings to a flow. */
void engine_note_findings(void);

/* Whether findings of this family are not reported. */
gboolean engine_is_muted(enum tcpstate_family family);

/* Call it before the first segment of a frame. */
void engine_begin_frame(void);

/* Call one of them once for each segment, in the order of the capture. engine_observe_bad_checksum() is for a segment that its receiver
 * drops, engine_observe_icmp() for a header that an ICMP error quotes. They return the connection that the segment belongs to, or NULL.
 * `place`: see place.h. */
const struct tcpstate_connection *engine_observe(struct flow *flow, guint16 place, const struct tcpstate_segment *segment);
const struct tcpstate_connection *engine_observe_bad_checksum(struct flow *flow, const struct tcpstate_segment *segment);
const struct tcpstate_connection *engine_observe_icmp(struct flow *flow, const struct tcpstate_segment *quoted,
                                                      const struct tcpstate_icmp *icmp);

/* Hides what the current frame, number `frame`, added: a read filter has dropped this frame, and the next frame has the same number. Its
 * effect on the states stays. */
void engine_hide_frame(guint32 frame);

#endif /* TCPSTATE_ENGINE_H */
