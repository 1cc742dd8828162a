/* Findings about flags, options and ports of a single header. Of the states, only SYN_SENT matters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flags.h"

#include "../model/numbers.h"
#include "raise.h"

enum {
    ALL_FLAGS = TCPSTATE_FIN | TCPSTATE_SYN | TCPSTATE_RST | TCPSTATE_PSH | TCPSTATE_ACK | TCPSTATE_URG, /* except ECE and CWR */
    XMAS = TCPSTATE_FIN | TCPSTATE_PSH | TCPSTATE_URG,
};

static const struct {
    uint8_t mask, flags;
    enum tcpstate_finding_id id;
} flag_rules[] = {
    {TCPSTATE_SYN | TCPSTATE_FIN, TCPSTATE_SYN | TCPSTATE_FIN, TCPSTATE_FINDING_flags_syn_fin},
    {TCPSTATE_SYN | TCPSTATE_RST, TCPSTATE_SYN | TCPSTATE_RST, TCPSTATE_FINDING_flags_syn_rst},
    {TCPSTATE_SYN | TCPSTATE_URG, TCPSTATE_SYN | TCPSTATE_URG, TCPSTATE_FINDING_flags_syn_urg},
    {TCPSTATE_FIN | TCPSTATE_RST, TCPSTATE_FIN | TCPSTATE_RST, TCPSTATE_FINDING_flags_fin_rst},
    {ALL_FLAGS, 0, TCPSTATE_FINDING_flags_null},
    {ALL_FLAGS, XMAS, TCPSTATE_FINDING_flags_xmas},
};

static void
report_flags(struct reading *r, uint8_t flags)
{
    bool is_scan = (flags & ALL_FLAGS) == 0 || (flags & ALL_FLAGS) == XMAS;

    for (size_t i = 0; i < sizeof flag_rules / sizeof flag_rules[0]; i++)
        if ((flags & flag_rules[i].mask) == flag_rules[i].flags)
            raise_finding(r, flag_rules[i].id, r->snd);
    if (!is_scan && (flags & (TCPSTATE_ACK | TCPSTATE_SYN | TCPSTATE_RST)) == 0 && r->before[r->seg->from] != TCPSTATE_SYN_SENT)
        raise_finding(r, TCPSTATE_FINDING_no_ack_flag, r->snd);
}

void
report_header(struct reading *r, uint8_t flags)
{
    const struct tcpstate_segment *seg = r->seg;

    if ((flags & (TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST)) != 0 || (flags & TCPSTATE_ACK) == 0)
        report_flags(r, flags);
    if ((seg->options.present & TCPSTATE_OPTION_WINDOW_SCALE) != 0 && seg->options.window_scale > MAX_WINDOW_SCALE)
        raise_finding(r, TCPSTATE_FINDING_wscale_over_14, r->snd)->count = seg->options.window_scale;
    if (seg->options.bad_kind != 0)
        raise_finding(r, TCPSTATE_FINDING_option_bad_length, r->snd)->count = seg->options.bad_kind;
    if (seg->options.repeated_kind != 0)
        raise_finding(r, TCPSTATE_FINDING_option_repeated, r->snd)->count = seg->options.repeated_kind;
    if (seg->src_port == 0 || seg->dst_port == 0)
        raise_finding(r, TCPSTATE_FINDING_port_zero, r->snd)->detail = (uint8_t)(seg->src_port == 0 ? TCPSTATE_DETAIL_FROM_PORT
                                                                                                    : TCPSTATE_DETAIL_TO_PORT);
}
