/* Finds flows by their ends in a hash table with chains. The hash has random keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flows.h"

#include <string.h>

#include "memory.h"

enum { FIRST_CHAIN_COUNT = 64 }; /* a power of two, small: it doubles when there are as many flows */

static struct flow **chains;
static guint32 flow_count, chain_count; /* chain_count is a power of two */
static guint64 keys[2 * G_N_ELEMENTS(((struct flow_key *)NULL)->words)];

void
flows_reset(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        keys[i] = (guint64)g_random_int() << 32 | g_random_int();
    flow_count = 0;
    chain_count = FIRST_CHAIN_COUNT;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, chain_count);
}

/* The ends of a flow are read as 64-bit words: this is the word at `index`. */
static inline guint64
word_of(const struct flow *flow, guint index)
{
    guint64 word;

    memcpy(&word, flow->ends + index * sizeof word, sizeof word);
    return word;
}

/* Multilinear hashing with half the multiplications. The keys are random, so nobody can build a capture that makes the chains long (Carter
 * and Wegman, Universal Classes of Hash Functions, 1979; Lemire and Kaser, Strongly Universal String Hashing is Fast, 2014). */
static inline guint64
add_to_hash(guint64 sum, size_t index, guint64 word)
{
    return sum + (keys[2 * index] + (guint32)word) * (keys[2 * index + 1] + (word >> 32));
}

static inline struct flow **
chain_at(guint64 sum)
{
    return &chains[(guint32)(sum >> 32) & (chain_count - 1)];
}

static inline struct flow **
chain_of(const guint64 *words, guint count)
{
    guint64 sum = 0;

    for (guint i = 0; i < count; i++)
        sum = add_to_hash(sum, i, words[i]);
    return chain_at(sum);
}

static struct flow **
chain_of_flow(const struct flow *flow)
{
    guint count = 2 * flow_end_size(flow_end(flow, 0)->length) / (guint)sizeof(guint64);
    guint64 sum = 0;

    for (guint i = 0; i < count; i++)
        sum = add_to_hash(sum, i, word_of(flow, i));
    return chain_at(sum);
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
    guint32 old_chain_count = chain_count;

    chain_count *= 2;
    chains = wmem_alloc0_array(wmem_file_scope(), struct flow *, chain_count);
    for (guint32 i = 0; i < old_chain_count; i++)
        for (struct flow *flow = old[i], *next; flow != NULL; flow = next) {
            next = flow->next;
            insert(flow, chain_of_flow(flow));
        }
    wmem_free(wmem_file_scope(), old);
}

struct flow *
flows_new(const struct flow_key *key, gboolean listed)
{
    size_t size = key->count * sizeof key->words[0];
    struct flow *flow = (struct flow *)memory_new0(offsetof(struct flow, ends) + size);

    memcpy(flow->ends, key->words, size);
    if (!listed)
        return flow;
    if (flow_count++ == chain_count)
        grow();
    insert(flow, chain_of(key->words, key->count));
    return flow;
}

/* The first word has the length of the address, so a flow with fewer words already differs there. */
static inline gboolean
has_ends(const struct flow *flow, const guint64 *words, guint count)
{
    guint i = 0;

    while (i < count && word_of(flow, i) == words[i])
        i++;
    return i == count;
}

static inline struct flow *
find(const guint64 *words, guint count)
{
    struct flow *flow = *chain_of(words, count);

    while (flow != NULL && !has_ends(flow, words, count))
        flow = flow->next;
    return flow;
}

struct flow *
flows_first(const struct flow *flow)
{
    size_t size = (size_t)2 * flow_end_size(flow_end(flow, 0)->length);
    struct flow_key key = {.count = (guint)(size / sizeof key.words[0])};

    memcpy(key.words, flow->ends, size);
    return flows_find(&key);
}

/* An IPv4 key has two words: with a constant count, the compiler unrolls the loop. */
struct flow *
flows_find(const struct flow_key *key)
{
    return key->count == 2 ? find(key->words, 2) : find(key->words, key->count);
}

/* An address of more than 16 bytes is cut and has type AT_NONE: its first bytes are enough to compare ends, and it is not printed. */
static void
set_end(guint64 *words, const address *from, guint length, guint16 port)
{
    struct flow_end end = {.type = (guint8)((guint)from->len == length ? from->type : AT_NONE), .length = (guint8)length, .port = port};

    if (from->len > 0)
        memcpy(end.bytes, from->data, MIN((guint)from->len, length));
    memcpy(words, &end, offsetof(struct flow_end, bytes) + length);
}

/* Both addresses have the same type, and so the same length. The exception is TCP over a few protocols other than IP, some without
 * addresses: then the source's length counts for both. */
static void
set_ends(struct flow_key *key, const packet_info *pinfo, const struct tcpstate_segment *segment)
{
    guint length = MIN((guint)pinfo->src.len, (guint)sizeof((struct flow_end *)NULL)->bytes);
    guint words = flow_end_size(length) / (guint)sizeof(guint64), from = segment->from != 0;

    memset(key->words, 0, sizeof key->words);
    key->count = 2 * words;
    set_end(&key->words[from ? words : 0], &pinfo->src, length, segment->src_port);
    set_end(&key->words[from ? 0 : words], &pinfo->dst, length, segment->dst_port);
}

/* The address and port of an IPv4 end in one word. */
static inline guint64
ipv4_end(const address *from, guint16 port)
{
    struct flow_end end = {.type = AT_IPv4, .length = sizeof(ws_in4_addr), .port = port};
    guint64 word;

    memcpy(end.bytes, from->data, sizeof(ws_in4_addr));
    memcpy(&word, &end, sizeof word);
    return word;
}

void
flow_key_set(struct flow_key *key, const packet_info *pinfo, const struct tcpstate_segment *segment)
{
    guint from = segment->from != 0;

    if (pinfo->src.type != AT_IPv4 || pinfo->dst.type != AT_IPv4) {
        set_ends(key, pinfo, segment);
        return;
    }
    key->count = 2;
    key->words[from] = ipv4_end(&pinfo->src, segment->src_port);
    key->words[!from] = ipv4_end(&pinfo->dst, segment->dst_port);
}
