/* A table of words, each with the function that writes what stands for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_text.h"

#include <string.h>

#include <tcpstate/decimal.h>

/* A filter has at most so many numbers and ranges of numbers. */
enum { RANGES_MAX = 16 };

static void
append_end_text(GString *to, const struct flow_end *end)
{
    char *text = flow_end_text(NULL, end);

    g_string_append(to, text);
    wmem_free(NULL, text);
}

static void
append_end(GString *to, const struct trouble *trouble)
{
    g_string_append(to, trouble->worst.role == ROLE_CLIENT ? "client" : "server");
}

static void
append_peer(GString *to, const struct trouble *trouble)
{
    g_string_append(to, trouble->worst.role == ROLE_CLIENT ? "server" : "client");
}

static void
append_service(GString *to, const struct trouble *trouble)
{
    append_end_text(to, trouble_end(trouble, ROLE_SERVER));
}

/* Whether the place is several clients. */
static gboolean
is_several(const struct trouble *trouble)
{
    return trouble->worst.role == ROLE_CLIENT && trouble->clients > 1;
}

static void
append_place(GString *to, const struct trouble *trouble)
{
    char *address;

    if (trouble->worst.role == ROLE_SERVER) {
        append_service(to, trouble);
        return;
    }
    if (is_several(trouble)) {
        g_string_append(to, "clients of ");
        append_service(to, trouble);
        return;
    }
    address = flow_end_host(NULL, trouble_end(trouble, ROLE_CLIENT));
    g_string_append(to, address);
    wmem_free(NULL, address);
    if (trouble->worst.id == VERDICT_PROBE)
        return;
    g_string_append(to, " (client of ");
    append_service(to, trouble);
    g_string_append_c(to, ')');
}

static void
append_many(GString *to, const struct trouble *trouble)
{
    g_string_append_printf(to, "%u connection%s", trouble->count, trouble->count == 1 ? "" : "s");
    if (trouble->clients > 1)
        g_string_append_printf(to, " of %u clients", trouble->clients);
}

char *
report_time(gint64 nanoseconds)
{
    guint decimals = nanoseconds >= 10 * (gint64)TCPSTATE_SECOND ? 0 : nanoseconds >= TCPSTATE_SECOND ? 1 : 3;

    return g_strdup_printf("%s s", tcpstate_decimal(nanoseconds, TCPSTATE_SECOND, decimals).text);
}

static void
append_times(GString *to, const struct trouble *trouble)
{
    char *shortest = report_time(trouble->shortest), *longest = report_time(trouble->longest);

    g_string_append(to, shortest);
    if (strcmp(shortest, longest) != 0)
        g_string_append_printf(to, " to %s", longest);
    g_free(shortest);
    g_free(longest);
}

static void
append_s(GString *to, const struct trouble *trouble)
{
    g_string_append(to, is_several(trouble) ? "" : "s");
}

static void
append_does(GString *to, const struct trouble *trouble)
{
    g_string_append(to, is_several(trouble) ? "do" : "does");
}

static void
append_has(GString *to, const struct trouble *trouble)
{
    g_string_append(to, is_several(trouble) ? "have" : "has");
}

static const struct {
    const char *word;
    void (*append)(GString *to, const struct trouble *trouble);
} words[] = {
    {"{end}", append_end},     {"{peer}", append_peer}, {"{service}", append_service}, {"{place}", append_place}, {"{many}", append_many},
    {"{times}", append_times}, {"{s}", append_s},       {"{does}", append_does},       {"{has}", append_has},
};

/* Appends what stands for the word at the begin of the text, and returns the length of that word; 0 for none. */
static size_t
append_word(GString *to, const struct trouble *trouble, const char *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(text, words[i].word)) {
            words[i].append(to, trouble);
            return strlen(words[i].word);
        }
    return 0;
}

char *
report_text(const struct trouble *trouble, const char *text)
{
    GString *to = g_string_new(NULL);

    while (*text != '\0') {
        size_t length = append_word(to, trouble, text);

        if (length == 0)
            g_string_append_c(to, *text);
        text += MAX(length, 1);
    }
    if (g_str_has_prefix(to->str, "clients"))
        to->str[0] = 'C';
    return g_string_free(to, FALSE);
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    guint32 first = *(const guint32 *)a, second = *(const guint32 *)b;

    return (first > second) - (first < second);
}

/* "tcpstate.connection in {3, 5..9}"; NULL if it has too many ranges. */
static char *
filter_by_number(const struct trouble *trouble)
{
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(guint32), trouble->connections->len);
    GString *set = g_string_new("tcpstate.connection in {");
    guint ranges = 0, next;

    g_array_append_vals(sorted, trouble->connections->data, trouble->connections->len);
    g_array_sort(sorted, compare);
    for (guint i = 0; i < sorted->len && ranges <= RANGES_MAX; i = next, ranges++) {
        guint32 first = g_array_index(sorted, guint32, i);

        for (next = i + 1; next < sorted->len && g_array_index(sorted, guint32, next) - first == next - i; next++)
            ;
        g_string_append_printf(set, "%s%u", ranges > 0 ? SET_SEPARATOR : "", first);
        if (next - i > 1)
            g_string_append_printf(set, "..%u", first + (next - i - 1));
    }
    g_string_append_c(set, '}');
    if (sorted->len == 1)
        g_string_printf(set, "tcpstate.connection == %u", g_array_index(sorted, guint32, 0));
    g_array_free(sorted, TRUE);
    return g_string_free(set, ranges > RANGES_MAX);
}

/* That the sender or the receiver of a segment is an end: "ip.src == 10.0.0.2 && tcp.srcport == 80". */
static void
append_condition(GString *to, const struct flow_end *end, const char *side, gboolean has_port)
{
    char *address = flow_end_address(NULL, end);

    g_string_append_printf(to, "%s.%s == %s", end->type == AT_IPv6 ? "ipv6" : "ip", side, address);
    if (has_port)
        g_string_append_printf(to, " && tcp.%sport == %u", side, end->port);
    wmem_free(NULL, address);
}

static void
append_conditions(GString *to, const struct trouble *trouble, enum role sender)
{
    g_string_append_printf(to, "(tcpstate.sender == \"%s\" && ", sender == ROLE_CLIENT ? "client" : "server");
    if (trouble->worst.id == VERDICT_PROBE)
        append_condition(to, trouble_end(trouble, ROLE_CLIENT), sender == ROLE_CLIENT ? "src" : "dst", FALSE);
    else
        append_condition(to, trouble_end(trouble, ROLE_SERVER), sender == ROLE_SERVER ? "src" : "dst", TRUE);
    g_string_append_c(to, ')');
}

char *
report_filter(const struct trouble *trouble)
{
    char *by_number = filter_by_number(trouble);
    GString *text;

    if (by_number != NULL)
        return by_number;
    text = g_string_new(NULL);
    g_string_append_printf(text, "tcpstate.verdict == \"%s\" && (", verdict_name(&trouble->worst));
    append_conditions(text, trouble, ROLE_CLIENT);
    g_string_append(text, " || ");
    append_conditions(text, trouble, ROLE_SERVER);
    g_string_append_c(text, ')');
    return g_string_free(text, FALSE);
}
