/* Findings about the opening of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_FINDINGS_HANDSHAKE_H
#define TCPSTATE_FINDINGS_HANDSHAKE_H

#include "../model/reading.h"

/* A copy of the connection's own SYN comes after the SYN was answered. */
void report_late_syn(struct reading *r);

/* A SYN whose number differs from the one in `old`, the same end in the connection before. Reported where the old SYN was not answered, and
 * its sender cannot have given it up yet. */
void report_changed_syn(struct reading *r, const struct tcpstate_peer *old);

/* A SYN,ACK has another number than the SYN,ACK before it. `sender` is the end that uses these numbers: the sender of the SYN,ACK for its
 * sequence number, the other end for its acknowledgment number. */
void report_changed_syn_ack(struct reading *r, enum tcpstate_finding_id id, const struct tcpstate_peer *sender, uint32_t number,
                            uint32_t before);

/* A retransmitted SYN,ACK. Its acknowledgment number may have changed. */
void report_syn_ack_again(struct reading *r);

/* A SYN,ACK that does not acknowledge the SYN. Its receiver stays in SYN_SENT, unless the capture has missed the SYN that it answers; so
 * this is a doubt. */
void doubt_syn_ack(struct reading *r);

/* A SYN,ACK from the end that sent the SYN. It is correct only as the answer to a SYN of the peer (simultaneous open), which the capture
 * may have missed, and then has the number of its sender's own SYN. */
void report_wrong_direction(struct reading *r);

/* The segment has the sequence number of the third one of a handshake, but acknowledges no SYN,ACK, and no data that the capture may have
 * missed. */
void report_bad_handshake_ack(struct reading *r);

/* After a simultaneous open, the server sends an ACK without having sent a SYN,ACK. */
void report_split_handshake(struct reading *r);

#endif /* TCPSTATE_FINDINGS_HANDSHAKE_H */
