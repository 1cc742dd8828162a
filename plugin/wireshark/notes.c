/* The shim in front of the TCP dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notes.h"

#include <epan/dissectors/packet-ip.h>
#include <epan/in_cksum.h>
#include <epan/ipproto.h>
#include <epan/proto_data.h>

static int proto_shim = -1;
static int proto_noted = -1;
static dissector_handle_t shim_handle;
static dissector_handle_t wrapped;
static gboolean check_checksum;

struct notes {
    struct note *first, *last;
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
static void
append(packet_info *pinfo, struct note *note)
{
    struct notes *notes = (struct notes *)p_get_proto_data(pinfo->pool, pinfo, proto_noted, 0);

    if (notes == NULL) {
        notes = wmem_new0(pinfo->pool, struct notes);
        p_add_proto_data(pinfo->pool, pinfo, proto_noted, 0, notes);
        notes->first = note;
    } else {
        notes->last->next = note;
    }
    notes->last = note;
}

static void
take_note(tvbuff_t *tvb, packet_info *pinfo, void *data)
{
    guint captured = tvb_captured_length(tvb);
    const ws_ip4 *ip4 = WS_IP4_PTR(data);
    struct note *note;

    if (captured < NOTE_HEADER_MIN)
        return;
    note = wmem_new(pinfo->pool, struct note);
    note->next = NULL;
    copy_address_shallow(&note->src, &pinfo->src);
    copy_address_shallow(&note->dst, &pinfo->dst);
    note->reported_length = tvb_reported_length(tvb);
    note->ip_id = ip4 != NULL ? ip4->ip_id : -1;
    note->fragmented = pinfo->fragmented;
    note->bad_checksum = check_checksum && has_bad_checksum(tvb, pinfo);
    note->captured = MIN(captured, (guint)NOTE_HEADER_MAX);
    tvb_memcpy(tvb, note->header, 0, note->captured);
    append(pinfo, note);
}

static int
dissect_shim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!pinfo->flags.in_error_pkt && proto_is_protocol_enabled(find_protocol_by_id(proto_noted)))
        take_note(tvb, pinfo, data);
    /* The call of this very shim counted as one layer of desegmentation; it is none. */
    pinfo->can_desegment = pinfo->saved_can_desegment;
    return call_dissector_only(wrapped, tvb, pinfo, tree, data);
}

const struct note *
notes_of(packet_info *pinfo)
{
    const struct notes *notes = (const struct notes *)p_get_proto_data(pinfo->pool, pinfo, proto_noted, 0);

    return notes != NULL ? notes->first : NULL;
}

void
notes_register(void)
{
    /* A helper of TCP, not of ours: with our own protocol as parent, disabling that would switch off all of TCP. */
    proto_shim = proto_register_protocol_in_name_only("TCP, noted for TCP State", "TCP with state", "tcpstate_note",
                                                      proto_get_id_by_filter_name("tcp"), FT_PROTOCOL);
    shim_handle = create_dissector_handle(dissect_shim, proto_shim);
}

void
notes_handoff(int proto)
{
    proto_noted = proto;
    wrapped = dissector_get_uint_handle(find_dissector_table("ip.proto"), IP_PROTO_TCP);
    if (wrapped != NULL)
        dissector_add_uint("ip.proto", IP_PROTO_TCP, shim_handle);
}
