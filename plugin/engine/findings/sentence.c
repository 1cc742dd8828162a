/* Writes the sentence of a finding: replaces the words in braces in its text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tcpstate/decimal.h>
#include <tcpstate/finding.h>
#include <tcpstate/segment.h>
#include <tcpstate/seq.h>
#include <tcpstate/state.h>

#include "backoff.h"

const struct tcpstate_finding_kind tcpstate_finding_kinds[TCPSTATE_FINDING_COUNT] = {
#define X(name, family, severity, lesser, group, rfc, summary, text) \
    [TCPSTATE_FINDING_##                                             \
        name] = {#name, TCPSTATE_##family##_FAMILY, TCPSTATE_##severity, TCPSTATE_##lesser, TCPSTATE_##group, rfc, summary, text},
    TCPSTATE_FINDINGS(X)
#undef X
};

static const char *const details[] = {[TCPSTATE_NO_DETAIL] = "",
#define X(id, phrase) [TCPSTATE_DETAIL_##id] = phrase,
                                      TCPSTATE_DETAILS(X)
#undef X
};

/* What a stuck end sends again; TCPSTATE_RETRYING_NOTHING for all other findings. */
static const enum tcpstate_retrying retrying[TCPSTATE_FINDING_COUNT] = {
    [TCPSTATE_FINDING_syn_sent_stuck] = TCPSTATE_RETRYING_SYN,   [TCPSTATE_FINDING_syn_rcvd_stuck] = TCPSTATE_RETRYING_SYN_ACK,
    [TCPSTATE_FINDING_fin_wait_1_stuck] = TCPSTATE_RETRYING_FIN, [TCPSTATE_FINDING_last_ack_stuck] = TCPSTATE_RETRYING_LAST_FIN,
    [TCPSTATE_FINDING_closing_stuck] = TCPSTATE_RETRYING_FIN,
};

bool
tcpstate_finding_is_stuck(const struct tcpstate_finding *finding)
{
    return retrying[finding->id] != TCPSTATE_RETRYING_NOTHING;
}

enum tcpstate_severity
tcpstate_finding_severity(const struct tcpstate_finding *finding)
{
    const struct tcpstate_finding_kind *kind = &tcpstate_finding_kinds[finding->id];

    return finding->lesser ? kind->lesser : kind->severity;
}

typedef void write_fn(const struct tcpstate_finding *f, char *to, size_t size);

static void expand(const struct tcpstate_finding *f, const char *in, char *to, size_t size);

static void
write_end(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%s", f->end_is_client ? "client" : "server");
}

static void
write_peer(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%s", f->end_is_client ? "server" : "client");
}

static void
write_state(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%s", tcpstate_state_name((enum tcpstate_state)f->state));
}

static void
write_other(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%s", tcpstate_state_name((enum tcpstate_state)f->other));
}

static void
write_frame(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->related != 0)
        snprintf(to, size, "frame %" PRIu32, f->related);
    else
        snprintf(to, size, "an earlier frame");
}

static void
write_count(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%" PRIu32, f->count);
}

static void
write_bytes(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%" PRIu32 " byte%s", f->count, f->count == 1 ? "" : "s");
}

static struct tcpstate_decimal
in_seconds(int64_t nanoseconds, unsigned decimals)
{
    return tcpstate_decimal(nanoseconds, TCPSTATE_SECOND, decimals);
}

static void
write_gap(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%s", in_seconds(f->gap, 3).text);
}

static void
write_ratio(const struct tcpstate_finding *f, char *to, size_t size)
{
    double tenths = f->gap_before > 0 ? (double)f->gap / (double)f->gap_before * 10 + .5 : 0;

    if (f->gap_before > 0)
        snprintf(to, size, " (%s times the gap before)", tcpstate_decimal((int64_t)(tenths < 1e18 ? tenths : 1e18), 10, 1).text);
}

/* A number before the ISN is shown as a negative relative number. */
static void
write_number(const struct tcpstate_finding *f, uint32_t number, char *to, size_t size)
{
    if (f->seq_is_relative && seq_lt(number, f->seq_base))
        snprintf(to, size, "-%" PRIu32 ", absolute %" PRIu32, f->seq_base - number, number);
    else if (f->seq_is_relative)
        snprintf(to, size, "%" PRIu32 ", absolute %" PRIu32, number - f->seq_base, number);
    else
        snprintf(to, size, "%" PRIu32 " absolute", number);
}

static void
write_seq(const struct tcpstate_finding *f, char *to, size_t size)
{
    write_number(f, f->seq, to, size);
}

static void
write_expected(const struct tcpstate_finding *f, char *to, size_t size)
{
    write_number(f, f->expected, to, size);
}

static void
write_value(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%" PRIu32, f->seq);
}

static void
write_was(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%" PRIu32, f->expected);
}

static void
write_at(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->related != 0)
        snprintf(to, size, " in frame %" PRIu32, f->related);
}

static void
write_detail(const struct tcpstate_finding *f, char *to, size_t size)
{
    expand(f, details[f->detail], to, size);
}

/* Appends to a text, as far as there is room. */
static void
append(char *to, size_t size, const char *words)
{
    size_t used = strlen(to);

    snprintf(to + used, size - used, "%s", words);
}

/* For example "lwIP gives up in 13 s", "known stacks give up in 60 to 124 s". */
static void
append_give_up(const struct tcpstate_backoff *backoff, char *to, size_t size)
{
    struct tcpstate_decimal soonest = in_seconds(backoff->soonest, 0), latest = in_seconds(backoff->latest, 0);

    append(to, size, backoff->several ? "known stacks give" : backoff->stack);
    append(to, size, backoff->several ? " up in " : " gives up in ");
    append(to, size, soonest.text);
    if (strcmp(soonest.text, latest.text) != 0) {
        append(to, size, " to ");
        append(to, size, latest.text);
    }
    append(to, size, " s");
}

static void
write_backoff(const struct tcpstate_finding *f, char *to, size_t size)
{
    struct tcpstate_backoff backoff = tcpstate_backoff(retrying[f->id], f->count, f->gap_before, f->gap);
    char words[64];

    snprintf(to, size, "gaps %s, %s s", in_seconds(f->gap_before, 3).text, in_seconds(f->gap, 3).text);
    if (backoff.stack == NULL) {
        append(to, size, backoff.beyond ? ": more retries than known stacks make" : ", of no known stack");
        return;
    }
    snprintf(words, sizeof words, ": next in %s s, ", in_seconds(backoff.next, 1).text);
    append(to, size, backoff.next == 0 ? ": the last retry, " : words);
    append_give_up(&backoff, to, size);
}

/* ICMP: RFC 792, RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1. ICMPv6: RFC 4443 section 3. */
static const struct {
    bool is_v6;
    uint8_t type, code;
    const char *words;
} icmp_words[] = {
    {false, 3, 0, "ICMP network unreachable"},
    {false, 3, 1, "ICMP host unreachable"},
    {false, 3, 2, "ICMP protocol unreachable"},
    {false, 3, 3, "ICMP port unreachable"},
    {false, 3, 9, "ICMP network administratively prohibited"},
    {false, 3, 10, "ICMP host administratively prohibited"},
    {false, 3, 13, "ICMP communication administratively prohibited"},
    {false, 11, 0, "ICMP time to live exceeded"},
    {true, 1, 0, "ICMPv6 no route to destination"},
    {true, 1, 1, "ICMPv6 communication administratively prohibited"},
    {true, 1, 3, "ICMPv6 address unreachable"},
    {true, 1, 4, "ICMPv6 port unreachable"},
    {true, 3, 0, "ICMPv6 hop limit exceeded"},
};

static void
write_icmp(const struct tcpstate_finding *f, char *to, size_t size)
{
    for (size_t i = 0; i < sizeof icmp_words / sizeof icmp_words[0]; i++)
        if (icmp_words[i].is_v6 == f->icmp_is_v6 && icmp_words[i].type == f->icmp_type && icmp_words[i].code == f->icmp_code) {
            snprintf(to, size, "%s", icmp_words[i].words);
            return;
        }
    snprintf(to, size, "ICMP%s error (type %u, code %u)", f->icmp_is_v6 ? "v6" : "", f->icmp_type, f->icmp_code);
}

static void
write_untested(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->untested)
        snprintf(to, size, "; its number could not be tested");
}

static void
write_unacked(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->count > 0)
        expand(f, "; {bytes} to it left unacknowledged", to, size);
}

/* After how many seconds middleboxes forget an idle connection, by default. */
static const struct {
    int64_t seconds;
    const char *whose;
} usual_idle_times[] = {{240, "Azure"}, {350, "AWS"}, {600, "Google Cloud"}, {1800, "Juniper SRX"}, {3600, "Cisco ASA"}};

static void
write_usual(const struct tcpstate_finding *f, char *to, size_t size)
{
    int64_t gap = f->gap / TCPSTATE_SECOND;

    for (size_t i = 0; i < sizeof usual_idle_times / sizeof usual_idle_times[0]; i++)
        if (usual_idle_times[i].seconds <= gap && gap <= usual_idle_times[i].seconds * 3 / 2)
            snprintf(to, size, "; %" PRIi64 " s is %s's default", usual_idle_times[i].seconds, usual_idle_times[i].whose);
}

static void
write_quote(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->quote != NULL)
        snprintf(to, size, ": \"%s\"", f->quote);
}

static void
write_segment(const struct tcpstate_finding *f, char *to, size_t size)
{
    unsigned flags = f->count >> TCPSTATE_MARK_FLAGS;

    snprintf(to, size, "%s", (flags & TCPSTATE_RST) != 0 ? "RST" : (flags & TCPSTATE_SYN) != 0 ? "SYN,ACK" : "FIN");
}

static void
write_marks(const struct tcpstate_finding *f, char *to, size_t size)
{
    char phrases[256] = "";

#define X(id, bit, words)                     \
    if ((f->count & TCPSTATE_MARK_##id) != 0) \
        append(phrases, sizeof phrases, words);
    TCPSTATE_MARKS(X)
#undef X
    expand(f, phrases, to, size);
}

static void
write_from(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "point %u", f->from_point);
}

static void
write_to(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "point %u", f->to_point);
}

static void
write_sends(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->count > 1)
        snprintf(to, size, "; so was each of its %" PRIu32 " sends, and the %s never answers", f->count,
                 f->end_is_client ? "server" : "client");
}

/* "MSS from 1460 to 1200", "address or port, sequence number": the numbers are given where only one is changed. */
static void
write_changes(const struct tcpstate_finding *f, char *to, size_t size)
{
#define X(id, name, words)                                    \
    if ((f->count & TCPSTATE_CHANGED_##id) != 0) {            \
        append(to, size, to[0] != '\0' ? ", " words : words); \
    }
    TCPSTATE_CHANGES(X)
#undef X
    if (f->seq != f->expected)
        snprintf(to + strlen(to), size - strlen(to), " from %" PRIu32 " to %" PRIu32, f->seq, f->expected);
}

static const struct {
    const char *name;
    write_fn *write;
} words[] = {
    {"end", write_end},         {"peer", write_peer},         {"state", write_state},     {"other", write_other},
    {"frame", write_frame},     {"count", write_count},       {"gap", write_gap},         {"ratio", write_ratio},
    {"seq", write_seq},         {"expected", write_expected}, {"value", write_value},     {"was", write_was},
    {"at", write_at},           {"detail", write_detail},     {"backoff", write_backoff}, {"icmp", write_icmp},
    {"unacked", write_unacked}, {"untested", write_untested}, {"bytes", write_bytes},     {"usual", write_usual},
    {"segment", write_segment}, {"marks", write_marks},       {"quote", write_quote},     {"from", write_from},
    {"to", write_to},           {"sends", write_sends},       {"changes", write_changes},
};

static void
write_word(const struct tcpstate_finding *f, const char *name, size_t length, char *to, size_t size)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].name) == length && memcmp(words[i].name, name, length) == 0)
            words[i].write(f, to, size);
}

static void
expand(const struct tcpstate_finding *f, const char *in, char *to, size_t size)
{
    size_t used = 0;

    if (size == 0)
        return;
    to[0] = '\0';
    while (*in != '\0' && used + 1 < size) {
        const char *close = *in == '{' ? strchr(in, '}') : NULL;

        if (close == NULL) {
            to[used++] = *in++;
            to[used] = '\0';
            continue;
        }
        write_word(f, in + 1, (size_t)(close - in - 1), to + used, size - used);
        used += strlen(to + used);
        in = close + 1;
    }
}

void
tcpstate_finding_text(const struct tcpstate_finding *finding, char *text, size_t size)
{
    expand(finding, tcpstate_finding_kinds[finding->id].text, text, size);
}
