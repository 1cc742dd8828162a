/* TCP State: the plugin's entry, its preferences, and the post-dissector.
 *
 * A TCP header passes the shim (notes.c), becomes a segment (header.c), changes the states of its flow (flow.c, plugin/engine) when it
 * is new, and is shown (display.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_BUILD_DLL
#include "display.h"
#include "view.h"

#include <epan/prefs.h>

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = TCPSTATE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = TCPSTATE_WIRESHARK / 10000;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = TCPSTATE_WIRESHARK / 100 % 100;
WS_DLL_PUBLIC void plugin_register(void);

static int proto_tcpstate = -1;

static guint pref_time_wait = 60; /* seconds, as on Linux */
static gboolean pref_assume_delivery;
static gboolean pref_check_checksum;

static int
dissect_tcpstate(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct note *note = notes_of(pinfo);
    gboolean is_new = !pinfo->fd->visited;
    gboolean begun = FALSE;

    if (note == NULL || (!is_new && tree == NULL && !display_wants_findings(pinfo)))
        return 0;
    for (guint8 layer = 0; note != NULL && layer < G_MAXUINT8; note = note->next, layer++) {
        struct tcpstate_segment segment;
        const char *not_counted = header_parse(note, pinfo, layer, &segment) ? NULL : "malformed";
        struct flow *flow;

        if (note->bad_checksum)
            not_counted = "bad checksum";
        if (is_new && not_counted == NULL && !begun) {
            begun = TRUE;
            is_new = flow_frame_begins(&segment);
        }
        flow = flow_of(pinfo, note, &segment, is_new && not_counted == NULL);
        if (flow == NULL)
            continue;
        if (is_new && not_counted == NULL)
            flow_observe(flow, &segment);
        display_segment(pinfo, tvb, tree, flow, &segment, not_counted);
    }
    return (int)tvb_captured_length(tvb);
}

/* What concerns only the showing holds at once; Wireshark reads the capture again for the rest. */
static void
apply_preferences(void)
{
    notes_set_check_checksum(pref_check_checksum);
    view_set_assume_delivery(pref_assume_delivery);
}

static void
begin_capture(void)
{
    apply_preferences();
    display_begin_capture();
    flow_reset(proto_tcpstate, (gint64)pref_time_wait * 1000000000);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_tcpstate, apply_preferences);

    prefs_register_uint_preference(
        module, "time_wait", "2MSL (seconds)",
        "TIME_WAIT is taken to end this long after it began, by the clock of the capture. 60 as on Linux; 240 as "
        "in RFC 9293; 0 for never.",
        10, &pref_time_wait);
    prefs_register_bool_preference(
        module, "assume_delivery", "Assume that every segment arrives",
        "Show states as the RFC's figures do: what is sent arrives. Off, a state changes on evidence only, and what "
        "is on its way is shown as awaited.",
        &pref_assume_delivery);
    prefs_register_bool_preference(module, "check_checksum", "Ignore segments with a bad checksum",
                                   "Checksums are wrong in most captures taken on the sending host, which leaves them to its network card.",
                                   &pref_check_checksum);
}

static void
register_tcpstate(void)
{
    proto_tcpstate = proto_register_protocol("TCP State", "TCP State", "tcpstate");
    display_register(proto_tcpstate);
    register_preferences();
    notes_register();
    register_init_routine(begin_capture);
    register_postdissector(create_dissector_handle(dissect_tcpstate, proto_tcpstate));
}

static void
handoff_tcpstate(void)
{
    notes_handoff(proto_tcpstate);
}

void
plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = register_tcpstate;
    plugin.register_handoff = handoff_tcpstate;
    proto_register_plugin(&plugin);
}
