/* The texts of a timeline's cells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_TIMELINE_TEXT_H
#define TCPSTATE_TIMELINE_TEXT_H

#include "../wireshark/show/view.h"
#include "table.h"

/* The sequence number relative to the ISN of the end, if the ISN is known and not `absolute`. A number that is nearer to the ISN from below
 * than to SND.NXT from above becomes negative. */
gint64 timeline_number(gboolean absolute, const struct flow_connection *conn, int end, guint32 number);

/* Appends "SYN", "FIN,ACK"; "ICMP error" for a quoted header, whose flags may not be quoted. */
void timeline_append_kind(GString *text, guint8 flags, gboolean is_quoted);

/* "SYN seq=0", "FIN,ACK seq=51 ack=102 len=10". Free it with g_free(). */
char *timeline_segment(gboolean absolute, const struct flow_connection *conn, const struct tcpstate_segment *seg, gboolean is_quoted);

/* "... 3 segments, 240 bytes ...". Free it with g_free(). */
char *timeline_skipped(guint segments, guint64 bytes);

/* "retry 2 after 3.1 s, W syn_sent_stuck". `gap`: the time before the retry, nanoseconds. Free it with g_free(). */
char *timeline_note(const struct flow *flow, const struct view *view, const struct tcpstate_segment *seg, gint64 gap);

/* Adds a cell with the state of an end: "ESTABLISHED [CLOSE_WAIT]". */
void timeline_add_state(struct table *table, const struct view_end *end);

#endif /* TCPSTATE_TIMELINE_TEXT_H */
