/* The statistics of Wireshark's menu and of tshark's -z. They listen to the tap `tcpstate`, and read the records.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_STATISTICS_H
#define TCPSTATE_STATISTICS_H

#include "../wireshark/api/compat.h"

#include <epan/prefs.h>

/* Call each once, while protocols are registered. */
void tree_register(void);
void connections_register(void);
void connections_window_register(void);
void diagram_register(void);
void flow_graph_register(int proto);
void netstat_register(void);
void points_register(void);
void report_register(void);
void timeline_register(void);

void netstat_register_preferences(module_t *module);

#endif /* TCPSTATE_STATISTICS_H */
