/* Two hash tables. What came before the capture showed a second place is added when it does: from the connections, and from the engine's
 * newest segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "syns.h"

#include "observers.h"

static GHashTable *by_isn, *by_mark; /* -> struct syn, in file scope */
static gboolean has_begun;

void
syns_begin_capture(void)
{
    if (by_isn == NULL) {
        by_isn = g_hash_table_new(g_direct_hash, g_direct_equal);
        by_mark = g_hash_table_new(g_direct_hash, g_direct_equal);
    }
    g_hash_table_remove_all(by_isn);
    g_hash_table_remove_all(by_mark);
    has_begun = FALSE;
}

static void
insert(GHashTable *table, guint32 key, const struct syn *syn)
{
    struct syn *stored = (struct syn *)wmem_memdup(wmem_file_scope(), syn, sizeof *syn);

    stored->next = (const struct syn *)g_hash_table_lookup(table, GUINT_TO_POINTER(key));
    g_hash_table_insert(table, GUINT_TO_POINTER(key), stored);
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

static void
add(const struct flow *flow, guint32 number, guint16 place, const struct tcpstate_segment *segment)
{
    struct syn syn = {
        .flow = flow, .number = number, .place = place, .isn = segment->seq, .tsval = segment->options.tsval, .ip_id = segment->ip_id};

    if (is_bare_syn(segment)) {
        insert(by_isn, syn.isn, &syn);
        if (has_mark(segment))
            insert(by_mark, mark_of(segment), &syn);
    } else {
        insert(by_isn, segment->ack - 1,
               &(struct syn){.flow = flow, .number = number, .place = place, .isn = segment->ack - 1, .is_inferred = TRUE});
    }
}

static void
add_connections(void)
{
    for (guint32 number = 0; number < flow_connection_count(); number++) {
        const struct flow_connection *conn = flow_connection(number);
        const struct tcpstate_connection *connection = flow_engine_connection(conn);
        struct tcpstate_end client = tcpstate_end(connection, tcpstate_client(connection));

        if (client.iss_known)
            insert(by_isn, client.iss, &(struct syn){.flow = conn->flow, .number = number, .isn = client.iss});
    }
}

/* The connection of the flow that has this ISN, or its present one. */
static guint32
number_with_isn(const struct flow *flow, guint32 isn)
{
    for (const struct syn *syn = (const struct syn *)g_hash_table_lookup(by_isn, GUINT_TO_POINTER(isn)); syn != NULL; syn = syn->next)
        if (syn->flow == flow)
            return syn->number;
    return tcpstate_number(flow->pair.now);
}

static void
add_newest(void)
{
    struct tcpstate_segment segment;
    const struct tcpstate_pair *pair;

    for (unsigned i = 0; i < TCPSTATE_NEWEST_MAX; i++)
        if (tcpstate_newest(observers_at(0), i, &segment, &pair) && pair->now != NULL && is_bare_syn(&segment))
            add(flow_of_pair(pair), number_with_isn(flow_of_pair(pair), segment.seq), 0, &segment);
}

static void
begin(void)
{
    if (has_begun)
        return;
    has_begun = TRUE;
    add_connections();
    add_newest();
}

void
syns_add(const struct flow *flow, guint32 number, guint16 place, const struct tcpstate_segment *segment)
{
    begin();
    add(flow, number, place, segment);
}

const struct syn *
syns_with_isn(const struct tcpstate_segment *segment)
{
    guint32 isn = is_bare_syn(segment) ? segment->seq : segment->ack - 1;

    begin();
    return (const struct syn *)g_hash_table_lookup(by_isn, GUINT_TO_POINTER(isn));
}

const struct syn *
syns_with_mark(const struct tcpstate_segment *segment)
{
    begin();
    return has_mark(segment) ? (const struct syn *)g_hash_table_lookup(by_mark, GUINT_TO_POINTER(mark_of(segment))) : NULL;
}

gboolean
syn_has_same_mark(const struct syn *syn, const struct tcpstate_segment *segment)
{
    return is_bare_syn(segment) && has_mark(segment) && syn->tsval == segment->options.tsval && syn->ip_id == segment->ip_id;
}

gboolean
syn_may_be(const struct syn *syn, const struct tcpstate_segment *segment)
{
    return is_bare_syn(segment) && syn->tsval == segment->options.tsval && MAX(syn->ip_id, 0) == MAX(segment->ip_id, 0);
}

int
syns_other_place(const struct flow *flow, guint16 here, const struct tcpstate_segment *segment)
{
    if (!is_bare_syn(segment))
        return -1;
    for (const struct syn *syn = syns_with_isn(segment); syn != NULL; syn = syn->next)
        if (syn->flow == flow && syn->place != here && !syn->is_inferred)
            return syn->place;
    for (const struct syn *syn = syns_with_mark(segment); syn != NULL; syn = syn->next)
        if (syn->flow == flow && syn->place != here && syn_has_same_mark(syn, segment))
            return syn->place;
    return -1;
}
