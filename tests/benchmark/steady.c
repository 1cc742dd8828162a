/* GLib's random numbers from a seed, to be preloaded: Wireshark hashes with them, and so many instructions more or less would hide those
 * that are looked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <stdlib.h>

uint32_t g_random_int(void);

/* Knuth's MMIX generator, its upper half. */
uint32_t
g_random_int(void)
{
    static uint64_t state;
    const char *seed = getenv("BENCHMARK_SEED");

    if (state == 0)
        state = seed != NULL ? strtoul(seed, NULL, 10) : 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 32);
}
