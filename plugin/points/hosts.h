/* Which of two points is nearer to which host, as the connections between the same two addresses have shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_HOSTS_H
#define TCPSTATE_HOSTS_H

#include "../wireshark/capture/flow.h"

/* Forgets all hosts. */
void hosts_reset(void);

/* Between the addresses of `flow`, which is at point `here`: `end`, 0 or 1, is the end that is nearer to `here` than to `there`. */
void hosts_set_near(const struct flow *flow, guint here, guint there, int end);

/* The end that was set; -1 for none. */
int hosts_near(const struct flow *flow, guint here, guint there);

#endif /* TCPSTATE_HOSTS_H */
