/* The entry points that libFuzzer calls: reads an exchange twice, once without the fast path, and once at each capture point alone. All
 * must have the same results.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "exchange.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct checker points[EXCHANGE_POINTS];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setenv("CMOCKA_TEST_ABORT", "1", 1); /* a failed assertion ends the program */
    return 0;
}

/* What a point shows when only some of the points read the exchange must be what it shows with both. */
static void
read_again(const uint8_t *bytes, size_t size, bool thorough, int only, const struct checker_sums first[EXCHANGE_POINTS])
{
    struct checker *const some[EXCHANGE_POINTS] = {only == 1 ? NULL : &points[0], only == 0 ? NULL : &points[1]};
    struct checker_sums sums[EXCHANGE_POINTS];

    exchange_read(some, bytes, size, thorough, sums);
    for (int i = 0; i < EXCHANGE_POINTS; i++)
        if (some[i] != NULL)
            checker_assert_same(&first[i], &sums[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct checker *const both[EXCHANGE_POINTS] = {&points[0], &points[1]};
    struct checker_sums first[EXCHANGE_POINTS];

    exchange_read(both, bytes, size, false, first);
    read_again(bytes, size, false, -1, first);
    read_again(bytes, size, true, -1, first);
    for (int i = 0; i < EXCHANGE_POINTS; i++)
        read_again(bytes, size, false, i, first);
    return 0;
}
