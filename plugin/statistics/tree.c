/* -z tcpstate,tree[,FILTER] and Statistics > TCP State: counts the connections in each pair of states, the transitions, the findings and
 * the retries. Only frames that pass the filter count.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <epan/stats_tree.h>

#include "../wireshark/show/tap.h"

static const char top_connections[] = "Connections", top_transitions[] = "Transitions", top_findings[] = "Findings",
                  top_retries[] = "Retries";

/* The counts of one tree. There may be several trees, each with its own filter. */
struct counted {
    GArray *pairs;     /* guint8 for each connection number: its pair of states, or 0 if not yet counted */
    GHashTable *stuck; /* set of connection and finding: those already counted */
    GHashTable *last;  /* struct flow -> the number of the connection that its last segment was counted in */
};

static GHashTable *trees; /* stats_tree -> struct counted, owned */

static void
free_counted(gpointer data)
{
    struct counted *counted = (struct counted *)data;

    g_array_free(counted->pairs, TRUE);
    g_hash_table_destroy(counted->stuck);
    g_hash_table_destroy(counted->last);
    g_free(counted);
}

static void
cleanup(stats_tree *st)
{
    if (trees != NULL)
        g_hash_table_remove(trees, st);
}

static void
init(stats_tree *st)
{
    struct counted *counted = g_new(struct counted, 1);

    if (trees == NULL)
        trees = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_counted);
    counted->pairs = g_array_new(FALSE, TRUE, sizeof(guint8));
    counted->stuck = g_hash_table_new(g_direct_hash, g_direct_equal);
    counted->last = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_hash_table_replace(trees, st, counted);
    stats_tree_create_node(st, top_connections, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, top_transitions, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, top_findings, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, top_retries, 0, STAT_DT_INT, TRUE);
}

static void
count(stats_tree *st, const char *top, const char *name)
{
    tick_stat_node(st, top, 0, TRUE);
    tick_stat_node(st, name, stats_tree_parent_id_by_name(st, top), FALSE);
}

/* A pair of states in one byte, client in the upper four bits. It is never 0. */
static guint8
pair_of(const struct view *view)
{
    return (guint8)((view->end[view->client].state + 1) << 4 | view->end[view->to_itself ? view->client : !view->client].state);
}

static void
move_pair(stats_tree *st, guint8 pair, int by)
{
    char *name = g_strdup_printf("%s / %s", tcpstate_state_name((enum tcpstate_state)((pair >> 4) - 1)),
                                 tcpstate_state_name((enum tcpstate_state)(pair & 0x0f)));

    increase_stat_node(st, name, stats_tree_parent_id_by_name(st, top_connections), FALSE, by);
    g_free(name);
}

/* Moves the connection from its old pair of states to the new one. */
static void
count_pair(stats_tree *st, struct counted *counted, guint32 connection, guint8 pair)
{
    guint8 *before;

    if (connection >= counted->pairs->len)
        g_array_set_size(counted->pairs, connection + 1);
    before = &g_array_index(counted->pairs, guint8, connection);
    if (*before == pair)
        return;
    if (*before != 0)
        move_pair(st, *before, -1);
    else
        tick_stat_node(st, top_connections, 0, TRUE);
    move_pair(st, pair, 1);
    *before = pair;
}

/* If the connection was counted, and another one is valid in its place in that frame, counts its last states. */
static void
count_replaced(stats_tree *st, struct counted *counted, guint32 frame, const struct tcpstate_connection *connection)
{
    int client = tcpstate_client(connection);
    guint8 pair = (guint8)((tcpstate_end(connection, client).state + 1) << 4 | tcpstate_end(connection, !client).state);
    guint32 number = tcpstate_number(connection), replaced = tcpstate_replaced_frame(connection);

    if (replaced != 0 && replaced <= frame && number < counted->pairs->len && g_array_index(counted->pairs, guint8, number) != 0)
        count_pair(st, counted, number, pair);
}

/* A segment may show that it is another connection's turn: that of the segment before on the same flow, or the one before its own. */
static void
count_others(stats_tree *st, struct counted *counted, const struct tap_segment *tapped)
{
    const struct tcpstate_connection *now = flow_engine_connection(flow_connection(tapped->connection)), *before = tcpstate_before(now);
    gpointer last;

    if (g_hash_table_lookup_extended(counted->last, tapped->flow, NULL, &last) && GPOINTER_TO_UINT(last) != tapped->connection)
        count_replaced(st, counted, tapped->segment.frame, flow_engine_connection(flow_connection(GPOINTER_TO_UINT(last))));
    if (before != NULL)
        count_replaced(st, counted, tapped->segment.frame, before);
    g_hash_table_insert(counted->last, (gpointer)tapped->flow, GUINT_TO_POINTER(tapped->connection));
}

static void
count_transitions(stats_tree *st, const struct view *view)
{
    for (guint i = 0; i < view->change_count; i++) {
        char *name = view_transition_name(NULL, view, &view->change[i]);

        count(st, top_transitions, name);
        wmem_free(NULL, name);
    }
}

/* Findings that an end is stuck are counted once per connection, all others each time. */
static void
count_findings(stats_tree *st, struct counted *counted, const struct tap_segment *tapped)
{
    const struct tcpstate_finding *findings;
    guint finding_count = flow_findings_at(tapped->flow, &tapped->segment, &findings);

    for (guint i = 0; i < finding_count; i++) {
        const struct tcpstate_finding *finding = &findings[i];
        guint key = tapped->connection * TCPSTATE_FINDING_COUNT + finding->id;

        if (!tcpstate_finding_is_stuck(finding) || g_hash_table_add(counted->stuck, GUINT_TO_POINTER(key)))
            count(st, top_findings, tcpstate_finding_kinds[finding->id].name);
    }
}

static void
count_retry(stats_tree *st, const struct view *view, guint8 flags)
{
    if (view->retry == 0)
        return;
    if ((flags & TCPSTATE_SYN) == 0)
        count(st, top_retries, "FIN");
    else
        count(st, top_retries, flags & TCPSTATE_ACK ? "SYN,ACK" : "SYN");
}

static tap_packet_status
count_segment(stats_tree *st, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data TAP_FLAGS_ARGUMENT)
{
    const struct tap_segment *tapped = (const struct tap_segment *)data;
    struct counted *counted = (struct counted *)g_hash_table_lookup(trees, st);
    struct view view;

    count_findings(st, counted, tapped);
    if (tapped->is_quoted || tapped->is_twin)
        return TAP_PACKET_REDRAW;
    tap_view(tapped, &view);
    count_pair(st, counted, view.connection, pair_of(&view));
    count_others(st, counted, tapped);
    count_transitions(st, &view);
    count_retry(st, &view, tapped->segment.flags);
    return TAP_PACKET_REDRAW;
}

void
tree_register(void)
{
    stats_tree_register_plugin(TCPSTATE_TAP, "tcpstate", "TCP State", 0, count_segment, init, cleanup);
}
