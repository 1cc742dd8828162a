/* Writes numbers, flags, states and notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "timeline_text.h"

#include <tcpstate/decimal.h>

gint64
timeline_number(gboolean absolute, const struct flow_connection *conn, int end, guint32 number)
{
    const struct tcpstate_end known = tcpstate_end(flow_engine_connection(conn), end);
    guint32 relative = number - known.iss, sent = known.snd_nxt - known.iss;

    if (absolute || !known.iss_known)
        return number;
    return relative > sent && relative - sent > G_MAXUINT32 - relative ? (gint64)relative - (gint64)G_MAXUINT32 - 1 : relative;
}

static const struct {
    guint8 flag;
    const char *word;
} flag_words[] = {{TCPSTATE_SYN, "SYN"}, {TCPSTATE_FIN, "FIN"}, {TCPSTATE_RST, "RST"}, {TCPSTATE_ACK, "ACK"}};

static void
append_flags(GString *text, guint8 flags)
{
    gsize begin = text->len;

    for (guint i = 0; i < G_N_ELEMENTS(flag_words); i++)
        if ((flags & flag_words[i].flag) != 0)
            g_string_append_printf(text, "%s%s", text->len > begin ? "," : "", flag_words[i].word);
    if (text->len == begin)
        g_string_append(text, "none");
}

void
timeline_append_kind(GString *text, guint8 flags, gboolean is_quoted)
{
    if (is_quoted)
        g_string_append(text, "ICMP error");
    else
        append_flags(text, flags);
}

char *
timeline_segment(gboolean absolute, const struct flow_connection *conn, const struct tcpstate_segment *seg, gboolean is_quoted)
{
    GString *text = g_string_new(NULL);

    timeline_append_kind(text, seg->flags, is_quoted);
    g_string_append_printf(text, " seq=%" G_GINT64_FORMAT, timeline_number(absolute, conn, seg->from, seg->seq));
    if ((seg->flags & TCPSTATE_ACK) != 0)
        g_string_append_printf(text, " ack=%" G_GINT64_FORMAT, timeline_number(absolute, conn, !seg->from, seg->ack));
    if (seg->payload > 0)
        g_string_append_printf(text, " len=%u", seg->payload);
    return g_string_free(text, FALSE);
}

void
timeline_add_state(struct table *table, const struct view_end *end)
{
    char *text = view_state_name(NULL, end);

    table_add_text(table, text);
    wmem_free(NULL, text);
}

char *
timeline_skipped(guint segments, guint64 bytes)
{
    return g_strdup_printf("... %u segment%s, %" G_GUINT64_FORMAT " byte%s ...", segments, segments == 1 ? "" : "s", bytes,
                           bytes == 1 ? "" : "s");
}

/* Nanoseconds: a gap below 0.1 s is shown with three decimals. */
#define SHORT_GAP 100000000

char *
timeline_note(const struct flow *flow, const struct view *view, const struct tcpstate_segment *seg, gint64 gap)
{
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(flow, seg, &findings);
    GString *text = g_string_new(NULL);

    if (view->retry > 0)
        g_string_append_printf(text, "retry %u after %s s", view->retry,
                               tcpstate_decimal(gap, TCPSTATE_SECOND, gap < SHORT_GAP ? 3 : 1).text);
    for (guint i = 0; i < count; i++) {
        char *finding = view_finding_name(NULL, &findings[i]);

        if (!view_is_retry_finding(view, &findings[i]))
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", finding);
        wmem_free(NULL, finding);
    }
    return g_string_free(text, FALSE);
}
