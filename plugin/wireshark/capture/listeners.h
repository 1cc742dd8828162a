/* Who uses the plugin's results: tap listeners, and the column of expert information. Results that no one uses are not made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_LISTENERS_H
#define TCPSTATE_LISTENERS_H

#include "../api/compat.h"

/* Call the first once, at registration, and the second at the start of each capture. */
void listeners_register(void);
void listeners_begin_capture(void);

/* The tap `tcpstate`, which is for statistics: its number, and whether it has a listener. */
#define TCPSTATE_TAP "tcpstate"
int listeners_tap(void);
gboolean listeners_on_tap(void);

/* Whether a tap listener or a column uses the expert information of a frame that is dissected without a tree. */
gboolean listeners_want_findings(const packet_info *pinfo);

#endif /* TCPSTATE_AUDIENCE_H */
