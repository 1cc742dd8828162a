/* Writes the records of a pair's timeline, in the order of the capture, and finds them again by binary search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/record.h>

#include "../model/connection.h"

/* A change is packed into 15 bits: from (4 bits), to (4), event (6), end (1). */
_Static_assert(TCPSTATE_EVENT_COUNT <= 64 && TCPSTATE_STATE_COUNT <= 16, "a change must fit a step");

#define MAX_RETRIES 0x1fffu /* the largest number in the 13 bits of tcpstate_record.retry */

static uint16_t
pack(const struct tcpstate_change *change)
{
    return (uint16_t)(change->end << 14 | change->event << 8 | change->to << 4 | change->from);
}

struct tcpstate_change
tcpstate_record_change(const struct tcpstate_record *record, unsigned step)
{
    unsigned packed = record->step[step];

    return (struct tcpstate_change){.end = packed >> 14 & 1, .event = packed >> 8 & 0x3f, .to = packed >> 4 & 0x0f, .from = packed & 0x0f};
}

/* The index in peer[] of an end. Of a socket connected to itself, both ends are peer[0]. */
static int
peer_index(const struct tcpstate_connection *c, int end)
{
    return c->to_itself ? 0 : end;
}

static struct tcpstate_record
snapshot(const struct tcpstate_segment *segment, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;
    struct tcpstate_record record = {.time = segment->time,
                                     .frame = segment->frame,
                                     .layer = segment->layer,
                                     .connection = c->number,
                                     .retry = (outcome->retry < MAX_RETRIES ? outcome->retry : MAX_RETRIES) & MAX_RETRIES,
                                     .retried = outcome->retried & 3u,
                                     .client = c->client & 1u,
                                     .to_itself = c->to_itself};

    for (int end = 0; end < 2; end++)
        record.state[end] = (uint8_t)(c->peer[peer_index(c, end)].state | tcpstate_pending(c, peer_index(c, end)) << 4);
    record.basis_0 = c->peer[peer_index(c, 0)].basis & 3u;
    record.basis_1 = c->peer[peer_index(c, 1)].basis & 3u;
    return record;
}

static bool
is_end_unchanged(const struct tcpstate_record *record, const struct tcpstate_connection *c, int end)
{
    const struct tcpstate_peer *peer = &c->peer[peer_index(c, end)];

    return tcpstate_record_state(record, end) == peer->state && tcpstate_record_basis(record, end) == peer->basis &&
           tcpstate_record_pending(record, end) == tcpstate_pending(c, peer_index(c, end));
}

/* Whether the record is still correct after the segment, so that no new one is needed. */
static bool
is_unchanged(const struct tcpstate_record *record, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;

    return outcome->change_count == 0 && outcome->retry == 0 && record->connection == c->number && record->client == c->client &&
           is_end_unchanged(record, c, 0) && is_end_unchanged(record, c, 1);
}

/* Whether the end came to its present state in this segment. Its last change may also belong to the connection before, which the segment
 * ended. */
static bool
has_new_state(const struct tcpstate_outcome *outcome, int end)
{
    for (unsigned i = outcome->change_count; i > 0; i--)
        if (outcome->change[i - 1].end == end)
            return outcome->change[i - 1].to == outcome->connection->peer[end].state;
    return false;
}

/* The values of tcpstate_record.since[]: how many records before this one the end came to its state.
 *
 * FROM_THE_START: it had the state from the beginning. HERE to FARTHEST: `since - HERE` records before. More than FARTHEST: look at the
 * record that is 2^(since - FARTHEST - 1) before this one, and go on from there. This power of two is the lowest bit of the distance, as in
 * a Fenwick tree (A New Data Structure for Cumulative Frequency Tables, 1994): so there are at most as many steps as the distance has bits.
 *
 * FARTHEST leaves 55 of the 256 values for powers of two: enough for any distance. */
enum { FROM_THE_START, HERE, FARTHEST = 200 };

/* How many records before `index` the end came to its state. */
static size_t
steps_back(const struct tcpstate_record *records, size_t index, int end)
{
    size_t back = 0;
    uint8_t since;

    while ((since = records[index - back].since[end]) > FARTHEST)
        back += (size_t)1 << (since - FARTHEST - 1);
    return back + since - HERE;
}

size_t
tcpstate_record_since(const struct tcpstate_record *records, size_t index, int end)
{
    return records[index].since[end] == FROM_THE_START ? 0 : index + 1 - steps_back(records, index, end);
}

/* The value of since[end] for the record that is `more` after `index`. The end has the same state in all records between. */
static uint8_t
since_after(const struct tcpstate_record *records, size_t index, int end, size_t more)
{
    uint8_t since = records[index].since[end];
    size_t back;

    if (since == FROM_THE_START || since + more <= FARTHEST)
        return since == FROM_THE_START ? since : (uint8_t)(since + more);
    back = steps_back(records, index, end) + more;
    for (since = FARTHEST + 1; (back & 1) == 0; back >>= 1)
        since++;
    return since;
}

/* Sets since[] of a new record, which will be `continued` after the segment's first record: the ends came to their states in that first
 * record, or already in the last of the `count` records. */
static void
link_since(struct tcpstate_record *record, const struct tcpstate_record *records, size_t count, const struct tcpstate_outcome *outcome,
           size_t continued)
{
    const struct tcpstate_record *last = count > 0 ? &records[count - 1] : NULL;

    for (int end = 0; end < 2; end++) {
        bool same_state = last != NULL && last->connection == record->connection &&
                          tcpstate_record_state(last, end) == tcpstate_record_state(record, end);

        if (has_new_state(outcome, peer_index(outcome->connection, end)))
            record->since[end] = (uint8_t)(HERE + continued);
        else
            record->since[end] = same_state ? since_after(records, count - 1, end, 1 + continued) : FROM_THE_START;
    }
}

/* Packs the changes from number `done` on into the record, as many as it has room for. */
static void
write_steps(struct tcpstate_record *record, const struct tcpstate_outcome *outcome, unsigned done)
{
    unsigned steps = outcome->change_count - done;

    if (steps > TCPSTATE_RECORD_STEPS)
        steps = TCPSTATE_RECORD_STEPS;
    record->step_count = steps & 3;
    for (unsigned i = 0; i < TCPSTATE_RECORD_STEPS; i++)
        record->step[i] = i < steps ? pack(&outcome->change[done + i]) : 0;
}

size_t
tcpstate_record_segment(const struct tcpstate_record *records, size_t count, const struct tcpstate_segment *segment,
                        const struct tcpstate_outcome *outcome, struct tcpstate_record *to)
{
    const struct tcpstate_record *last = count > 0 ? &records[count - 1] : NULL;
    size_t written = 1;

    if (last != NULL && is_unchanged(last, outcome))
        return 0;
    to[0] = snapshot(segment, outcome);
    link_since(&to[0], records, count, outcome, 0);
    write_steps(&to[0], outcome, 0);
    for (; written * TCPSTATE_RECORD_STEPS < outcome->change_count; written++) {
        to[written] = to[written - 1];
        to[written].continued = true;
        link_since(&to[written], records, count, outcome, written);
        write_steps(&to[written], outcome, (unsigned)written * TCPSTATE_RECORD_STEPS);
    }
    return written;
}

static bool
is_after(const struct tcpstate_record *record, uint32_t frame, uint8_t layer)
{
    return record->frame > frame || (record->frame == frame && record->layer > layer);
}

size_t
tcpstate_record_at(const struct tcpstate_record *records, size_t count, uint32_t frame, uint8_t layer)
{
    size_t low = 0, high = count;

    if (count > 0 && !is_after(&records[count - 1], frame, layer))
        return count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (!is_after(&records[middle], frame, layer))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
