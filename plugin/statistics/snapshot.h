/* The point of the capture whose states a statistic prints: at=SECONDS after the first frame, frame=NUMBER, or the end of the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SNAPSHOT_H
#define TCPSTATE_SNAPSHOT_H

#include "../wireshark/api/compat.h"

struct snapshot {
    gint64 at;           /* nanoseconds since the first frame; -1 if the option is not given */
    gint64 frame;        /* frame number; -1 if the option is not given */
    gint64 latest;       /* latest time of the frames in the snapshot, nanoseconds since the epoch */
    guint32 last, count; /* number of the last frame in the snapshot; of the last frame in the capture */
    gboolean passed;     /* a frame after the snapshot was read */
};

/* Sets the snapshot to the end of the capture. */
void snapshot_init(struct snapshot *snapshot);

/* If the next word is at= or frame=, reads it, moves *argument behind it and returns TRUE. */
gboolean snapshot_option(const char *name, struct snapshot *snapshot, const char **argument);

/* Registers the tap listener. Call it once, after the options are read. */
void snapshot_listen(const char *name, struct snapshot *snapshot);

/* Whether a frame belongs to the snapshot. `time` is its time, nanoseconds since the epoch. Call it while the capture is read. */
gboolean snapshot_covers(const struct snapshot *snapshot, guint32 frame, gint64 time);

/* The time of the snapshot, nanoseconds since the epoch. Call it after the capture has been read. */
gint64 snapshot_time(const struct snapshot *snapshot);

/* FALSE if the capture has no frame with that number. Call it after the capture has been read. */
gboolean snapshot_exists(const struct snapshot *snapshot);

#endif /* TCPSTATE_MOMENT_H */
