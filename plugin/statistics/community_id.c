/* SHA-1 of the seed, both addresses, the protocol and both ports, in base64. The lower end comes first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "community_id.h"

#include <string.h>

enum { PROTOCOL_TCP = 6, SHA1_SIZE = 20 };

/* The bytes that are hashed. */
struct input {
    guint8 bytes[2 + 2 * 16 + 2 + 2 * 2];
    guint length;
};

static void
append(struct input *input, const void *bytes, guint length)
{
    memcpy(&input->bytes[input->length], bytes, length);
    input->length += length;
}

static gboolean
is_lower(const struct flow_end *a, const struct flow_end *b)
{
    int order = memcmp(a->bytes, b->bytes, a->length);

    return order < 0 || (order == 0 && a->port < b->port);
}

const char *
community_id(const struct flow *flow, char *to)
{
    const struct flow_end *first = flow_end(flow, 0), *second = flow_end(flow, 1), *swapped = first;
    const guint8 seed[2] = {0, 0}, protocol[2] = {PROTOCOL_TCP, 0};
    struct input input = {.length = 0};
    guint8 digest[SHA1_SIZE];
    gsize length = sizeof digest;
    GChecksum *sha1;
    char *base64;
    guint16 ports[2];

    if (first->type != second->type || (first->type != AT_IPv4 && first->type != AT_IPv6))
        return NULL;
    if (is_lower(second, first)) {
        first = second;
        second = swapped;
    }
    ports[0] = g_htons(first->port);
    ports[1] = g_htons(second->port);
    append(&input, seed, sizeof seed);
    append(&input, first->bytes, first->length);
    append(&input, second->bytes, second->length);
    append(&input, protocol, sizeof protocol);
    append(&input, ports, sizeof ports);
    sha1 = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sha1, input.bytes, input.length);
    g_checksum_get_digest(sha1, digest, &length);
    g_checksum_free(sha1);
    base64 = g_base64_encode(digest, length);
    g_snprintf(to, COMMUNITY_ID_SIZE, "1:%s", base64);
    g_free(base64);
    return to;
}
