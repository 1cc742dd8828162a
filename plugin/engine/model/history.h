/* What all connections of a capture share: the newest segments, and the newest data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_HISTORY_H
#define TCPSTATE_MODEL_HISTORY_H

#include <tcpstate/observer.h>

/* Slots of the hash table of segments: 4,096 hold 4 ms at a million segments per second, and 190 ms at 20,000 (see segment/copies.c). */
enum { TCPSTATE_RECENT_COUNT = TCPSTATE_NEWEST_MAX };

/* A segment that was captured shortly before, to recognize its copies. */
struct tcpstate_recent {
    int64_t time;                     /* nanoseconds since the epoch */
    const struct tcpstate_pair *pair; /* NULL for an empty slot */
    uint64_t network;
    uint32_t frame, seq, ack, payload;
    uint32_t tsval, tsecr; /* 0 without timestamps */
    int32_t ip_id;
    uint8_t flags, from, layer, way, ttl;
};

/* The data of the newest segments of all pairs is kept in a ring of 256 KiB. Data that is sent again is compared with it. Of full segments
 * (1,460 bytes) about 175 fit, of small ones 512: each comparison searches all of them, so the numbers bound its time. */
enum { TCPSTATE_KEPT_BYTES = 1 << 18, TCPSTATE_KEPT_COUNT = 512 };

/* A segment whose header and data are in the ring. */
struct tcpstate_kept {
    const struct tcpstate_connection *connection;
    uint32_t frame, seq, length; /* length: of the data, bytes */
    uint32_t at;                 /* index of the header in bytes[]; the data follows the header */
    uint8_t from, header_length;
};

struct tcpstate_memory {
    uint32_t oldest, next; /* indexes of kept[], modulo TCPSTATE_KEPT_COUNT */
    uint32_t head;         /* index of the next free byte of bytes[] */
    struct tcpstate_kept kept[TCPSTATE_KEPT_COUNT];
    uint8_t bytes[TCPSTATE_KEPT_BYTES];
};

/* How many of the last SYNs of all pairs are remembered, to find the same SYN with another address. */
enum { TCPSTATE_SYNS_MAX = 64 };

struct tcpstate_syn {
    int64_t time; /* nanoseconds since the epoch */
    const struct tcpstate_pair *pair;
    uint32_t frame, seq;
    uint32_t hosts, tsval; /* as in struct tcpstate_segment and its options; 0 for none */
    uint16_t src_port;
};

struct tcpstate_history {
    struct tcpstate_memory memory;
    struct tcpstate_syn syns[TCPSTATE_SYNS_MAX];
    uint32_t next_syn; /* index modulo TCPSTATE_SYNS_MAX */
    struct tcpstate_recent recent[TCPSTATE_RECENT_COUNT];
};

#endif /* TCPSTATE_MODEL_HISTORY_H */
