/* Creates a handle for each wrapped dissector, and puts it into Wireshark's dissector tables in place of that dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shim.h"

#include "../api/compat.h"

#include <epan/dissectors/packet-ip.h>
#include <epan/ipproto.h>
#include <wsutil/pint.h>

#include "frame.h"
#include "place.h"

static protocol_t *tcpstate_protocol;
static gboolean enabled;
static int proto_tcp = -1;

/* The latest ICMP message, and its frame. */
static struct {
    guint32 frame;
    struct tcpstate_icmp icmp;
} icmp_message;

/* The innermost tunnel that is being dissected, by its kind and number, and its frame. */
static struct tunnel {
    guint32 frame;
    gboolean is_part_of_place; /* see set_place() */
    guint64 network;
} tunnel;

/* The number of TCP headers that this frame has had so far. */
static guint8
count_headers(const packet_info *pinfo)
{
    static guint32 last_frame;
    guint8 layer = 0;

    if (pinfo->num != last_frame) {
        last_frame = pinfo->num;
        return 0; /* the usual case: no need to look at the layers */
    }
    for (wmem_list_frame_t *at = wmem_list_head(pinfo->layers); at != NULL; at = wmem_list_frame_next(at))
        if (GPOINTER_TO_INT(wmem_list_frame_data(at)) == proto_tcp && layer < G_MAXUINT8)
            layer++;
    return layer;
}

/* Sets place and network. The tunnel is a part of the place where the header was captured, or a network within it: of GTP and GRE, the
 * number may differ by direction, so they are no part of the place. */
static void
set_place(struct raw_header *raw)
{
    guint64 network = tunnel.frame == raw->pinfo->num ? tunnel.network : 0;

    raw->network = tunnel.is_part_of_place ? 0 : network;
    raw->place = place_of(raw->pinfo, tunnel.is_part_of_place ? network : 0);
}

/* The differentiated services code point. It is only compared between places. */
static guint8
dscp_of(const ws_ip4 *ip4, const ws_ip6 *ip6)
{
    guint8 service = ip4 != NULL ? ip4->ip_tos : 0;

    return (ip6 != NULL ? ip6->ip6_tc : service) >> 2;
}

/* `ip4` or `ip6` is the IP header in front of the TCP header, or both are NULL. */
static void
enter_tcp(tvbuff_t *tvb, packet_info *pinfo, const ws_ip4 *ip4, const ws_ip6 *ip6)
{
    gboolean quoted = pinfo->flags.in_error_pkt != 0;
    guint captured = tvb_captured_length(tvb);
    guint8 layer = count_headers(pinfo);
    struct raw_header raw;

    if (layer == 0)
        frame_begin();
    if (captured < (quoted ? (guint)HEADER_QUOTED_MIN : (guint)HEADER_MIN))
        return;
    if (quoted && icmp_message.frame != pinfo->num)
        icmp_message.icmp = (struct tcpstate_icmp){.type = 0};
    raw = (struct raw_header){
        .tvb = tvb,
        .pinfo = pinfo,
        .captured = captured,
        .layer = layer,
        .ip_id = ip4 != NULL ? ip4->ip_id : -1,
        .ttl = ip4 != NULL   ? ip4->ip_ttl
               : ip6 != NULL ? ip6->ip6_hop
                             : 0,
        .icmp = quoted ? &icmp_message.icmp : NULL,
    };
    set_place(&raw);
    if (place_are_several())
        raw.dscp = dscp_of(ip4, ip6);
    frame_add_header(&raw);
}

/* Keeps type and code of an ICMP message, for the TCP header that it quotes, which is dissected next. */
static void
enter_icmp(tvbuff_t *tvb, const packet_info *pinfo, gboolean is_v6)
{
    guint8 head[2];

    if (tvb_captured_length(tvb) < sizeof head)
        return;
    tvb_memcpy(tvb, head, 0, sizeof head);
    icmp_message.frame = pinfo->num;
    icmp_message.icmp = (struct tcpstate_icmp){.type = head[0], .code = head[1], .is_v6 = is_v6};
}

/* Those that are no part of the place come after the virtual networks. */
enum tunnel_kind { TUNNEL_VXLAN = NETWORK_VXLAN, TUNNEL_GENEVE = NETWORK_GENEVE, TUNNEL_NVGRE = NETWORK_NVGRE, TUNNEL_GTP, TUNNEL_GRE };

/* The number of the tunnel is in `bytes` bytes at `offset`. It is 0 if they were not captured. */
static void
enter_tunnel(tvbuff_t *tvb, const packet_info *pinfo, enum tunnel_kind kind, gint offset, gint bytes)
{
    guint8 number[4] = {0};

    if (tvb_captured_length(tvb) >= (guint)(offset + bytes))
        tvb_memcpy(tvb, number + sizeof number - bytes, offset, (size_t)bytes);
    tunnel.frame = pinfo->num;
    tunnel.is_part_of_place = kind < TUNNEL_GTP;
    tunnel.network = (guint64)kind << 32 | pntohu32(number);
}

/* The number is the GRE key, which comes after the checksum if there is one (RFC 2890 section 2). In NVGRE, which carries Ethernet without
 * a checksum, the first three bytes of the key are the VSID (RFC 7637 section 3.2). */
static void
enter_gre(tvbuff_t *tvb, const packet_info *pinfo)
{
    const guint8 has_checksum = 0x80, has_key = 0x20;
    const guint16 ethernet = 0x6558;
    guint8 head[4] = {0};

    if (tvb_captured_length(tvb) >= sizeof head)
        tvb_memcpy(tvb, head, 0, sizeof head);
    if ((head[0] & has_key) == 0)
        return;
    if (pntohu16(head + 2) == ethernet && (head[0] & has_checksum) == 0)
        enter_tunnel(tvb, pinfo, TUNNEL_NVGRE, 4, 3);
    else
        enter_tunnel(tvb, pinfo, TUNNEL_GRE, (head[0] & has_checksum) != 0 ? 8 : 4, 4);
}

/* X(protocol, dissector table, number in it, code that runs before the dissector, shim for all other entries) */
#define SHIMS(X)                                                                                                       \
    X(tcp, "ip.proto", IP_PROTO_TCP, enter_tcp(tvb, pinfo, WS_IP4_PTR(data), WS_IP6_PTR(data)), dissect_tcp_elsewhere) \
    X(icmp, "ip.proto", IP_PROTO_ICMP, enter_icmp(tvb, pinfo, FALSE), dissect_icmp_shim)                               \
    X(icmpv6, "ip.proto", IP_PROTO_ICMPV6, enter_icmp(tvb, pinfo, TRUE), dissect_icmpv6_shim)

/* The same for tunnels. Their numbers are: the VNI (VXLAN: RFC 7348 section 5; Geneve: RFC 8926 section 3.4), and the tunnel endpoint
 * identifier of GTP (3GPP TS 29.281 section 5.1), which differs by direction. */
#define TUNNELS(X)                                                                                  \
    X(vxlan, "udp.port", 4789, enter_tunnel(tvb, pinfo, TUNNEL_VXLAN, 4, 3), dissect_vxlan_shim)    \
    X(geneve, "udp.port", 6081, enter_tunnel(tvb, pinfo, TUNNEL_GENEVE, 4, 3), dissect_geneve_shim) \
    X(gtp, "udp.port", 2152, enter_tunnel(tvb, pinfo, TUNNEL_GTP, 4, 4), dissect_gtp_shim)          \
    X(gre, "ip.proto", IP_PROTO_GRE, enter_gre(tvb, pinfo), dissect_gre_shim)

enum shim_id {
#define X(protocol, ...) SHIM_##protocol,
    SHIMS(X) TUNNELS(X)
#undef X
        SHIM_COUNT
};

/* `own` replaces the dissector where Wireshark has registered it. `chosen` replaces it where the user or a script has put it: it has the
 * dissector's description, because Wireshark saves "Decode As" entries by description. Both do the same. */
static struct shim {
    const char *table;
    dissector_handle_t wrapped, own, chosen;
} shims[SHIM_COUNT];

static int
call_wrapped(enum shim_id id, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    /* The call of the shim must not count as a layer of desegmentation. */
    pinfo->can_desegment = pinfo->saved_can_desegment;
    return call_dissector_only(shims[id].wrapped, tvb, pinfo, tree, data);
}

#define X(protocol, table, number, enter, elsewhere)                                                      \
    static int dissect_##protocol##_shim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data) \
    {                                                                                                     \
        if (enabled && frame_is_wanted(pinfo, tree))                                                      \
            enter;                                                                                        \
        return call_wrapped(SHIM_##protocol, tvb, pinfo, tree, data);                                     \
    }
SHIMS(X)
#undef X

/* For TCP that is not called through ip.proto: `data` has an unknown type, and the TCP dissector does not need it. */
static int
dissect_tcp_elsewhere(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return dissect_tcp_shim(tvb, pinfo, tree, NULL);
}

#define X(protocol, table, number, enter, elsewhere)                                                      \
    static int dissect_##protocol##_shim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data) \
    {                                                                                                     \
        const struct tunnel outer = tunnel;                                                               \
        int length;                                                                                       \
                                                                                                          \
        enter;                                                                                            \
        length = call_wrapped(SHIM_##protocol, tvb, pinfo, tree, data);                                   \
        tunnel = outer; /* not reached after an exception, but then the frame has no more headers */      \
        return length;                                                                                    \
    }
TUNNELS(X)
#undef X

/* An entry of a dissector table. */
struct table_entry {
    const char *table;
    guint32 number;
    gboolean is_own; /* Wireshark has registered the dissector there */
    const struct shim *shim;
};

static void
collect_entry(const gchar *table, ftenum_t type _U_, gpointer key, gpointer value, gpointer entries)
{
    dissector_handle_t initial = dtbl_entry_get_initial_handle((dtbl_entry_t *)value);

    for (guint i = 0; i < SHIM_COUNT; i++) {
        const struct shim *shim = &shims[i];
        struct table_entry entry = {.table = table,
                                    .number = GPOINTER_TO_UINT(key),
                                    .is_own = strcmp(table, shim->table) == 0 && (initial == shim->wrapped || initial == shim->own),
                                    .shim = shim};

        if (shim->wrapped != NULL && dtbl_entry_get_handle((dtbl_entry_t *)value) == shim->wrapped)
            g_array_append_val((GArray *)entries, entry);
    }
}

static void
collect_entries(const gchar *table, const gchar *title _U_, gpointer entries)
{
    switch (get_dissector_table_selector_type(table)) {
    case FT_UINT8:
    case FT_UINT16:
    case FT_UINT24:
    case FT_UINT32:
        dissector_table_foreach(table, collect_entry, entries);
        break;
    default:
        break;
    }
}

/* Replaces the wrapped dissectors by their shims in all dissector tables: where Wireshark has registered them, and where "Decode As", a
 * preference or a script has put them. */
static void
install_shims(void)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct table_entry));

    dissector_all_tables_foreach_table(collect_entries, entries, NULL);
    for (guint i = 0; i < entries->len; i++) {
        const struct table_entry *entry = &g_array_index(entries, struct table_entry, i);

        if (entry->is_own)
            dissector_add_uint(entry->table, entry->number, entry->shim->own);
        else
            dissector_change_uint(entry->table, entry->number, entry->shim->chosen);
    }
    g_array_free(entries, TRUE);
}

static void
make_shim(enum shim_id id, const char *name, const char *table, guint32 number, dissector_t own, dissector_t chosen)
{
    struct shim *shim = &shims[id];
    const char *description;

    shim->table = table;
    shim->wrapped = dissector_get_uint_handle(find_dissector_table(table), number);
    if (shim->wrapped == NULL)
        return;
    description = proto_get_protocol_short_name(find_protocol_by_id(dissector_handle_get_protocol_index(shim->wrapped)));
    shim->own = create_shim_handle(own, name, wmem_strdup_printf(wmem_epan_scope(), "%s, seen by TCP State", description));
    shim->chosen = create_shim_handle(chosen, name, wmem_strdup(wmem_epan_scope(), description));
}

void
shim_begin_capture(void)
{
    enabled = proto_is_protocol_enabled(tcpstate_protocol) && proto_is_protocol_enabled(find_protocol_by_id(proto_tcp));
    install_shims();
}

void
shim_handoff(int proto)
{
    tcpstate_protocol = find_protocol_by_id(proto);
    proto_tcp = proto_get_id_by_filter_name("tcp");
#define X(protocol, table, number, enter, elsewhere) \
    make_shim(SHIM_##protocol, #protocol, table, number, dissect_##protocol##_shim, elsewhere);
    SHIMS(X)
    TUNNELS(X)
#undef X
    /* For scripts and dissectors that call TCP by name and not through a table, which no shim sees: they can call "tcpstate" instead. It
     * belongs to a protocol in name only, so that it adds no layer. */
    register_dissector(
        "tcpstate", dissect_tcp_shim,
        proto_register_protocol_in_name_only("TCP, seen by TCP State", "TCP, seen by TCP State", "tcpstate_tcp", proto_tcp, FT_PROTOCOL));
}
