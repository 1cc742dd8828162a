/* The sentences of findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tcpstate/finding.h>
#include <tcpstate/state.h>

const struct tcpstate_finding_kind tcpstate_finding_kinds[TCPSTATE_FINDING_COUNT] = {
#define X(id, name, severity, group, rfc, summary, text) \
    [TCPSTATE_FINDING_##id] = {#name, TCPSTATE_##severity, TCPSTATE_##group, rfc, summary, text},
    TCPSTATE_FINDINGS(X)
#undef X
};

typedef void write_fn(const struct tcpstate_finding *f, char *to, size_t size);

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
    snprintf(to, size, "%" PRIu32, f->related);
}

static void
write_count(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%" PRIu32, f->count);
}

static void
write_gap(const struct tcpstate_finding *f, char *to, size_t size)
{
    snprintf(to, size, "%.3f", (double)f->gap / 1e9);
}

static void
write_ratio(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->gap_before > 0)
        snprintf(to, size, " (%.1f times the gap before)", (double)f->gap / (double)f->gap_before);
}

static void
write_seq(const struct tcpstate_finding *f, char *to, size_t size)
{
    if (f->seq_is_relative)
        snprintf(to, size, "%" PRIu32 ", absolute %" PRIu32, f->seq - f->seq_base, f->seq);
    else
        snprintf(to, size, "%" PRIu32 ", absolute", f->seq);
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
        snprintf(to, size, "; %" PRIu32 " bytes to it were left unacknowledged", f->count);
}

static const struct {
    const char *name;
    write_fn *write;
} words[] = {
    {"end", write_end},     {"peer", write_peer},       {"state", write_state},       {"other", write_other},
    {"frame", write_frame}, {"count", write_count},     {"gap", write_gap},           {"ratio", write_ratio},
    {"seq", write_seq},     {"unacked", write_unacked}, {"untested", write_untested},
};

static void
write_word(const struct tcpstate_finding *f, const char *name, size_t length, char *to, size_t size)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].name) == length && memcmp(words[i].name, name, length) == 0)
            words[i].write(f, to, size);
}

void
tcpstate_finding_text(const struct tcpstate_finding *finding, char *text, size_t size)
{
    const char *in = tcpstate_finding_kinds[finding->id].text;
    size_t used = 0;

    if (size == 0)
        return;
    text[0] = '\0';
    while (*in != '\0' && used + 1 < size) {
        const char *close = *in == '{' ? strchr(in, '}') : NULL;

        if (close == NULL) {
            text[used++] = *in++;
            text[used] = '\0';
            continue;
        }
        write_word(finding, in + 1, (size_t)(close - in - 1), text + used, size - used);
        used += strlen(text + used);
        in = close + 1;
    }
}
