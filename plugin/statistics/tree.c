/* -z tcpstate,tree[,FILTER] and Statistics > TCP State: how many connections are in which states, and how often what changed, was found and
 * was sent again. It counts the frames that its filter lets through.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"

#include <epan/stats_tree.h>

#include "tap.h"

static const char top_connections[] = "Connections", top_transitions[] = "Transitions", top_findings[] = "Findings",
                  top_retries[] = "Retries";

/* What one tree has seen. There may be several, each with its filter. */
struct counted {
    GArray *pairs;     /* by connection number: its pair of states as a guint8, 0 for none yet */
    GHashTable *stuck; /* connection number and finding: counted already */
};

static GHashTable *trees; /* stats_tree -> struct counted, owned */

static void
free_counted(gpointer data)
{
    struct counted *counted = (struct counted *)data;

    g_array_free(counted->pairs, TRUE);
    g_hash_table_destroy(counted->stuck);
    g_free(counted);
}

static void
forget(stats_tree *st)
{
    if (trees != NULL)
        g_hash_table_remove(trees, st);
}

static void
begin(stats_tree *st)
{
    struct counted *counted = g_new(struct counted, 1);

    if (trees == NULL)
        trees = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_counted);
    counted->pairs = g_array_new(FALSE, TRUE, sizeof(guint8));
    counted->stuck = g_hash_table_new(g_direct_hash, g_direct_equal);
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

/* Client and server in four bits each; never 0. */
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

/* A connection moves from one pair of states to another. */
static void
count_connection(stats_tree *st, struct counted *counted, const struct view *view)
{
    guint8 pair = pair_of(view), *before;

    if (view->connection >= counted->pairs->len)
        g_array_set_size(counted->pairs, view->connection + 1);
    before = &g_array_index(counted->pairs, guint8, view->connection);
    if (*before == pair)
        return;
    if (*before != 0)
        move_pair(st, *before, -1);
    else
        tick_stat_node(st, top_connections, 0, TRUE);
    move_pair(st, pair, 1);
    *before = pair;
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

/* That an end is stuck counts once a connection. */
static void
count_findings(stats_tree *st, struct counted *counted, const struct tap_segment *told)
{
    const struct tcpstate_finding *findings;
    guint finding_count = flow_findings_at(told->flow, &told->segment, &findings);

    for (guint i = 0; i < finding_count; i++) {
        const struct tcpstate_finding *finding = &findings[i];
        guint key = told->connection * TCPSTATE_FINDING_COUNT + finding->id;

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
    const struct tap_segment *told = (const struct tap_segment *)data;
    struct counted *counted = (struct counted *)g_hash_table_lookup(trees, st);
    struct view view;

    count_findings(st, counted, told);
    if (told->is_quoted)
        return TAP_PACKET_REDRAW;
    tap_view(told, &view);
    count_connection(st, counted, &view);
    count_transitions(st, &view);
    count_retry(st, &view, told->segment.flags);
    return TAP_PACKET_REDRAW;
}

void
tree_register(void)
{
    stats_tree_register_plugin(TCPSTATE_TAP, "tcpstate", "TCP State", 0, count_segment, begin, forget);
}
