/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

#include <string.h>

#include "memory.h"

enum { FIRST_ROOM = 64 };

static struct flow **chains;
static guint32 count, room; /* room: of chains, a power of two */
static guint64 keys[FLOW_WORDS_MAX];

void
flows_reset(void)
{
    for (guint i = 0; i < FLOW_WORDS_MAX; i++)
        keys[i] = (guint64)g_random_int() << 32 | g_random_int();
    count = 0;
    room = FIRST_ROOM;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, room);
}

/* Multilinear hashing: the keys are random, so that nobody can make a capture whose chains are long (Carter and Wegman, Universal Classes
 * of Hash Functions, 1979; Lemire and Kaser, Strongly Universal String Hashing is Fast, 2014). */
static struct flow **
chain_of(const guint32 *ends, guint words)
{
    guint64 sum = 0;

    for (guint i = 0; i < words; i++)
        sum += keys[i] * ends[i];
    return &chains[(guint32)(sum >> 32) & (room - 1)];
}

static guint
words_of(const struct flow *flow)
{
    return 2 * flow_end_words(flow_end(flow, 0)->length);
}

static void
insert(struct flow *flow, struct flow **chain)
{
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
            insert(flow, chain_of(flow->ends, words_of(flow)));
        }
    wmem_free(wmem_file_scope(), old);
}

static struct flow *
add(const guint32 *ends, guint words)
{
    struct flow *flow = (struct flow *)memory_new0(offsetof(struct flow, ends) + words * sizeof *ends);

    if (count++ == room)
        grow();
    memcpy(flow->ends, ends, words * sizeof *ends);
    insert(flow, chain_of(ends, words));
    return flow;
}

/* The first word tells how many there are. */
static gboolean
is_between(const struct flow *flow, const guint32 *ends, guint words)
{
    for (guint i = 0; i < words; i++)
        if (flow->ends[i] != ends[i])
            return FALSE;
    return TRUE;
}

struct flow *
flows_between(const guint32 *ends, guint words, gboolean create)
{
    for (struct flow *flow = *chain_of(ends, words); flow != NULL; flow = flow->next)
        if (is_between(flow, ends, words))
            return flow;
    return create ? add(ends, words) : NULL;
}
