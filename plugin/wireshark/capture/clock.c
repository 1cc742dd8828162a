/* Keeps the first and the latest timestamp.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock.h"

#include "header.h"

static gint64 begin, end;
static gboolean started;

void
clock_reset(void)
{
    started = FALSE;
    begin = end = 0;
}

/* Runs once a capture. Not inlined, so that clock_start(), which runs for each segment, stays short. */
static G_GNUC_NO_INLINE void
start(const packet_info *pinfo)
{
    nstime_t first;

    nstime_delta(&first, &pinfo->abs_ts, &pinfo->rel_ts);
    begin = header_time(&first);
    started = TRUE;
}

void
clock_start(const packet_info *pinfo)
{
    if (!started)
        start(pinfo);
}

void
clock_tick(gint64 time)
{
    if (time > end)
        end = time;
}

gint64
clock_begin(void)
{
    return begin;
}

gint64
clock_end(void)
{
    return end;
}
