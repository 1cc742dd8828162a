/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

static gint64 begin, end;
static gboolean ticked;

void
clock_reset(void)
{
    ticked = FALSE;
    begin = end = 0;
}

void
clock_tick(gint64 time)
{
    if (!ticked)
        begin = time;
    if (!ticked || time > end)
        end = time;
    ticked = TRUE;
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
