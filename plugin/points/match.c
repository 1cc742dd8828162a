/* Sorts the entries of both lanes by what does not change on the way, and pairs those that are alike, in their order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "match.h"

#include <stdlib.h>
#include <string.h>

#include <tcpstate/seq.h>

#include "../wireshark/capture/twins.h"
#include "clocks.h"
#include "mark.h"

/* What is compared. Each bit is a part of the header that a device between may have changed. */
enum { PART_IP_ID = 1, PART_TIMESTAMPS = 2, PART_PAYLOAD = 4, PART_FLAGS = 8, PART_SEQ = 16, ALL_PARTS = 31 };

/* ---- lanes ---- */

/* The segments of each point that are searched for two that are alike. */
enum { SEARCHED = 64, SEARCHED_BY_IP_ID = 16 };

/* How far a device has shifted the sequence numbers of an end between the points, in the connection that they have in common. FALSE if the
 * SYNs do not tell. */
static gboolean
shift_by_syn(const struct group_point *first, const struct group_point *second, guint32 number, int end, guint32 *shift)
{
    const struct flow_connection *a = twins_in_flow(first->flow, number), *b = twins_in_flow(second->flow, number);
    struct tcpstate_end here, there;

    if (a == NULL || b == NULL)
        return FALSE;
    here = tcpstate_end(flow_engine_connection(a), end ^ first->is_flipped);
    there = tcpstate_end(flow_engine_connection(b), end ^ second->is_flipped);
    *shift = there.iss - here.iss;
    return here.iss_known && there.iss_known;
}

/* Whether two segments have the same mark, or else the same IP ID and are among the first ones. */
static gboolean
have_same_mark(const struct sighting *a, const struct sighting *b, gboolean are_first)
{
    return mark_is_equal(a, b) || (are_first && a->ip_id != 0 && mark_equal(a, b));
}

/* The same from the first segments with the same mark. FALSE if there are none. */
static gboolean
shift_by_mark(const struct group_point *first, const struct group_point *second, int end, guint32 *shift)
{
    for (guint i = 0; i < MIN(first->count, SEARCHED); i++)
        for (guint j = 0; j < MIN(second->count, SEARCHED); j++) {
            const struct sighting *a = first->sightings[i], *b = second->sightings[j];

            if ((a->from ^ first->is_flipped) == end && (b->from ^ second->is_flipped) == end &&
                have_same_mark(a, b, i < SEARCHED_BY_IP_ID && j < SEARCHED_BY_IP_ID)) {
                *shift = b->seq - a->seq;
                return TRUE;
            }
        }
    return FALSE;
}

/* The shifts of both ends in a connection. */
struct shifts {
    guint32 connection, of[2];
    gboolean is_known[2];
    gboolean was_searched[2], is_marked[2]; /* by mark, in the first segments of the points */
    guint32 by_mark[2];
};

static void
update_shifts(struct shifts *shifts, const struct group_point *first, const struct group_point *second, guint32 number)
{
    if (shifts->connection == number)
        return;
    shifts->connection = number;
    for (int end = 0; end < 2; end++) {
        shifts->is_known[end] = shift_by_syn(first, second, number, end, &shifts->of[end]);
        if (shifts->is_known[end])
            continue;
        if (!shifts->was_searched[end])
            shifts->is_marked[end] = shift_by_mark(first, second, end, &shifts->by_mark[end]);
        shifts->was_searched[end] = TRUE;
        shifts->is_known[end] = shifts->is_marked[end];
        shifts->of[end] = shifts->is_marked[end] ? shifts->by_mark[end] : 0;
    }
}

static void
fill(struct lane *lane, const struct group_point *from, const struct group_point *first, const struct group_point *second, int direction,
     gboolean all)
{
    struct shifts shifts = {.connection = G_MAXUINT32};

    lane->entries = g_new(struct entry, from->count);
    lane->count = 0;
    for (guint i = 0; i < from->count; i++) {
        struct sighting *sighting = from->sightings[i];
        struct entry entry = {.sighting = sighting, .seq = sighting->seq, .ack = sighting->ack, .order = lane->count};

        if ((sighting->from ^ from->is_flipped) != direction || (!all && (from == first ? sighting->down : sighting->up) != NULL))
            continue;
        if (from == second) {
            update_shifts(&shifts, first, second, sighting->connection);
            entry.seq -= shifts.of[direction];
            entry.is_shift_unknown = !shifts.is_known[direction];
            entry.ack -= (sighting->flags & TCPSTATE_ACK) != 0 ? shifts.of[!direction] : 0;
        }
        lane->entries[lane->count++] = entry;
    }
}

void
lane_fill(struct lane lanes[2], const struct group_point *first, const struct group_point *second, int direction)
{
    fill(&lanes[0], first, first, second, direction, FALSE);
    fill(&lanes[1], second, first, second, direction, FALSE);
}

void
lane_fill_all(struct lane lanes[2], const struct group_point *first, const struct group_point *second, int direction)
{
    fill(&lanes[0], first, first, second, direction, TRUE);
    fill(&lanes[1], second, first, second, direction, TRUE);
}

void
lane_free(struct lane lanes[2])
{
    g_free(lanes[0].entries);
    g_free(lanes[1].entries);
}

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
    if (parts & PART_TIMESTAMPS) {
        COMPARE(a->sighting->tsval, b->sighting->tsval);
        COMPARE(a->sighting->tsecr, b->sighting->tsecr);
    }
    if (parts & PART_IP_ID)
        COMPARE(a->sighting->ip_id, b->sighting->ip_id);
    return 0;
}

static guint sorted_by; /* qsort() has no argument for it */

static int
by_parts(const void *a, const void *b)
{
    const struct entry *first = *(const struct entry *const *)a, *second = *(const struct entry *const *)b;
    int order = compare(first, second, sorted_by);

    return order != 0 ? order : (first->order > second->order) - (first->order < second->order);
}

/* The entries without a twin, sorted. Free them with g_free(). */
static struct entry **
sort_rest(const struct lane *lane, guint parts, guint *count)
{
    struct entry **rest = g_new(struct entry *, lane->count);

    *count = 0;
    for (guint i = 0; i < lane->count; i++)
        if (lane->entries[i].twin == NULL && !lane->entries[i].is_again)
            rest[(*count)++] = &lane->entries[i];
    sorted_by = parts;
    qsort(rest, *count, sizeof(struct entry *), by_parts);
    return rest;
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
    guint counts[2], at[2] = {0, 0};
    struct entry **rest[2] = {sort_rest(&lanes[0], parts, &counts[0]), sort_rest(&lanes[1], parts, &counts[1])};

    while (at[0] < counts[0] && at[1] < counts[1]) {
        int order = compare(rest[0][at[0]], rest[1][at[1]], parts);
        struct alike alike = {.of = {rest[0] + at[0], rest[1] + at[1]}};

        if (order != 0) {
            at[order > 0]++;
            continue;
        }
        for (int i = 0; i < 2; i++) {
            const struct entry *first = rest[i][at[i]];

            for (; at[i] < counts[i] && compare(first, rest[i][at[i]], parts) == 0; at[i]++)
                alike.count[i]++;
        }
        use(&alike, lanes);
    }
    g_free(rest[0]);
    g_free(rest[1]);
}

static void
pair_if_equally_many(const struct alike *alike, struct lane lanes[2] G_GNUC_UNUSED)
{
    if (alike->count[0] == alike->count[1])
        for (guint i = 0; i < alike->count[0]; i++)
            pair(alike->of[0][i], alike->of[1][i]);
}

void
match_alike(struct lane lanes[2])
{
    for_each_alike(lanes, ALL_PARTS, pair_if_equally_many);
}

/* ---- different numbers of them ---- */

/* The IP ID or the timestamps differ whenever the stack sends. */
static gboolean
is_marked(const struct sighting *sighting)
{
    return sighting->ip_id != 0 || sighting->tsval != 0;
}

/* The network has copied the segment: the further ones at the second point are the same one again. */
static void
pair_copied(const struct alike *alike)
{
    guint last = alike->count[0] - 1;

    for (guint i = 0; i < alike->count[1]; i++)
        if (i <= last) {
            pair(alike->of[0][i], alike->of[1][i]);
        } else {
            alike->of[1][i]->twin = alike->of[0][last]->sighting;
            alike->of[1][i]->is_again = TRUE;
        }
}

/* Nanoseconds. A segment mostly takes no longer than JITTER beyond the fastest one that is known; and at most FASTER less than that. */
#define JITTER INT64_C(10000000)
#define FASTER INT64_C(1000000)

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

/* For each entry that has arrived, in their order: the first and the last one of those sent that it may be, if all of them are to be some.
 * FALSE if that cannot be. */
static gboolean
find_bounds(const struct alike *alike, gint64 jitter, guint *first, guint *last)
{
    guint at = 0;

    for (guint i = 0; i < alike->count[1]; i++) {
        while (at < alike->count[0] && !may_be(alike->of[0][at], alike->of[1][i], jitter))
            at++;
        if (at == alike->count[0])
            return FALSE;
        first[i] = at++;
    }
    at = alike->count[0];
    for (guint i = alike->count[1]; i > 0; i--) {
        while (at > 0 && !may_be(alike->of[0][at - 1], alike->of[1][i - 1], jitter))
            at--;
        if (at == 0)
            return FALSE;
        last[i - 1] = --at;
    }
    return TRUE;
}

/* Some were lost. Those that have arrived are in their order, and each of them at a time when it can be. What that leaves open is unsure.
 */
static void
pair_by_time(const struct alike *alike)
{
    guint *first = g_new(guint, alike->count[1]), *last = g_new(guint, alike->count[1]);

    if (!find_bounds(alike, JITTER, first, last) && !find_bounds(alike, G_MAXINT64, first, last))
        for (guint i = 0; i < alike->count[1]; i++) {
            first[i] = i;
            last[i] = i + alike->count[0] - alike->count[1];
        }
    for (guint i = 0; i < alike->count[1]; i++) {
        for (guint j = first[i]; first[i] < last[i] && j <= last[i]; j++)
            alike->of[0][j]->is_unsure = TRUE;
        pair(alike->of[0][first[i]], alike->of[1][i]);
    }
    g_free(first);
    g_free(last);
}

/* A segment that was sent once, but that the first point has several times: its capture has copied it. */
static void
drop_copies_of_capture(struct alike *alike)
{
    if (!is_marked(alike->of[0][0]->sighting))
        return;
    for (guint i = 1; i < alike->count[0]; i++)
        alike->of[0][i]->is_again = TRUE;
    alike->count[0] = 1;
}

static void
pair_unequal(const struct alike *alike, struct lane lanes[2] G_GNUC_UNUSED)
{
    struct alike left = *alike;

    if (left.count[0] > left.count[1])
        drop_copies_of_capture(&left);
    if (left.count[0] <= left.count[1])
        pair_copied(&left);
    else
        pair_by_time(&left);
}

/* ---- changed on the way ---- */

static guint
count_rest(const struct lane *lane)
{
    guint count = 0;

    for (guint i = 0; i < lane->count; i++)
        count += lane->entries[i].twin == NULL && !lane->entries[i].is_again;
    return count;
}

/* Whether a device seems to change this part of every segment: most segments of a lane have no twin yet. */
static gboolean
is_mostly_unmatched(struct lane lanes[2])
{
    guint rest = MIN(count_rest(&lanes[0]), count_rest(&lanes[1]));

    return 2 * rest > MIN(lanes[0].count, lanes[1].count);
}

/* A single segment that a device has changed, but not the timestamps or the IP ID. */
static void
pair_if_marked(const struct alike *alike, struct lane lanes[2])
{
    if (is_marked(alike->of[0][0]->sighting))
        pair_if_equally_many(alike, lanes);
}

/* An end that only sends a RST has shown no number that tells how a device shifts them. */
static void
pair_if_shift_unknown(const struct alike *alike, struct lane lanes[2])
{
    if ((alike->of[0][0]->sighting->flags & TCPSTATE_RST) != 0 && alike->of[1][0]->is_shift_unknown)
        pair_if_equally_many(alike, lanes);
}

/* ---- split and joined by offload ---- */

static gboolean
is_part_of(const struct entry *part, const struct entry *whole)
{
    return part->ack == whole->ack && part->sighting->tsval == whole->sighting->tsval && part->sighting->tsecr == whole->sighting->tsecr &&
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
    guint counts[2], at = 0;
    struct entry **of[2] = {sort_rest(wholes, PART_SEQ, &counts[0]), sort_rest(lane, PART_SEQ, &counts[1])};
    struct sighting *first;

    for (guint i = 0; i < counts[0]; i++) {
        while (at < counts[1] && seq_lt(of[1][at]->seq, of[0][i]->seq))
            at++;
        if (of[0][i]->sighting->payload > 0 && (pair_parts(of[0][i], of[1] + at, counts[1] - at, &first) || !all))
            of[0][i]->twin = first;
    }
    g_free(of[0]);
    g_free(of[1]);
}

void
match_rest(struct lane lanes[2], guint from_point, guint to_point)
{
    static const guint every_segment[] = {PART_SEQ | PART_FLAGS | PART_PAYLOAD | PART_TIMESTAMPS,
                                          PART_SEQ | PART_FLAGS | PART_PAYLOAD | PART_IP_ID, PART_SEQ | PART_FLAGS | PART_PAYLOAD};
    static const guint one_segment[] = {PART_SEQ | PART_IP_ID | PART_TIMESTAMPS | PART_FLAGS,
                                        PART_SEQ | PART_IP_ID | PART_TIMESTAMPS | PART_PAYLOAD};

    way_from = from_point;
    way_to = to_point;
    for_each_alike(lanes, ALL_PARTS, pair_unequal);
    for (guint i = 0; i < G_N_ELEMENTS(every_segment) && is_mostly_unmatched(lanes); i++)
        for_each_alike(lanes, every_segment[i], pair_unequal);
    match_parts(&lanes[0], &lanes[1], TRUE);
    match_parts(&lanes[1], &lanes[0], FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(one_segment); i++)
        for_each_alike(lanes, one_segment[i], pair_if_marked);
    for_each_alike(lanes, ALL_PARTS & ~PART_SEQ, pair_if_shift_unknown);
}
