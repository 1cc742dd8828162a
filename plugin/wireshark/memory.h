/* Memory for what a capture leaves, until its file is closed. A capture may leave millions of small pieces, so they stand side by side,
 * without a header each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MEMORY_H
#define TCPSTATE_MEMORY_H

#include "compat.h"

/* For a new capture; what there was is Wireshark's to free. */
void memory_reset(void);

/* Zeroed; never NULL. */
void *memory_new0(size_t size);

/* An array with room for one item of `size` bytes after its `count`; it may have moved. To be called for each item: there is room for 1, 2,
 * 4, 8 and so on. */
void *memory_grow(void *array, guint32 count, size_t size);

#endif /* TCPSTATE_MEMORY_H */
