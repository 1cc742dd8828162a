/* Memory for the results of a capture, freed when the capture file is closed. There may be millions of small pieces, so they have no
 * allocation header each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MEMORY_H
#define TCPSTATE_MEMORY_H

#include "../api/compat.h"

/* Call it at the start of each capture. Wireshark frees the memory of the last capture. */
void memory_reset(void);

/* Zeroed. Never returns NULL. */
void *memory_new0(size_t size);

/* Makes room for one more item of `size` bytes in an array of `count` items, and returns the array, which may have moved. Call it before
 * each item is added: the array has room for 1, 2, 4, 8 and so on items. */
void *memory_grow(void *array, guint32 count, size_t size);

#endif /* TCPSTATE_MEMORY_H */
