/* The rules for ICMP errors. An error shows only that a segment was not delivered; it changes no state (RFC 5461).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../findings/raise.h"
#include "../model/numbers.h"

enum {
    ICMP_UNREACHABLE = 3, /* RFC 792 */
    ICMP_FRAGMENTATION_NEEDED = 4,
    ICMP_PROTOCOL_UNREACHABLE = 2,
    ICMP_PORT_UNREACHABLE = 3,
    ICMPV6_UNREACHABLE = 1, /* RFC 4443 */
    ICMPV6_PACKET_TOO_BIG = 2,
    ICMPV6_PORT_UNREACHABLE = 4,
};

static bool
is_path_mtu_discovery(const struct tcpstate_icmp *icmp)
{
    return icmp->is_v6 ? icmp->type == ICMPV6_PACKET_TOO_BIG : icmp->type == ICMP_UNREACHABLE && icmp->code == ICMP_FRAGMENTATION_NEEDED;
}

/* Hard errors: a stack may close the connection (RFC 1122 section 4.2.3.9). */
static bool
is_hard(const struct tcpstate_icmp *icmp)
{
    if (icmp->is_v6)
        return icmp->type == ICMPV6_UNREACHABLE && icmp->code == ICMPV6_PORT_UNREACHABLE;
    return icmp->type == ICMP_UNREACHABLE && (icmp->code == ICMP_PROTOCOL_UNREACHABLE || icmp->code == ICMP_PORT_UNREACHABLE);
}

/* Whether the number was sent and not acknowledged: errors about other numbers are old or forged (RFC 5927 section 4.1). */
static bool
is_in_flight(const struct tcpstate_peer *self, const struct tcpstate_peer *peer, uint32_t seq)
{
    return self->snd_known && seq_lt(seq, self->snd_nxt) && seq_ge(seq, peer->rcv_known ? peer->rcv_nxt : self->iss);
}

void
tcpstate_observe_icmp(struct tcpstate_observer *observer, struct tcpstate_pair *pair, const struct tcpstate_segment *quoted,
                      const struct tcpstate_icmp *icmp, struct tcpstate_outcome *outcome)
{
    struct reading r = {.observer = observer, .pair = pair, .out = outcome, .seg = quoted};
    struct tcpstate_finding *finding;

    begin_outcome(&r);
    if (pair->now == NULL)
        return;
    read_in(&r, pair->now);
    if (!is_in_flight(r.snd, r.rcv, quoted->seq))
        return;
    if (is_path_mtu_discovery(icmp)) {
        watch_of(&r)->stream[quoted->from].mtu_frame = quoted->frame;
        return;
    }
    finding = raise_finding(&r, TCPSTATE_FINDING_icmp_unreachable, r.snd);
    finding->icmp_type = icmp->type;
    finding->icmp_code = icmp->code;
    finding->icmp_is_v6 = icmp->is_v6;
    finding->detail = (uint8_t)(is_hard(icmp) ? TCPSTATE_DETAIL_HARD_ERROR : TCPSTATE_DETAIL_SOFT_ERROR);
}
