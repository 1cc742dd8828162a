/* The entry points that libFuzzer calls: reads an exchange twice, and once without the fast path. All three must have
 * the same results.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "exchange.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct checker checker;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setenv("CMOCKA_TEST_ABORT", "1", 1); /* a failed assertion ends the program */
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct checker_sums first = exchange_read(&checker, bytes, size, false), again = exchange_read(&checker, bytes, size, false),
                        thorough = exchange_read(&checker, bytes, size, true);

    checker_assert_same(&first, &again);
    checker_assert_same(&first, &thorough);
    return 0;
}
