/* Stores connections in chunks, so that they never move. Finds findings by frame with a binary search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow.h"

#include <string.h>

#include <epan/addr_resolv.h>
#include <epan/to_str.h>

#include "memory.h"

/* Connections in one chunk: enough that there are few chunks, few enough that a small capture wastes little memory. */
enum { CHUNK_CONNECTIONS = 64 };

static guint8 **chunks;
static guint32 connection_count, chunk_count;
static size_t connection_size; /* bytes of a connection, with the engine's part */

void
flow_reset(void)
{
    chunks = NULL;
    connection_count = chunk_count = 0;
}

gboolean
flow_has_same_ends(const struct flow *a, const struct flow *b)
{
    guint8 length = flow_end(a, 0)->length;

    return flow_end(b, 0)->length == length && memcmp(a->ends, b->ends, (size_t)2 * flow_end_size(length)) == 0;
}

static struct flow_connection *
connection_of(guint32 number)
{
    return (struct flow_connection *)(void *)(chunks[number / CHUNK_CONNECTIONS] + number % CHUNK_CONNECTIONS * connection_size);
}

static struct flow_connection *
begin_connection(struct flow_connection *conn, struct flow *flow)
{
    conn->flow = flow;
    conn->first_record = flow->record_count;
    return conn;
}

struct flow_connection *
flow_new_connection(struct flow *flow, size_t size)
{
    struct flow_connection *conn;

    connection_size = sizeof *conn + size; /* the same in every call; both sizes are multiples of 8 bytes */
    if (connection_count == chunk_count * CHUNK_CONNECTIONS) {
        chunks = (guint8 **)memory_grow(chunks, chunk_count, sizeof *chunks);
        chunks[chunk_count++] = (guint8 *)wmem_alloc0(wmem_file_scope(), CHUNK_CONNECTIONS * connection_size);
    }
    conn = connection_of(connection_count++);
    return begin_connection(conn, flow);
}

struct flow_connection *
flow_new_twin(struct flow *flow, size_t size)
{
    return begin_connection((struct flow_connection *)memory_new0(sizeof(struct flow_connection) + size), flow);
}

struct flow_connection *
flow_connection(guint32 number)
{
    return number < connection_count ? connection_of(number) : NULL;
}

guint32
flow_connection_count(void)
{
    return connection_count;
}

static gboolean
is_before(const struct tcpstate_finding *finding, guint32 frame, guint8 layer)
{
    return finding->frame < frame || (finding->frame == frame && finding->layer < layer);
}

/* The index of the first finding at or after a segment. On the first pass, most segments come after all findings: this needs no search. */
static guint32
findings_from(const struct flow *flow, guint32 frame, guint8 layer)
{
    guint32 low = 0, high = flow->finding_count;

    if (high > 0 && is_before(&flow->findings[high - 1], frame, layer))
        return high;
    while (low < high) {
        guint32 middle = low + (high - low) / 2;

        if (is_before(&flow->findings[middle], frame, layer))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

guint
flow_findings_at(const struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_finding **first)
{
    guint32 from = findings_from(flow, segment->frame, segment->layer);
    guint count = 0;

    while (from + count < flow->finding_count && flow->findings[from + count].frame == segment->frame &&
           flow->findings[from + count].layer == segment->layer)
        count++;
    *first = count > 0 ? &flow->findings[from] : NULL;
    return count;
}

const struct tcpstate_finding *
flow_next_finding(const struct flow_connection *conn, const struct tcpstate_finding *finding, const struct tcpstate_record **record)
{
    const struct flow *flow = conn->flow;
    guint32 number = tcpstate_number(flow_engine_connection(conn));
    guint32 end, i;

    if (conn->end_record <= conn->first_record)
        return NULL;
    end = conn->end_record == flow->record_count ? G_MAXUINT32 : flow->records[conn->end_record].frame;
    i = finding == NULL ? findings_from(flow, flow->records[conn->first_record].frame, 0) : (guint32)(finding - flow->findings) + 1;
    for (; i < flow->finding_count && flow->findings[i].frame <= end; i++) {
        size_t at = tcpstate_record_at(flow->records, flow->record_count, flow->findings[i].frame, flow->findings[i].layer);

        if (at == 0 || flow->records[at - 1].connection != number)
            continue;
        *record = &flow->records[at - 1];
        return &flow->findings[i];
    }
    return NULL;
}

static void
remove_findings(struct flow *flow, enum tcpstate_family family)
{
    guint32 kept = 0;

    for (guint32 i = 0; i < flow->finding_count; i++)
        if (tcpstate_finding_kinds[flow->findings[i].id].family != family)
            flow->findings[kept++] = flow->findings[i];
    flow->finding_count = kept;
}

/* Merges from the end, so that each is moved once. */
void
flow_replace_findings(struct flow *flow, enum tcpstate_family family, const struct tcpstate_finding *findings, guint count)
{
    guint32 room = flow->finding_count, old, at;

    remove_findings(flow, family);
    old = flow->finding_count;
    for (at = old + count; room < at; room++)
        flow->findings = (struct tcpstate_finding *)memory_grow(flow->findings, room, sizeof *flow->findings);
    flow->finding_count = at;
    while (count > 0) {
        const struct tcpstate_finding *last = &findings[count - 1];

        if (old > 0 && !is_before(&flow->findings[old - 1], last->frame, last->layer) &&
            (flow->findings[old - 1].frame != last->frame || flow->findings[old - 1].layer != last->layer))
            flow->findings[--at] = flow->findings[--old];
        else
            flow->findings[--at] = findings[--count];
    }
}

address
flow_end_as_address(const struct flow_end *end)
{
    address as_address = ADDRESS_INIT_NONE;

    if (end->type != AT_NONE && end->length > 0)
        set_address(&as_address, end->type, end->length, end->bytes);
    return as_address;
}

char *
flow_end_address(wmem_allocator_t *scope, const struct flow_end *end)
{
    address as_address = flow_end_as_address(end);

    return address_to_str(scope, &as_address);
}

char *
flow_end_host(wmem_allocator_t *scope, const struct flow_end *end)
{
    address as_address = flow_end_as_address(end);

    return gbl_resolv_flags.network_name ? address_to_display(scope, &as_address) : flow_end_address(scope, end);
}

/* Faster than a format, which matters in a table of a million rows. */
char *
flow_end_text(wmem_allocator_t *scope, const struct flow_end *end)
{
    address as_address = flow_end_as_address(end);
    char text[256] = "[";
    gboolean has_colons;
    size_t length;

    if (gbl_resolv_flags.network_name) {
        char *host = flow_end_host(NULL, end);

        g_strlcpy(text + 1, host, sizeof text - 16);
        wmem_free(NULL, host);
    } else {
        address_to_str_buf(&as_address, text + 1, 64);
    }
    has_colons = strchr(text, ':') != NULL;
    length = g_strlcat(text, has_colons ? "]:" : ":", sizeof text);
    uint32_to_str_buf(end->port, text + length, 8);
    return wmem_strdup(scope, has_colons ? text : text + 1);
}
