/* What is shown of a segment: the record of its moment as a person sees it, on evidence or with delivery assumed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_VIEW_H
#define TCPSTATE_VIEW_H

#include "flow.h"

struct view_end {
    enum tcpstate_state state;
    enum tcpstate_state pending; /* the same as state where nothing is awaited */
    enum tcpstate_state left;    /* the state that this segment made it leave; the same as state where it left none */
    enum tcpstate_basis basis;
    guint32 since;     /* frame in which it came to its state; 0 where it was in it from the start */
    gint64 since_time; /* of that frame, nanoseconds since the epoch */
    gint64 time_spent; /* nanoseconds in the state that it left; -1 where it left none or its beginning was not seen */
};

struct view {
    guint32 connection;
    int client; /* index in end[] */
    gboolean to_itself;
    guint retry; /* 0 for none */
    struct view_end end[2];
    guint change_count;
    struct tcpstate_change change[TCPSTATE_CHANGES_MAX]; /* of this very segment; without events where delivery is assumed */
};

/* As the RFC's figures do: what is sent arrives, so an end is in the state that it would await. */
void view_set_assume_delivery(gboolean assume);
gboolean view_assumes_delivery(void);

/* The state of an end as it is shown from a record on. */
enum tcpstate_state view_state(const struct tcpstate_record *record, int end);

/* FALSE where nothing is known at that segment. */
gboolean view_at(const struct flow *flow, const struct tcpstate_segment *segment, struct view *view);

/* The same of the segment that a record of the flow is of, by its index. */
void view_record(const struct flow *flow, size_t index, struct view *view);

/* The record in which an end came to the state that is shown of it there; NULL where it was in it from the start. */
const struct tcpstate_record *view_entered(const struct flow *flow, const struct tcpstate_record *record, int end);

/* "client ESTABLISHED -> FIN_WAIT_1", in `scope`. */
char *view_transition_name(wmem_allocator_t *scope, const struct view *view, const struct tcpstate_change *change);

/* "ESTABLISHED [CLOSE_WAIT]", in `scope`: the state, and in brackets what it awaits. */
char *view_state_name(wmem_allocator_t *scope, const struct view_end *end);

/* "W syn_sent_stuck": severity and name, in `scope`. */
char *view_finding_name(wmem_allocator_t *scope, const struct tcpstate_finding *finding);

/* Whether the count of the retry says it already: that a SYN, SYN,ACK or FIN was sent again. */
gboolean view_retry_tells(const struct view *view, const struct tcpstate_finding *finding);

/* "client", "server", or "both ends" of a connection to itself. */
const char *view_end_name(const struct view *view, int end);

#endif /* TCPSTATE_VIEW_H */
