/* Looks for acknowledgments of bytes that a point did not see: they show that its capture has missed them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "missing.h"

#include <stdlib.h>

#include <tcpstate/seq.h>

#include "clocks.h"
#include "match.h"

/* How many entries are searched, so that the time stays linear. */
enum { SEARCHED = 4096 };

/* A segment that is expected less than this time, in nanoseconds, before a point has captured its last one may come later. */
#define EDGE INT64_C(1000000)

struct missing {
    const struct group_point *from, *to;
    struct lane sent[2], answers[2];   /* of both points, with the numbers of the first one */
    gboolean has_dropped[2], is_known; /* the captures of both points have missed segments; valid with is_known */
};

static struct lane
empty_lane(void)
{
    return (struct lane){.entries = NULL, .count = 0};
}

struct missing *
missing_new(const struct group_point *from, const struct group_point *to, int direction)
{
    struct missing *missing = g_new0(struct missing, 1);

    missing->from = from;
    missing->to = to;
    missing->sent[0] = missing->sent[1] = missing->answers[0] = missing->answers[1] = empty_lane();
    lane_fill_all(missing->sent, from, to, direction);
    lane_fill_all(missing->answers, from, to, !direction);
    return missing;
}

void
missing_free(struct missing *missing)
{
    lane_free(missing->sent);
    lane_free(missing->answers);
    g_free(missing);
}

static guint32
end_of(const struct entry *entry)
{
    const struct sighting *sighting = entry->sighting;

    return entry->seq + sighting->payload + ((sighting->flags & TCPSTATE_SYN) != 0) + ((sighting->flags & TCPSTATE_FIN) != 0);
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

/* The first ACK of all bytes of the segment at a point, from a time on; NULL for none. */
static const struct entry *
acknowledgment(const struct lane *answers, const struct entry *segment, gint64 from)
{
    guint first = index_at(answers, from);

    for (guint i = first; i < answers->count && i - first < SEARCHED; i++) {
        const struct entry *answer = &answers->entries[i];

        if ((answer->sighting->flags & (TCPSTATE_ACK | TCPSTATE_RST)) == TCPSTATE_ACK &&
            answer->sighting->connection == segment->sighting->connection && seq_ge(answer->ack, end_of(segment)))
            return answer;
    }
    return NULL;
}

/* A segment of the point with the last byte of this one, before a frame (0 for any); NULL for none. Searches back from that frame, or from
 * the last one. */
static const struct entry *
segment_with_bytes(const struct lane *sent, const struct entry *segment, guint32 before_frame)
{
    guint32 last = end_of(segment) - 1;
    guint searched = 0;

    for (guint i = sent->count; i > 0 && searched < SEARCHED; i--) {
        const struct entry *other = &sent->entries[i - 1];

        if (before_frame != 0 && other->sighting->frame >= before_frame)
            continue;
        searched++;
        if (other->sighting != segment->sighting && other->sighting->connection == segment->sighting->connection &&
            seq_le(other->seq, last) && seq_lt(last, end_of(other)))
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
    return end_of(entry) != entry->seq;
}

/* Whether the second point has the ACK of a segment, but had not seen its bytes before: its capture has missed them. */
static gboolean
is_missed_by_receiver(const struct missing *missing, const struct entry *segment)
{
    gint64 from = G_MININT64;
    const struct entry *answer;

    (void)clocks_earliest(missing->from->point, missing->to->point, segment->sighting->time, &from);
    answer = acknowledgment(&missing->answers[1], segment, from);
    return answer != NULL && segment_with_bytes(&missing->sent[1], segment, answer->sighting->frame) == NULL;
}

/* Whether the first point has the ACK of a segment whose bytes it has never seen: its capture has missed them. */
static gboolean
is_missed_by_sender(const struct missing *missing, const struct entry *segment)
{
    return segment_with_bytes(&missing->sent[0], segment, 0) == NULL && acknowledgment(&missing->answers[0], segment, G_MININT64) != NULL;
}

/* Whether any segment shows that the captures have missed some. */
static void
find_drops(struct missing *missing)
{
    missing->is_known = TRUE;
    for (guint i = 0; i < missing->sent[0].count && !missing->has_dropped[1]; i++) {
        const struct entry *entry = &missing->sent[0].entries[i];

        missing->has_dropped[1] = entry->sighting->down == NULL && !entry->sighting->is_copy && has_length(entry) &&
                                  is_missed_by_receiver(missing, entry);
    }
    for (guint i = 0; i < missing->sent[1].count && !missing->has_dropped[0]; i++) {
        const struct entry *entry = &missing->sent[1].entries[i];

        missing->has_dropped[0] = entry->sighting->up == NULL && has_length(entry) && is_missed_by_sender(missing, entry);
    }
}

static gboolean
has_dropped(struct missing *missing, int point)
{
    if (!missing->is_known)
        find_drops(missing);
    return missing->has_dropped[point];
}

gboolean
missing_is_lost(struct missing *missing, const struct sighting *sighting)
{
    const struct entry *entry = entry_of(&missing->sent[0], sighting);
    struct span span = clocks_span(missing->to->point);
    gint64 there;

    if (!clocks_earliest(missing->from->point, missing->to->point, sighting->time, &there) || there < span.begin || there > span.end - EDGE)
        return FALSE;
    return has_length(entry) ? !is_missed_by_receiver(missing, entry) : !has_dropped(missing, 1);
}

/* Data that the sender has sent too, as far as is known: then this may be its retransmission. */
static gboolean
may_be_sent_again(const struct missing *missing, const struct entry *entry, const struct entry *own)
{
    gint64 there;

    if (entry->sighting->payload == own->sighting->payload && entry->seq == own->seq && entry->sighting->digest != 0 &&
        own->sighting->digest != 0 && entry->sighting->digest != own->sighting->digest)
        return FALSE;
    return clocks_latest(missing->to->point, missing->from->point, entry->sighting->time, &there) && own->sighting->time <= there;
}

gboolean
missing_is_injected(struct missing *missing, const struct sighting *sighting)
{
    const struct entry *entry = entry_of(&missing->sent[1], sighting), *own;
    struct span span = clocks_span(missing->from->point);
    gint64 there;

    if (!clocks_latest(missing->to->point, missing->from->point, sighting->time, &there) || there < span.begin + EDGE || there > span.end)
        return FALSE;
    if (!has_length(entry))
        return !has_dropped(missing, 0);
    own = segment_with_bytes(&missing->sent[0], entry, 0);
    return own != NULL ? !may_be_sent_again(missing, entry, own) : !is_missed_by_sender(missing, entry);
}
