/* Listens to the tap `frame`, to find the last frame of the snapshot.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "snapshot.h"

#include "../wireshark/capture/clock.h"
#include "../wireshark/capture/header.h"
#include "command.h"
#include "options.h"

void
snapshot_init(struct snapshot *snapshot)
{
    *snapshot = (struct snapshot){.at = -1, .frame = -1};
}

gboolean
snapshot_option(const char *name, struct snapshot *snapshot, const char **argument)
{
    if (!option_seconds(name, argument, "at", &snapshot->at) && !option_number(name, argument, "frame", &snapshot->frame))
        return FALSE;
    if (snapshot->at >= 0 && snapshot->frame >= 0)
        option_error(name, "at and frame: only one of the two can be asked for");
    return TRUE;
}

/* Timestamps may go backwards. A frame that comes after a later one in the capture counts as later too. */
gboolean
snapshot_covers(const struct snapshot *snapshot, guint32 frame, gint64 time)
{
    if (snapshot->frame >= 0)
        return (gint64)frame <= snapshot->frame;
    return snapshot->at < 0 || (!snapshot->passed && time - clock_begin() <= snapshot->at);
}

static tap_packet_status
track_frame(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *tapped _U_ TAP_FLAGS_ARGUMENT)
{
    struct snapshot *snapshot = (struct snapshot *)data;
    gint64 time = header_captured_time(pinfo);

    clock_start(pinfo);
    snapshot->count = pinfo->num;
    snapshot->passed = !snapshot_covers(snapshot, pinfo->num, time);
    if (snapshot->passed)
        return TAP_PACKET_DONT_REDRAW;
    snapshot->latest = snapshot->last == 0 ? time : MAX(snapshot->latest, time);
    snapshot->last = pinfo->num;
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *data)
{
    struct snapshot *snapshot = (struct snapshot *)data;

    snapshot->last = snapshot->count = 0;
    snapshot->passed = FALSE;
}

void
snapshot_listen(const char *name, struct snapshot *snapshot)
{
    (void)listen_to(name, "frame", snapshot, NULL, reset, track_frame, NULL, NULL);
}

gint64
snapshot_time(const struct snapshot *snapshot)
{
    if (snapshot->at >= 0)
        return clock_begin() + snapshot->at;
    return snapshot->last > 0 ? snapshot->latest : clock_begin();
}

gboolean
snapshot_exists(const struct snapshot *snapshot)
{
    return snapshot->frame < 0 || (snapshot->frame > 0 && snapshot->frame <= snapshot->count);
}
