/* Sightings: each capture of a segment, kept so that those of several capture points can be compared. They are kept only where the capture
 * may have several points: 96 bytes for each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SIGHTINGS_H
#define TCPSTATE_SIGHTINGS_H

#include "flow.h"
#include "header.h"

/* What became of a segment on its way from one point to the next one. */
enum fate {
    FATE_UNKNOWN,
    FATE_BOTH,     /* both points saw it */
    FATE_CHANGED,  /* both saw it, and it was changed between them */
    FATE_COPIED,   /* it was sent once, and arrived before */
    FATE_INJECTED, /* only the point nearer to its receiver saw it: it came from between */
    FATE_LOST,     /* only the point nearer to its sender saw it */
};

/* A captured segment. What a capture did not have is 0. */
struct sighting {
    gint64 time;           /* nanoseconds since the epoch, by the clock of the point */
    struct sighting *up;   /* of the same segment at the point before, on its way to the receiver; NULL for none. Set by plugin/points. */
    struct sighting *down; /* the same at the point after */
    const struct flow *flow;
    guint32 frame, connection;
    guint32 seq, ack, payload, tsval, tsecr;
    guint32 digest;  /* of the data; 0 where not all of it was captured */
    guint32 control; /* the last sighting of the flow before this one that has a SYN, FIN or RST: its index plus 1; 0 for none */
    guint32 kinds;   /* a bit for each kind of option up to 31 */
    guint16 window, mss, ip_id;
    guint16 place;   /* see place.h */
    guint16 changes; /* see points/changes.h; set by plugin/points */
    guint8 flags, layer, ttl;
    guint8 dscp;
    guint8 from : 1;
    guint8 is_partial : 1; /* only what the engine keeps is known: no window, options, data and DSCP */
    guint8 is_unsure : 1;  /* it cannot be told whether it is the one that arrived; set by plugin/points */
    guint8 is_copy : 1;    /* the capture has copied it; set by plugin/points */
    guint8 fate : 3;       /* enum fate; set by plugin/points */
};

/* Call the first at the start of each capture, and the second for each segment that the engine has read. */
void sightings_begin_capture(void);
void sightings_add(struct flow *flow, const struct tcpstate_connection *connection, const struct raw_header *raw,
                   const struct tcpstate_segment *segment);

/* The times of the first and the last segment of a place, by its own clock; begin > end if it has none. */
struct span {
    gint64 begin, end; /* nanoseconds since the epoch */
};
struct span sightings_span(guint16 place);

/* The sightings of a flow in the order of the capture; their number goes to *count. */
struct sighting *const *sightings_of(const struct flow *flow, guint *count);

/* Whether all of them are of the place where the flow began. */
gboolean sightings_are_at_one_place(const struct flow *flow);

/* Whether it has a SYN, FIN or RST. And the last one that has, before a sighting of the flow; NULL for none. */
gboolean sighting_is_control(const struct sighting *sighting);
const struct sighting *sighting_control_before(const struct sighting *sighting);

/* The sighting of a segment, or NULL. */
struct sighting *sightings_find(const struct flow *flow, const struct tcpstate_segment *segment);

/* Calls `use` for each flow that has sightings, in the order of the first ones. */
void sightings_for_each_flow(void (*use)(struct flow *flow, void *data), void *data);

/* How many there are in all. */
guint sightings_count(void);

#endif /* TCPSTATE_SIGHTINGS_H */
