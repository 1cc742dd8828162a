/* What libFuzzer calls: an exchange is read, read again, and read the long way, and comes to the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "exchange.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct witness witness;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setenv("CMOCKA_TEST_ABORT", "1", 1); /* what is not so ends the program */
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct witness_sums once = exchange_read(&witness, bytes, size, false), again = exchange_read(&witness, bytes, size, false),
                        thoroughly = exchange_read(&witness, bytes, size, true);

    witness_assert_same(&once, &again);
    witness_assert_same(&once, &thoroughly);
    return 0;
}
