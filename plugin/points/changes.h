/* What a device between two points has changed in a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CHANGES_H
#define TCPSTATE_CHANGES_H

#include "../wireshark/capture/sightings.h"

/* X(bit, name in the statistics, words): a part of a segment. */
#define CHANGES(X)                                    \
    X(CHANGED_SEQ, "seq", "sequence number")          \
    X(CHANGED_ACK, "ack", "acknowledgment number")    \
    X(CHANGED_ADDRESS, "address", "address or port")  \
    X(CHANGED_FLAGS, "flags", "flags")                \
    X(CHANGED_WINDOW, "window", "window")             \
    X(CHANGED_MSS, "mss", "MSS")                      \
    X(CHANGED_OPTIONS, "options", "options")          \
    X(CHANGED_TIMESTAMPS, "timestamps", "timestamps") \
    X(CHANGED_IP_ID, "ip_id", "IP identification")    \
    X(CHANGED_DSCP, "dscp", "DSCP")                   \
    X(CHANGED_PAYLOAD, "payload", "data")

enum change_index {
#define X(bit, name, words) bit##_INDEX,
    CHANGES(X)
#undef X
        CHANGE_COUNT
};

enum change {
#define X(bit, name, words) bit = 1 << bit##_INDEX,
    CHANGES(X)
#undef X
};

/* The changes between two sightings of a segment in two flows: bits of enum change. */
guint changes_between(const struct flow *from, const struct sighting *sent, const struct flow *to, const struct sighting *arrived);

/* Name and words of a change, by its index. */
const char *change_name(enum change_index index);
const char *change_words(enum change_index index);

#endif /* TCPSTATE_CHANGES_H */
