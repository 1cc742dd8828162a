/* TCP State: the plugin's entry, its preferences, and the post-dissector.
 *
 * A TCP header passes the shim (notes.c), becomes a segment (header.c), changes the states of its flow (flow.c, plugin/engine) when it
 * is new, and is shown (display.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_BUILD_DLL
#include "display.h"
#include "clock.h"
#include "menu.h"
#include "selection.h"
#include "tap.h"
#include "view.h"

#include <epan/prefs.h>

#include "../statistics/statistics.h"

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = TCPSTATE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = TCPSTATE_WIRESHARK / 10000;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = TCPSTATE_WIRESHARK / 100 % 100;
WS_DLL_PUBLIC void plugin_register(void);

static int proto_tcpstate = -1;

/* X(name, default, title, what it says): numbers; 0 for never */
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
    X(idle, 300, "Idle too long (seconds)",                                                                                             \
      "After a longer silence, data that meets a RST or no answer is put down to a middlebox that forgot the connection; 0 for never.")

#define X(name, value, title, description) static guint pref_##name = value;
NUMBERS(X)
#undef X

#define X(id, preference, about) static api_bool pref_##preference = TRUE;
TCPSTATE_FAMILIES(X)
#undef X

static api_bool pref_assume_delivery;
static api_bool pref_check_checksum;

/* The frame that is being dissected. */
struct frame {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree;
    gboolean is_new; /* on the first pass, and the engine has not had it */
    gboolean begun;
};

/* Whether the engine is to read this, the first or a later segment of the frame. */
static gboolean
is_to_be_read(struct frame *frame, const struct tcpstate_segment *segment)
{
    if (frame->is_new && !frame->begun) {
        frame->begun = TRUE;
        frame->is_new = flow_frame_begins(segment);
    }
    return frame->is_new;
}

/* One TCP header of the frame: its states, and its findings. */
static void
dissect_segment(struct frame *frame, const struct note *note, guint8 layer)
{
    struct tcpstate_segment segment;
    const char *not_counted = header_parse(note, frame->pinfo, layer, &segment) ? NULL : "malformed";
    gboolean read;
    struct flow *flow;

    if (note->bad_checksum)
        not_counted = "bad checksum";
    read = (not_counted == NULL || note->bad_checksum) && is_to_be_read(frame, &segment);
    flow = flow_of(note, &segment, read && not_counted == NULL);
    if (flow == NULL)
        return;
    if (read)
        (not_counted == NULL ? flow_observe : flow_observe_bad_checksum)(flow, &segment);
    display_segment(frame->pinfo, frame->tvb, frame->tree, flow, &segment, not_counted);
    selection_keep(frame->pinfo, frame->tree, flow, &segment);
    if (not_counted == NULL)
        tap_tell(frame->pinfo, flow, &segment, FALSE);
}

/* A header that an ICMP error quotes: findings alone, and only of a connection that is known. */
static void
dissect_quoted(struct frame *frame, const struct note *note, guint8 layer)
{
    struct tcpstate_segment quoted;
    struct flow *flow;

    header_parse_quoted(note, frame->pinfo, layer, &quoted);
    flow = flow_of(note, &quoted, FALSE);
    if (flow == NULL)
        return;
    if (is_to_be_read(frame, &quoted))
        flow_observe_icmp(flow, &quoted, &note->icmp);
    display_quoted(frame->pinfo, frame->tvb, frame->tree, flow, &quoted);
    selection_keep(frame->pinfo, frame->tree, flow, &quoted);
    tap_tell(frame->pinfo, flow, &quoted, TRUE);
}

static int
dissect_tcpstate(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct note *note = notes_of(pinfo);
    struct frame frame = {.tvb = tvb, .pinfo = pinfo, .tree = tree, .is_new = !pinfo->fd->visited};

    if (frame.is_new)
        clock_tick(header_time(pinfo));
    if (note == NULL || (!frame.is_new && tree == NULL && !display_wants_findings(pinfo) && !tap_is_wanted()))
        return 0;
    for (guint8 layer = 0; note != NULL && layer < G_MAXUINT8; note = note->next, layer++)
        (note->quoted ? dissect_quoted : dissect_segment)(&frame, note, layer);
    return (int)tvb_captured_length(tvb);
}

/* What concerns only the showing holds at once; Wireshark reads the capture again for the rest. */
static void
apply_preferences(void)
{
    notes_set_check_checksum(pref_check_checksum);
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
    display_begin_capture();
    clock_reset();
    flow_reset(seconds(pref_time_wait), &limits, muted);
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
    display_register(proto_tcpstate);
    register_preferences();
    notes_register();
    selection_register(proto_tcpstate);
    menu_register(proto_tcpstate);
    tap_register();
    tree_register();
    connections_register();
    connections_window_register();
    diagram_register();
    flow_graph_register(proto_tcpstate);
    netstat_register();
    timeline_register();
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
