/* Looks up the conversation of a segment only if the stream of its connection may have changed, because a look-up takes longer than all
 * other work here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "conversation.h"

#include <epan/dissectors/packet-tcp.h>

static int proto_tcpstate = -1, proto_tcp = -1;
static guint32 stream_count; /* of the TCP dissector, at the last call of conversation_link() */

/* Most connections have one stream: flow_connection.stream is its number plus 1, or 0 for none. This table has the further streams: the
 * number of the connection -> a GArray of guint32. */
static GHashTable *further_streams;

static void
free_array(gpointer array)
{
    g_array_free((GArray *)array, TRUE);
}

void
conversation_register(int proto)
{
    proto_tcpstate = proto;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    further_streams = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_array);
}

void
conversation_begin_capture(void)
{
    stream_count = 0;
    g_hash_table_remove_all(further_streams);
}

static GArray *
further_streams_of(const struct flow_connection *conn)
{
    return (GArray *)g_hash_table_lookup(further_streams, GUINT_TO_POINTER(tcpstate_number(flow_engine_connection(conn))));
}

gboolean
conversation_stream(const struct flow_connection *conn, guint index, guint32 *stream)
{
    const GArray *more = index > 0 ? further_streams_of(conn) : NULL;

    if (index == 0 ? conn->stream == 0 : more == NULL || index > more->len)
        return FALSE;
    *stream = index == 0 ? conn->stream - 1 : g_array_index(more, guint32, index - 1);
    return TRUE;
}

char *
conversation_streams_text(wmem_allocator_t *scope, const struct flow_connection *conn)
{
    char *text = NULL;
    guint32 stream;

    for (guint i = 0; conversation_stream(conn, i, &stream); i++) {
        char *before = text;

        text = before == NULL ? wmem_strdup_printf(scope, "%u", stream) : wmem_strdup_printf(scope, "%s,%u", before, stream);
        wmem_free(scope, before);
    }
    return text != NULL ? text : wmem_strdup(scope, "-");
}

static void
add_stream(struct flow_connection *conn, guint32 stream)
{
    GArray *more;
    guint32 known;

    for (guint i = 0; conversation_stream(conn, i, &known); i++)
        if (known == stream)
            return;
    if (conn->stream == 0) {
        conn->stream = stream + 1;
        return;
    }
    more = further_streams_of(conn);
    if (more == NULL) {
        more = g_array_new(FALSE, FALSE, sizeof stream);
        g_hash_table_insert(further_streams, GUINT_TO_POINTER(tcpstate_number(flow_engine_connection(conn))), more);
    }
    g_array_append_val(more, stream);
}

struct flow *
conversation_flow(conversation_t *conversation)
{
    return (struct flow *)conversation_get_proto_data(conversation, proto_tcpstate);
}

/* The TCP dissector has already found or created the conversation of this frame. So the look-up is exact, and does not complete a
 * conversation that has a wildcard. */
static void
link_segment(const packet_info *pinfo, const struct frame_segment *segment, struct flow_connection *conn)
{
    int from = segment->segment.from;
    const struct flow_end *source = flow_end(segment->flow, from), *destination = flow_end(segment->flow, !from);
    address addresses[2] = {flow_end_as_address(source), flow_end_as_address(destination)};
    conversation_t *conversation = find_tcp_conversation(pinfo, &addresses[0], source->port, &addresses[1], destination->port);
    const struct tcp_analysis *tcp;

    if (conversation == NULL)
        return;
    tcp = (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    if (tcp == NULL)
        return;
    if (conversation_flow(conversation) == NULL)
        conversation_add_proto_data(conversation, proto_tcpstate, segment->flow);
    add_stream(conn, tcp->stream);
}

static G_GNUC_NO_INLINE void
link_segments(const packet_info *pinfo, const struct frame_segment *segments, guint count)
{
    for (guint i = 0; i < count; i++)
        if (segments[i].connection != NULL && !segments[i].is_quoted && segments[i].captured >= HEADER_CONVERSATION_MIN)
            link_segment(pinfo, &segments[i], flow_connection(tcpstate_number(segments[i].connection)));
}

/* The conversation can be a new one only if the TCP dissector has created one since the last call, or if the connection is another one. */
void
conversation_link(const packet_info *pinfo, const struct frame_segment *segments, guint count)
{
    guint32 streams = get_tcp_stream_count();

    if (streams == stream_count && !frame_may_change_stream())
        return;
    stream_count = streams;
    link_segments(pinfo, segments, count);
}
