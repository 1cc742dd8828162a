/* The part of Wireshark's epan/sequence_analysis.h that the flow graph needs. The header itself is in Wireshark's source tree, and the
 * package of 3.4 installs it. The packages of later versions up to 4.6 do not, so that part is declared here.
 *
 * Wireshark allocates an arrow and we write into it, so each member must be at Wireshark's offset. The offsets come from the source of 3.4
 * and 4.0, and from the machine code of the libraries of 3.4.10, 4.0.17, 4.4.19 and 4.6.9. Members that later versions added at the end are
 * left out. The layout of versions above 4.6 is not known: without the header, flow_graph.c does not register the graph there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEQUENCE_ANALYSIS_H
#define TCPSTATE_SEQUENCE_ANALYSIS_H

#include "compat.h"

#include <stddef.h>

#include <epan/tap.h>

#ifdef HAS_SEQUENCE_ANALYSIS
#include <epan/sequence_analysis.h>
#else

/* An arrow. sequence_analysis_create_sai_with_addresses() allocates it. It owns its addresses and strings. */
typedef struct {
    guint32 frame_number;
    address src_addr;
    guint16 port_src;
    address dst_addr;
    guint16 port_dst;
    char *frame_label; /* above the arrow */
    char *time_str;
    char *comment;    /* to the right */
    guint16 conv_num; /* selects the colour */
    unsigned fg_color, bg_color;
    api_bool has_color_filter;
    api_bool display;
    guint src_node, dst_node;
    guint16 line_style; /* width in pixels */
    /* and more */
} seq_analysis_item_t;

/* A flow graph. */
typedef struct {
    const char *name;
    api_bool any_addr;
    int nconv;
    GQueue *items;
    /* and more */
} seq_analysis_info_t;

/* The known offsets on 64-bit systems. If a declaration above is wrong, this does not compile. */
#define IS_AT(structure, member, offset) \
    _Static_assert(sizeof(void *) != 8 || offsetof(structure, member) == (offset), #member " is not where Wireshark has it")
#define BOOLS_ARE_BYTES (sizeof(api_bool) == 1) /* since 4.3 */
IS_AT(seq_analysis_item_t, frame_number, 0);
IS_AT(seq_analysis_item_t, src_addr, 8);
IS_AT(seq_analysis_item_t, port_src, 32);
IS_AT(seq_analysis_item_t, dst_addr, 40);
IS_AT(seq_analysis_item_t, port_dst, 64);
IS_AT(seq_analysis_item_t, frame_label, 72);
IS_AT(seq_analysis_item_t, time_str, 80);
IS_AT(seq_analysis_item_t, comment, 88);
IS_AT(seq_analysis_item_t, conv_num, 96);
IS_AT(seq_analysis_item_t, fg_color, 100);
IS_AT(seq_analysis_item_t, bg_color, 104);
IS_AT(seq_analysis_item_t, has_color_filter, 108);
IS_AT(seq_analysis_item_t, display, BOOLS_ARE_BYTES ? 109 : 112);
IS_AT(seq_analysis_item_t, line_style, BOOLS_ARE_BYTES ? 120 : 124);
IS_AT(seq_analysis_info_t, any_addr, 8);
IS_AT(seq_analysis_info_t, nconv, 12);
IS_AT(seq_analysis_info_t, items, 16);
#undef IS_AT
#undef BOOLS_ARE_BYTES

/* Registers a type of Flow Graph, and its -z flow,NAME. The data of the tap callback is the graph. */
WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id, const char *tap_listener,
                                         unsigned tap_flags, tap_packet_cb tap_func);

/* Allocates an arrow with the frame's time and addresses. NULL if the frame has no addresses. */
WS_DLL_PUBLIC seq_analysis_item_t *sequence_analysis_create_sai_with_addresses(packet_info *pinfo, seq_analysis_info_t *sainfo);

/* Gives the arrow the colours that the frame has in the packet list, if a colouring rule matched. */
WS_DLL_PUBLIC void sequence_analysis_use_color_filter(packet_info *pinfo, seq_analysis_item_t *sai);

#endif

#endif /* TCPSTATE_SEQUENCE_ANALYSIS_H */
