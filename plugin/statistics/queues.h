/* The bytes that each end has sent without an ACK, up to a snapshot. Data changes no state, so records do not have them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_QUEUES_H
#define TCPSTATE_QUEUES_H

#include <tcpstate/state.h>

#include "snapshot.h"

struct queues {
    const struct snapshot *snapshot;
    GArray *ends; /* two elements for each connection number */
};

/* Registers the tap listener. Call it once, after the options are read. */
void queues_listen(const char *name, struct queues *queues, const struct snapshot *snapshot);

/* The Send-Q that Linux shows: SND.NXT - SND.UNA in bytes, where SYN and FIN count as one byte each; 0 until a passive open is ESTABLISHED;
 * -1 if the end has sent nothing. In SYN_SENT the end has accepted no ACK yet. Call it after the capture has been read. */
gint64 queues_send_q(const struct queues *queues, guint32 connection, int end, enum tcpstate_state state);

#endif /* TCPSTATE_QUEUES_H */
