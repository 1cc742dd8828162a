/* Cuts small pieces out of 64 KiB slabs in Wireshark's file scope. When an array grows, its old memory is kept, by size, for the next
 * array.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory.h"

#include <string.h>

/* In bytes: the alignment of pieces, the size of a slab, and the largest piece cut from one, so that little is left over at its end.
 * AddressSanitizer must know where each piece ends, so with it each piece is an allocation of its own. */
#ifdef __SANITIZE_ADDRESS__
enum { UNIT = 8, SLAB_SIZE = 0, LARGEST_PIECE = 0 };
#else
enum { UNIT = 8, SLAB_SIZE = 1 << 16, LARGEST_PIECE = 1 << 10 };
#endif

/* Memory of an array that has moved to a larger piece. */
struct free_piece {
    struct free_piece *next;
};

static guint8 *slab;                                             /* its unused part */
static size_t slab_left;                                         /* bytes in it */
static struct free_piece *free_pieces[LARGEST_PIECE / UNIT + 1]; /* index: size / UNIT */

void
memory_reset(void)
{
    slab_left = 0;
    memset(free_pieces, 0, sizeof free_pieces);
}

static size_t
in_units(size_t size)
{
    return (size + UNIT - 1) / UNIT * UNIT;
}

/* Not zeroed. Pieces above LARGEST_PIECE come from Wireshark's allocator. */
static void *
allocate(size_t size)
{
    struct free_piece *reused;
    void *piece;

    size = in_units(size);
    if (size > LARGEST_PIECE)
        return wmem_alloc(wmem_file_scope(), size);
    reused = free_pieces[size / UNIT];
    if (reused != NULL) {
        free_pieces[size / UNIT] = reused->next;
        return reused;
    }
    if (slab_left < size) {
        slab = (guint8 *)wmem_alloc(wmem_file_scope(), SLAB_SIZE);
        slab_left = SLAB_SIZE;
    }
    piece = slab;
    slab += size;
    slab_left -= size;
    return piece;
}

static void
recycle(void *piece, size_t size)
{
    struct free_piece *old = (struct free_piece *)piece;

    size = in_units(size);
    if (size > LARGEST_PIECE) {
        wmem_free(wmem_file_scope(), piece);
        return;
    }
    old->next = free_pieces[size / UNIT];
    free_pieces[size / UNIT] = old;
}

void *
memory_new0(size_t size)
{
    return memset(allocate(size), 0, size);
}

void *
memory_grow(void *array, guint32 count, size_t size)
{
    void *larger;

    if ((count & (count - 1)) != 0)
        return array;
    if (count == 0)
        return allocate(size);
    larger = memcpy(allocate(2 * (size_t)count * size), array, count * size);
    recycle(array, count * size);
    return larger;
}
