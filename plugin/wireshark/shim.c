/* The pass-throughs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shim.h"

#include <epan/dissectors/packet-ip.h>
#include <epan/exceptions.h>
#include <epan/ipproto.h>

static protocol_t *wanted;
static gboolean enabled;
static int proto_tcp = -1;

/* The ICMP message whose dissection has begun, and the frame that it is of. */
static struct {
    guint32 frame;
    struct tcpstate_icmp icmp;
} message;

/* How many TCP headers the dissection of this frame has had before. */
static guint8
count_headers(const packet_info *pinfo)
{
    static guint32 last_frame;
    guint8 layer = 0;

    if (pinfo->num != last_frame) {
        last_frame = pinfo->num;
        return 0; /* as for nearly all, with nothing to look up */
    }
    for (wmem_list_frame_t *at = wmem_list_head(pinfo->layers); at != NULL; at = wmem_list_frame_next(at))
        if (GPOINTER_TO_INT(wmem_list_frame_data(at)) == proto_tcp && layer < G_MAXUINT8)
            layer++;
    return layer;
}

static gboolean
enter_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    gboolean quoted = pinfo->flags.in_error_pkt != 0;
    guint captured = tvb_captured_length(tvb);
    const ws_ip4 *ip4 = WS_IP4_PTR(data);
    guint8 layer;

    if (!segments_are_wanted(pinfo, tree))
        return FALSE;
    layer = count_headers(pinfo);
    if (captured < (quoted ? (guint)SHIM_QUOTED_MIN : (guint)SHIM_HEADER_MIN))
        return FALSE;
    if (quoted && message.frame != pinfo->num)
        message.icmp = (struct tcpstate_icmp){.type = 0};
    return segment_arrives(&(struct arrival){
        .tvb = tvb,
        .pinfo = pinfo,
        .tree = tree,
        .captured = captured,
        .layer = layer,
        .ip_id = ip4 != NULL ? ip4->ip_id : -1,
        .icmp = quoted ? &message.icmp : NULL,
    });
}

/* The type and code of a message; what it quotes is dissected inside it. */
static gboolean
enter_message(tvbuff_t *tvb, const packet_info *pinfo, gboolean is_v6)
{
    guint8 head[2];

    if (tvb_captured_length(tvb) < sizeof head)
        return FALSE;
    tvb_memcpy(tvb, head, 0, sizeof head);
    message.frame = pinfo->num;
    message.icmp = (struct tcpstate_icmp){.type = head[0], .code = head[1], .is_v6 = is_v6};
    return FALSE;
}

static gboolean
enter_icmp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree _U_, void *data _U_)
{
    return enter_message(tvb, pinfo, FALSE);
}

static gboolean
enter_icmpv6(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree _U_, void *data _U_)
{
    return enter_message(tvb, pinfo, TRUE);
}

static int
pass_on(dissector_handle_t wrapped, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    /* The call of the shim counted as one layer of desegmentation; it is none. */
    pinfo->can_desegment = pinfo->saved_can_desegment;
    return call_dissector_only(wrapped, tvb, pinfo, tree, data);
}

static int
pass_on_and_show(dissector_handle_t wrapped, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    static guint depth;
    volatile int length = 0;

    depth++;
    TRY
    {
        length = pass_on(wrapped, tvb, pinfo, tree, data);
    }
    FINALLY
    {
        if (--depth == 0)
            segments_passed();
    }
    ENDTRY;
    return length;
}

/* X(protocol, its number): a shim each, in front of the protocol's dissector. */
#define SHIMS(X)         \
    X(tcp, IP_PROTO_TCP) \
    X(icmp, IP_PROTO_ICMP) X(icmpv6, IP_PROTO_ICMPV6)

#define X(protocol, number)                                                                               \
    static dissector_handle_t protocol##_shim, protocol##_wrapped;                                        \
                                                                                                          \
    static int dissect_##protocol##_shim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data) \
    {                                                                                                     \
        gboolean shows = enabled && enter_##protocol(tvb, pinfo, tree, data);                             \
                                                                                                          \
        return (shows ? pass_on_and_show : pass_on)(protocol##_wrapped, tvb, pinfo, tree, data);          \
    }
SHIMS(X)
#undef X

void
shim_register(void)
{
#define X(protocol, number) protocol##_shim = create_shim_handle(dissect_##protocol##_shim, #protocol " with state", #protocol);
    SHIMS(X)
#undef X
}

void
shim_begin_capture(void)
{
    enabled = proto_is_protocol_enabled(wanted) && proto_is_protocol_enabled(find_protocol_by_id(proto_tcp));
}

void
shim_handoff(int proto)
{
    wanted = find_protocol_by_id(proto);
    proto_tcp = proto_get_id_by_filter_name("tcp");
#define X(protocol, number)                                                                   \
    protocol##_wrapped = dissector_get_uint_handle(find_dissector_table("ip.proto"), number); \
    if (protocol##_wrapped != NULL)                                                           \
        dissector_add_uint("ip.proto", number, protocol##_shim);
    SHIMS(X)
#undef X
}
