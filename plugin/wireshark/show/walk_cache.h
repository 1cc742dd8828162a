/* Caches the results of long walks along the records of a connection. Without the cache, each frame of a connection with a million retries
 * would need a walk along all its records.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_WALK_CACHE_H
#define TCPSTATE_WALK_CACHE_H

#include "../capture/flow.h"

enum walk_question { WALK_ENTERED, WALK_UNTIL, WALK_ANSWERED, WALK_LEFT };

/* The result of a walk. It holds for every record of the connection from index `low` to `high` of the flow's records. */
struct cached_walk {
    const struct flow *flow; /* these are the key; walk_cache_store() sets them */
    guint32 connection, rest;
    size_t low, high, answer;
    size_t count; /* records in the flow at that time; equal to `answer` if none was found yet */
};

/* The cached result, or NULL. `state` is a state of the end if the question needs one, else 0. */
const struct cached_walk *walk_cache_find(enum walk_question question, const struct flow *flow, guint32 connection, int end, guint state);

/* Stores a result if the walk from `low` to `high` was long. */
void walk_cache_store(enum walk_question question, const struct flow *flow, guint32 connection, int end, guint state,
                      const struct cached_walk *cached);

/* Clears the cache. Call it at the start of each capture, and when "assume delivery" changes which states are shown. */
void walk_cache_reset(void);

#endif /* TCPSTATE_WALK_CACHE_H */
