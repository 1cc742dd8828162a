/* Records: written once, in the order of the capture, found by binary search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/timeline.h>

/* A change in 15 bits: end, event, to, from. */
_Static_assert(TCPSTATE_EVENT_COUNT <= 64 && TCPSTATE_STATE_COUNT <= 16, "a change must fit a step");

#define MOST_RETRIES 0x1fffu

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

/* A socket connected to itself is both ends. */
static int
shown_peer(const struct tcpstate_connection *c, int end)
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
                                     .retry = (outcome->retry < MOST_RETRIES ? outcome->retry : MOST_RETRIES) & MOST_RETRIES,
                                     .retried = outcome->retried & 3u,
                                     .client = c->client & 1u,
                                     .to_itself = c->to_itself};

    for (int end = 0; end < 2; end++)
        record.state[end] = (uint8_t)(c->peer[shown_peer(c, end)].state | tcpstate_pending(c, shown_peer(c, end)) << 4);
    record.basis_0 = c->peer[shown_peer(c, 0)].basis & 3u;
    record.basis_1 = c->peer[shown_peer(c, 1)].basis & 3u;
    return record;
}

static bool
shows_end(const struct tcpstate_record *record, const struct tcpstate_connection *c, int end)
{
    const struct tcpstate_peer *peer = &c->peer[shown_peer(c, end)];

    return tcpstate_record_state(record, end) == peer->state && tcpstate_record_basis(record, end) == peer->basis &&
           tcpstate_record_pending(record, end) == tcpstate_pending(c, shown_peer(c, end));
}

/* Nothing that a record would tell is new since that one. */
static bool
shows(const struct tcpstate_record *record, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;

    return outcome->change_count == 0 && outcome->retry == 0 && record->connection == c->number && record->client == c->client &&
           shows_end(record, c, 0) && shows_end(record, c, 1);
}

/* By its last change the end came to the state that it has. It may also have ended the connection before, and be new in this one. */
static bool
came(const struct tcpstate_outcome *outcome, int end)
{
    for (unsigned i = outcome->change_count; i > 0; i--)
        if (outcome->change[i - 1].end == end)
            return outcome->change[i - 1].to == outcome->connection->peer[end].state;
    return false;
}

/* Record.since: FROM_THE_START; from HERE to FARTHEST, that many records back, and HERE for none; beyond, the same as of the record that is
 * 2^(since - FARTHEST - 1) before: that is the lowest bit of how many it is back, so to find it takes no more steps than that number has
 * bits, as in a tree of Fenwick's (A New Data Structure for Cumulative Frequency Tables, 1994). */
enum { FROM_THE_START, HERE, FARTHEST = 200 };

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

/* Of the record that is `more` after the one at `index`, the end having the same state in all of them. */
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

/* Since which record the ends have their states: this one, or that of the last of `count` records, of the same connection. Of the segment's
 * first record, or of the one that is `continued` after it. */
static void
link_since(struct tcpstate_record *record, const struct tcpstate_record *records, size_t count, const struct tcpstate_outcome *outcome,
           size_t continued)
{
    const struct tcpstate_record *last = count > 0 ? &records[count - 1] : NULL;

    for (int end = 0; end < 2; end++) {
        bool same_state = last != NULL && last->connection == record->connection &&
                          tcpstate_record_state(last, end) == tcpstate_record_state(record, end);

        if (came(outcome, shown_peer(outcome->connection, end)))
            record->since[end] = (uint8_t)(HERE + continued);
        else
            record->since[end] = same_state ? since_after(records, count - 1, end, 1 + continued) : FROM_THE_START;
    }
}

static void
take_steps(struct tcpstate_record *record, const struct tcpstate_outcome *outcome, unsigned done)
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

    if (last != NULL && shows(last, outcome))
        return 0;
    to[0] = snapshot(segment, outcome);
    link_since(&to[0], records, count, outcome, 0);
    take_steps(&to[0], outcome, 0);
    for (; written * TCPSTATE_RECORD_STEPS < outcome->change_count; written++) {
        to[written] = to[written - 1];
        to[written].continued = true;
        link_since(&to[written], records, count, outcome, written);
        take_steps(&to[written], outcome, (unsigned)written * TCPSTATE_RECORD_STEPS);
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
