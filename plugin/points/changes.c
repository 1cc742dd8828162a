/* Compares two sightings of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "changes.h"

static const struct {
    const char *name, *words;
} changes[] = {
#define X(id, name, words) {name, words},
    TCPSTATE_CHANGES(X)
#undef X
};

const char *
change_name(enum tcpstate_change_index index)
{
    return changes[index].name;
}

const char *
change_words(enum tcpstate_change_index index)
{
    return changes[index].words;
}

/* A segment that offload has split or joined: of such, only the numbers can be compared. */
static gboolean
is_other_size(const struct sighting *sent, const struct sighting *arrived)
{
    return sent->payload != arrived->payload && sent->tsval == arrived->tsval && sent->tsecr == arrived->tsecr;
}

guint
changes_between(const struct flow *from, const struct sighting *sent, const struct flow *to, const struct sighting *arrived)
{
    guint found = 0;

    if (from != to && !flow_has_same_ends(from, to))
        found |= TCPSTATE_CHANGED_ADDRESS;
    if (is_other_size(sent, arrived))
        return found;
    found |= sent->seq != arrived->seq ? TCPSTATE_CHANGED_SEQ : 0;
    found |= sent->ack != arrived->ack ? TCPSTATE_CHANGED_ACK : 0;
    found |= sent->flags != arrived->flags ? TCPSTATE_CHANGED_FLAGS : 0;
    found |= sent->tsval != arrived->tsval || sent->tsecr != arrived->tsecr ? TCPSTATE_CHANGED_TIMESTAMPS : 0;
    found |= sent->ip_id != arrived->ip_id ? TCPSTATE_CHANGED_IP_ID : 0;
    if (sent->is_partial || arrived->is_partial)
        return found;
    found |= sent->window != arrived->window ? TCPSTATE_CHANGED_WINDOW : 0;
    found |= sent->mss != arrived->mss ? TCPSTATE_CHANGED_MSS : 0;
    found |= sent->kinds != arrived->kinds ? TCPSTATE_CHANGED_OPTIONS : 0;
    found |= sent->dscp != arrived->dscp ? TCPSTATE_CHANGED_DSCP : 0;
    found |= sent->payload != arrived->payload || (sent->digest != 0 && arrived->digest != 0 && sent->digest != arrived->digest)
                 ? TCPSTATE_CHANGED_PAYLOAD
                 : 0;
    return found;
}
