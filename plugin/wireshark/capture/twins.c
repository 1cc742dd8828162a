/* Finds the connection of a SYN that another flow has, or whose numbers fit.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "twins.h"

#include "flows.h"
#include "point.h"
#include "siblings.h"
#include "syns.h"

/* How many earlier connections of a flow are searched for one whose SYN was not captured. */
enum { PREDECESSORS = 64 };

/* How far a number may be from those of the connection: 16 MiB, because the other point may have read more of it so far, or less. */
enum { FAR = 1 << 24 };

static GHashTable *twins; /* number of a connection -> GPtrArray of its twins */

static void
free_array(gpointer array)
{
    g_ptr_array_free((GPtrArray *)array, TRUE);
}

void
twins_begin_capture(void)
{
    if (twins == NULL)
        twins = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_array);
    g_hash_table_remove_all(twins);
}

struct flow_connection *
twins_at(guint32 number, guint index)
{
    const GPtrArray *others = (const GPtrArray *)g_hash_table_lookup(twins, GUINT_TO_POINTER(number));

    return others != NULL && index < others->len ? (struct flow_connection *)g_ptr_array_index(others, index) : NULL;
}

void
twins_add(struct flow_connection *conn, guint32 number)
{
    GPtrArray *others;

    if (flow_connection(number) == conn)
        return;
    others = (GPtrArray *)g_hash_table_lookup(twins, GUINT_TO_POINTER(number));
    if (others == NULL) {
        others = g_ptr_array_new();
        g_hash_table_insert(twins, GUINT_TO_POINTER(number), others);
    }
    g_ptr_array_add(others, conn);
}

struct flow_connection *
twins_in_flow(const struct flow *flow, guint32 number)
{
    struct flow_connection *conn = flow_connection(number);

    for (guint i = 0; conn != NULL && conn->flow != flow; i++)
        conn = twins_at(number, i);
    return conn;
}

guint32
twins_first(guint32 number)
{
    guint32 first = number;
    const struct flow_connection *twin;

    for (guint i = 0; (twin = twins_at(number, i)) != NULL; i++)
        first = MIN(first, tcpstate_number(flow_engine_connection(twin)));
    return first;
}

static gboolean
is_at_other_point(const struct flow *flow, const struct flow *other)
{
    return point_of(siblings_place(flow)) != point_of(siblings_place(other));
}

/* Whether a flow at the point of this one shows the connection. */
static gboolean
is_known_at_point(const struct flow *flow, guint32 number)
{
    const struct flow_connection *conn = flow_connection(number);

    for (guint i = 0; conn != NULL && is_at_other_point(flow, conn->flow); i++)
        conn = twins_at(number, i);
    return conn != NULL;
}

/* Whether the SYN of another flow is that of a segment in this one, between other addresses or ports, which were translated. This shows
 * that the two places are different points. */
static gboolean
is_translated(const struct flow *flow, const struct tcpstate_segment *segment, const struct syn *syn)
{
    guint16 here = siblings_place(flow), there = siblings_place(syn->flow);

    if (syn->isn != segment->seq || !syn_may_be(syn, segment) || here == there || point_is_joined(here, there))
        return FALSE;
    point_separate(here, there);
    return !is_known_at_point(flow, syn->number);
}

/* If there are several: the oldest connection that the flow does not have, with the same ends if possible. */
static guint32
find_by_syn(const struct syn *syns, const struct flow *flow, const struct tcpstate_segment *segment)
{
    guint32 same = TWINS_NONE, translated = TWINS_NONE;

    for (const struct syn *syn = syns; syn != NULL; syn = syn->next) {
        if (twins_in_flow(flow, syn->number) != NULL)
            continue;
        if (flow_has_same_ends(flow, syn->flow) && is_at_other_point(flow, syn->flow))
            same = MIN(same, syn->number);
        else if (!flow_has_same_ends(flow, syn->flow) && is_translated(flow, segment, syn))
            translated = MIN(translated, syn->number);
    }
    return same != TWINS_NONE ? same : translated;
}

/* A connection whose SYN was not captured at this point, or not at the other one: the oldest one that the flow does not have. */
static guint32
find_by_numbers(const struct flow *flow, const struct tcpstate_segment *segment, guint32 reach)
{
    guint32 number = TWINS_NONE;

    for (const struct flow *other = flows_first(flow); other != NULL; other = siblings_next(other)) {
        const struct tcpstate_connection *connection = is_at_other_point(flow, other) ? other->pair.now : NULL;

        for (guint i = 0; i < PREDECESSORS && connection != NULL; i++, connection = tcpstate_before(connection))
            if (tcpstate_contains(connection, segment, reach) && twins_in_flow(flow, tcpstate_number(connection)) == NULL)
                number = MIN(number, tcpstate_number(connection));
    }
    return number;
}

guint32
twins_find(const struct flow *flow, const struct tcpstate_segment *segment)
{
    guint32 number = TWINS_NONE;

    if ((segment->flags & (TCPSTATE_SYN | TCPSTATE_RST)) == TCPSTATE_SYN)
        number = find_by_syn(syns_with_isn(segment), flow, segment);
    if (number == TWINS_NONE && is_bare_syn(segment))
        number = find_by_syn(syns_with_mark(segment), flow, segment);
    if (number == TWINS_NONE)
        number = find_by_numbers(flow, segment, 0);
    return number != TWINS_NONE ? number : find_by_numbers(flow, segment, FAR);
}

void
twins_link(struct flow_connection *conn, const struct tcpstate_segment *syn)
{
    guint32 number = tcpstate_number(flow_engine_connection(conn)), other;

    if (twins_at(number, 0) != NULL)
        return;
    other = find_by_syn(syns_with_mark(syn), conn->flow, syn);

    if (other == TWINS_NONE || other == number || twins_in_flow(flow_connection(other)->flow, number) != NULL)
        return;
    twins_add(conn, other);
    twins_add(flow_connection(other), number);
}
