/* RFC 9293 section 3.1 and the options that states depend on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "header.h"

#include <epan/in_cksum.h>
#include <epan/ipproto.h>

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
    guint16 value;

    memcpy(&value, p, sizeof value);
    return g_ntohs(value);
}

static guint32
get32(const guint8 *p)
{
    guint32 value;

    memcpy(&value, p, sizeof value);
    return g_ntohl(value);
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
header_time(const nstime_t *time)
{
    const guint64 last = G_GUINT64_CONSTANT(4600000000);
    guint64 seconds = (guint64)time->secs;

    if (seconds > last)
        seconds = time->secs < 0 ? 0 : last;
    return (gint64)seconds * 1000000000 + time->nsecs;
}

/* As cmp_address(), and for IPv4 at once. */
static gint
compare_addresses(const address *a, const address *b)
{
    guint32 left, right;

    if (a->type != AT_IPv4 || b->type != AT_IPv4)
        return cmp_address(a, b);
    left = get32((const guint8 *)a->data);
    right = get32((const guint8 *)b->data);
    return (left > right) - (left < right);
}

/* Which of the two ends is number 1: the same for both directions and for all segments of a pair. */
static void
tell_ends_apart(const packet_info *pinfo, struct tcpstate_segment *segment)
{
    gint order = compare_addresses(&pinfo->src, &pinfo->dst);

    if (order == 0)
        order = (gint)segment->src_port - (gint)segment->dst_port;
    segment->from = order > 0;
    segment->to_itself = order == 0;
}

gboolean
header_parse(const struct arrival *arrival, struct tcpstate_segment *segment)
{
    const packet_info *pinfo = arrival->pinfo;
    guint captured = arrival->captured, reported = tvb_reported_length(arrival->tvb);
    const guint8 *header = tvb_get_ptr(arrival->tvb, 0, (gint)captured);
    guint offset = (guint)(header[12] >> 4) * 4;

    *segment = (struct tcpstate_segment){
        .time = header_time(&pinfo->abs_ts),
        .frame = pinfo->num,
        .layer = arrival->layer,
        .length_known = !pinfo->fragmented,
        .flags = header[13],
        .src_port = get16(header),
        .dst_port = get16(header + 2),
        .seq = get32(header + 4),
        .ack = get32(header + 8),
        .window = captured >= 16 ? get16(header + 14) : 0,
        .payload = reported > offset ? reported - offset : 0,
        .ip_id = arrival->ip_id,
        .vlan = pinfo->vlan_id,
        .header = header,
        .header_length = (guint8)MIN(offset, captured),
    };
    tell_ends_apart(pinfo, segment);
    if (segment->header_length > HEADER_LENGTH)
        take_options(header + HEADER_LENGTH, header + segment->header_length, captured >= offset, &segment->options);
    segment->options.cut = captured < offset;
    if (segment->payload > 0 && !pinfo->fragmented && captured >= offset + segment->payload)
        segment->data = header + offset;
    return offset >= HEADER_LENGTH && (pinfo->fragmented || offset <= reported);
}

void
header_parse_quoted(const struct arrival *arrival, struct tcpstate_segment *segment)
{
    const guint8 *header = tvb_get_ptr(arrival->tvb, 0, SHIM_QUOTED_MIN);

    *segment = (struct tcpstate_segment){
        .time = header_time(&arrival->pinfo->abs_ts),
        .frame = arrival->pinfo->num,
        .layer = arrival->layer,
        .src_port = get16(header),
        .dst_port = get16(header + 2),
        .seq = get32(header + 4),
    };
    tell_ends_apart(arrival->pinfo, segment);
}

gboolean
header_has_bad_checksum(const struct arrival *arrival)
{
    const packet_info *pinfo = arrival->pinfo;
    guint length = tvb_reported_length(arrival->tvb);
    guint32 pseudo_header[2] = {g_htonl(length), g_htonl(IP_PROTO_TCP)};
    vec_t parts[4];

    if (pinfo->fragmented || arrival->captured < length || (pinfo->src.type != AT_IPv4 && pinfo->src.type != AT_IPv6))
        return FALSE;
    SET_CKSUM_VEC_PTR(parts[0], (const guint8 *)pinfo->src.data, pinfo->src.len);
    SET_CKSUM_VEC_PTR(parts[1], (const guint8 *)pinfo->dst.data, pinfo->dst.len);
    SET_CKSUM_VEC_PTR(parts[2], (const guint8 *)pseudo_header, sizeof pseudo_header);
    SET_CKSUM_VEC_TVB(parts[3], arrival->tvb, 0, (gint)length);
    return in_cksum(parts, G_N_ELEMENTS(parts)) != 0;
}
