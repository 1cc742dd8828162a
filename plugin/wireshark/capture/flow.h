/* A flow: all connections between the same two addresses and ports, with their records and findings. Everything is freed when the capture
 * file is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FLOW_H
#define TCPSTATE_FLOW_H

#include "../api/compat.h"

#include <tcpstate/record.h>

/* Address and port of one end. */
struct flow_end {
    guint8 type, length; /* as in Wireshark's struct address */
    guint16 port;
    guint8 bytes[16]; /* only the first `length` are allocated */
};

/* Bytes of an end in memory: a multiple of 8, with zeros after the address. */
enum { FLOW_END_SIZE_MAX = (sizeof(struct flow_end) + sizeof(guint64) - 1) / sizeof(guint64) * sizeof(guint64) };
static inline guint
flow_end_size(guint address_length)
{
    return (guint)((offsetof(struct flow_end, bytes) + address_length + sizeof(guint64) - 1) / sizeof(guint64) * sizeof(guint64));
}

struct flow {
    struct flow *next;              /* next flow of the same hash chain, for flows.c */
    struct flow_siblings *siblings; /* NULL if it was seen only at place 0, outside of tunnels, and no other flow has the same ends */
    struct tcpstate_pair pair;
    struct tcpstate_record *records;
    struct tcpstate_finding *findings; /* sorted by frame and layer */
    guint32 record_count, finding_count;
    _Alignas(guint64) guint8 ends[]; /* two ends of flow_end_size() bytes */
};

/* End 0 or 1 of a flow, numbered as in segment.from. */
static inline const struct flow_end *
flow_end(const struct flow *flow, int end)
{
    const struct flow_end *first = (const struct flow_end *)(const void *)flow->ends;

    return end == 0 ? first : (const struct flow_end *)(const void *)&flow->ends[flow_end_size(first->length)];
}

/* Whether both flows are between the same addresses and ports. */
gboolean flow_has_same_ends(const struct flow *a, const struct flow *b);

/* Call it at the start of each capture. */
void flow_reset(void);

/* A connection, and its results. Its records may be mixed with those of the next connection of the flow, if that one began while this one
 * was still open. */
struct flow_connection {
    struct flow *flow;
    struct tcpstate_letter *letters; /* sorted by frame and layer */
    guint32 letter_count;
    guint32 first_record, end_record;             /* indices in flow->records: the first, and one past the last */
    guint32 stream;                               /* tcp.stream plus 1, or 0; see conversation.c */
    _Alignas(guint64) guint8 engine_connection[]; /* struct tcpstate_connection */
};

/* The flow that has this pair. */
static inline const struct flow *
flow_of_pair(const struct tcpstate_pair *pair)
{
    const void *flow = (const guint8 *)pair - offsetof(struct flow, pair);

    return (const struct flow *)flow;
}

/* Creates a connection, with `size` bytes for the engine's part. flow_new_twin() creates one that another point has shown already, so that
 * it has no number of its own: see twins.h. */
struct flow_connection *flow_new_connection(struct flow *flow, size_t size);
struct flow_connection *flow_new_twin(struct flow *flow, size_t size);

/* The connection of this number, or NULL. Several points may show it: this is what the first one of them shows. */
struct flow_connection *flow_connection(guint32 number);
guint32 flow_connection_count(void);

/* The engine's part of a connection, and the connection that contains this part. */
static inline const struct tcpstate_connection *
flow_engine_connection(const struct flow_connection *conn)
{
    const void *engine_connection = conn->engine_connection;

    return (const struct tcpstate_connection *)engine_connection;
}

static inline struct flow_connection *
flow_connection_of(const struct tcpstate_connection *engine_connection)
{
    const void *first = (const guint8 *)engine_connection - offsetof(struct flow_connection, engine_connection);

    return (struct flow_connection *)first;
}

/* The findings of one segment: returns how many there are, and sets *first to the first of them. */
guint flow_findings_at(const struct flow *flow, const struct tcpstate_segment *segment, const struct tcpstate_finding **first);

/* The finding of the connection after `finding`, or the first one if that is NULL. Returns NULL after the last. A finding belongs to the
 * connection that its frame shows, and *record is set to the record that this frame shows. Findings after the last record of a flow belong
 * to its last connection. */
const struct tcpstate_finding *flow_next_finding(const struct flow_connection *conn, const struct tcpstate_finding *finding,
                                                 const struct tcpstate_record **record);

/* Replaces the findings of a family by others, which are sorted by frame and layer. */
void flow_replace_findings(struct flow *flow, enum tcpstate_family family, const struct tcpstate_finding *findings, guint count);

/* The address of an end. It points into *end. */
address flow_end_as_address(const struct flow_end *end);

/* "10.0.0.1". The second gives a name in its place if the user wants names of hosts, the third adds the port: "10.0.0.1:80",
 * "[2001:db8::1]:80". Allocated in `scope`. */
char *flow_end_address(wmem_allocator_t *scope, const struct flow_end *end);
char *flow_end_host(wmem_allocator_t *scope, const struct flow_end *end);
char *flow_end_text(wmem_allocator_t *scope, const struct flow_end *end);

#endif /* TCPSTATE_FLOW_H */
