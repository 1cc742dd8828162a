/* What Wireshark's statistics and tshark's -z tell of states. They listen to the tap, and read the records.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_STATISTICS_H
#define TCPSTATE_STATISTICS_H

#include "compat.h"

#include <epan/prefs.h>

/* Each to be called once, with the protocols' registration. */
void tree_register(void);
void connections_register(void);
void connections_window_register(void);
void diagram_register(void);
void flow_graph_register(int proto);
void netstat_register(void);
void timeline_register(void);

/* The preferences of statistics. */
void netstat_register_preferences(module_t *module);

#endif /* TCPSTATE_STATISTICS_H */
