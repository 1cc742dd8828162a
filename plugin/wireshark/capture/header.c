/* Parses the TCP header (RFC 9293 section 3.1), and the options that can change a state or a finding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "header.h"

#include <string.h>

#include <epan/in_cksum.h>
#include <epan/ipproto.h>
#include <wsutil/pint.h>

#include <tcpstate/seq.h>

#include "place.h"

/* Option kinds that IANA has assigned. Experiment 0xF989 was Fast Open before RFC 7413 gave it kind 34 (RFC 6994). */
enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
    OPTION_MULTIPATH = 30,
    OPTION_TFO = 34,
    OPTION_EXPERIMENT = 254
};
enum { HEADER_LENGTH = 20, TFO_MAGIC = 0xF989 };

static void
parse_sack(const guint8 *option, guint length, struct tcpstate_options *options)
{
    for (guint at = 2; at + 8 <= length; at += 8) {
        guint32 right = pntohu32(option + at + 4);

        if (!(options->present & TCPSTATE_OPTION_SACK) || seq_gt(right, options->sack_edge))
            options->sack_edge = right;
        options->present |= TCPSTATE_OPTION_SACK;
    }
}

/* Lengths in bytes, from RFC 9293 section 3.2, RFC 7323 sections 2.2 and 3.2, RFC 2018 sections 2 and 3, and RFC 7413 section 4.1.1. */
static gboolean
has_valid_length(guint8 kind, guint length)
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
    case OPTION_TFO:
        return length == 2 || (length >= 6 && length <= 18 && length % 2 == 0);
    default:
        return TRUE;
    }
}

static void
parse_option(const guint8 *option, guint length, struct tcpstate_options *options)
{
    switch (option[0]) {
    case OPTION_SCALE:
        options->present |= TCPSTATE_OPTION_WINDOW_SCALE;
        options->window_scale = option[2];
        break;
    case OPTION_SACK:
        parse_sack(option, length, options);
        break;
    case OPTION_TIMESTAMPS:
        options->present |= TCPSTATE_OPTION_TIMESTAMPS;
        options->tsval = pntohu32(option + 2);
        options->tsecr = pntohu32(option + 6);
        break;
    case OPTION_TFO:
        options->present |= TCPSTATE_OPTION_FAST_OPEN;
        break;
    case OPTION_EXPERIMENT:
        if (length >= 4 && pntohu16(option + 2) == TFO_MAGIC)
            options->present |= TCPSTATE_OPTION_FAST_OPEN;
        break;
    default:
        break;
    }
}

/* Options that IANA has assigned are there once, but for those of Multipath TCP (RFC 8684 section 3). */
static gboolean
may_repeat(guint8 kind)
{
    return kind == OPTION_MULTIPATH || kind > OPTION_TFO;
}

/* `whole`: all option bytes were captured, so an option that runs past the end is malformed. */
static void
parse_options(const guint8 *at, const guint8 *end, gboolean whole, struct tcpstate_options *options)
{
    guint64 seen = 0; /* one bit for each kind */

    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NOP) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
            options->bad_kind = whole || (end - at >= 2 && at[1] < 2) ? *at : 0;
            return;
        }
        if (has_valid_length(*at, at[1]))
            parse_option(at, at[1], options);
        else
            options->bad_kind = *at;
        if (!may_repeat(*at)) {
            if (seen >> *at & 1)
                options->repeated_kind = *at;
            seen |= G_GUINT64_CONSTANT(1) << *at;
        }
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

gint64
header_captured_time(const packet_info *pinfo)
{
    const nstime_t *shift = &pinfo->fd->shift_offset;
    nstime_t captured;

    if (shift->secs == 0 && shift->nsecs == 0) /* for each segment: without a call */
        return header_time(&pinfo->abs_ts);
    nstime_delta(&captured, &pinfo->abs_ts, shift);
    return header_time(&captured);
}

/* The same as cmp_address(), but faster for IPv4. */
static gint
compare_addresses(const address *a, const address *b)
{
    guint32 left, right;

    if (a->type != AT_IPv4 || b->type != AT_IPv4)
        return cmp_address(a, b);
    left = pntohu32(a->data);
    right = pntohu32(b->data);
    return (left > right) - (left < right);
}

/* Decides which end is number 1: the same in both directions, and for all segments between these two ends. */
static void
set_ends(const packet_info *pinfo, struct tcpstate_segment *segment)
{
    gint order = compare_addresses(&pinfo->src, &pinfo->dst);

    if (order == 0)
        order = (gint)segment->src_port - (gint)segment->dst_port;
    segment->from = order > 0;
    segment->to_itself = order == 0;
}

gboolean
header_parse(const struct raw_header *raw, struct tcpstate_segment *segment)
{
    const packet_info *pinfo = raw->pinfo;
    guint captured = raw->captured, reported = tvb_reported_length(raw->tvb);
    const guint8 *header = tvb_get_ptr(raw->tvb, 0, (gint)captured);
    guint offset = (guint)(header[12] >> 4) * 4;

    memset(segment, 0, sizeof *segment);
    segment->time = header_captured_time(pinfo);
    segment->frame = pinfo->num;
    segment->layer = raw->layer;
    segment->length_known = !pinfo->fragmented;
    segment->flags = header[13];
    segment->src_port = pntohu16(header);
    segment->dst_port = pntohu16(header + 2);
    segment->seq = pntohu32(header + 4);
    segment->ack = pntohu32(header + 8);
    segment->window_cut = captured < 16;
    segment->window = captured >= 16 ? pntohu16(header + 14) : 0;
    segment->payload = reported > offset ? reported - offset : 0;
    segment->ip_id = raw->ip_id;
    segment->ttl = raw->ttl;
    segment->way = place_way(pinfo);
    segment->network = raw->network;
    segment->header = header;
    segment->header_length = (guint8)MIN(offset, captured);
    set_ends(pinfo, segment);
    if (segment->header_length > HEADER_LENGTH)
        parse_options(header + HEADER_LENGTH, header + segment->header_length, captured >= offset, &segment->options);
    segment->options.cut = captured < offset;
    if ((segment->flags & (TCPSTATE_SYN | TCPSTATE_ACK)) == TCPSTATE_SYN)
        segment->hosts = add_address_to_hash(add_address_to_hash(0, &pinfo->src), &pinfo->dst);
    if (segment->payload > 0 && !pinfo->fragmented && captured >= offset + segment->payload)
        segment->data = header + offset;
    return offset >= HEADER_LENGTH && (pinfo->fragmented || offset <= reported);
}

void
header_parse_quoted(const struct raw_header *raw, struct tcpstate_segment *segment)
{
    const guint8 *header = tvb_get_ptr(raw->tvb, 0, HEADER_QUOTED_MIN);

    *segment = (struct tcpstate_segment){
        .time = header_captured_time(raw->pinfo),
        .frame = raw->pinfo->num,
        .layer = raw->layer,
        .src_port = pntohu16(header),
        .dst_port = pntohu16(header + 2),
        .seq = pntohu32(header + 4),
    };
    set_ends(raw->pinfo, segment);
}

gboolean
header_has_bad_checksum(const struct raw_header *raw)
{
    const packet_info *pinfo = raw->pinfo;
    guint length = tvb_reported_length(raw->tvb);
    guint32 pseudo_header[2] = {g_htonl(length), g_htonl(IP_PROTO_TCP)};
    vec_t parts[4];

    if (pinfo->fragmented || raw->captured < length || (pinfo->src.type != AT_IPv4 && pinfo->src.type != AT_IPv6))
        return FALSE;
    SET_CKSUM_VEC_PTR(parts[0], (const guint8 *)pinfo->src.data, pinfo->src.len);
    SET_CKSUM_VEC_PTR(parts[1], (const guint8 *)pinfo->dst.data, pinfo->dst.len);
    SET_CKSUM_VEC_PTR(parts[2], (const guint8 *)pseudo_header, sizeof pseudo_header);
    SET_CKSUM_VEC_TVB(parts[3], raw->tvb, 0, (gint)length);
    return in_cksum(parts, G_N_ELEMENTS(parts)) != 0;
}
