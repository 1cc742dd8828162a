/* Tracks SND.UNA and SND.NXT of each end (RFC 9293 section 3.3.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "queues.h"

#include <tcpstate/seq.h>

#include "../wireshark/show/tap.h"
#include "command.h"

struct sent {
    guint32 first, snd_una, snd_nxt;
    gboolean any_sent, any_acked;
};

static struct sent *
sent_by(const struct queues *queues, guint32 connection, int end)
{
    if (queues->ends->len < 2 * (connection + 1))
        g_array_set_size(queues->ends, 2 * (connection + 1));
    return &g_array_index(queues->ends, struct sent, 2 * connection + (guint)end);
}

static void
add_sent(struct sent *self, const struct tcpstate_segment *seg)
{
    guint32 end = tcpstate_seg_end(seg);
    gboolean begins = !self->any_sent || (seg->flags & TCPSTATE_SYN) != 0;

    if (begins)
        self->first = seg->seq;
    if (begins && !self->any_acked)
        self->snd_una = seg->seq;
    if (begins || seq_gt(end, self->snd_nxt))
        self->snd_nxt = end;
    self->any_sent = TRUE;
}

static void
add_ack(struct sent *peer, guint32 ack)
{
    if ((!peer->any_sent && !peer->any_acked) || seq_gt(ack, peer->snd_una))
        peer->snd_una = ack;
    peer->any_acked = TRUE;
}

static tap_packet_status
track_segment(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *message TAP_FLAGS_ARGUMENT)
{
    const struct queues *queues = (const struct queues *)data;
    const struct tap_segment *tapped = (const struct tap_segment *)message;
    const struct tcpstate_segment *seg = &tapped->segment;

    if (tapped->is_quoted || tapped->is_twin || (seg->flags & TCPSTATE_RST) != 0 ||
        !snapshot_covers(queues->snapshot, seg->frame, seg->time))
        return TAP_PACKET_DONT_REDRAW;
    add_sent(sent_by(queues, tapped->connection, seg->from), seg);
    if ((seg->flags & TCPSTATE_ACK) != 0)
        add_ack(sent_by(queues, tapped->connection, seg->to_itself ? seg->from : !seg->from), seg->ack);
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *data)
{
    g_array_set_size(((struct queues *)data)->ends, 0);
}

static void
release(void *data)
{
    g_array_free(((struct queues *)data)->ends, TRUE);
}

void
queues_listen(const char *name, struct queues *queues, const struct snapshot *snapshot)
{
    queues->snapshot = snapshot;
    queues->ends = g_array_new(FALSE, TRUE, sizeof(struct sent));
    (void)listen_to(name, TCPSTATE_TAP, queues, NULL, reset, track_segment, NULL, release);
}

gint64
queues_send_q(const struct queues *queues, guint32 connection, int end, enum tcpstate_state state)
{
    const struct sent *sent = sent_by(queues, connection, end);
    guint32 una = state == TCPSTATE_SYN_SENT ? sent->first : sent->snd_una;

    if (state == TCPSTATE_LISTEN || state == TCPSTATE_SYN_RCVD)
        return 0;
    if (!sent->any_sent)
        return -1;
    return seq_gt(sent->snd_nxt, una) ? (gint64)(sent->snd_nxt - una) : 0;
}
