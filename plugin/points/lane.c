/* Finds how far a device has shifted the sequence numbers of a connection: from its SYNs, or from segments that are alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "lane.h"

#include "../wireshark/capture/twins.h"
#include "clocks.h"
#include "mark.h"

/* The segments of a connection, and those of the other point, that are searched for two that are alike. */
enum { SEARCHED = 16, SEARCHED_AT_FIRST = 512 };

guint32
entry_end(const struct entry *entry)
{
    const struct sighting *sighting = entry->sighting;

    return entry->seq + sighting->payload + ((sighting->flags & TCPSTATE_SYN) != 0) + ((sighting->flags & TCPSTATE_FIN) != 0);
}

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
    if (!here.iss_known || !there.iss_known)
        return FALSE;
    *shift = there.iss - here.iss;
    return TRUE;
}

/* How far the time of a sighting is from when the segment should have come there; 0 if the clocks are not known yet. */
static gint64
distance_in_time(const struct sighting *sent, guint from, const struct sighting *arrived, guint to)
{
    gint64 earliest;

    return clocks_earliest(from, to, sent->time, &earliest) ? ABS(arrived->time - earliest) : 0;
}

/* The segment at the first point that seems to be this one of the second point, with shifted numbers: it has the same mark, or the same IP
 * ID at about that time. If there are several, that with the same number, or the nearest one in time. NULL for none. */
static const struct sighting *
shifted(const struct group_point *first, const struct group_point *second, const struct sighting *arrived, int end)
{
    const struct sighting *best = NULL;
    gint64 nearest = G_MAXINT64;

    for (guint i = 0; i < MIN(first->count, SEARCHED_AT_FIRST); i++) {
        const struct sighting *sent = first->sightings[i];
        gint64 distance;

        if ((sent->from ^ first->is_flipped) != end || !mark_equal(sent, arrived) || (!mark_exists(sent) && sent->ip_id == 0))
            continue;
        if (sent->seq == arrived->seq)
            return sent;
        distance = distance_in_time(sent, first->point, arrived, second->point);
        if (distance < nearest && (mark_exists(sent) || distance <= LANE_JITTER)) {
            nearest = distance;
            best = sent;
        }
    }
    return best;
}

/* The same from the first segments of the connection that are alike; no shift, if any of them says so. FALSE if none is alike. */
static gboolean
shift_by_mark(const struct group_point *first, const struct group_point *second, guint32 number, int end, guint32 *shift)
{
    gboolean found = FALSE;
    guint compared = 0;

    for (guint i = 0; i < second->count && compared < SEARCHED; i++) {
        const struct sighting *arrived = second->sightings[i], *sent;

        if (arrived->connection != number || (arrived->from ^ second->is_flipped) != end)
            continue;
        compared++;
        sent = shifted(first, second, arrived, end);
        if (sent == NULL || (found && sent->seq != arrived->seq))
            continue;
        found = TRUE;
        *shift = arrived->seq - sent->seq;
        if (*shift == 0)
            return TRUE;
    }
    return found;
}

/* A server may offer several ISNs, and the points may know others of them. So if the ISNs differ, the marks must not say that nothing is
 * shifted. */
static gboolean
find_shift(const struct group_point *first, const struct group_point *second, guint32 number, int end, guint32 *shift)
{
    guint32 by_mark;

    if (!shift_by_syn(first, second, number, end, shift))
        return shift_by_mark(first, second, number, end, shift);
    if (*shift != 0 && shift_by_mark(first, second, number, end, &by_mark) && by_mark == 0)
        *shift = 0;
    return TRUE;
}

/* The shifts of both ends in a connection. */
struct shifts {
    guint32 connection, of[2];
    gboolean is_known[2];
};

static void
update_shifts(struct shifts *shifts, const struct group_point *first, const struct group_point *second, guint32 number)
{
    if (shifts->connection == number)
        return;
    shifts->connection = number;
    for (int end = 0; end < 2; end++) {
        shifts->of[end] = 0;
        shifts->is_known[end] = find_shift(first, second, number, end, &shifts->of[end]);
    }
}

static void
fill(struct lane *lane, const struct group_point *from, const struct group_point *first, const struct group_point *second, int direction,
     gboolean all)
{
    struct shifts shifts = {.connection = G_MAXUINT32};
    guint32 number = G_MAXUINT32, first_number = G_MAXUINT32;

    lane->entries = g_new(struct entry, from->count);
    lane->count = 0;
    lane->is_partial = FALSE;
    for (guint i = 0; i < from->count; i++) {
        struct sighting *sighting = from->sightings[i];
        struct entry entry = {.sighting = sighting, .seq = sighting->seq, .ack = sighting->ack, .order = lane->count};

        if ((sighting->from ^ from->is_flipped) != direction || (!all && (from == first ? sighting->down : sighting->up) != NULL))
            continue;
        if (sighting->connection != number) {
            number = sighting->connection;
            first_number = twins_first(number);
        }
        entry.connection = first_number;
        if (from == second) {
            update_shifts(&shifts, first, second, sighting->connection);
            entry.seq -= shifts.of[direction];
            entry.is_shift_unknown = !shifts.is_known[direction];
            entry.ack -= (sighting->flags & TCPSTATE_ACK) != 0 ? shifts.of[!direction] : 0;
        }
        lane->is_partial |= sighting->is_partial;
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
