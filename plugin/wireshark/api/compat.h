/* The differences between the versions of Wireshark, from 3.4 on. CMake sets TCPSTATE_WIRESHARK: 40017 is 4.0.17.
 *
 * Include this header before any header of Wireshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_COMPAT_H
#define TCPSTATE_COMPAT_H

#if TCPSTATE_WIRESHARK < 40000
#include <config.h>
#else
#include <wireshark.h>
#endif

#include <epan/packet.h>

#if TCPSTATE_WIRESHARK < 40000
#define TAP_FLAGS_ARGUMENT
#define REGISTER_PACKET_STAT_GROUP_UNSORTED REGISTER_STAT_GROUP_UNSORTED
#else
#define TAP_FLAGS_ARGUMENT , tap_flags_t flags _U_
#endif

#if TCPSTATE_WIRESHARK < 40000
#define open_text_window(operations, title) ((operations)->new_text_window(title))
#else
#define open_text_window(operations, title) ((operations)->new_text_window((operations)->ops_id, title))
#endif

#if TCPSTATE_WIRESHARK < 40200
#define FILTER_DATA_ARGUMENT
#define FILTER_DATA
#else
#define FILTER_DATA_ARGUMENT , void *filter_data _U_
#define FILTER_DATA , NULL
#endif

/* Between the elements of a set in a display filter. */
#if TCPSTATE_WIRESHARK < 40000
#define SET_SEPARATOR " "
#else
#define SET_SEPARATOR ", "
#endif

#if TCPSTATE_WIRESHARK < 40300
#define uint32_to_str_buf guint32_to_str_buf
#endif

/* These read a number in network byte order from any address, aligned or not. */
#if TCPSTATE_WIRESHARK < 40500
#define pntohu16 pntoh16
#define pntohu32 pntoh32
#endif

/* From 4.6 on, the function that starts a -z statistic returns whether it could start it. */
#if TCPSTATE_WIRESHARK < 40500
typedef void tap_started;
#define TAP_STARTED
#else
typedef bool tap_started;
#define TAP_STARTED true
#endif

/* The handle of a dissector that runs before the dissector of a protocol. From 4.0 on it has no protocol, so Wireshark adds no layer to the
 * frame. Before 4.0, "Decode As" takes the description from a protocol, so a helper protocol is registered. */
#if TCPSTATE_WIRESHARK < 40000
#define create_shim_handle(dissector, name, description)                                                                     \
    create_dissector_handle_with_name(dissector,                                                                             \
                                      proto_register_protocol_in_name_only(description, description,                         \
                                                                           g_strdup_printf("tcpstate_%s_" #dissector, name), \
                                                                           proto_get_id_by_filter_name(name), FT_PROTOCOL),  \
                                      name)
#else
#define create_shim_handle(dissector, name, description) create_dissector_handle_with_name_and_description(dissector, -1, name, description)
#endif

/* The header that window.c needs. It has another folder since 4.7. It is missing if Wireshark was installed without its window. */
#if __has_include(<uiqt/plugin_if.h>)
#define PLUGIN_IF_HEADER <uiqt/plugin_if.h>
#elif __has_include(<ui/plugins/include/plugin_if.h>) /* in Wireshark's source tree */
#define PLUGIN_IF_HEADER <ui/plugins/include/plugin_if.h>
#elif __has_include(<epan/plugin_if.h>)
#define PLUGIN_IF_HEADER <epan/plugin_if.h>
#endif

/* Whether we know the layout of a flow graph's arrows: from Wireshark's header, or from the declarations in sequence_analysis.h. */
#if __has_include(<epan/sequence_analysis.h>)
#define HAS_SEQUENCE_ANALYSIS
#define FLOW_GRAPH_IS_KNOWN TRUE
#elif TCPSTATE_WIRESHARK < 40700
#define FLOW_GRAPH_IS_KNOWN TRUE
#else
#define FLOW_GRAPH_IS_KNOWN FALSE
#endif

/* Before 4.0, a segment may belong to an older conversation between its ends than the segment before it. */
#define CONVERSATIONS_GO_BACK (TCPSTATE_WIRESHARK < 40000)

/* Finds the conversation of the frame's TCP segment by its two ends. The TCP dissector must have created it already. */
#if TCPSTATE_WIRESHARK < 40300
#define find_tcp_conversation(pinfo, address_a, port_a, address_b, port_b) \
    find_conversation((pinfo)->num, address_a, address_b, TCP_CONVERSATION, port_a, port_b, 0)
#if TCPSTATE_WIRESHARK < 40000
#define TCP_CONVERSATION ENDPOINT_TCP
#else
#define TCP_CONVERSATION CONVERSATION_TCP
#endif
#else
/* find_conversation_strat() follows the user's preference for conversations. It reads the ends from pinfo, which has those of the frame's
 * last header. So it gets a copy with our ends. */
#include <epan/conversation.h>
static inline conversation_t *
find_tcp_conversation(const packet_info *pinfo, const address *address_a, uint32_t port_a, const address *address_b, uint32_t port_b)
{
    packet_info own = *pinfo;

    own.src = *address_a;
    own.dst = *address_b;
    own.srcport = port_a;
    own.destport = port_b;
#if TCPSTATE_WIRESHARK < 40500
    return find_conversation_strat(&own, CONVERSATION_TCP, 0);
#else
    return find_conversation_strat(&own, CONVERSATION_TCP, 0, false);
#endif
}
#endif

/* The section of the capture file that a record is in, from 0. Before 4.0 Wireshark does not tell it. */
#if TCPSTATE_WIRESHARK < 40000
#define record_section(rec) 0
#else
#define record_section(rec) ((rec)->presence_flags & WTAP_HAS_SECTION_NUMBER ? (rec)->section_number : 0)
#endif

/* The name of an interface of the frame's section of the file; NULL or "unknown" for none. */
#if TCPSTATE_WIRESHARK < 40200
#define interface_name(pinfo, id) epan_get_interface_name((pinfo)->epan, id)
#else
#define interface_name(pinfo, id) epan_get_interface_name((pinfo)->epan, id, record_section((pinfo)->rec))
#endif

/* The boolean type in Wireshark's structures. */
#if TCPSTATE_WIRESHARK < 40300
typedef gboolean api_bool;
#else
typedef bool api_bool;
#endif

#endif /* TCPSTATE_COMPAT_H */
