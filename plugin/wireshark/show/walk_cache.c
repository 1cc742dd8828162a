/* A hash table. Its key is made of question, connection, end and state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_cache.h"

enum { LONG_WALK = 64 }; /* records; it takes less time to repeat a shorter walk than to store it */

static GHashTable *walks;

static gint64
key_of(enum walk_question question, guint32 connection, int end, guint state)
{
    return (gint64)((guint64)connection << 16 | (guint64)question << 8 | (guint64)end << 4 | state);
}

const struct cached_walk *
walk_cache_find(enum walk_question question, guint32 connection, int end, guint state)
{
    gint64 key = key_of(question, connection, end, state);

    return walks != NULL ? (const struct cached_walk *)g_hash_table_lookup(walks, &key) : NULL;
}

void
walk_cache_store(enum walk_question question, guint32 connection, int end, guint state, const struct cached_walk *cached)
{
    struct cached_walk *stored;

    if (cached->high - cached->low < LONG_WALK)
        return;
    if (walks == NULL)
        walks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    stored = g_new(struct cached_walk, 1);
    *stored = *cached;
    stored->key = key_of(question, connection, end, state);
    g_hash_table_replace(walks, &stored->key, stored);
}

void
walk_cache_reset(void)
{
    if (walks != NULL)
        g_hash_table_remove_all(walks);
}
