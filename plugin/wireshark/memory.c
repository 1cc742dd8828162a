/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <string.h>

/* Bytes. For a sanitizer each piece is one of Wireshark's, so that it knows where it ends. */
#ifdef __SANITIZE_ADDRESS__
enum { UNIT = 8, SLAB = 0, LARGEST = 0 };
#else
enum { UNIT = 8, SLAB = 1 << 16, LARGEST = 1 << 10 };
#endif

/* An array that was outgrown. */
struct outgrown {
    struct outgrown *next;
};

static guint8 *slab;                                  /* its free part */
static size_t left;                                   /* bytes of it */
static struct outgrown *outgrown[LARGEST / UNIT + 1]; /* by size */

void
memory_reset(void)
{
    left = 0;
    memset(outgrown, 0, sizeof outgrown);
}

static size_t
in_units(size_t size)
{
    return (size + UNIT - 1) / UNIT * UNIT;
}

/* Not zeroed. Large pieces are left to Wireshark's allocator. */
static void *
take(size_t size)
{
    struct outgrown *again;
    void *piece;

    size = in_units(size);
    if (size > LARGEST)
        return wmem_alloc(wmem_file_scope(), size);
    again = outgrown[size / UNIT];
    if (again != NULL) {
        outgrown[size / UNIT] = again->next;
        return again;
    }
    if (left < size) {
        slab = (guint8 *)wmem_alloc(wmem_file_scope(), SLAB);
        left = SLAB;
    }
    piece = slab;
    slab += size;
    left -= size;
    return piece;
}

static void
give_back(void *piece, size_t size)
{
    struct outgrown *old = (struct outgrown *)piece;

    size = in_units(size);
    if (size > LARGEST) {
        wmem_free(wmem_file_scope(), piece);
        return;
    }
    old->next = outgrown[size / UNIT];
    outgrown[size / UNIT] = old;
}

void *
memory_new0(size_t size)
{
    return memset(take(size), 0, size);
}

void *
memory_grow(void *array, guint32 count, size_t size)
{
    void *larger;

    if ((count & (count - 1)) != 0)
        return array;
    if (count == 0)
        return take(size);
    larger = memcpy(take(2 * (size_t)count * size), array, count * size);
    give_back(array, count * size);
    return larger;
}
