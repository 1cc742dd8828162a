/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "moment.h"

#include "clock.h"
#include "command.h"
#include "header.h"
#include "options.h"

void
moment_init(struct moment *moment)
{
    *moment = (struct moment){.at = -1, .frame = -1};
}

gboolean
moment_option(const char *name, struct moment *moment, const char **argument)
{
    if (!option_seconds(name, argument, "at", &moment->at) && !option_number(name, argument, "frame", &moment->frame))
        return FALSE;
    if (moment->at >= 0 && moment->frame >= 0)
        option_error(name, "at and frame: only one of the two can be asked for");
    return TRUE;
}

/* Time may run backwards: what comes after a later frame is later. */
gboolean
moment_covers(const struct moment *moment, guint32 frame, gint64 time)
{
    if (moment->frame >= 0)
        return (gint64)frame <= moment->frame;
    return moment->at < 0 || (!moment->passed && time - clock_begin() <= moment->at);
}

static tap_packet_status
pass(void *data, packet_info *pinfo, epan_dissect_t *edt _U_, const void *told _U_ TAP_FLAGS_ARGUMENT)
{
    struct moment *moment = (struct moment *)data;
    gint64 time = header_time(&pinfo->abs_ts);

    clock_start(pinfo);
    moment->count = pinfo->num;
    moment->passed = !moment_covers(moment, pinfo->num, time);
    if (moment->passed)
        return TAP_PACKET_DONT_REDRAW;
    moment->latest = moment->last == 0 ? time : MAX(moment->latest, time);
    moment->last = pinfo->num;
    return TAP_PACKET_DONT_REDRAW;
}

static void
reset(void *data)
{
    struct moment *moment = (struct moment *)data;

    moment->last = moment->count = 0;
    moment->passed = FALSE;
}

void
moment_listen(const char *name, struct moment *moment)
{
    listen_to(name, "frame", moment, NULL, reset, pass, NULL, NULL);
}

gint64
moment_time(const struct moment *moment)
{
    if (moment->at >= 0)
        return clock_begin() + moment->at;
    return moment->last > 0 ? moment->latest : clock_begin();
}

gboolean
moment_exists(const struct moment *moment)
{
    return moment->frame < 0 || (moment->frame > 0 && moment->frame <= moment->count);
}
