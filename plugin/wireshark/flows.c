/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

enum { ENDS_SIZE = 2 * sizeof(struct flow_end), FIRST_ROOM = 64 };

static struct flow **chains;
static guint32 count, room; /* room: of chains, a power of two */

void
flows_reset(void)
{
    count = 0;
    room = FIRST_ROOM;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, room);
}

static guint32
hash_end(const struct flow_end *end)
{
    return wmem_strong_hash((const guint8 *)end, offsetof(struct flow_end, bytes) + end->length);
}

static void
insert(struct flow *flow)
{
    struct flow **chain = &chains[flow->hash & (room - 1)];

    flow->next = *chain;
    *chain = flow;
}

static void
grow(void)
{
    struct flow **old = chains;
    guint32 old_room = room;

    room *= 2;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, room);
    for (guint32 i = 0; i < old_room; i++)
        for (struct flow *flow = old[i], *next; flow != NULL; flow = next) {
            next = flow->next;
            insert(flow);
        }
    wmem_free(wmem_file_scope(), old);
}

static struct flow *
add(const struct flow_end ends[2], guint32 hash)
{
    struct flow *flow = wmem_new0(wmem_file_scope(), struct flow);

    if (count++ == room)
        grow();
    memcpy(flow->end, ends, ENDS_SIZE);
    flow->hash = hash;
    insert(flow);
    return flow;
}

struct flow *
flows_between(const struct flow_end ends[2], gboolean create)
{
    guint32 hash = hash_end(&ends[0]) * 31 + hash_end(&ends[1]);

    for (struct flow *flow = chains[hash & (room - 1)]; flow != NULL; flow = flow->next)
        if (flow->hash == hash && memcmp(flow->end, ends, ENDS_SIZE) == 0)
            return flow;
    return create ? add(ends, hash) : NULL;
}
