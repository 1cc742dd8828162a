/* A hash table with the verdict and the place as the key. An attacker may choose ports and addresses, so its hash has a random key.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "troubles.h"

#include <string.h>

#include "../wireshark/capture/twins.h"

struct troubles {
    GHashTable *by_key; /* struct key, owned -> struct trouble, owned by `sorted` */
    GPtrArray *sorted;
};

/* The place: the server's address and port, or the client's address. */
struct key {
    guint8 id, role, length;
    guint16 port;
    guint8 bytes[sizeof((struct flow_end *)NULL)->bytes];
};

static guint
hash(gconstpointer key)
{
    return wmem_strong_hash((const guint8 *)key, sizeof(struct key));
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct key)) == 0;
}

static void
free_trouble(gpointer data)
{
    struct trouble *trouble = (struct trouble *)data;

    g_array_free(trouble->connections, TRUE);
    if (trouble->client_addresses != NULL)
        g_hash_table_destroy(trouble->client_addresses);
    g_free(trouble);
}

struct troubles *
troubles_new(void)
{
    struct troubles *troubles = g_new(struct troubles, 1);

    troubles->by_key = g_hash_table_new_full(hash, equal, g_free, NULL);
    troubles->sorted = g_ptr_array_new_with_free_func(free_trouble);
    return troubles;
}

void
troubles_free(struct troubles *troubles)
{
    g_hash_table_destroy(troubles->by_key);
    g_ptr_array_free(troubles->sorted, TRUE);
    g_free(troubles);
}

/* A probe is grouped by its sender, because it may go to many ports. */
static struct key
key_of(const struct evidence *evidence, const struct verdict *verdict)
{
    gboolean is_probe = verdict->id == VERDICT_PROBE;
    const struct flow_end *end = evidence_end(evidence, is_probe ? ROLE_CLIENT : ROLE_SERVER);
    struct key key;

    memset(&key, 0, sizeof key);
    key.id = (guint8)verdict->id;
    key.role = (guint8)verdict->role;
    key.port = is_probe ? 0 : end->port;
    key.length = end->length;
    memcpy(key.bytes, end->bytes, end->length);
    return key;
}

static struct trouble *
trouble_of(struct troubles *troubles, const struct evidence *evidence, const struct verdict *verdict)
{
    struct key key = key_of(evidence, verdict);
    struct trouble *trouble = (struct trouble *)g_hash_table_lookup(troubles->by_key, &key);

    if (trouble != NULL)
        return trouble;
    trouble = g_new0(struct trouble, 1);
    *trouble = (struct trouble){.flow = evidence->flow,
                                .client = evidence->client,
                                .since = G_MAXINT64,
                                .shortest = G_MAXINT64,
                                .longest = -1,
                                .connections = g_array_new(FALSE, FALSE, sizeof(guint32))};
    g_hash_table_insert(troubles->by_key, wmem_memdup(NULL, &key, sizeof key), trouble);
    g_ptr_array_add(troubles->sorted, trouble);
    return trouble;
}

static guint
hash_address(gconstpointer end)
{
    return wmem_strong_hash(((const struct flow_end *)end)->bytes, ((const struct flow_end *)end)->length);
}

static gboolean
equal_addresses(gconstpointer a, gconstpointer b)
{
    const struct flow_end *first = (const struct flow_end *)a, *second = (const struct flow_end *)b;

    return first->type == second->type && first->length == second->length && memcmp(first->bytes, second->bytes, first->length) == 0;
}

static void
count_client(struct trouble *trouble, const struct flow_end *client)
{
    const struct flow_end *first = trouble_end(trouble, ROLE_CLIENT);

    if (trouble->client_addresses == NULL && (trouble->clients == 0 || equal_addresses(first, client))) {
        trouble->clients = 1;
        return;
    }
    if (trouble->client_addresses == NULL) {
        trouble->client_addresses = g_hash_table_new(hash_address, equal_addresses);
        g_hash_table_add(trouble->client_addresses, (gpointer)first);
    }
    g_hash_table_add(trouble->client_addresses, (gpointer)client);
    trouble->clients = g_hash_table_size(trouble->client_addresses);
}

static void
add_number(struct trouble *trouble, const struct evidence *evidence)
{
    const struct flow_connection *twin;

    g_array_append_val(trouble->connections, evidence->number);
    for (guint i = 0; (twin = twins_at(evidence->number, i)) != NULL; i++) {
        guint32 number = tcpstate_number(flow_engine_connection(twin));

        if (number != evidence->number)
            g_array_append_val(trouble->connections, number);
    }
    trouble->count++;
}

void
troubles_add(struct troubles *troubles, const struct evidence *evidence, const struct verdict *verdict)
{
    struct trouble *trouble = trouble_of(troubles, evidence, verdict);
    gint64 time = MAX(verdict->until - verdict->since, 0);

    add_number(trouble, evidence);
    count_client(trouble, evidence_end(evidence, ROLE_CLIENT));
    trouble->severity = MAX(trouble->severity, verdict_severity(verdict));
    trouble->since = MIN(trouble->since, verdict->since);
    trouble->shortest = MIN(trouble->shortest, time);
    if (time > trouble->longest) {
        trouble->longest = time;
        trouble->worst = *verdict;
        trouble->worst_connection = evidence->number;
    }
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    const struct trouble *first = *(const struct trouble *const *)a, *second = *(const struct trouble *const *)b;
    guint32 number = g_array_index(first->connections, guint32, 0), other = g_array_index(second->connections, guint32, 0);

    if (first->severity != second->severity)
        return second->severity - first->severity;
    if (first->count != second->count)
        return first->count < second->count ? 1 : -1;
    if (first->worst.id != second->worst.id)
        return (gint)first->worst.id - (gint)second->worst.id;
    return (number > other) - (number < other);
}

void
troubles_sort(struct troubles *troubles)
{
    g_ptr_array_sort(troubles->sorted, compare);
}

const struct trouble *
troubles_at(const struct troubles *troubles, guint index)
{
    return index < troubles->sorted->len ? (const struct trouble *)g_ptr_array_index(troubles->sorted, index) : NULL;
}

guint
troubles_count(const struct troubles *troubles)
{
    return troubles->sorted->len;
}

const struct flow_end *
trouble_end(const struct trouble *trouble, enum role role)
{
    return flow_end(trouble->flow, role == ROLE_CLIENT ? trouble->client : !trouble->client);
}
