/* RFC 9293 section 3.1 and the options that states depend on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "header.h"

#include <tcpstate/seq.h>

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
    OPTION_TFO = 34,
    OPTION_EXPERIMENT = 254
};
enum { HEADER_LENGTH = 20, TFO_MAGIC = 0xF989 };

static guint16
get16(const guint8 *p)
{
    return (guint16)(p[0] << 8 | p[1]);
}

static guint32
get32(const guint8 *p)
{
    return (guint32)get16(p) << 16 | get16(p + 2);
}

static void
take_sack(const guint8 *option, guint length, struct tcpstate_options *options)
{
    for (guint at = 2; at + 8 <= length; at += 8) {
        guint32 right = get32(option + at + 4);

        if (!(options->present & TCPSTATE_OPTION_SACK) || seq_gt(right, options->sack_edge))
            options->sack_edge = right;
        options->present |= TCPSTATE_OPTION_SACK;
    }
}

/* Lengths that RFC 9293 section 3.2, RFC 7323 and RFC 2018 prescribe. */
static gboolean
has_its_length(guint8 kind, guint length)
{
    switch (kind) {
    case OPTION_MSS:
        return length == 4;
    case OPTION_SCALE:
        return length == 3;
    case OPTION_SACK_PERMITTED:
        return length == 2;
    case OPTION_SACK:
        return length >= 10 && (length - 2) % 8 == 0;
    case OPTION_TIMESTAMPS:
        return length == 10;
    default:
        return TRUE;
    }
}

static void
take_option(const guint8 *option, guint length, struct tcpstate_options *options)
{
    switch (option[0]) {
    case OPTION_SCALE:
        options->present |= TCPSTATE_OPTION_WINDOW_SCALE;
        options->window_scale = option[2];
        break;
    case OPTION_SACK:
        take_sack(option, length, options);
        break;
    case OPTION_TIMESTAMPS:
        options->present |= TCPSTATE_OPTION_TIMESTAMPS;
        options->tsval = get32(option + 2);
        options->tsecr = get32(option + 6);
        break;
    case OPTION_TFO:
        options->present |= TCPSTATE_OPTION_FAST_OPEN;
        break;
    case OPTION_EXPERIMENT:
        if (length >= 4 && get16(option + 2) == TFO_MAGIC)
            options->present |= TCPSTATE_OPTION_FAST_OPEN;
        break;
    default:
        break;
    }
}

/* `whole`: the capture has all of them, so one that runs past the end is wrong. */
static void
take_options(const guint8 *at, const guint8 *end, gboolean whole, struct tcpstate_options *options)
{
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NOP) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
            options->bad_kind = whole || (end - at >= 2 && at[1] < 2) ? *at : 0;
            return;
        }
        if (has_its_length(*at, at[1]))
            take_option(at, at[1], options);
        else
            options->bad_kind = *at;
        at += at[1];
    }
}

gint64
header_time(const packet_info *pinfo)
{
    const gint64 last = G_GINT64_CONSTANT(4600000000);
    gint64 seconds = CLAMP((gint64)pinfo->abs_ts.secs, 0, last);

    return seconds * 1000000000 + pinfo->abs_ts.nsecs;
}

/* Which of the two ends is number 1: the same for both directions and for all segments of a pair. */
static gint
compare_ends(const struct note *note, const struct tcpstate_segment *segment)
{
    gint order = cmp_address(&note->src, &note->dst);

    return order != 0 ? order : (gint)segment->src_port - (gint)segment->dst_port;
}

gboolean
header_parse(const struct note *note, const packet_info *pinfo, guint8 layer, struct tcpstate_segment *segment)
{
    const guint8 *header = note->header;
    guint offset = (guint)(header[12] >> 4) * 4;
    gint order;

    *segment = (struct tcpstate_segment){
        .time = header_time(pinfo),
        .frame = pinfo->num,
        .layer = layer,
        .length_known = !note->fragmented,
        .flags = header[13],
        .src_port = get16(header),
        .dst_port = get16(header + 2),
        .seq = get32(header + 4),
        .ack = get32(header + 8),
        .window = note->captured >= 16 ? get16(header + 14) : 0,
        .payload = note->reported_length > offset ? note->reported_length - offset : 0,
        .ip_id = note->ip_id,
        .vlan = pinfo->vlan_id,
        .header = header,
        .header_length = (guint8)MIN(offset, note->captured),
    };
    order = compare_ends(note, segment);
    segment->from = order > 0;
    segment->to_itself = order == 0;
    if (note->captured > HEADER_LENGTH)
        take_options(header + HEADER_LENGTH, header + segment->header_length, note->captured >= offset, &segment->options);
    segment->options.cut = note->captured < offset;
    if (segment->payload > 0 && !note->fragmented && tvb_captured_length(note->tvb) >= offset + segment->payload)
        segment->data = tvb_get_ptr(note->tvb, (gint)offset, (gint)segment->payload);
    return offset >= HEADER_LENGTH && (note->fragmented || offset <= note->reported_length);
}

void
header_parse_quoted(const struct note *note, const packet_info *pinfo, guint8 layer, struct tcpstate_segment *segment)
{
    gint order;

    *segment = (struct tcpstate_segment){
        .time = header_time(pinfo),
        .frame = pinfo->num,
        .layer = layer,
        .src_port = get16(note->header),
        .dst_port = get16(note->header + 2),
        .seq = get32(note->header + 4),
    };
    order = compare_ends(note, segment);
    segment->from = order > 0;
    segment->to_itself = order == 0;
}
