/* A hash table with both addresses and both points as the key.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hosts.h"

#include <string.h>

static GHashTable *near_ends; /* struct key, owned -> end plus 1 */

struct key {
    guint8 points[2], lengths[2];
    guint8 addresses[2][sizeof((struct flow_end *)NULL)->bytes];
};

static guint
hash(gconstpointer key)
{
    const guint8 *bytes = (const guint8 *)key;
    guint sum = 0;

    for (guint i = 0; i < sizeof(struct key); i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct key)) == 0;
}

void
hosts_reset(void)
{
    if (near_ends == NULL)
        near_ends = g_hash_table_new_full(hash, equal, g_free, NULL);
    g_hash_table_remove_all(near_ends);
}

static struct key
key_of(const struct flow *flow, guint here, guint there)
{
    struct key key;

    memset(&key, 0, sizeof key);
    key.points[0] = (guint8)here;
    key.points[1] = (guint8)there;
    for (int end = 0; end < 2; end++) {
        key.lengths[end] = flow_end(flow, end)->length;
        memcpy(key.addresses[end], flow_end(flow, end)->bytes, key.lengths[end]);
    }
    return key;
}

void
hosts_set_near(const struct flow *flow, guint here, guint there, int end)
{
    struct key key = key_of(flow, here, there);

    g_hash_table_insert(near_ends, wmem_memdup(NULL, &key, sizeof key), GINT_TO_POINTER(end + 1));
}

int
hosts_near(const struct flow *flow, guint here, guint there)
{
    struct key key = key_of(flow, here, there);

    return near_ends != NULL ? GPOINTER_TO_INT(g_hash_table_lookup(near_ends, &key)) - 1 : -1;
}
