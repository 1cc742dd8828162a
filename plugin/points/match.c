/* Sorts the entries of both lanes by what does not change on the way, and pairs those that are alike, in their order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "match.h"

#include <tcpstate/seq.h>

#include "clocks.h"
#include "mark.h"

/* What is compared. Each bit is a part of the header that a device between may have changed. */
enum { PART_IP_ID = 1, PART_TIMESTAMPS = 2, PART_PAYLOAD = 4, PART_FLAGS = 8, PART_SEQ = 16, PART_OPTIONS = 32, ALL_PARTS = 63 };

/* Nanoseconds. A segment takes at most FASTER less than the fastest one that is known. A SYN is sent again only after more than SYN_JITTER
 * beyond that. */
#define FASTER G_GINT64_CONSTANT(1000000)
#define SYN_JITTER G_GINT64_CONSTANT(800000000)

/* ---- segments that are alike ---- */

#define COMPARE(a, b)                  \
    do {                               \
        if ((a) != (b))                \
            return (a) < (b) ? -1 : 1; \
    } while (0)

static int
compare(const struct entry *a, const struct entry *b, guint parts)
{
    if (parts & PART_SEQ)
        COMPARE(a->seq, b->seq);
    COMPARE(a->ack, b->ack);
    if (parts & PART_FLAGS)
        COMPARE(a->sighting->flags & MARK_FLAGS, b->sighting->flags & MARK_FLAGS);
    if (parts & PART_PAYLOAD)
        COMPARE(a->sighting->payload, b->sighting->payload);
    if ((parts & PART_OPTIONS) != 0) {
        COMPARE(a->sighting->kinds, b->sighting->kinds);
        COMPARE(a->sighting->window, b->sighting->window);
    }
    if (parts & PART_TIMESTAMPS) {
        COMPARE(a->sighting->tsval, b->sighting->tsval);
        COMPARE(a->sighting->tsecr, b->sighting->tsecr);
    }
    if (parts & PART_IP_ID)
        COMPARE(a->sighting->ip_id, b->sighting->ip_id);
    return 0;
}

static gint
by_parts(gconstpointer a, gconstpointer b, gpointer parts)
{
    const struct entry *first = *(struct entry *const *)a, *second = *(struct entry *const *)b;
    int order = compare(first, second, GPOINTER_TO_UINT(parts));

    return order != 0 ? order : (first->order > second->order) - (first->order < second->order);
}

/* Pointers to the entries without a twin, sorted. Free them with g_array_free(). */
static GArray *
sort_rest(const struct lane *lane, guint parts)
{
    GArray *rest = g_array_sized_new(FALSE, FALSE, sizeof(struct entry *), lane->count + 1); /* never without memory */

    for (guint i = 0; i < lane->count; i++) {
        struct entry *entry = &lane->entries[i];

        if (entry->twin == NULL && !entry->is_again)
            g_array_append_val(rest, entry);
    }
    g_array_sort_with_data(rest, by_parts, GUINT_TO_POINTER(parts));
    return rest;
}

static struct entry **
entries_of(const GArray *rest)
{
    return (struct entry **)(void *)rest->data;
}

static void
pair(struct entry *a, struct entry *b)
{
    a->twin = b->sighting;
    b->twin = a->sighting;
}

/* Entries of both lanes that are alike. */
struct alike {
    struct entry **of[2];
    guint count[2];
};

/* Calls `use` for each set of entries that are alike and in both lanes. */
static void
for_each_alike(struct lane lanes[2], guint parts, void (*use)(const struct alike *alike, struct lane lanes[2]))
{
    guint at[2] = {0, 0};
    GArray *rest[2];

    if (lanes[0].is_partial || lanes[1].is_partial)
        parts &= ~(guint)PART_OPTIONS;
    for (int i = 0; i < 2; i++)
        rest[i] = sort_rest(&lanes[i], parts);

    while (at[0] < rest[0]->len && at[1] < rest[1]->len) {
        struct alike alike = {.of = {entries_of(rest[0]) + at[0], entries_of(rest[1]) + at[1]}};
        int order = compare(*alike.of[0], *alike.of[1], parts);

        if (order != 0) {
            at[order > 0]++;
            continue;
        }
        for (int i = 0; i < 2; i++) {
            for (; at[i] < rest[i]->len && compare(*alike.of[i], alike.of[i][alike.count[i]], parts) == 0; at[i]++)
                alike.count[i]++;
        }
        use(&alike, lanes);
    }
    g_array_free(rest[0], TRUE);
    g_array_free(rest[1], TRUE);
}

/* The IP ID differs whenever the stack sends, and timestamps mostly do where it sends data. */
static gboolean
is_marked(const struct sighting *sighting)
{
    return sighting->ip_id != 0 ||
           (sighting->tsval != 0 && (sighting->payload > 0 || (sighting->flags & (TCPSTATE_SYN | TCPSTATE_FIN)) != 0));
}

static void
pair_if_sure(const struct alike *alike, struct lane lanes[2] G_GNUC_UNUSED)
{
    if (alike->count[0] == alike->count[1] && (alike->count[0] == 1 || is_marked(alike->of[0][0]->sighting)))
        for (guint i = 0; i < alike->count[0]; i++)
            pair(alike->of[0][i], alike->of[1][i]);
}

void
match_sure(struct lane lanes[2])
{
    for_each_alike(lanes, ALL_PARTS, pair_if_sure);
}

/* ---- several that are alike ---- */

/* A segment that was sent once. If the first point has it several times, its capture has copied it; if the second point has, the network.
 */
static void
pair_sent_once(const struct alike *alike)
{
    for (guint i = 1; i < alike->count[0]; i++)
        alike->of[0][i]->is_again = TRUE;
    pair(alike->of[0][0], alike->of[1][0]);
    for (guint i = 1; i < alike->count[1]; i++) {
        alike->of[1][i]->twin = alike->of[0][0]->sighting;
        alike->of[1][i]->is_again = TRUE;
    }
}

static guint way_from, way_to; /* the points of the lanes */

/* Whether the segment may have arrived there with this entry. */
static gboolean
may_be(const struct entry *sent, const struct entry *arrived, gint64 jitter)
{
    gint64 earliest;

    if (!clocks_earliest(way_from, way_to, sent->sighting->time, &earliest))
        return TRUE;
    return arrived->sighting->time >= earliest - FASTER && arrived->sighting->time - earliest <= jitter;
}

/* The lane that has fewer of those that are alike, and the other one. */
struct choice {
    struct entry **few, **many;
    guint few_count, many_count;
    gboolean are_few_sent;
    guint *first, *last; /* for each of the few: which of the many it may be, in their order */
};

static gboolean
is_possible(const struct choice *choice, guint few, guint many, gint64 jitter)
{
    const struct entry *a = choice->few[few], *b = choice->many[many];

    return choice->are_few_sent ? may_be(a, b, jitter) : may_be(b, a, jitter);
}

/* FALSE if they cannot all be one of the many. */
static gboolean
find_bounds(struct choice *choice, gint64 jitter)
{
    guint at = 0;

    for (guint i = 0; i < choice->few_count; i++) {
        while (at < choice->many_count && !is_possible(choice, i, at, jitter))
            at++;
        if (at == choice->many_count)
            return FALSE;
        choice->first[i] = at++;
    }
    at = choice->many_count;
    for (guint i = choice->few_count; i > 0; i--) {
        while (at > 0 && !is_possible(choice, i - 1, at - 1, jitter))
            at--;
        if (at == 0)
            return FALSE;
        choice->last[i - 1] = --at;
    }
    return TRUE;
}

/* Whether none was lost, as far as their number and their times tell. */
static gboolean
are_all_there(const struct choice *choice)
{
    guint i = 0;

    while (i < choice->few_count && choice->few_count == choice->many_count && is_possible(choice, i, i, LANE_JITTER))
        i++;
    return i == choice->many_count;
}

static void
pair_within_bounds(const struct choice *choice)
{
    for (guint i = 0; i < choice->few_count; i++) {
        gboolean is_sure = choice->first[i] == choice->last[i];

        for (guint j = choice->first[i]; !is_sure && j <= choice->last[i]; j++)
            choice->many[j]->is_unsure = TRUE;
        choice->few[i]->is_unsure = !is_sure;
        pair(choice->few[i], choice->many[choice->first[i]]);
    }
}

/* Nothing but their times tells which of them are one. All that they leave open is unsure: also whether one that has arrived is a copy. */
static void
pair_by_time(const struct alike *alike)
{
    int few = alike->count[0] <= alike->count[1] ? 0 : 1;
    struct choice choice = {.few = alike->of[few],
                            .many = alike->of[!few],
                            .few_count = alike->count[few],
                            .many_count = alike->count[!few],
                            .are_few_sent = few == 0,
                            .first = g_new(guint, alike->count[few]),
                            .last = g_new(guint, alike->count[few])};

    if (are_all_there(&choice))
        for (guint i = 0; i < choice.few_count; i++)
            pair(choice.few[i], choice.many[i]);
    else if (find_bounds(&choice, LANE_JITTER) || find_bounds(&choice, G_MAXINT64))
        pair_within_bounds(&choice);
    else
        for (guint i = 0; i < choice.few_count; i++)
            choice.few[i]->is_unsure = TRUE;
    for (guint i = 0; i < choice.many_count && choice.are_few_sent; i++)
        choice.many[i]->is_unsure |= choice.many[i]->twin == NULL;
    g_free(choice.first);
    g_free(choice.last);
}

static void
pair_several(const struct alike *alike, struct lane lanes[2] G_GNUC_UNUSED)
{
    if (is_marked(alike->of[0][0]->sighting))
        pair_sent_once(alike);
    else
        pair_by_time(alike);
}

/* ---- changed on the way ---- */

/* Where a device changes a part of every segment, the other parts must mark them. */
static void
pair_if_marked(const struct alike *alike, struct lane lanes[2])
{
    const struct sighting *a = alike->of[0][0]->sighting, *b = alike->of[1][0]->sighting;

    if ((a->ip_id != 0 && a->ip_id == b->ip_id) || (a->tsval != 0 && a->tsval == b->tsval))
        pair_if_sure(alike, lanes);
}

/* A SYN is known by its number. A retransmission comes later: RFC 6298 section 2.1 asks for 1 s. */
static void
pair_if_syn(const struct alike *alike, struct lane lanes[2])
{
    const struct entry *sent = alike->of[0][0], *arrived = alike->of[1][0];

    if ((sent->sighting->flags & TCPSTATE_SYN) != 0 && alike->count[0] == 1 && may_be(sent, arrived, SYN_JITTER))
        pair_if_sure(alike, lanes);
}

/* An end that only sends a RST has shown no number that tells how a device shifts them. */
static void
pair_if_shift_unknown(const struct alike *alike, struct lane lanes[2])
{
    if ((alike->of[0][0]->sighting->flags & TCPSTATE_RST) != 0 && alike->of[1][0]->is_shift_unknown)
        pair_by_time(alike);
    (void)lanes;
}

/* The parts that are compared when others are changed, and what must hold for those that are alike then. */
static const struct {
    guint parts;
    void (*use)(const struct alike *alike, struct lane lanes[2]);
} changed_parts[] = {
    {ALL_PARTS & ~PART_OPTIONS, pair_if_marked},
    {ALL_PARTS & ~(PART_OPTIONS | PART_IP_ID), pair_if_marked},
    {ALL_PARTS & ~(PART_OPTIONS | PART_TIMESTAMPS), pair_if_marked},
    {ALL_PARTS & ~(PART_OPTIONS | PART_PAYLOAD), pair_if_marked},
    {ALL_PARTS & ~(PART_OPTIONS | PART_FLAGS), pair_if_marked},
    {PART_SEQ | PART_FLAGS, pair_if_syn},
    {ALL_PARTS & ~(PART_OPTIONS | PART_SEQ), pair_if_shift_unknown},
};

/* ---- split and joined by offload ---- */

/* A segment with all the bytes is no part, but a retransmission. */
static gboolean
is_part_of(const struct entry *part, const struct entry *whole)
{
    return part->sighting->payload < whole->sighting->payload && part->ack == whole->ack &&
           part->sighting->tsval == whole->sighting->tsval && part->sighting->tsecr == whole->sighting->tsecr &&
           part->sighting->payload > 0 && seq_ge(part->seq, whole->seq) &&
           seq_le(part->seq + part->sighting->payload, whole->seq + whole->sighting->payload);
}

/* Pairs a large segment with its parts, which are among the next `count` entries, in the order of their numbers. Returns whether they have
 * all its bytes. */
static gboolean
pair_parts(struct entry *whole, struct entry *const *entries, guint count, struct sighting **first)
{
    guint32 next = whole->seq, end = whole->seq + whole->sighting->payload;

    *first = NULL;
    for (guint i = 0; i < count && seq_lt(entries[i]->seq, end); i++) {
        if (!is_part_of(entries[i], whole))
            continue;
        entries[i]->twin = whole->sighting;
        *first = *first != NULL ? *first : entries[i]->sighting;
        if (entries[i]->seq == next)
            next += entries[i]->sighting->payload;
    }
    return next == end;
}

/* Of the segments of `wholes`, those with at least one part in the other lane, or with all of them. */
static void
match_parts(struct lane *wholes, const struct lane *lane, gboolean all)
{
    GArray *of[2] = {sort_rest(wholes, PART_SEQ), sort_rest(lane, PART_SEQ)};
    struct entry **parts = entries_of(of[1]);
    struct sighting *first;
    guint at = 0;

    for (guint i = 0; i < of[0]->len; i++) {
        struct entry *whole = entries_of(of[0])[i];

        while (at < of[1]->len && seq_lt(parts[at]->seq, whole->seq))
            at++;
        if (whole->sighting->payload > 0 && (pair_parts(whole, parts + at, of[1]->len - at, &first) || !all))
            whole->twin = first;
    }
    g_array_free(of[0], TRUE);
    g_array_free(of[1], TRUE);
}

void
match_rest(struct lane lanes[2], guint from_point, guint to_point)
{
    way_from = from_point;
    way_to = to_point;
    for_each_alike(lanes, ALL_PARTS, pair_several);
    match_parts(&lanes[0], &lanes[1], TRUE);
    match_parts(&lanes[1], &lanes[0], FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(changed_parts); i++)
        for_each_alike(lanes, changed_parts[i].parts, changed_parts[i].use);
}
