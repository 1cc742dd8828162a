/* Looks for what shows that the capture of a point has missed a segment: see drops.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "missing.h"

#include <tcpstate/seq.h>

#include "../wireshark/capture/point.h"
#include "../wireshark/capture/siblings.h"
#include "../wireshark/capture/twins.h"
#include "clocks.h"
#include "drops.h"
#include "lane.h"
#include "mark.h"
#include "resets.h"

/* How many entries are searched, so that the time stays linear. */
enum { SEARCHED = 4096 };

/* A segment that is expected less than this time, in nanoseconds, before a point has captured its last one may come later. */
#define EDGE G_GINT64_CONSTANT(1000000)

struct missing {
    const struct group_point *from, *to;
    struct lane sent[2], answers[2]; /* of both points, with the numbers of the first one */
    gboolean are_numbers_changed;    /* by a device between them */
};

static gboolean
has_changed_numbers(const struct group_point *at)
{
    for (guint i = 0; i < at->count; i++)
        if ((at->sightings[i]->changes & TCPSTATE_CHANGED_SEQ) != 0)
            return TRUE;
    return FALSE;
}

struct missing *
missing_new(const struct group_point *from, const struct group_point *to, int direction)
{
    struct missing *missing = g_new0(struct missing, 1);

    missing->from = from;
    missing->to = to;
    lane_fill_all(missing->sent, from, to, direction);
    lane_fill_all(missing->answers, from, to, !direction);
    missing->are_numbers_changed = has_changed_numbers(from);
    return missing;
}

void
missing_free(struct missing *missing)
{
    lane_free(missing->sent);
    lane_free(missing->answers);
    g_free(missing);
}

/* The index of the first entry at or after a time. The times of a point mostly rise. */
static guint
index_at(const struct lane *lane, gint64 time)
{
    guint low = 0, high = lane->count;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (lane->entries[middle].sighting->time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Also a RST that answers a SYN, if the point near the receiver has it, too. Other RSTs may be forged, with a number that was only seen. */
static gboolean
acknowledges(const struct entry *answer, const struct entry *segment)
{
    guint8 flags = answer->sighting->flags & (TCPSTATE_ACK | TCPSTATE_RST);
    gboolean is_refusal = flags == (TCPSTATE_ACK | TCPSTATE_RST) && (segment->sighting->flags & TCPSTATE_SYN) != 0 &&
                          answer->sighting->up != NULL;

    return (flags == TCPSTATE_ACK || is_refusal) && answer->connection == segment->connection && seq_ge(answer->ack, entry_end(segment));
}

/* The first ACK of all bytes of the segment at a point, from a time on; NULL for none. */
static const struct entry *
acknowledgment(const struct lane *answers, const struct entry *segment, gint64 from)
{
    guint first = index_at(answers, from);

    for (guint i = first; i < answers->count && i - first < SEARCHED; i++)
        if (acknowledges(&answers->entries[i], segment))
            return &answers->entries[i];
    return NULL;
}

/* A segment of the point with the last byte of this one, up to a time; NULL for none. Searches back from that time. */
static const struct entry *
segment_with_bytes(const struct lane *sent, const struct entry *segment, gint64 until)
{
    guint32 last = entry_end(segment) - 1;
    guint searched = 0;

    for (guint i = sent->count; i > 0 && searched < SEARCHED; i--) {
        const struct entry *other = &sent->entries[i - 1];

        if (other->sighting->time > until)
            continue;
        searched++;
        if (other->sighting != segment->sighting && other->connection == segment->connection && seq_le(other->seq, last) &&
            seq_lt(last, entry_end(other)))
            return other;
    }
    return NULL;
}

static const struct entry *
entry_of(const struct lane *lane, const struct sighting *sighting)
{
    guint low = 0, high = lane->count;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct sighting *at = lane->entries[middle].sighting;

        if (at->frame < sighting->frame || (at->frame == sighting->frame && at->layer < sighting->layer))
            low = middle + 1;
        else
            high = middle;
    }
    return &lane->entries[low];
}

static gboolean
has_length(const struct entry *entry)
{
    return entry_end(entry) != entry->seq;
}

/* When the segment comes to the second point, or left the first one, as far as the clocks tell. */
static gboolean
arrival_of(const struct missing *missing, const struct sighting *sighting, gint64 *time)
{
    return clocks_earliest(missing->from->point, missing->to->point, sighting->time, time);
}

static gboolean
departure_of(const struct missing *missing, const struct sighting *sighting, gint64 *time)
{
    return clocks_latest(missing->to->point, missing->from->point, sighting->time, time);
}

/* Whether the receiver acknowledged a segment whose bytes the second point had not seen before: its capture has missed them. The ACK may be
 * known from the first point only. */
static gboolean
is_missed_by_receiver(const struct missing *missing, const struct entry *segment)
{
    gint64 arrival = G_MININT64, left;
    const struct entry *there, *here = acknowledgment(&missing->answers[0], segment, segment->sighting->time);

    (void)arrival_of(missing, segment->sighting, &arrival);
    there = acknowledgment(&missing->answers[1], segment, arrival);
    if (there != NULL)
        return segment_with_bytes(&missing->sent[1], segment, there->sighting->time) == NULL;
    return here != NULL && clocks_latest(missing->from->point, missing->to->point, here->sighting->time, &left) &&
           segment_with_bytes(&missing->sent[1], segment, left) == NULL;
}

/* How many segments after a segment, or before it, are searched for its timestamp. */
enum { ECHO_SEARCHED = 64 };

static gboolean
has_tsval_near(const struct lane *lane, gint64 time, guint32 tsval)
{
    guint at = index_at(lane, time);

    for (guint i = at - MIN(at, ECHO_SEARCHED); i < MIN(at + ECHO_SEARCHED, lane->count); i++)
        if (lane->entries[i].sighting->tsval == tsval)
            return TRUE;
    return FALSE;
}

/* Whether the receiver echoed the timestamp of a segment, and the second point has no other one with it: its capture has missed it. */
static gboolean
is_echoed(const struct missing *missing, const struct entry *segment)
{
    const struct lane *answers = &missing->answers[1];
    guint32 tsval = segment->sighting->tsval;
    gint64 arrival;
    guint first;

    if (tsval == 0 || !arrival_of(missing, segment->sighting, &arrival) || has_tsval_near(&missing->sent[1], arrival, tsval))
        return FALSE;
    first = index_at(answers, arrival);
    for (guint i = first; i < MIN(first + ECHO_SEARCHED, answers->count); i++)
        if (answers->entries[i].sighting->tsecr == tsval && answers->entries[i].connection == segment->connection)
            return TRUE;
    return FALSE;
}

/* The IP IDs of most stacks rise by one in each segment of a connection. This many may be missing in a row. */
enum { IDS_MISSED = 64 };

static guint16
ids_after(const struct sighting *a, const struct sighting *b)
{
    return (guint16)(b->ip_id - a->ip_id);
}

/* Whether the segment has an IP ID that the first point lacks, between those that its sender had shortly before and after, or next to the
 * last one: the sender has sent it, and the capture there has missed it. */
static gboolean
fills_gap_of_ids(const struct missing *missing, const struct entry *segment)
{
    const struct lane *sent = &missing->sent[0];
    gint64 departure;
    guint next;
    const struct sighting *before = NULL, *after = NULL;

    if (segment->sighting->ip_id == 0 || !departure_of(missing, segment->sighting, &departure))
        return FALSE;
    next = index_at(sent, departure);
    for (guint i = next; i > 0 && before == NULL; i--)
        if (sent->entries[i - 1].sighting->ip_id != 0)
            before = sent->entries[i - 1].sighting;
    for (guint i = next; i < sent->count && after == NULL; i++)
        if (sent->entries[i].sighting->ip_id != 0)
            after = sent->entries[i].sighting;
    if (before == NULL || before->ip_id == segment->sighting->ip_id || ids_after(before, segment->sighting) > IDS_MISSED)
        return FALSE;
    return after == NULL || ids_after(before, segment->sighting) < ids_after(before, after);
}

/* Whether the first point has the ACK of a segment whose bytes it has never seen, or a gap that it fills: its capture has missed it. */
static gboolean
is_missed_by_sender(const struct missing *missing, const struct entry *segment)
{
    if (fills_gap_of_ids(missing, segment))
        return TRUE;
    return has_length(segment) && segment_with_bytes(&missing->sent[0], segment, G_MAXINT64) == NULL &&
           acknowledgment(&missing->answers[0], segment, G_MININT64) != NULL;
}

/* Whether the sender has sent the bytes itself at that time, as far as is known: then this may be its retransmission. */
static gboolean
may_be_sent_again(const struct entry *entry, const struct entry *own, gint64 departure)
{
    gboolean differs = entry->sighting->payload == own->sighting->payload && entry->seq == own->seq && entry->sighting->digest != 0 &&
                       own->sighting->digest != 0 && entry->sighting->digest != own->sighting->digest;

    return !differs && own->sighting->time <= departure;
}

/* Whether the sender goes on after that time as if it had not sent the bytes. */
static gboolean
goes_on_without(const struct missing *missing, const struct entry *entry, gint64 departure)
{
    const struct lane *sent = &missing->sent[0];
    guint first = index_at(sent, departure);

    for (guint i = first; i < MIN(first + SEARCHED, sent->count); i++)
        if (sent->entries[i].connection == entry->connection && (sent->entries[i].sighting->flags & TCPSTATE_RST) == 0)
            return seq_lt(sent->entries[i].seq, entry_end(entry));
    return FALSE;
}

/* Whether bytes came from the sender, as far as is known, though the first point never had them: nobody else seems to have sent them. */
static gboolean
is_unexplained(const struct missing *missing, const struct entry *entry)
{
    gint64 departure;

    return has_length(entry) && (entry->sighting->flags & TCPSTATE_RST) == 0 && departure_of(missing, entry->sighting, &departure) &&
           segment_with_bytes(&missing->sent[0], entry, G_MAXINT64) == NULL && !goes_on_without(missing, entry, departure);
}

void
missing_find_drops(const struct missing *missing)
{
    gint64 time;

    for (guint i = 0; i < missing->sent[0].count; i++) {
        const struct entry *entry = &missing->sent[0].entries[i];

        if (entry->sighting->down == NULL && !entry->sighting->is_copy && !entry->sighting->is_unsure &&
            ((has_length(entry) && is_missed_by_receiver(missing, entry)) || is_echoed(missing, entry)) &&
            arrival_of(missing, entry->sighting, &time))
            drops_add(missing->to->point, time);
    }
    for (guint i = 0; i < missing->sent[1].count; i++) {
        const struct entry *entry = &missing->sent[1].entries[i];

        if (entry->sighting->up == NULL && !entry->sighting->is_unsure &&
            (is_missed_by_sender(missing, entry) || is_unexplained(missing, entry)) && departure_of(missing, entry->sighting, &time))
            drops_add(missing->from->point, time);
    }
}

/* Whether its number can be compared with those of the other point. If a device changes them, the other point must know the connection; and
 * a segment that was read before the capture showed that there are two points may be counted to the wrong one. */
static gboolean
is_comparable(const struct missing *missing, const struct sighting *sighting, const struct group_point *other)
{
    return !missing->are_numbers_changed || (point_of(sighting->place) == point_of(siblings_place(sighting->flow)) &&
                                             twins_in_flow(other->flow, sighting->connection) != NULL);
}

/* Whether the other point has a segment that may be this one with another number: the marks are alike, or there are none. */
static gboolean
may_be_there(const struct missing *missing, const struct sighting *sighting, const struct group_point *other)
{
    if (is_comparable(missing, sighting, other))
        return FALSE;
    for (guint i = 0; i < MIN(other->count, SEARCHED); i++)
        if (mark_equal(sighting, other->sightings[i]))
            return TRUE;
    return other->count > SEARCHED || (sighting->ip_id == 0 && sighting->tsval == 0);
}

/* Whether a RST at the second point has the hop limit of what its sender sent: so nothing tells that it came from another host. */
static gboolean
has_ttl_of_sender(const struct missing *missing, const struct sighting *reset)
{
    const struct lane *sent = &missing->sent[1];
    guint at = index_at(sent, reset->time);

    for (guint i = at; i > 0 && at - i < SEARCHED; i--)
        if (sent->entries[i - 1].sighting->up != NULL)
            return sent->entries[i - 1].sighting->ttl == reset->ttl;
    return TRUE;
}

/* Whether a RST at the second point answers a segment that the first one lacks, too, as soon as its sender can: then a device between has
 * answered instead, or the capture there has missed both. */
static gboolean
answers_missed(const struct missing *missing, const struct entry *reset)
{
    const struct lane *answers = &missing->answers[1];
    guint at = index_at(answers, reset->sighting->time + 1);
    gint64 there, back;

    for (guint i = at; i > 0 && at - i < SEARCHED; i--) {
        const struct entry *segment = &answers->entries[i - 1];

        if (!clocks_earliest(missing->to->point, missing->from->point, segment->sighting->time, &there) ||
            !clocks_earliest(missing->from->point, missing->to->point, there, &back) || reset->sighting->time > back + LANE_JITTER)
            return FALSE;
        if (segment->sighting->down == NULL && resets_is_answer(reset, segment))
            return has_ttl_of_sender(missing, reset->sighting);
    }
    return FALSE;
}

/* Whether the RST may be genuine, though the first point does not have it. */
static gboolean
is_doubtful_reset(const struct missing *missing, const struct entry *reset, gint64 departure)
{
    return (reset->sighting->flags & TCPSTATE_RST) != 0 &&
           (resets_are_elsewhere(missing->from->point, reset->sighting, departure) || answers_missed(missing, reset));
}

gboolean
missing_is_lost(const struct missing *missing, const struct sighting *sighting)
{
    struct span span = clocks_span(missing->to->point);
    gint64 there;

    return arrival_of(missing, sighting, &there) && there >= span.begin && there <= span.end - EDGE &&
           !drops_near(missing->to->point, there) && !may_be_there(missing, sighting, missing->to);
}

gboolean
missing_is_injected(const struct missing *missing, const struct sighting *sighting)
{
    const struct entry *entry = entry_of(&missing->sent[1], sighting), *own;
    struct span span = clocks_span(missing->from->point);
    gint64 there;

    if (!departure_of(missing, sighting, &there) || there < span.begin + EDGE || there > span.end ||
        drops_near(missing->from->point, there) || fills_gap_of_ids(missing, entry) || may_be_there(missing, sighting, missing->from) ||
        is_doubtful_reset(missing, entry, there))
        return FALSE;
    if (!has_length(entry) || (sighting->flags & TCPSTATE_RST) != 0)
        return TRUE;
    own = segment_with_bytes(&missing->sent[0], entry, G_MAXINT64);
    return own != NULL ? !may_be_sent_again(entry, own, there) : goes_on_without(missing, entry, there);
}
