/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

enum { ENDS_SIZE = 2 * sizeof(struct flow_end), ENDS_WORDS = ENDS_SIZE / sizeof(guint32), FIRST_ROOM = 64 };

static struct flow **chains;
static guint32 count, room; /* room: of chains, a power of two */
static guint64 keys[ENDS_WORDS];

void
flows_reset(void)
{
    for (guint i = 0; i < ENDS_WORDS; i++)
        keys[i] = (guint64)g_random_int() << 32 | g_random_int();
    count = 0;
    room = FIRST_ROOM;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, room);
}

static guint32
word_of(const struct flow_end *end, guint index)
{
    guint32 word;

    memcpy(&word, (const guint8 *)end + index * sizeof word, sizeof word);
    return word;
}

/* Multilinear hashing: the keys are random, so that nobody can make a capture whose chains are long (Carter and Wegman, Universal Classes
 * of Hash Functions, 1979; Lemire and Kaser, Strongly Universal String Hashing is Fast, 2014). */
static guint32
hash_ends(const struct flow_end ends[2])
{
    guint words = (guint)(offsetof(struct flow_end, bytes) + ends[0].length + sizeof(guint32) - 1) / sizeof(guint32);
    guint64 sum = 0;

    for (guint i = 0; i < words; i++)
        sum += keys[2 * i] * word_of(&ends[0], i) + keys[2 * i + 1] * word_of(&ends[1], i);
    return (guint32)(sum >> 32);
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
    guint32 hash = hash_ends(ends);

    for (struct flow *flow = chains[hash & (room - 1)]; flow != NULL; flow = flow->next)
        if (flow->hash == hash && memcmp(flow->end, ends, ENDS_SIZE) == 0)
            return flow;
    return create ? add(ends, hash) : NULL;
}
