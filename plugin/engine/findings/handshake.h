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

/* Data from an end in SYN_SENT. The caller sets what is wrong with it. Never NULL. */
struct tcpstate_finding *report_early_data(struct reading *r, const struct tcpstate_peer *self, uint32_t bytes);

/* The present SYN,ACK shows that the peer's data or FIN before it had a wrong ACK. */
void report_wrong_early_ack(struct reading *r);

/* The SYN,ACK of `server` answers no SYN in the capture. `detail`: what became of it. */
void report_unasked_syn_ack(struct reading *r, const struct tcpstate_peer *server, enum tcpstate_detail detail);

/* A SYN that has no answer. Reported where another SYN between the same addresses had a newer timestamp, and was answered. */
void report_older_timestamp(struct reading *r);

/* A SYN,ACK that does not acknowledge the SYN. Its receiver stays in SYN_SENT, unless the capture has missed the SYN that it answers; so
 * this is a doubt. */
void doubt_syn_ack(struct reading *r);

/* A SYN,ACK from the end that sent the SYN. It is correct only as the answer to a SYN of the peer (simultaneous open), which the capture
 * may have missed, and then has the number of its sender's own SYN. */
void report_wrong_direction(struct reading *r);

/* The segment has the sequence number of the third one of a handshake, but acknowledges no SYN,ACK. Where it may acknowledge data that the
 * capture missed, this is a doubt. */
void report_bad_handshake_ack(struct reading *r);

/* After a simultaneous open, the server sends an ACK without having sent a SYN,ACK. */
void report_split_handshake(struct reading *r);

#endif /* TCPSTATE_FINDINGS_HANDSHAKE_H */
