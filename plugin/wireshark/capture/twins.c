/* Finds connections by their SYNs: by the ISN, and by what a device that changes the ISN or the addresses leaves as it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "twins.h"

#include <string.h>

#include "flows.h"
#include "point.h"
#include "siblings.h"

/* How many earlier connections of a flow are searched for one whose SYN was not captured. */
enum { PREDECESSORS = 64 };

/* How far a number may be from those of the connection: 16 MiB, because the other point may have read more of it so far, or less. */
enum { FAR = 1 << 24 };

/* A SYN of a connection. */
struct syn {
    struct syn *next; /* of the same key */
    struct flow_connection *conn;
    guint32 number, isn, tsval; /* tsval: 0 for none */
    gint32 ip_id;               /* at most 0 for none */
};

static GHashTable *by_isn, *by_mark; /* -> struct syn, in file scope */
static GHashTable *twins;            /* number of a connection -> GPtrArray of its twins */
static gboolean has_begun;           /* the connections of the time with one place were added */

static void
free_array(gpointer array)
{
    g_ptr_array_free((GPtrArray *)array, TRUE);
}

void
twins_begin_capture(void)
{
    if (twins == NULL) {
        by_isn = g_hash_table_new(g_direct_hash, g_direct_equal);
        by_mark = g_hash_table_new(g_direct_hash, g_direct_equal);
        twins = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_array);
    }
    g_hash_table_remove_all(by_isn);
    g_hash_table_remove_all(by_mark);
    g_hash_table_remove_all(twins);
    has_begun = FALSE;
}

static void
insert(GHashTable *table, guint32 key, const struct syn *syn)
{
    struct syn *stored = (struct syn *)wmem_memdup(wmem_file_scope(), syn, sizeof *syn);

    stored->next = (struct syn *)g_hash_table_lookup(table, GUINT_TO_POINTER(key));
    g_hash_table_insert(table, GUINT_TO_POINTER(key), stored);
}

static const struct syn *
syns_of(GHashTable *table, guint32 key)
{
    return (const struct syn *)g_hash_table_lookup(table, GUINT_TO_POINTER(key));
}

/* The connections that began while the capture had one place. Their SYNs are not known any more, but for their ISN. */
static void
begin(void)
{
    has_begun = TRUE;
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        struct flow_connection *conn = flow_connection(number);
        const struct tcpstate_connection *connection = flow_engine_connection(conn);
        struct tcpstate_end client = tcpstate_end(connection, tcpstate_client(connection));

        if (client.iss_known)
            insert(by_isn, client.iss, &(struct syn){.conn = conn, .number = number, .isn = client.iss});
    }
}

static gboolean
is_bare_syn(const struct tcpstate_segment *segment)
{
    return (segment->flags & (TCPSTATE_SYN | TCPSTATE_ACK | TCPSTATE_RST)) == TCPSTATE_SYN;
}

static gboolean
has_mark(const struct tcpstate_segment *segment)
{
    return segment->options.tsval != 0 || segment->ip_id > 0;
}

static guint32
mark_of(const struct tcpstate_segment *segment)
{
    return segment->options.tsval * 0x9e3779b1u + (guint32)segment->ip_id;
}

void
twins_add_syn(struct flow_connection *conn, guint32 number, const struct tcpstate_segment *segment)
{
    struct syn syn = {.conn = conn, .number = number, .isn = segment->seq, .tsval = segment->options.tsval, .ip_id = segment->ip_id};

    insert(by_isn, segment->seq, &syn);
    if (has_mark(segment))
        insert(by_mark, mark_of(segment), &syn);
}

struct flow_connection *
twins_at(guint32 number, guint index)
{
    const GPtrArray *others = (const GPtrArray *)g_hash_table_lookup(twins, GUINT_TO_POINTER(number));

    return others != NULL && index < others->len ? (struct flow_connection *)g_ptr_array_index(others, index) : NULL;
}

void
twins_add(struct flow_connection *conn, guint32 number, const struct tcpstate_segment *segment)
{
    GPtrArray *others;

    if ((segment->flags & (TCPSTATE_SYN | TCPSTATE_ACK | TCPSTATE_RST)) == (TCPSTATE_SYN | TCPSTATE_ACK))
        insert(by_isn, segment->ack - 1, &(struct syn){.conn = conn, .number = number, .isn = segment->ack - 1});
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

static gboolean
is_at_other_point(const struct flow *flow, const struct flow *other)
{
    return point_of(siblings_place(flow)) != point_of(siblings_place(other));
}

static gboolean
have_same_ends(const struct flow *a, const struct flow *b)
{
    size_t first = flow_end_size(flow_end(a, 0)->length);

    return flow_end(b, 0)->length == flow_end(a, 0)->length && memcmp(a->ends, b->ends, 2 * first) == 0;
}

static gboolean
has_same_mark(const struct syn *syn, const struct tcpstate_segment *segment)
{
    return is_bare_syn(segment) && has_mark(segment) && syn->tsval == segment->options.tsval && syn->ip_id == segment->ip_id;
}

/* Whether the SYN, which is seen in `flow`, is the one that was seen in another flow, with the same ends. */
static gboolean
is_same_syn(const struct flow *flow, const struct tcpstate_segment *segment, guint32 isn, const struct syn *syn)
{
    return have_same_ends(flow, syn->conn->flow) && is_at_other_point(flow, syn->conn->flow) &&
           (syn->isn == isn || has_same_mark(syn, segment));
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

/* The same, if addresses or ports were translated. This shows that the two places are different points. */
static gboolean
is_translated_syn(const struct flow *flow, const struct tcpstate_segment *segment, guint32 isn, const struct syn *syn)
{
    guint16 here = siblings_place(flow), there = siblings_place(syn->conn->flow);

    if (syn->isn != isn || !has_same_mark(syn, segment) || here == there || point_is_joined(here, there))
        return FALSE;
    point_separate(here, there);
    return !is_known_at_point(flow, syn->number);
}

/* If several connections have the ISN: the oldest one that the flow does not have, with the same ends if possible. */
static guint32
find_by_syn(GHashTable *table, guint32 key, const struct flow *flow, const struct tcpstate_segment *segment, guint32 isn)
{
    guint32 same = TWINS_NONE, translated = TWINS_NONE;

    for (const struct syn *syn = syns_of(table, key); syn != NULL; syn = syn->next) {
        if (twins_in_flow(flow, syn->number) != NULL)
            continue;
        if (is_same_syn(flow, segment, isn, syn))
            same = MIN(same, syn->number);
        else if (same == TWINS_NONE && is_translated_syn(flow, segment, isn, syn))
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
    guint32 number = TWINS_NONE, isn = is_bare_syn(segment) ? segment->seq : segment->ack - 1;

    if (!has_begun)
        begin();
    if ((segment->flags & (TCPSTATE_SYN | TCPSTATE_RST)) == TCPSTATE_SYN) {
        number = find_by_syn(by_isn, isn, flow, segment, isn);
        if (number == TWINS_NONE && is_bare_syn(segment) && has_mark(segment))
            number = find_by_syn(by_mark, mark_of(segment), flow, segment, isn);
    }
    if (number == TWINS_NONE)
        number = find_by_numbers(flow, segment, 0);
    return number != TWINS_NONE ? number : find_by_numbers(flow, segment, FAR);
}
