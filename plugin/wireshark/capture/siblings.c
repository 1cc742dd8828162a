/* Links the flows that have the same ends in a list, and stores where each of them was seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "siblings.h"

#include <string.h>

#include "memory.h"
#include "observers.h"
#include "point.h"
#include "syns.h"

/* The most flows that may have the same ends. A segment may be compared with all of them, so a limit keeps this fast. Further networks
 * share the first flow of their point. */
enum { MAX_FLOWS = 16 };

/* How many places of a connection are remembered: a tap has two. */
enum { LEGS_MAX = 4 };

/* A place where the present connection of a flow was seen, and a bit for each direction (segment.from). */
struct leg {
    guint16 place;
    guint8 directions;
};

struct flow_siblings {
    /* The networks in which the flow was seen, by direction (segment.from): the last two, because a device between two networks shows a
     * segment in both. Each is the result of network_of() plus 1; 0 for none. They are cleared when a connection begins in a network that
     * is not among them. */
    guint64 seen[2][2];
    struct flow *next;                /* next flow with the same ends */
    struct flow_sightings *sightings; /* see sightings.h; NULL for none */
    guint16 place;                    /* where it began */
    guint16 last_place;               /* of its last segment */
    guint8 leg_count;
    struct leg legs[LEGS_MAX];
};

enum { BOTH_DIRECTIONS = 3 };

/* Network and place in one number: the number of a tunnel needs 34 bits. */
static guint64
network_of(const struct placed_segment *placed)
{
    return (guint64)placed->place << 48 | placed->segment->network;
}

struct flow *
siblings_next(const struct flow *flow)
{
    return flow->siblings != NULL ? flow->siblings->next : NULL;
}

guint16
siblings_place(const struct flow *flow)
{
    return flow->siblings != NULL ? flow->siblings->place : 0;
}

struct tcpstate_observer *
siblings_observer(const struct flow *flow)
{
    return flow->siblings == NULL ? observers_first() : observers_at(point_of(flow->siblings->place));
}

gboolean
siblings_exist(const struct flow *first)
{
    return siblings_next(first) != NULL;
}

static gboolean
is_among(const guint64 seen[2], guint64 network)
{
    return seen[0] == network + 1 || seen[1] == network + 1;
}

/* Whether the flow was seen in the segment's network. Without struct flow_siblings, it was seen only in network 0. If the segment's
 * direction has no network yet, those of the other direction count. */
static gboolean
is_seen(const struct flow *flow, const struct placed_segment *placed)
{
    const struct flow_siblings *siblings = flow->siblings;
    int from = placed->segment->from;

    if (siblings == NULL)
        return network_of(placed) == 0;
    return is_among(siblings->seen[siblings->seen[from][0] != 0 ? from : !from], network_of(placed));
}

static guint8
direction_of(const struct tcpstate_segment *segment)
{
    return (guint8)(1u << segment->from);
}

static guint8
directions_sent(const struct tcpstate_connection *connection)
{
    return (guint8)(tcpstate_end(connection, 0).has_sent | tcpstate_end(connection, 1).has_sent << 1);
}

/* Where the present connection was seen. Without struct flow_siblings, only at place 0. */
static guint
legs_of(const struct flow *flow, struct leg legs[LEGS_MAX])
{
    if (flow->pair.now == NULL)
        return 0;
    if (flow->siblings == NULL) {
        legs[0] = (struct leg){.place = 0, .directions = directions_sent(flow->pair.now)};
        return 1;
    }
    memcpy(legs, flow->siblings->legs, flow->siblings->leg_count * sizeof legs[0]);
    return flow->siblings->leg_count;
}

static guint8
directions_at(const struct leg *legs, guint count, guint16 place)
{
    for (guint i = 0; i < count; i++)
        if (legs[i].place == place)
            return legs[i].directions;
    return 0;
}

/* A place where the direction was seen; `fallback` if that was in an earlier connection. */
static guint16
leg_with(const struct leg *legs, guint count, guint8 direction, guint16 fallback)
{
    for (guint i = 0; i < count; i++)
        if ((legs[i].directions & direction) != 0)
            return legs[i].place;
    return fallback;
}

/* Whether the flow has the same segment already: a SYN or SYN,ACK of the present connection, or one of the newest segments. */
static gboolean
has_segment(const struct flow *flow, const struct tcpstate_segment *segment)
{
    struct tcpstate_end sender = tcpstate_end(flow->pair.now, segment->from);

    if ((segment->flags & TCPSTATE_SYN) != 0 && sender.has_sent && sender.iss_known && segment->seq == sender.iss)
        return TRUE;
    return tcpstate_was_read(siblings_observer(flow), &flow->pair, segment);
}

/* Whether the connection goes on elsewhere, and not only from here on: it comes back to this place, or its sender sends old numbers again.
 */
static gboolean
is_elsewhere_too(const struct flow *flow, const struct placed_segment *placed, const struct leg *other)
{
    guint16 last = flow->siblings != NULL ? flow->siblings->last_place : 0;
    gint32 advance = (gint32)(placed->segment->seq - tcpstate_end(flow->pair.now, placed->segment->from).snd_nxt);

    return last == other->place || advance < 0;
}

/* The segment may show that its place and another one of the flow are different points: the other one has seen the same segment, or both
 * have seen both directions of the connection. */
static void
compare_places(const struct flow *flow, const struct placed_segment *placed)
{
    guint8 direction = direction_of(placed->segment), here;
    struct leg legs[LEGS_MAX];
    guint count = legs_of(flow, legs);
    int other = syns_other_place(flow, placed->place, placed->segment);

    if (other >= 0)
        point_separate((guint16)other, placed->place);
    here = directions_at(legs, count, placed->place);
    if (count == 0 || (count == 1 && here != 0))
        return;
    if ((here & direction) == 0 && has_segment(flow, placed->segment))
        point_separate(leg_with(legs, count, direction, siblings_place(flow)), placed->place);
    if (here == 0 || (here | direction) != BOTH_DIRECTIONS || (placed->segment->flags & TCPSTATE_SYN) != 0)
        return;
    for (guint i = 0; i < count; i++)
        if (legs[i].place != placed->place && legs[i].directions == BOTH_DIRECTIONS && is_elsewhere_too(flow, placed, &legs[i]))
            point_separate(legs[i].place, placed->place);
}

static struct flow_siblings *
siblings_of(struct flow *flow)
{
    if (flow->siblings == NULL) {
        struct leg legs[LEGS_MAX] = {{.place = 0}};
        guint count = legs_of(flow, legs);

        flow->siblings = (struct flow_siblings *)memory_new0(sizeof *flow->siblings);
        memcpy(flow->siblings->legs, legs, sizeof legs);
        flow->siblings->leg_count = (guint8)count;
        if (flow->pair.now != NULL) /* all its segments were in network 0 */
            flow->siblings->seen[0][0] = flow->siblings->seen[1][0] = 1;
    }
    return flow->siblings;
}

struct flow_sightings **
siblings_sightings(struct flow *flow)
{
    return &siblings_of(flow)->sightings;
}

const struct flow_sightings *
siblings_known_sightings(const struct flow *flow)
{
    return flow->siblings != NULL ? flow->siblings->sightings : NULL;
}

static gboolean
is_at_same_point(const struct flow *flow, const struct placed_segment *placed)
{
    return point_of(siblings_place(flow)) == point_of(placed->place);
}

/* Each new sibling comes directly after the first one, so the oldest that began at a place is the last one in the list, or the first one.
 */
struct flow *
siblings_of_place(struct flow *first, guint16 place)
{
    struct flow *found = first;

    if (siblings_place(first) == place)
        return first;
    for (struct flow *flow = siblings_next(first); flow != NULL; flow = siblings_next(flow))
        if (siblings_place(flow) == place)
            found = flow;
    return found;
}

gboolean
siblings_place_tells(struct flow *first, const struct flow *flow, guint16 place)
{
    return siblings_place(flow) == place && siblings_of_place(first, place) == flow;
}

/* Whether the flow was seen at the other leg of the segment's point: a place that is known to be one, or a SYN,ACK answers what was seen
 * there. */
static gboolean
is_seen_at_other_leg(const struct flow *flow, const struct placed_segment *placed)
{
    const guint8 syn_ack = TCPSTATE_SYN | TCPSTATE_ACK;
    struct leg legs[LEGS_MAX];
    guint count = legs_of(flow, legs);
    guint8 seen = 0;

    for (guint i = 0; i < count; i++) {
        seen = seen | legs[i].directions;
        if (legs[i].place != placed->place && point_is_joined(legs[i].place, placed->place))
            return TRUE;
    }
    return count > 0 && (seen & direction_of(placed->segment)) == 0 && (placed->segment->flags & (syn_ack | TCPSTATE_RST)) == syn_ack;
}

/* The flow of the segment among those at its point. */
static struct flow *
find_at_point(struct flow *first, const struct placed_segment *placed)
{
    struct flow *flow, *first_here = NULL;
    guint count = 0;

    for (flow = first; flow != NULL; flow = siblings_next(flow))
        if (is_at_same_point(flow, placed) && is_seen(flow, placed))
            return flow;
    for (flow = first; flow != NULL; flow = siblings_next(flow))
        if (is_at_same_point(flow, placed) &&
            (tcpstate_fits(siblings_observer(flow), &flow->pair, placed->segment) || is_seen_at_other_leg(flow, placed)))
            return flow;
    for (flow = first; flow != NULL; flow = siblings_next(flow)) {
        if (!is_at_same_point(flow, placed))
            continue;
        if (tcpstate_is_over(&flow->pair))
            return flow;
        if (count++ == 0)
            first_here = flow;
    }
    return count < MAX_FLOWS ? NULL : first_here;
}

struct flow *
siblings_find(struct flow *first, const struct placed_segment *placed)
{
    struct flow *found;

    if (placed->counts && place_are_several())
        for (struct flow *flow = first; flow != NULL; flow = siblings_next(flow))
            if (is_at_same_point(flow, placed))
                compare_places(flow, placed);
    found = find_at_point(first, placed);
    if (found != NULL && placed->counts && network_of(placed) != 0)
        (void)siblings_of(found);
    return found;
}

void
siblings_add(struct flow *first, struct flow *flow, const struct placed_segment *placed)
{
    siblings_of(flow)->place = placed->place;
    if (flow == first)
        return;
    siblings_of(flow)->next = siblings_of(first)->next;
    siblings_of(first)->next = flow;
}

static void
add_leg(struct flow_siblings *siblings, const struct placed_segment *placed)
{
    guint8 direction = direction_of(placed->segment);
    guint i = 0;

    while (i < siblings->leg_count && siblings->legs[i].place != placed->place)
        i++;
    if (i == LEGS_MAX)
        return;
    if (i == siblings->leg_count)
        siblings->legs[siblings->leg_count++] = (struct leg){.place = placed->place};
    siblings->legs[i].directions = siblings->legs[i].directions | direction;
    for (guint other = 0; other < i; other++)
        if ((siblings->legs[other].directions ^ siblings->legs[i].directions) == BOTH_DIRECTIONS)
            point_join(siblings->legs[other].place, placed->place);
}

void
siblings_update(struct flow *flow, const struct placed_segment *placed, const struct tcpstate_connection *before)
{
    struct flow_siblings *siblings = siblings_of(flow);
    guint64 *seen = siblings->seen[placed->segment->from], network = network_of(placed);

    if (before != flow->pair.now)
        siblings->leg_count = 0;
    siblings->last_place = placed->place;
    add_leg(siblings, placed);
    if (is_among(seen, network))
        return;
    if (before != flow->pair.now && !is_seen(flow, placed))
        memset(siblings->seen, 0, sizeof siblings->seen);
    seen[1] = seen[0];
    seen[0] = network + 1;
}
