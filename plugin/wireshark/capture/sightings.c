/* Stores the sightings of each flow, in the order of the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sightings.h"

#include <string.h>

#include <wsutil/pint.h>

#include "memory.h"
#include "observers.h"
#include "place.h"
#include "siblings.h"

/* Further segments are not kept, and what became of them is not known: 3 GiB. */
enum { SIGHTINGS_MAX = 1 << 25 };

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, HEADER_LENGTH = 20 };

/* Those of a flow. */
struct flow_sightings {
    struct sighting **sightings;
    guint32 count;
    guint32 control; /* the last one with a SYN, FIN or RST: its index plus 1 */
    gboolean are_at_several_places;
};

static GPtrArray *flows; /* in the order of their first sightings */
static guint total;
static GArray *spans; /* struct span, by place */

void
sightings_begin_capture(void)
{
    if (flows == NULL) {
        flows = g_ptr_array_new();
        spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    }
    g_ptr_array_set_size(flows, 0);
    g_array_set_size(spans, 0);
    total = 0;
}

struct span
sightings_span(guint16 place)
{
    return place < spans->len ? g_array_index(spans, struct span, place) : (struct span){.begin = G_MAXINT64, .end = G_MININT64};
}

static void
extend_span(guint16 place, gint64 time)
{
    const struct span none = sightings_span(PLACES_MAX);
    struct span *span;

    while (spans->len <= place)
        g_array_append_val(spans, none);
    span = &g_array_index(spans, struct span, place);
    span->begin = MIN(span->begin, time);
    span->end = MAX(span->end, time);
}

static struct flow_sightings *
sightings_in(struct flow *flow)
{
    struct flow_sightings **seen = siblings_sightings(flow);

    if (*seen == NULL) {
        *seen = (struct flow_sightings *)memory_new0(sizeof **seen);
        g_ptr_array_add(flows, flow);
    }
    return *seen;
}

static struct sighting *
append(struct flow *flow, guint16 place, const struct tcpstate_connection *connection, const struct tcpstate_segment *segment)
{
    struct flow_sightings *seen = sightings_in(flow);
    struct sighting *sighting = (struct sighting *)memory_new0(sizeof *sighting);

    seen->sightings = (struct sighting **)memory_grow(seen->sightings, seen->count, sizeof *seen->sightings);
    seen->sightings[seen->count++] = sighting;
    seen->are_at_several_places |= place != siblings_place(flow);
    extend_span(place, segment->time);
    total++;
    *sighting = (struct sighting){.time = segment->time,
                                  .flow = flow,
                                  .frame = segment->frame,
                                  .connection = tcpstate_number(connection),
                                  .seq = segment->seq,
                                  .ack = segment->ack,
                                  .payload = segment->payload,
                                  .tsval = segment->options.tsval,
                                  .tsecr = segment->options.tsecr,
                                  .window = segment->window,
                                  .ip_id = (guint16)MAX(segment->ip_id, 0),
                                  .flags = segment->flags,
                                  .layer = segment->layer,
                                  .from = segment->from & 1u,
                                  .ttl = segment->ttl,
                                  .place = place,
                                  .control = seen->control};
    if (sighting_is_control(sighting))
        seen->control = seen->count;
    return sighting;
}

/* A segment that the engine still has. */
struct newest {
    struct tcpstate_segment segment;
    struct flow *flow;
};

static int
by_frame(gconstpointer a, gconstpointer b)
{
    const struct tcpstate_segment *first = &((const struct newest *)a)->segment, *second = &((const struct newest *)b)->segment;

    return first->frame != second->frame ? (first->frame > second->frame) - (first->frame < second->frame) : first->layer - second->layer;
}

/* The capture shows a second place only now. The engine still has the newest segments of the first one, up to a frame, without
 * options and data. */
static void
add_newest(guint32 before)
{
    GArray *segments = g_array_new(FALSE, FALSE, sizeof(struct newest));
    const struct tcpstate_pair *pair;
    struct newest newest;

    for (unsigned i = 0; i < TCPSTATE_NEWEST_MAX; i++)
        if (tcpstate_newest(observers_at(0), i, &newest.segment, &pair) && pair->now != NULL && newest.segment.frame < before) {
            newest.flow = (struct flow *)flow_of_pair(pair);
            g_array_append_val(segments, newest);
        }
    g_array_sort(segments, by_frame);
    for (guint i = 0; i < segments->len; i++) {
        const struct newest *kept = &g_array_index(segments, struct newest, i);

        append(kept->flow, 0, kept->flow->pair.now, &kept->segment)->is_partial = TRUE;
    }
    g_array_free(segments, TRUE);
}

/* The bytes are multiplied and added eight at a time. So equal data gives an equal number, and other data nearly always another one. */
static guint32
digest_of(const guint8 *data, guint32 length)
{
    const guint64 factor = G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    guint64 sum = length, word = 0;

    for (; length >= sizeof word; data += sizeof word, length -= (guint32)sizeof word) {
        memcpy(&word, data, sizeof word);
        sum = (sum ^ word) * factor;
        sum ^= sum >> 29;
    }
    word = 0;
    memcpy(&word, data, length);
    sum = (sum ^ word) * factor;
    return (guint32)(sum >> 32) | 1; /* not 0 */
}

static void
read_options(struct sighting *sighting, const struct tcpstate_segment *segment)
{
    const guint8 *at = segment->header + HEADER_LENGTH, *end = segment->header + segment->header_length;

    while (end - at >= 2 && *at != OPTION_END) {
        if (*at == OPTION_NOP) {
            at++;
            continue;
        }
        if (at[1] < 2 || at[1] > end - at)
            return;
        if (*at < 32)
            sighting->kinds |= 1u << *at;
        if (*at == OPTION_MSS && at[1] == 4)
            sighting->mss = pntohu16(at + 2);
        at += at[1];
    }
}

void
sightings_add(struct flow *flow, const struct tcpstate_connection *connection, const struct raw_header *raw,
              const struct tcpstate_segment *segment)
{
    struct sighting *sighting;

    if (!place_are_several() || total == SIGHTINGS_MAX)
        return;
    if (total == 0)
        add_newest(segment->frame);
    sighting = append(flow, raw->place, connection, segment);
    sighting->dscp = raw->dscp;
    if (segment->header_length > HEADER_LENGTH)
        read_options(sighting, segment);
    if (segment->data != NULL)
        sighting->digest = digest_of(segment->data, segment->payload);
}

struct sighting *const *
sightings_of(const struct flow *flow, guint *count)
{
    const struct flow_sightings *seen = siblings_known_sightings(flow);

    *count = seen != NULL ? seen->count : 0;
    return seen != NULL ? seen->sightings : NULL;
}

gboolean
sightings_are_at_one_place(const struct flow *flow)
{
    const struct flow_sightings *seen = siblings_known_sightings(flow);

    return seen == NULL || !seen->are_at_several_places;
}

gboolean
sighting_is_control(const struct sighting *sighting)
{
    return (sighting->flags & (TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST)) != 0;
}

const struct sighting *
sighting_control_before(const struct sighting *sighting)
{
    guint count;

    return sighting->control > 0 ? sightings_of(sighting->flow, &count)[sighting->control - 1] : NULL;
}

struct sighting *
sightings_find(const struct flow *flow, const struct tcpstate_segment *segment)
{
    guint low = 0, high;
    struct sighting *const *sightings = sightings_of(flow, &high);
    guint count = high;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct sighting *at = sightings[middle];

        if (at->frame < segment->frame || (at->frame == segment->frame && at->layer < segment->layer))
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && sightings[low]->frame == segment->frame && sightings[low]->layer == segment->layer ? sightings[low] : NULL;
}

void
sightings_for_each_flow(void (*use)(struct flow *flow, void *data), void *data)
{
    for (guint i = 0; i < flows->len; i++)
        use((struct flow *)g_ptr_array_index(flows, i), data);
}

guint
sightings_count(void)
{
    return total;
}
