/* Every difference between Wireshark's versions, and nothing else. TCPSTATE_WIRESHARK is set by CMake: 40017 is 4.0.17.
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

#if TCPSTATE_WIRESHARK < 40300
#define uint32_to_str_buf guint32_to_str_buf
#endif

/* What starts a -z says from 4.6 on whether it could. */
#if TCPSTATE_WIRESHARK < 40500
typedef void tap_started;
#define TAP_STARTED
#else
typedef bool tap_started;
#define TAP_STARTED true
#endif

/* A handle for what stands in front of a protocol's dissector: of no protocol, which costs least; before 4.0, where "Decode As" needs one,
 * of a helper of that protocol. */
#if TCPSTATE_WIRESHARK < 40000
#define create_shim_handle(dissector, name, protocol)                                                                                \
    create_dissector_handle(dissector, proto_register_protocol_in_name_only(name ", for TCP State", name, "tcpstate_shim_" protocol, \
                                                                            proto_get_id_by_filter_name(protocol), FT_PROTOCOL))
#else
#define create_shim_handle(dissector, name, protocol) \
    create_dissector_handle_with_name_and_description(dissector, -1, "tcpstate_shim_" protocol, name)
#endif

/* The type of a truth in Wireshark's structures. */
#if TCPSTATE_WIRESHARK < 40300
typedef gboolean api_bool;
#else
typedef bool api_bool;
#endif

#endif /* TCPSTATE_COMPAT_H */
