/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flows.h"

#include <string.h>

#include "memory.h"

enum { FIRST_ROOM = 64 };

static struct flow **chains;
static guint32 flow_count, room; /* room: of chains, a power of two */
static guint64 keys[2 * FLOW_WORDS_MAX];

void
flows_reset(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        keys[i] = (guint64)g_random_int() << 32 | g_random_int();
    flow_count = 0;
    room = FIRST_ROOM;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, room);
}

/* Multilinear hashing, with half the multiplications: the keys are random, so that nobody can make a capture whose chains are long (Carter
 * and Wegman, Universal Classes of Hash Functions, 1979; Lemire and Kaser, Strongly Universal String Hashing is Fast, 2014). */
static inline struct flow **
chain_of(const guint64 *ends, guint words)
{
    guint64 sum = 0;

    for (size_t i = 0; i < words; i++)
        sum += (keys[2 * i] + (guint32)ends[i]) * (keys[2 * i + 1] + (ends[i] >> 32));
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
add(const guint64 *ends, guint words)
{
    struct flow *flow = (struct flow *)memory_new0(offsetof(struct flow, ends) + words * sizeof *ends);

    if (flow_count++ == room)
        grow();
    memcpy(flow->ends, ends, words * sizeof *ends);
    insert(flow, chain_of(ends, words));
    return flow;
}

/* The first word tells how many there are. */
static inline gboolean
is_between(const struct flow *flow, const guint64 *ends, guint words)
{
    guint i = 0;

    while (i < words && flow->ends[i] == ends[i])
        i++;
    return i == words;
}

static inline struct flow *
find(const guint64 *ends, guint words)
{
    struct flow *flow = *chain_of(ends, words);

    while (flow != NULL && !is_between(flow, ends, words))
        flow = flow->next;
    return flow;
}

static inline guint64
ipv4_end(const address *from, guint16 port)
{
    struct flow_end end = {.type = AT_IPv4, .length = sizeof(ws_in4_addr), .port = port};
    guint64 word;

    memcpy(end.bytes, from->data, sizeof(ws_in4_addr));
    memcpy(&word, &end, sizeof word);
    return word;
}

static void
set_end(guint64 *words, guint count, const address *from, guint length, guint16 port)
{
    struct flow_end *end = (struct flow_end *)(void *)words;

    memset(words, 0, count * sizeof *words);
    end->type = (guint8)from->type;
    end->length = (guint8)length;
    end->port = port;
    memcpy(end->bytes, from->data, MIN((guint)from->len, length));
}

/* Both addresses are of one type, and so of one length. */
static struct flow *
flow_of_any(const packet_info *pinfo, const struct tcpstate_segment *segment, gboolean create)
{
    guint length = MIN((guint)pinfo->src.len, (guint)sizeof((struct flow_end *)NULL)->bytes), words = flow_end_words(length);
    guint64 ends[FLOW_WORDS_MAX];
    struct flow *flow;

    set_end(&ends[segment->from ? words : 0], words, &pinfo->src, length, segment->src_port);
    set_end(&ends[segment->from ? 0 : words], words, &pinfo->dst, length, segment->dst_port);
    flow = find(ends, 2 * words);
    return flow == NULL && create ? add(ends, 2 * words) : flow;
}

struct flow *
flow_of(const packet_info *pinfo, const struct tcpstate_segment *segment, gboolean create)
{
    guint from = segment->from != 0;
    guint64 ends[2];
    struct flow *flow;

    if (pinfo->src.type != AT_IPv4 || pinfo->dst.type != AT_IPv4)
        return flow_of_any(pinfo, segment, create);
    ends[from] = ipv4_end(&pinfo->src, segment->src_port);
    ends[!from] = ipv4_end(&pinfo->dst, segment->dst_port);
    flow = find(ends, 2);
    return flow == NULL && create ? add(ends, 2) : flow;
}
