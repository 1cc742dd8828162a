/* Compares two sightings of a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "changes.h"

static const struct {
    const char *name, *words;
} changes[] = {
#define X(bit, name, words) {name, words},
    CHANGES(X)
#undef X
};

const char *
change_name(enum change_index index)
{
    return changes[index].name;
}

const char *
change_words(enum change_index index)
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
        found |= CHANGED_ADDRESS;
    if (is_other_size(sent, arrived))
        return found;
    found |= sent->seq != arrived->seq ? CHANGED_SEQ : 0;
    found |= sent->ack != arrived->ack ? CHANGED_ACK : 0;
    found |= sent->flags != arrived->flags ? CHANGED_FLAGS : 0;
    found |= sent->tsval != arrived->tsval || sent->tsecr != arrived->tsecr ? CHANGED_TIMESTAMPS : 0;
    found |= sent->ip_id != arrived->ip_id ? CHANGED_IP_ID : 0;
    if (sent->is_partial || arrived->is_partial)
        return found;
    found |= sent->window != arrived->window ? CHANGED_WINDOW : 0;
    found |= sent->mss != arrived->mss ? CHANGED_MSS : 0;
    found |= sent->kinds != arrived->kinds ? CHANGED_OPTIONS : 0;
    found |= sent->dscp != arrived->dscp ? CHANGED_DSCP : 0;
    found |= sent->payload != arrived->payload || (sent->digest != 0 && arrived->digest != 0 && sent->digest != arrived->digest)
                 ? CHANGED_PAYLOAD
                 : 0;
    return found;
}
