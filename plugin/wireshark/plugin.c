/* TCP State: the plugin's entry, its preferences, and what is done with a TCP header.
 *
 * It arrives at the shim (shim.c), becomes a segment (header.c), changes the states of its flow (flow.c, plugin/engine) when it
 * is new, and is shown (display.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_BUILD_DLL
#include "display.h"
#include "fields.h"
#include "clock.h"
#include "flows.h"
#include "memo.h"
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
static const char *proto_name;

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

/* What has arrived and is to be shown, from the outside in. */
static GArray *to_show;

struct shown {
    struct arrival arrival;
    struct tcpstate_segment segment;
    const struct flow *flow;
    gboolean drawn;          /* or told to taps alone */
    const char *not_counted; /* why the segment is no part of its connection; NULL where it is */
};

static gboolean
keep_if_wanted(const struct arrival *arrival, const struct tcpstate_segment *segment, const struct flow *flow, const char *not_counted)
{
    gboolean drawn = display_is_wanted(arrival, flow, segment);

    if (!drawn && !tap_is_wanted())
        return FALSE;
    g_array_set_size(to_show, to_show->len + 1);
    g_array_index(to_show, struct shown, to_show->len - 1) = (struct shown){
        .arrival = *arrival, .segment = *segment, .flow = flow, .drawn = drawn, .not_counted = not_counted};
    return TRUE;
}

static inline gboolean
keep_to_show(const struct arrival *arrival, const struct tcpstate_segment *segment, const struct flow *flow, const char *not_counted)
{
    gboolean is_plain = arrival->tree == NULL && flow->finding_count == 0 && !tap_is_wanted(); /* as most are, where nobody looks */

    return !is_plain && keep_if_wanted(arrival, segment, flow, not_counted);
}

static gboolean
take_segment(const struct arrival *arrival)
{
    struct tcpstate_segment segment;
    gboolean well_formed = header_parse(arrival, &segment), bad_checksum = pref_check_checksum && header_has_bad_checksum(arrival);
    const char *not_counted = bad_checksum ? "bad checksum" : well_formed ? NULL : "malformed";
    gboolean is_new = flow_is_next(arrival->pinfo, &segment);
    struct flow *flow = flow_of(arrival->pinfo, &segment, is_new && not_counted == NULL);

    if (flow == NULL)
        return FALSE;
    if (is_new && bad_checksum)
        flow_observe_bad_checksum(flow, &segment);
    else if (is_new && well_formed)
        flow_observe(flow, &segment);
    return keep_to_show(arrival, &segment, flow, not_counted);
}

/* A header that an ICMP error quotes: findings alone, and only of a connection that is known. */
static gboolean
take_quoted(const struct arrival *arrival)
{
    struct tcpstate_segment quoted;
    struct flow *flow;
    gboolean is_new;

    header_parse_quoted(arrival, &quoted);
    is_new = flow_is_next(arrival->pinfo, &quoted);
    flow = flow_of(arrival->pinfo, &quoted, FALSE);
    if (flow == NULL)
        return FALSE;
    if (is_new)
        flow_observe_icmp(flow, &quoted, arrival->icmp);
    return keep_to_show(arrival, &quoted, flow, NULL);
}

gboolean
segments_are_wanted(const packet_info *pinfo, const proto_tree *tree)
{
    return !pinfo->fd->visited || tree != NULL || tap_is_wanted() || (flow_has_findings() && display_wants_findings(pinfo));
}

gboolean
segment_arrives(const struct arrival *arrival)
{
    return arrival->icmp != NULL ? take_quoted(arrival) : take_segment(arrival);
}

/* Expert information and taps are to know that this is our protocol, and no part of an ICMP error. */
static void
show(const struct shown *shown)
{
    const struct arrival *arrival = &shown->arrival;
    packet_info *pinfo = arrival->pinfo;
    const char *outer_proto = pinfo->current_proto;
    gboolean quoted = arrival->icmp != NULL, outer_is_error = pinfo->flags.in_error_pkt != 0;

    pinfo->current_proto = proto_name;
    pinfo->flags.in_error_pkt = FALSE;
    if (shown->drawn && quoted)
        display_quoted(arrival, shown->flow, &shown->segment);
    else if (shown->drawn)
        display_segment(arrival, shown->flow, &shown->segment, shown->not_counted);
    selection_keep(pinfo, arrival->tree, shown->flow, &shown->segment);
    if (quoted || shown->not_counted == NULL)
        tap_tell(pinfo, shown->flow, &shown->segment, quoted);
    pinfo->current_proto = outer_proto;
    pinfo->flags.in_error_pkt = outer_is_error ? 1 : 0;
}

void
segments_passed(void)
{
    guint count = to_show->len;

    g_array_set_size(to_show, 0); /* its elements stay where they are */
    for (guint i = 0; i < count; i++)
        show(&((const struct shown *)(void *)to_show->data)[i]);
}

/* What concerns only the showing holds at once; Wireshark reads the capture again for the rest. */
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
    display_begin_capture();
    shim_begin_capture();
    clock_reset();
    memo_reset();
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
    proto_name = proto_get_protocol_short_name(find_protocol_by_id(proto_tcpstate));
    fields_register(proto_tcpstate);
    display_register();
    register_preferences();
    shim_register();
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
    to_show = g_array_new(FALSE, FALSE, sizeof(struct shown));
    register_init_routine(begin_capture);
}

static void
handoff_tcpstate(void)
{
    shim_handoff(proto_tcpstate);
}

void
plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = register_tcpstate;
    plugin.register_handoff = handoff_tcpstate;
    proto_register_plugin(&plugin);
}
