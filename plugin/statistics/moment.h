/* The moment that a statistic is asked for: at=SECONDS since the first frame, frame=NUMBER, or the end of the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MOMENT_H
#define TCPSTATE_MOMENT_H

#include "compat.h"

struct moment {
    gint64 at;           /* nanoseconds since the first frame; -1 where a frame or the end is asked for */
    gint64 frame;        /* -1 where a time or the end is asked for */
    gint64 latest;       /* of the frames up to it, nanoseconds since the epoch */
    guint32 last, count; /* the last frame up to it; the last frame of all */
    gboolean passed;     /* a frame after it was read */
};

/* The end of the capture, until an option says otherwise. */
void moment_init(struct moment *moment);

/* TRUE, and *argument moved past it, where the next word is at= or frame=. */
gboolean moment_option(const char *name, struct moment *moment, const char **argument);

/* Follows the frames of the capture. To be called once, after the options. */
void moment_listen(const char *name, struct moment *moment);

/* Whether a frame, with its time in nanoseconds since the epoch, is not after it. To be asked while the capture is read. */
gboolean moment_covers(const struct moment *moment, guint32 frame, gint64 time);

/* Its time, in nanoseconds since the epoch. When the capture has been read. */
gint64 moment_time(const struct moment *moment);

/* FALSE where the capture has no such frame. When the capture has been read. */
gboolean moment_exists(const struct moment *moment);

#endif /* TCPSTATE_MOMENT_H */
