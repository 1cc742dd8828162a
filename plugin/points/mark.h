/* The mark of a segment: what it keeps even if addresses, ports and numbers are changed on the way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MARK_H
#define TCPSTATE_MARK_H

#include "../wireshark/capture/sightings.h"

/* The flags that are compared: not those of ECN, which a router may set. */
enum { MARK_FLAGS = TCPSTATE_FIN | TCPSTATE_SYN | TCPSTATE_RST | TCPSTATE_PSH | TCPSTATE_ACK | TCPSTATE_URG };

/* Whether both have the same timestamps, IP ID, flags and length, and the timestamps of both ends. So they are of one segment. */
gboolean mark_is_equal(const struct sighting *a, const struct sighting *b);

/* The same for the numbers instead of the timestamps, where only the addresses are changed. */
gboolean mark_has_numbers(const struct sighting *sighting);
guint mark_hash_numbers(gconstpointer sighting);
gboolean mark_equal_numbers(gconstpointer a, gconstpointer b);

/* For a hash table whose keys are sightings. mark_exists(): the sighting has timestamps of both ends. */
gboolean mark_exists(const struct sighting *sighting);
guint mark_hash(gconstpointer sighting);
gboolean mark_equal(gconstpointer a, gconstpointer b);

#endif /* TCPSTATE_MARK_H */
