/* The plugin's entry point. It registers all parts with Wireshark, and has the preferences.
 *
 * The way of a TCP header: the shim (capture/shim.c) receives it, header.c makes a segment of it, the engine reads the segment on the first
 * pass (frame.c, engine.c, plugin/engine), and the post-dissector shows it (show/post_dissector.c, display.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_BUILD_DLL
#include "api/compat.h"

#include <epan/prefs.h>

#include "../points/between.h"
#include "../points/reports.h"
#include "../statistics/statistics.h"
#include "capture/clock.h"
#include "capture/conversation.h"
#include "capture/engine.h"
#include "capture/flows.h"
#include "capture/frame.h"
#include "capture/listeners.h"
#include "capture/memory.h"
#include "capture/shim.h"
#include "capture/syns.h"
#include "capture/sightings.h"
#include "capture/twins.h"
#include "menu.h"
#include "show/display.h"
#include "show/fields.h"
#include "show/point_display.h"
#include "show/post_dissector.h"
#include "show/selection.h"
#include "show/view.h"
#include "show/walk_cache.h"

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = TCPSTATE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = TCPSTATE_WIRESHARK / 10000;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = TCPSTATE_WIRESHARK / 100 % 100;
WS_DLL_PUBLIC void plugin_register(void);

static int proto_tcpstate = -1;

/* X(name, default, title, description): the preferences that are numbers. 0 means never. */
#define NUMBERS(X)                                                                                                                      \
    X(time_wait, 60, "2MSL (seconds)",                                                                                                  \
      "TIME_WAIT is taken to end this long after it began, by the clock of the capture. 60 as on Linux; 240 as in RFC 9293; 0 for "     \
      "never.")                                                                                                                         \
    X(stuck_retries, 2, "Stuck after (retries)",                                                                                        \
      "An end is reported as stuck at this retry of its SYN, SYN,ACK or FIN, and after so many keep-alive probes without an answer; 0 " \
      "for never.")                                                                                                                     \
    X(resent_data, 3, "Data stuck after (retransmissions)",                                                                             \
      "Data is reported as stuck when it is sent again so many times without an ACK; 0 for never.")                                     \
    X(challenge_acks, 5, "Challenge ACKs without end (count)", "An end that has sent so many challenge ACKs is reported; 0 for never.") \
    X(half_closed, 60, "Half-closed too long (seconds)",                                                                                \
      "FIN_WAIT_2 and CLOSE_WAIT are reported when they last longer without data; 0 for never.")                                        \
    X(zero_window, 30, "Zero window too long (seconds)", "A window that stays closed to probes for longer is reported; 0 for never.")   \
    X(idle, 230, "Idle too long (seconds)",                                                                                             \
      "After a longer silence, data that meets a RST or no answer is put down to a middlebox that forgot the connection; 0 for never.")

#define X(name, value, title, description) static guint pref_##name = value;
NUMBERS(X)
#undef X

#define X(id, preference, about) static api_bool pref_##preference = TRUE;
TCPSTATE_FAMILIES(X)
#undef X

static api_bool pref_assume_delivery;
static api_bool pref_check_checksum;

/* Called when the user changes a preference. This one changes only the display, so it takes effect at once. For the others, Wireshark reads
 * the capture again. */
static void
apply_preferences(void)
{
    view_set_assume_delivery(pref_assume_delivery);
}

static gint64
seconds(guint count)
{
    return (gint64)count * 1000000000;
}

static void
begin_capture(void)
{
    struct tcpstate_limits limits = {
        .half_closed = seconds(pref_half_closed),
        .zero_window = seconds(pref_zero_window),
        .idle = seconds(pref_idle),
        .stuck = (guint16)MIN(pref_stuck_retries, (guint)G_MAXUINT16),
        .resent = (guint16)MIN(pref_resent_data, (guint)G_MAXUINT16),
        .challenges = (guint16)MIN(pref_challenge_acks, (guint)G_MAXUINT16),
    };
    guint8 muted = 0;

#define X(id, preference, about) muted = (guint8)(muted | (pref_##preference ? 0 : 1u << TCPSTATE_##id##_FAMILY));
    TCPSTATE_FAMILIES(X)
#undef X
    apply_preferences();
    listeners_begin_capture();
    shim_begin_capture();
    frame_begin_capture(pref_check_checksum);
    conversation_begin_capture();
    twins_begin_capture();
    syns_begin_capture();
    sightings_begin_capture();
    between_begin_capture();
    reports_begin_capture();
    clock_reset();
    walk_cache_reset();
    memory_reset();
    flow_reset();
    flows_reset();
    engine_reset(seconds(pref_time_wait), &limits, muted);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_tcpstate, apply_preferences);

#define X(name, value, title, description) prefs_register_uint_preference(module, #name, title, description, 10, &pref_##name);
    NUMBERS(X)
#undef X
#define X(id, preference, about) \
    prefs_register_bool_preference(module, "findings." #preference, "Findings: " #preference, "Report " about ".", &pref_##preference);
    TCPSTATE_FAMILIES(X)
#undef X
    prefs_register_bool_preference(
        module, "assume_delivery", "Assume that every segment arrives",
        "Show states as the RFC's figures do: what is sent arrives. Off, a state changes on evidence only, and what "
        "is on its way is shown as awaited.",
        &pref_assume_delivery);
    prefs_register_bool_preference(module, "check_checksum", "Ignore segments with a bad checksum",
                                   "Checksums are wrong in most captures taken on the sending host, which leaves them to its network card.",
                                   &pref_check_checksum);
    netstat_register_preferences(module);
}

static void
register_tcpstate(void)
{
    proto_tcpstate = proto_register_protocol("TCP State", "TCP State", "tcpstate");
    fields_register(proto_tcpstate);
    display_register();
    point_display_register();
    register_preferences();
    frame_register(proto_tcpstate);
    listeners_register();
    post_dissector_register(proto_tcpstate);
    selection_register(proto_tcpstate);
    menu_register(proto_tcpstate);
    tree_register();
    connections_register();
    connections_window_register();
    diagram_register();
    flow_graph_register(proto_tcpstate);
    netstat_register();
    points_register();
    report_register();
    timeline_register();
    register_init_routine(begin_capture);
}

static void
handoff_tcpstate(void)
{
    shim_handoff(proto_tcpstate);
    conversation_register(proto_tcpstate);
}

void
plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = register_tcpstate;
    plugin.register_handoff = handoff_tcpstate;
    proto_register_plugin(&plugin);
}
