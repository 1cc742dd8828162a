/* The shim in front of the TCP dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notes.h"

#include <epan/dissectors/packet-ip.h>
#include <epan/in_cksum.h>
#include <epan/ipproto.h>
#include <epan/proto_data.h>

static int proto_noted = -1;
static gboolean check_checksum;

struct notes {
    struct note *first, *last;
    struct tcpstate_icmp icmp; /* the header of the ICMP message around what comes now */
};

void
notes_set_check_checksum(gboolean check)
{
    check_checksum = check;
}

/* RFC 9293 section 3.1. Without all of the bytes there is nothing to say. */
static gboolean
has_bad_checksum(tvbuff_t *tvb, packet_info *pinfo)
{
    guint length = tvb_reported_length(tvb);
    guint32 pseudo_header[2] = {g_htonl(length), g_htonl(IP_PROTO_TCP)};
    vec_t parts[4];

    if (pinfo->fragmented || tvb_captured_length(tvb) < length || (pinfo->src.type != AT_IPv4 && pinfo->src.type != AT_IPv6))
        return FALSE;
    SET_CKSUM_VEC_PTR(parts[0], (const guint8 *)pinfo->src.data, pinfo->src.len);
    SET_CKSUM_VEC_PTR(parts[1], (const guint8 *)pinfo->dst.data, pinfo->dst.len);
    SET_CKSUM_VEC_PTR(parts[2], (const guint8 *)pseudo_header, sizeof pseudo_header);
    SET_CKSUM_VEC_TVB(parts[3], tvb, 0, (gint)length);
    return in_cksum(parts, G_N_ELEMENTS(parts)) != 0;
}

/* Kept with the packet, so that what one frame left behind is never read with another. */
static struct notes *
notes_for(packet_info *pinfo)
{
    struct notes *notes = (struct notes *)p_get_proto_data(pinfo->pool, pinfo, proto_noted, 0);

    if (notes == NULL) {
        notes = wmem_new0(pinfo->pool, struct notes);
        p_add_proto_data(pinfo->pool, pinfo, proto_noted, 0, notes);
    }
    return notes;
}

static void
append(struct notes *notes, struct note *note)
{
    if (notes->last == NULL)
        notes->first = note;
    else
        notes->last->next = note;
    notes->last = note;
}

static void
note_tcp(tvbuff_t *tvb, packet_info *pinfo, void *data)
{
    gboolean quoted = pinfo->flags.in_error_pkt;
    guint captured = tvb_captured_length(tvb);
    const ws_ip4 *ip4 = WS_IP4_PTR(data);
    struct notes *notes;
    struct note *note;

    if (captured < (quoted ? (guint)NOTE_QUOTED_MIN : (guint)NOTE_HEADER_MIN))
        return;
    notes = notes_for(pinfo);
    note = wmem_new(pinfo->pool, struct note);
    note->next = NULL;
    copy_address_shallow(&note->src, &pinfo->src);
    copy_address_shallow(&note->dst, &pinfo->dst);
    note->reported_length = tvb_reported_length(tvb);
    note->ip_id = ip4 != NULL ? ip4->ip_id : -1;
    note->fragmented = pinfo->fragmented;
    note->bad_checksum = !quoted && check_checksum && has_bad_checksum(tvb, pinfo);
    note->quoted = quoted;
    note->icmp = notes->icmp;
    note->tvb = tvb;
    note->captured = MIN(captured, (guint)NOTE_HEADER_MAX);
    tvb_memcpy(tvb, note->header, 0, note->captured);
    append(notes, note);
}

/* The type and code of a message; what it quotes is dissected inside it. */
static void
take_icmp(tvbuff_t *tvb, packet_info *pinfo, gboolean is_v6)
{
    guint8 head[2];

    if (tvb_captured_length(tvb) < sizeof head)
        return;
    tvb_memcpy(tvb, head, 0, sizeof head);
    notes_for(pinfo)->icmp = (struct tcpstate_icmp){.type = head[0], .code = head[1], .is_v6 = is_v6};
}

static void
note_icmp(tvbuff_t *tvb, packet_info *pinfo, void *data _U_)
{
    take_icmp(tvb, pinfo, FALSE);
}

static void
note_icmpv6(tvbuff_t *tvb, packet_info *pinfo, void *data _U_)
{
    take_icmp(tvb, pinfo, TRUE);
}

/* X(protocol, its number, what notes it): a shim each, in front of the protocol's dissector. */
#define SHIMS(X)                      \
    X(tcp, IP_PROTO_TCP, note_tcp)    \
    X(icmp, IP_PROTO_ICMP, note_icmp) \
    X(icmpv6, IP_PROTO_ICMPV6, note_icmpv6)

#define X(protocol, number, note)                                                                         \
    static dissector_handle_t protocol##_shim, protocol##_wrapped;                                        \
                                                                                                          \
    static int dissect_##protocol##_shim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data) \
    {                                                                                                     \
        if (proto_is_protocol_enabled(find_protocol_by_id(proto_noted)))                                  \
            note(tvb, pinfo, data);                                                                       \
        /* The call of this very shim counted as one layer of desegmentation; it is none. */              \
        pinfo->can_desegment = pinfo->saved_can_desegment;                                                \
        return call_dissector_only(protocol##_wrapped, tvb, pinfo, tree, data);                           \
    }
SHIMS(X)
#undef X

const struct note *
notes_of(packet_info *pinfo)
{
    const struct notes *notes = (const struct notes *)p_get_proto_data(pinfo->pool, pinfo, proto_noted, 0);

    return notes != NULL ? notes->first : NULL;
}

void
notes_register(void)
{
    /* Helpers of the protocols noted, not of ours: with our own as parent, disabling that would switch off all of TCP. */
#define X(protocol, number, note)                                                                                                       \
    protocol##_shim = create_dissector_handle(dissect_##protocol##_shim,                                                                \
                                              proto_register_protocol_in_name_only(#protocol ", noted for TCP State",                   \
                                                                                   #protocol " with state", "tcpstate_note_" #protocol, \
                                                                                   proto_get_id_by_filter_name(#protocol), FT_PROTOCOL));
    SHIMS(X)
#undef X
}

void
notes_handoff(int proto)
{
    proto_noted = proto;
#define X(protocol, number, note)                                                             \
    protocol##_wrapped = dissector_get_uint_handle(find_dissector_table("ip.proto"), number); \
    if (protocol##_wrapped != NULL)                                                           \
        dissector_add_uint("ip.proto", number, protocol##_shim);
    SHIMS(X)
#undef X
}
