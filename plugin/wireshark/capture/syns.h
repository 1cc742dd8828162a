/* The SYNs of all connections, to recognize them at another capture point: by the ISN, or by what a device leaves as it is that changes the
 * ISN or the addresses. They are kept only where the capture may have several points.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SYNS_H
#define TCPSTATE_SYNS_H

#include <tcpstate/segment.h>

#include "flow.h"

/* A SYN of a connection. */
struct syn {
    const struct syn *next; /* of the same ISN or mark */
    const struct flow *flow;
    guint32 number, isn, tsval; /* number: of the connection; tsval: 0 for none */
    gint32 ip_id;               /* at most 0 for none */
    guint16 place;              /* where it was seen: see place.h */
    gboolean is_inferred;       /* only its SYN,ACK was seen */
};

/* Call it at the start of each capture. */
void syns_begin_capture(void);

/* Adds a SYN, or a SYN,ACK whose SYN is not known. `number`: of its connection. */
void syns_add(const struct flow *flow, guint32 number, guint16 place, const struct tcpstate_segment *segment);

/* The SYNs with the ISN that the segment has, or acknowledges: the first one, or NULL. The further ones follow in `next`. */
const struct syn *syns_with_isn(const struct tcpstate_segment *segment);

/* The SYNs that may be this one, if a device has changed the ISN or the addresses. */
const struct syn *syns_with_mark(const struct tcpstate_segment *segment);

/* Whether the SYN has the same timestamp and IP identification, and at least one of them. */
gboolean syn_has_same_mark(const struct syn *syn, const struct tcpstate_segment *segment);

/* The same, or neither has any of them. */
gboolean syn_may_be(const struct syn *syn, const struct tcpstate_segment *segment);

/* Another place than `here` where the flow had this SYN; -1 for none. */
int syns_other_place(const struct flow *flow, guint16 here, const struct tcpstate_segment *segment);

/* A SYN without ACK. */
static inline gboolean
is_bare_syn(const struct tcpstate_segment *segment)
{
    return (segment->flags & (TCPSTATE_SYN | TCPSTATE_ACK | TCPSTATE_RST)) == TCPSTATE_SYN;
}

#endif /* TCPSTATE_SYNS_H */
