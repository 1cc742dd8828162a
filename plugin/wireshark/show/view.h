/* What is shown of a segment: the states of both ends after it, and what it changed. The states follow the evidence, or assume delivery.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_VIEW_H
#define TCPSTATE_VIEW_H

#include "../capture/flow.h"

struct view_end {
    enum tcpstate_state state;
    enum tcpstate_state pending;  /* state that the end awaits; equal to `state` if it awaits none */
    enum tcpstate_state previous; /* state that this segment made the end leave; equal to `state` if it left none */
    enum tcpstate_basis basis;
    guint32 since;     /* frame in which the end entered its state; 0 if it was in that state before the connection's first frame */
    gint64 since_time; /* time of that frame, nanoseconds since the epoch */
    gint64 time_spent; /* nanoseconds in the previous state; -1 if none was left or its beginning was not captured */
};

struct view {
    guint32 connection;
    int client; /* index in end[] */
    gboolean to_itself;
    guint retry; /* number of the retry; 0 if it is none */
    struct view_end end[2];
    guint change_count;
    struct tcpstate_change change[TCPSTATE_CHANGES_MAX]; /* made by this segment; without events if delivery is assumed */
};

/* Whether every segment is assumed to arrive, as in the figures of RFC 9293: then an end is in the state that it would await. */
void view_set_assume_delivery(gboolean assume);
gboolean view_assumes_delivery(void);

/* The state of an end that is shown after a record. */
enum tcpstate_state view_state(const struct tcpstate_record *record, int end);

/* Fills the view of a segment. FALSE if its flow has no record up to it. */
gboolean view_at(const struct flow *flow, const struct tcpstate_segment *segment, struct view *view);

/* Fills the view of the segment that the record at `index` of the flow belongs to. */
void view_record(const struct flow *flow, size_t index, struct view *view);

/* The record in which the end entered the state that `record` shows; NULL if it was in that state before the connection's first frame. */
const struct tcpstate_record *view_entered(const struct flow *flow, const struct tcpstate_record *record, int end);

/* "client ESTABLISHED -> FIN_WAIT_1", allocated in `scope`. */
char *view_transition_name(wmem_allocator_t *scope, const struct view *view, const struct tcpstate_change *change);

/* "ESTABLISHED [CLOSE_WAIT]", allocated in `scope`: the state, and in brackets the awaited state. */
char *view_state_name(wmem_allocator_t *scope, const struct view_end *end);

/* "W syn_sent_stuck", allocated in `scope`: severity and name. */
char *view_finding_name(wmem_allocator_t *scope, const struct tcpstate_finding *finding);

/* Whether the finding only reports a retransmitted SYN, SYN,ACK or FIN, which view->retry shows already. */
gboolean view_is_retry_finding(const struct view *view, const struct tcpstate_finding *finding);

/* "client", "server", or "both ends" if the connection is to itself. */
const char *view_end_name(const struct view *view, int end);

#endif /* TCPSTATE_VIEW_H */
