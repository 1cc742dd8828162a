/* What a device between two points has changed in a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_CHANGES_H
#define TCPSTATE_CHANGES_H

#include "../wireshark/capture/sightings.h"

/* The changes between two sightings of a segment in two flows: bits of enum tcpstate_changed. */
guint changes_between(const struct flow *from, const struct sighting *sent, const struct flow *to, const struct sighting *arrived);

/* Name and words of a change, by its index. */
const char *change_name(enum tcpstate_change_index index);
const char *change_words(enum tcpstate_change_index index);

#endif /* TCPSTATE_CHANGES_H */
