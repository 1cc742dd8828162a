/* A hash table. Its key is made of flow, connection, question, end and state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_cache.h"

enum { LONG_WALK = 64 }; /* records; it takes less time to repeat a shorter walk than to store it */

static GHashTable *walks;

static guint
hash_key(gconstpointer walk)
{
    const struct cached_walk *cached = (const struct cached_walk *)walk;

    return g_direct_hash(cached->flow) ^ (cached->connection << 12 | cached->rest);
}

static gboolean
keys_equal(gconstpointer a, gconstpointer b)
{
    const struct cached_walk *first = (const struct cached_walk *)a, *second = (const struct cached_walk *)b;

    return first->flow == second->flow && first->connection == second->connection && first->rest == second->rest;
}

static void
set_key(struct cached_walk *walk, enum walk_question question, const struct flow *flow, guint32 connection, int end, guint state)
{
    walk->flow = flow;
    walk->connection = connection;
    walk->rest = (guint)question << 8 | (guint)end << 4 | state;
}

const struct cached_walk *
walk_cache_find(enum walk_question question, const struct flow *flow, guint32 connection, int end, guint state)
{
    struct cached_walk key;

    set_key(&key, question, flow, connection, end, state);
    return walks != NULL ? (const struct cached_walk *)g_hash_table_lookup(walks, &key) : NULL;
}

void
walk_cache_store(enum walk_question question, const struct flow *flow, guint32 connection, int end, guint state,
                 const struct cached_walk *cached)
{
    struct cached_walk *stored;

    if (cached->high - cached->low < LONG_WALK)
        return;
    if (walks == NULL)
        walks = g_hash_table_new_full(hash_key, keys_equal, NULL, g_free);
    stored = g_new(struct cached_walk, 1);
    *stored = *cached;
    set_key(stored, question, flow, connection, end, state);
    g_hash_table_replace(walks, stored, stored);
}

void
walk_cache_reset(void)
{
    if (walks != NULL)
        g_hash_table_remove_all(walks);
}
