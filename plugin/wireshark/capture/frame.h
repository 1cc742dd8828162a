/* The TCP headers of the frame that is being dissected. The engine reads each new one; the post-dissector gets all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FRAME_H
#define TCPSTATE_FRAME_H

#include "flow.h"
#include "header.h"

/* A TCP header that was read. It has no pointers into the dissection, so it stays valid after the dissection is freed. */
struct frame_segment {
    struct tcpstate_segment segment;
    struct flow *flow;
    guint16 place;                                /* see place.h */
    const struct tcpstate_connection *connection; /* of this segment, if the engine read it in this dissection; else NULL */
    const char *not_counted;                      /* why the segment does not count for its connection; NULL if it counts */
    gboolean is_quoted;                           /* quoted by an ICMP error, so it is not a segment */
    guint captured;                               /* captured bytes of the header and its data */
};

/* Call the first once, and the second at the start of each capture. `check_checksum`: segments with a bad checksum do not count. */
void frame_register(int proto);
void frame_begin_capture(gboolean check_checksum);

/* Whether the results of this frame are used: by its tree, a tap, or expert information. */
gboolean frame_is_shown(const packet_info *pinfo, const proto_tree *tree);

/* Whether the headers of the frame are needed: on the first pass always, later if its results are used. */
static inline gboolean
frame_is_wanted(const packet_info *pinfo, const proto_tree *tree)
{
    return !pinfo->fd->visited || frame_is_shown(pinfo, tree);
}

/* Call it before the first header of a frame. Drops the headers of the frame before it. */
void frame_begin(void);

/* Adds a header to the frame. Call it before the TCP dissector gets the header. */
void frame_add_header(const struct raw_header *raw);

/* The headers of this frame, outermost first: returns how many there are, and sets *first to the first one. A second call returns 0. */
guint frame_segments(const packet_info *pinfo, const struct frame_segment **first);

/* Whether a segment of this frame may be in a conversation that its connection was not in before: the flow has changed to another
 * connection, or several flows have the same ends. Also TRUE if this was not asked for an earlier frame. */
gboolean frame_may_change_stream(void);

/* The number of the last frame that the engine has read; 0 for none. The records of all flows cover the frames up to it. */
guint32 frame_last(void);

/* Whether a frame that a read filter has dropped had the same number: then the number does not tell which of them is meant. */
gboolean frame_number_is_shared(guint32 number);

#endif /* TCPSTATE_FRAME_H */
