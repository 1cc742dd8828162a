/* Links flows and connections with Wireshark's TCP conversations. Each conversation has the flow of its addresses and ports as conversation
 * data. Each connection has the tcp.stream numbers of the conversations that its segments are in.
 *
 * A connection and a conversation do not begin and end together: Wireshark creates a conversation at every SYN with a new sequence number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CONVERSATION_H
#define TCPSTATE_CONVERSATION_H

#include "../api/compat.h"

#include <epan/conversation.h>

#include "frame.h"

/* Call the first once, with our protocol, and the second at the start of each capture. */
void conversation_register(int proto);
void conversation_begin_capture(void);

/* Call it with the segments of each frame on the first pass, after the TCP dissector. */
void conversation_link(const packet_info *pinfo, const struct frame_segment *segments, guint count);

/* The flow that is stored in the conversation, or NULL. */
struct flow *conversation_flow(conversation_t *conversation);

/* Sets *stream to the tcp.stream number at `index` (from 0) of a connection. The numbers are in the order of the capture. FALSE after the
 * last one. */
gboolean conversation_stream(const struct flow_connection *conn, guint index, guint32 *stream);

/* The tcp.stream numbers of a connection as text: "0", "0,3", or "-" for none. Allocated in `scope`. */
char *conversation_streams_text(wmem_allocator_t *scope, const struct flow_connection *conn);

#endif /* TCPSTATE_CONVERSATION_H */
