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

/* The type of a truth in Wireshark's structures. */
#if TCPSTATE_WIRESHARK < 40300
typedef gboolean api_bool;
#else
typedef bool api_bool;
#endif

#endif /* TCPSTATE_COMPAT_H */
