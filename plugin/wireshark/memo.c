/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memo.h"

enum { LONG = 64 }; /* records; a shorter walk costs less than to remember it */

static GHashTable *memos;

static gint64
key_of(enum memo_question question, guint32 connection, int end, guint state)
{
    return (gint64)((guint64)connection << 16 | (guint64)question << 8 | (guint64)end << 4 | state);
}

const struct memo *
memo_find(enum memo_question question, guint32 connection, int end, guint state)
{
    gint64 key = key_of(question, connection, end, state);

    return memos != NULL ? (const struct memo *)g_hash_table_lookup(memos, &key) : NULL;
}

void
memo_keep(enum memo_question question, guint32 connection, int end, guint state, const struct memo *memo)
{
    struct memo *kept;

    if (memo->high - memo->low < LONG)
        return;
    if (memos == NULL)
        memos = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    kept = g_new(struct memo, 1);
    *kept = *memo;
    kept->key = key_of(question, connection, end, state);
    g_hash_table_replace(memos, &kept->key, kept);
}

void
memo_reset(void)
{
    if (memos != NULL)
        g_hash_table_remove_all(memos);
}
