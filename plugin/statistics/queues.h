/* What each end has sent and nobody has acknowledged, up to a moment: the records do not say, for data changes no state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_QUEUES_H
#define TCPSTATE_QUEUES_H

#include <tcpstate/state.h>

#include "moment.h"

struct queues {
    const struct moment *moment;
    GArray *ends; /* by connection number, two each */
};

/* Follows the segments of the capture up to that moment. To be called once, after the options. */
void queues_listen(const char *name, struct queues *queues, const struct moment *moment);

/* What Linux shows as Send-Q: SND.NXT - SND.UNA with SYN and FIN, but nothing before a passive end is open; -1 of an end that has sent
 * nothing. An end in SYN_SENT has taken no ACK yet. When the capture has been read. */
gint64 queues_send_q(const struct queues *queues, guint32 connection, int end, enum tcpstate_state state);

#endif /* TCPSTATE_QUEUES_H */
