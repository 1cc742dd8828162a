/* Asks Wireshark whether a tap has a listener, and whether the packet list has a column of expert information.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "listeners.h"

#include <epan/column-info.h>
#include <epan/tap.h>

static int tap = -1, expert_tap;

void
listeners_register(void)
{
    tap = register_tap(TCPSTATE_TAP);
}

void
listeners_begin_capture(void)
{
    expert_tap = find_tap_id("expert"); /* Wireshark registers this tap after all protocols */
}

int
listeners_tap(void)
{
    return tap;
}

gboolean
listeners_on_tap(void)
{
    return have_tap_listener(tap);
}

gboolean
listeners_want_findings(const packet_info *pinfo)
{
    return have_tap_listener(expert_tap) || (pinfo->cinfo != NULL && pinfo->cinfo->col_first[COL_EXPERT] >= 0);
}
