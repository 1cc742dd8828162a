/* Goes through the sightings of each flow, and puts a finding where a segment was lost, injected or changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reports.h"

#include "../wireshark/capture/engine.h"
#include "../wireshark/capture/point.h"
#include "../wireshark/capture/sightings.h"
#include "../wireshark/capture/twins.h"
#include "between.h"
#include "changes.h"

static guint done_count = G_MAXUINT; /* sightings at the last update */
static GHashTable *changes_told;     /* connection and direction -> the changes that were told of it */

static enum tcpstate_detail
kind_of(const struct sighting *sighting)
{
    if (sighting->flags & TCPSTATE_RST)
        return TCPSTATE_DETAIL_A_RST;
    if (sighting->flags & TCPSTATE_SYN)
        return sighting->flags & TCPSTATE_ACK ? TCPSTATE_DETAIL_A_SYN_ACK : TCPSTATE_DETAIL_A_SYN;
    if (sighting->flags & TCPSTATE_FIN)
        return TCPSTATE_DETAIL_A_FIN;
    return sighting->payload > 0 ? TCPSTATE_DETAIL_SOME_DATA : TCPSTATE_DETAIL_AN_ACK;
}

/* The finding with what all kinds need. `from`, `to`: points of the step, see point.h. */
static struct tcpstate_finding
begin_finding(const struct flow *flow, const struct sighting *sighting, enum tcpstate_finding_id id, guint from, guint to)
{
    const struct flow_connection *conn = twins_in_flow(flow, sighting->connection);
    const struct tcpstate_connection *connection = flow_engine_connection(conn != NULL ? conn : flow_connection(sighting->connection));
    struct tcpstate_end sender = tcpstate_end(connection, sighting->from);

    return (struct tcpstate_finding){.time = sighting->time,
                                     .frame = sighting->frame,
                                     .layer = sighting->layer,
                                     .id = (guint8)id,
                                     .connection = sighting->connection,
                                     .end = sighting->from,
                                     .end_is_client = tcpstate_client(connection) == sighting->from,
                                     .detail = (guint8)kind_of(sighting),
                                     .seq = sighting->seq,
                                     .seq_is_relative = sender.iss_known,
                                     .seq_base = sender.iss,
                                     .from_point = (guint8)(from + 1),
                                     .to_point = (guint8)(to + 1)};
}

/* ---- what was sent like it ---- */

static guint32
end_of(const struct sighting *sighting)
{
    return sighting->seq + sighting->payload + ((sighting->flags & TCPSTATE_SYN) != 0) + ((sighting->flags & TCPSTATE_FIN) != 0);
}

static gboolean
is_like(const struct sighting *a, const struct sighting *b)
{
    return a->from == b->from && a->connection == b->connection && end_of(a) == end_of(b) &&
           ((a->flags ^ b->flags) & (TCPSTATE_SYN | TCPSTATE_FIN | TCPSTATE_RST)) == 0;
}

/* The last result of count_lost_sends(): of a segment that is sent again and again, each is counted once. */
static struct {
    const struct sighting *sighting;
    guint count;
} counted;

/* How many SYNs, SYN,ACKs or FINs like this one were sent up to it; 0 if one of them was not lost. */
static guint
count_lost_sends(const struct sighting *sighting)
{
    const struct sighting *at = sighting;
    guint lost = 0;

    for (; at != NULL; at = sighting_control_before(at)) {
        if (!is_like(at, sighting) || at->is_copy)
            continue;
        if (at->fate != FATE_LOST)
            return 0;
        if (at == counted.sighting) {
            lost += counted.count;
            break;
        }
        lost++;
    }
    counted.sighting = sighting;
    counted.count = lost;
    return lost;
}

/* Whether an end is stuck with this segment, as another finding says. */
static gboolean
is_stuck_with(const struct flow *flow, const struct sighting *sighting)
{
    const struct tcpstate_segment segment = {.frame = sighting->frame, .layer = sighting->layer};
    const struct tcpstate_finding *findings;
    guint count = flow_findings_at(flow, &segment, &findings);

    for (guint i = 0; i < count; i++)
        if (tcpstate_finding_is_stuck(&findings[i]))
            return TRUE;
    return FALSE;
}

/* ---- the three findings ---- */

static struct tcpstate_finding
lost(const struct flow *flow, const struct between_item *item)
{
    struct tcpstate_finding finding = begin_finding(flow, item->sighting, TCPSTATE_FINDING_lost_between, item->from, item->to);

    if (is_stuck_with(flow, item->sighting))
        finding.count = count_lost_sends(item->sighting);
    finding.lesser = finding.count < 2;
    return finding;
}

/* Whether the options of a SYN were removed, but not those of the SYN of the other end. */
static gboolean
is_removed_from_one_syn(const struct flow *flow, const struct sighting *arrived)
{
    guint32 removed = arrived->up->kinds & ~arrived->kinds;
    guint count;
    struct sighting *const *sightings = sightings_of(flow, &count);

    if ((arrived->flags & TCPSTATE_SYN) == 0 || removed == 0)
        return FALSE;
    for (guint i = 0; i < count; i++) {
        const struct sighting *other = sightings[i];

        if ((other->flags & TCPSTATE_SYN) != 0 && other->from != arrived->from && other->connection == arrived->connection &&
            (other->kinds & removed) != 0)
            return TRUE;
    }
    return FALSE;
}

/* Whether the ISN of the end is another one at the point where the segment was sent. FALSE also if that is not known. */
static gboolean
is_shifted(const struct sighting *arrived, int end, gboolean *is_known)
{
    const struct flow_connection *here = twins_in_flow(arrived->flow, arrived->connection);
    const struct flow_connection *there = twins_in_flow(arrived->up->flow, arrived->up->connection);
    struct tcpstate_end ends[2];

    *is_known = FALSE;
    if (here == NULL || there == NULL || !flow_has_same_ends(here->flow, there->flow))
        return FALSE;
    ends[0] = tcpstate_end(flow_engine_connection(there), end);
    ends[1] = tcpstate_end(flow_engine_connection(here), end);
    *is_known = ends[0].iss_known && ends[1].iss_known;
    return *is_known && ends[0].iss != ends[1].iss;
}

/* Whether a device shifts the numbers of one end only: then ACKs and SACKs may not fit any more. */
static gboolean
is_shifted_once(const struct sighting *arrived)
{
    gboolean is_known[2], first = is_shifted(arrived, 0, &is_known[0]), second = is_shifted(arrived, 1, &is_known[1]);

    return is_known[0] && is_known[1] && first != second;
}

/* The one number that was changed, before and after; equal where there is none, or there are several changes. */
static void
set_numbers(struct tcpstate_finding *finding, const struct sighting *arrived)
{
    const struct sighting *sent = arrived->up;

    finding->seq = finding->expected = 0;
    switch (finding->count) {
#define NUMBER(id, member)                   \
    case TCPSTATE_CHANGED_##id:              \
        finding->seq = sent->member;         \
        finding->expected = arrived->member; \
        break;
        NUMBER(WINDOW, window)
        NUMBER(MSS, mss)
        NUMBER(IP_ID, ip_id)
        NUMBER(DSCP, dscp)
#undef NUMBER
    default:
        break;
    }
}

/* FALSE if all that was changed was told of an earlier segment of this end. */
static gboolean
tell_changes(const struct flow *flow, const struct between_item *item, struct tcpstate_finding *finding)
{
    const struct sighting *arrived = item->sighting;
    gpointer key = GUINT_TO_POINTER(arrived->connection << 1 | arrived->from);
    guint told = GPOINTER_TO_UINT(g_hash_table_lookup(changes_told, key)), news = arrived->changes & ~told;

    if (news == 0)
        return FALSE;
    if (arrived->changes & (TCPSTATE_CHANGED_SEQ | TCPSTATE_CHANGED_ACK)) /* both are changed by a device that shifts numbers */
        told |= TCPSTATE_CHANGED_SEQ | TCPSTATE_CHANGED_ACK;
    g_hash_table_insert(changes_told, key, GUINT_TO_POINTER(told | arrived->changes));
    *finding = begin_finding(flow, arrived, TCPSTATE_FINDING_changed_between, item->from, item->to);
    finding->related = arrived->up->frame;
    finding->count = news;
    finding->lesser = (news & TCPSTATE_CHANGED_PAYLOAD) == 0 && !is_removed_from_one_syn(flow, arrived) && !is_shifted_once(arrived);
    finding->seq_is_relative = false;
    set_numbers(finding, arrived);
    return TRUE;
}

/* ---- all of them ---- */

struct report {
    const struct flow *flow;
    struct tcpstate_finding finding;
};

static void
report_item(const struct between_item *item, void *reports)
{
    struct report report = {.flow = item->sighting->flow};
    const struct sighting *sighting = item->sighting;

    if (item->is_sent && sighting->fate == FATE_LOST && sighting->down == NULL)
        report.finding = lost(report.flow, item);
    else if (!item->is_sent && sighting->fate == FATE_INJECTED && sighting->up == NULL)
        report.finding = begin_finding(report.flow, sighting, TCPSTATE_FINDING_injected_between, item->from, item->to);
    else if (item->is_sent || sighting->up == NULL || !tell_changes(report.flow, item, &report.finding))
        return;
    g_array_append_val((GArray *)reports, report);
}

static gint
by_flow_and_frame(gconstpointer a, gconstpointer b)
{
    const struct report *first = (const struct report *)a, *second = (const struct report *)b;

    if (first->flow != second->flow)
        return first->flow < second->flow ? -1 : 1;
    if (first->finding.frame != second->finding.frame)
        return first->finding.frame < second->finding.frame ? -1 : 1;
    return first->finding.layer - second->finding.layer;
}

static void
clear_flow(struct flow *flow, void *data G_GNUC_UNUSED)
{
    flow_replace_findings(flow, TCPSTATE_POINTS_FAMILY, NULL, 0);
}

static void
store(GArray *reports)
{
    GArray *findings = g_array_new(FALSE, FALSE, sizeof(struct tcpstate_finding));

    for (guint i = 0; i < reports->len; i++) {
        const struct report *report = &g_array_index(reports, struct report, i);

        g_array_append_val(findings, report->finding);
        if (i + 1 < reports->len && g_array_index(reports, struct report, i + 1).flow == report->flow)
            continue;
        flow_replace_findings((struct flow *)report->flow, TCPSTATE_POINTS_FAMILY, (const struct tcpstate_finding *)(void *)findings->data,
                              findings->len);
        g_array_set_size(findings, 0);
    }
    g_array_free(findings, TRUE);
}

void
reports_begin_capture(void)
{
    done_count = G_MAXUINT;
    counted.sighting = NULL;
}

void
reports_update(void)
{
    GArray *reports;

    if (sightings_count() == 0 || done_count == sightings_count() || !between_update())
        return;
    done_count = sightings_count();
    counted.sighting = NULL;
    sightings_for_each_flow(clear_flow, NULL);
    if (engine_is_muted(TCPSTATE_POINTS_FAMILY))
        return;
    reports = g_array_new(FALSE, FALSE, sizeof(struct report));
    changes_told = g_hash_table_new(g_direct_hash, g_direct_equal);
    between_for_each(report_item, reports);
    g_hash_table_destroy(changes_told);
    g_array_sort(reports, by_flow_and_frame);
    store(reports);
    if (reports->len > 0)
        engine_note_findings();
    g_array_free(reports, TRUE);
}

guint32
reports_lost_frame(const struct flow *flow, const struct tcpstate_segment *segment, int end)
{
    const struct sighting *last = sightings_find(flow, segment);

    while (last != NULL && (last->from == end || !sighting_is_control(last)))
        last = sighting_control_before(last);
    return last != NULL && last->fate == FATE_LOST && count_lost_sends(last) > 0 ? last->frame : 0;
}
