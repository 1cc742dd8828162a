/* What Wireshark's Flow Graph wants of an analysis. Its header, epan/sequence_analysis.h, is installed with 3.4 but with no later version
 * up to 4.6, so here is what we use of it. Wireshark makes the items: members that came in at their end, as in 4.6, do not concern us.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SEQUENCE_ANALYSIS_H
#define TCPSTATE_SEQUENCE_ANALYSIS_H

#include "compat.h"

#include <epan/tap.h>

#ifdef __has_include
#if __has_include(<epan/sequence_analysis.h>)
#define TCPSTATE_HAS_SEQUENCE_ANALYSIS
#endif
#endif

#ifdef TCPSTATE_HAS_SEQUENCE_ANALYSIS
#include <epan/sequence_analysis.h>
#else

/* An arrow, to be made by the function below. It owns its addresses and strings. */
typedef struct {
    guint32 frame_number;
    address src_addr;
    guint16 port_src;
    address dst_addr;
    guint16 port_dst;
    char *frame_label; /* above the arrow */
    char *time_str;
    char *comment;    /* to the right */
    guint16 conv_num; /* picks the colour */
    unsigned fg_color, bg_color;
    api_bool has_color_filter;
    api_bool display;
    guint src_node, dst_node;
    guint16 line_style; /* width in pixels */
    /* and more */
} seq_analysis_item_t;

/* A graph. */
typedef struct {
    const char *name;
    api_bool any_addr;
    int nconv;
    GQueue *items;
    /* and more */
} seq_analysis_info_t;

/* A kind of Flow Graph, and -z flow,NAME. The callback's listener is the graph. */
WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id, const char *tap_listener,
                                         unsigned tap_flags, tap_packet_cb tap_func);

/* An arrow with the frame's time and addresses; NULL where it has none. */
WS_DLL_PUBLIC seq_analysis_item_t *sequence_analysis_create_sai_with_addresses(packet_info *pinfo, seq_analysis_info_t *sainfo);

/* Gives it the frame's colours in the packet list, where a rule has coloured it. */
WS_DLL_PUBLIC void sequence_analysis_use_color_filter(packet_info *pinfo, seq_analysis_item_t *sai);

#endif

#endif /* TCPSTATE_SEQUENCE_ANALYSIS_H */
