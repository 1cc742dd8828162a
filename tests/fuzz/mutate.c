/* How libFuzzer changes an exchange: it inserts, removes and swaps whole steps, so that the steps after them keep their
 * meaning, and changes single bytes of a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "exchange.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *to, size_t most,
                                 unsigned seed);

static uint32_t
random_below(unsigned *seed, size_t limit)
{
    *seed = *seed * 1664525u + 1013904223u; /* Knuth, The Art of Computer Programming, volume 2, section 3.3.4 */
    return (*seed >> 8) % (uint32_t)limit;
}

static uint8_t *
step_at(uint8_t *bytes, size_t step)
{
    return bytes + EXCHANGE_HEAD + step * EXCHANGE_STEP;
}

static size_t
steps_in(size_t size)
{
    return size < EXCHANGE_HEAD ? 0 : (size - EXCHANGE_HEAD) / EXCHANGE_STEP;
}

/* Writes a step as in an ordinary connection: usual flags, and the next numbers of both ends. */
static void
write_plausible(uint8_t *step, unsigned *seed)
{
    static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x10, 0x18, 0x11, 0x11, 0x04, 0x14};

    memset(step, 0, EXCHANGE_STEP);
    step[0] = (uint8_t)(random_below(seed, 2) << 2);
    step[1] = flags[random_below(seed, sizeof flags)];
    step[2] = (uint8_t)random_below(seed, 14);
    step[3] = 2 | 2 << 2;
    step[12] = 200;
    step[14] = (uint8_t)(random_below(seed, 3) == 0 ? random_below(seed, 8) : 0);
    step[20] = (uint8_t)random_below(seed, 256);
    step[21] = 5;
}

/* Inserts a copy of another step, or a new step. Returns the new number of steps. */
static size_t
insert(uint8_t *bytes, size_t steps, size_t most, unsigned *seed)
{
    size_t at = random_below(seed, steps + 1), source = steps > 0 ? random_below(seed, steps) : 0;
    bool copies = steps > 0 && random_below(seed, 2) == 0;
    uint8_t step[EXCHANGE_STEP];

    if (steps >= most)
        return steps;
    if (copies)
        memcpy(step, step_at(bytes, source), sizeof step);
    else
        write_plausible(step, seed);
    memmove(step_at(bytes, at + 1), step_at(bytes, at), (steps - at) * EXCHANGE_STEP);
    memcpy(step_at(bytes, at), step, sizeof step);
    return steps + 1;
}

/* Removes a step. Returns the new number of steps. */
static size_t
remove_step(uint8_t *bytes, size_t steps, unsigned *seed)
{
    size_t at = random_below(seed, steps);

    memmove(step_at(bytes, at), step_at(bytes, at + 1), (steps - at - 1) * EXCHANGE_STEP);
    return steps - 1;
}

static void
swap(uint8_t *bytes, size_t steps, unsigned *seed)
{
    uint8_t *one = step_at(bytes, random_below(seed, steps)), *other = step_at(bytes, random_below(seed, steps)), step[EXCHANGE_STEP];

    memcpy(step, one, sizeof step);
    memcpy(one, other, sizeof step);
    memcpy(other, step, sizeof step);
}

/* Changes a number of the step by -3 to 3. */
static void
nudge(uint8_t *step, unsigned *seed)
{
    static const uint8_t numbers[] = {4, 8, 14, 18, 19, 22};
    uint8_t *number = step + numbers[random_below(seed, sizeof numbers)];

    *number = (uint8_t)(*number + random_below(seed, 7) - 3);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    size_t steps = steps_in(size), most_steps = steps_in(most);

    if (size < EXCHANGE_HEAD) {
        if (most < EXCHANGE_HEAD)
            return size;
        memset(bytes, 5, EXCHANGE_HEAD);
    }
    if (steps == 0)
        return EXCHANGE_HEAD + insert(bytes, 0, most_steps, &seed) * EXCHANGE_STEP;
    switch (random_below(&seed, 8)) {
    case 0:
    case 1:
        steps = insert(bytes, steps, most_steps, &seed);
        break;
    case 2:
        steps = remove_step(bytes, steps, &seed);
        break;
    case 3:
        swap(bytes, steps, &seed);
        break;
    case 4:
        nudge(step_at(bytes, random_below(&seed, steps)), &seed);
        break;
    case 5:
        LLVMFuzzerMutate(bytes, EXCHANGE_HEAD, EXCHANGE_HEAD);
        break;
    default:
        LLVMFuzzerMutate(step_at(bytes, random_below(&seed, steps)), EXCHANGE_STEP, EXCHANGE_STEP);
    }
    return EXCHANGE_HEAD + steps * EXCHANGE_STEP;
}

/* Joins the first steps of one exchange and the last steps of the other. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *to, size_t most,
                          unsigned seed)
{
    size_t first = random_below(&seed, steps_in(one_size) + 1), skip = random_below(&seed, steps_in(other_size) + 1);
    size_t rest = steps_in(other_size) - skip;

    if (one_size < EXCHANGE_HEAD || other_size < EXCHANGE_HEAD || most < EXCHANGE_HEAD)
        return 0;
    if (first > steps_in(most))
        first = steps_in(most);
    if (rest > steps_in(most) - first)
        rest = steps_in(most) - first;
    memcpy(to, one, EXCHANGE_HEAD + first * EXCHANGE_STEP);
    memcpy(step_at(to, first), other + EXCHANGE_HEAD + skip * EXCHANGE_STEP, rest * EXCHANGE_STEP);
    return EXCHANGE_HEAD + (first + rest) * EXCHANGE_STEP;
}
