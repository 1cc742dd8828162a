/* Records: written once, in the order of the capture, found by binary search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/timeline.h>

/* A change in 15 bits: end, event, to, from. */
_Static_assert(TCPSTATE_EVENT_COUNT <= 64 && TCPSTATE_STATE_COUNT <= 16, "a change must fit a step");

#define MOST_RETRIES 0x3fffu

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
                                     .roles_assumed = c->roles_assumed,
                                     .to_itself = c->to_itself};

    for (int end = 0; end < 2; end++) {
        int peer = shown_peer(c, end);

        record.state[end] = (uint8_t)(c->peer[peer].state | tcpstate_pending(c, peer) << 4);
        record.basis[end] = c->peer[peer].basis;
    }
    return record;
}

static bool
shows_end(const struct tcpstate_record *record, const struct tcpstate_connection *c, int end)
{
    const struct tcpstate_peer *peer = &c->peer[shown_peer(c, end)];

    return tcpstate_record_state(record, end) == peer->state && record->basis[end] == peer->basis &&
           tcpstate_record_pending(record, end) == tcpstate_pending(c, shown_peer(c, end));
}

/* Nothing that a record would tell is new since that one. */
static bool
shows(const struct tcpstate_record *record, const struct tcpstate_outcome *outcome)
{
    const struct tcpstate_connection *c = outcome->connection;

    return outcome->change_count == 0 && outcome->retry == 0 && record->connection == c->number && record->client == c->client &&
           record->roles_assumed == c->roles_assumed && shows_end(record, c, 0) && shows_end(record, c, 1);
}

static bool
changed(const struct tcpstate_outcome *outcome, int end)
{
    for (unsigned i = 0; i < outcome->change_count; i++)
        if (outcome->change[i].end == end)
            return true;
    return false;
}

/* Since which record the ends have their states: this one, or that of the record before. */
static void
link_since(struct tcpstate_record *record, const struct tcpstate_record *last, size_t index, const struct tcpstate_outcome *outcome)
{
    for (int end = 0; end < 2; end++) {
        bool same_state = last != NULL && last->connection == record->connection &&
                          (last->state[end] & 0x0f) == (record->state[end] & 0x0f);

        if (changed(outcome, shown_peer(outcome->connection, end)))
            record->since[end] = (uint32_t)index + 1;
        else
            record->since[end] = same_state ? last->since[end] : 0;
    }
}

size_t
tcpstate_record_segment(const struct tcpstate_record *records, size_t count, const struct tcpstate_segment *segment,
                        const struct tcpstate_outcome *outcome, struct tcpstate_record *to)
{
    const struct tcpstate_record *last = count > 0 ? &records[count - 1] : NULL;
    struct tcpstate_record record;
    unsigned done = 0;
    size_t written = 0;

    if (last != NULL && shows(last, outcome))
        return 0;
    record = snapshot(segment, outcome);
    link_since(&record, last, count, outcome);
    do {
        unsigned steps = outcome->change_count - done;

        if (steps > TCPSTATE_RECORD_STEPS)
            steps = TCPSTATE_RECORD_STEPS;
        record.continued = done > 0;
        record.step_count = (uint8_t)(steps & 7);
        for (unsigned i = 0; i < steps; i++)
            record.step[i] = pack(&outcome->change[done + i]);
        to[written++] = record;
        done += steps;
    } while (done < outcome->change_count && written < TCPSTATE_RECORDS_PER_SEGMENT);
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
