/* Compares the marks of segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mark.h"

gboolean
mark_exists(const struct sighting *sighting)
{
    return sighting->tsval != 0 && sighting->tsecr != 0;
}

guint
mark_hash(gconstpointer sighting)
{
    const struct sighting *at = (const struct sighting *)sighting;

    return at->tsval * 31 + at->tsecr * 37 + at->ip_id * 65599u + at->payload;
}

gboolean
mark_equal(gconstpointer a, gconstpointer b)
{
    const struct sighting *first = (const struct sighting *)a, *second = (const struct sighting *)b;

    return first->tsval == second->tsval && first->tsecr == second->tsecr && first->ip_id == second->ip_id &&
           first->payload == second->payload && ((first->flags ^ second->flags) & MARK_FLAGS) == 0;
}

gboolean
mark_is_equal(const struct sighting *a, const struct sighting *b)
{
    return mark_exists(a) && mark_equal(a, b);
}

gboolean
mark_has_numbers(const struct sighting *sighting)
{
    return (sighting->flags & TCPSTATE_ACK) != 0 && sighting->ack != 0;
}

guint
mark_hash_numbers(gconstpointer sighting)
{
    const struct sighting *at = (const struct sighting *)sighting;

    return at->seq * 31 + at->ack * 37 + at->ip_id * 65599u + at->payload;
}

gboolean
mark_equal_numbers(gconstpointer a, gconstpointer b)
{
    const struct sighting *first = (const struct sighting *)a, *second = (const struct sighting *)b;

    return first->seq == second->seq && first->ack == second->ack && mark_equal(a, b);
}
