/* Begins connections, and decides which one a segment belongs to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_IDENTITY_H
#define TCPSTATE_MODEL_IDENTITY_H

#include "reading.h"

/* Begins a connection after r->c. The segment is then read in the new connection. */
void open_connection(struct reading *r, uint8_t client, enum tcpstate_state client_state, enum tcpstate_state server_state);

/* Closes the ends that are still open of a connection that another one has replaced: an end has one connection with the same addresses and
 * ports. */
void abandon_connection(const struct reading *r, struct tcpstate_connection *c);

/* Begins a connection for a SYN with a new number. The new connection is `challenging` where the other end is still open, or was closed by
 * a RST that it may not have received: the other end may answer in the old connection. */
void open_for_syn(struct reading *r);

/* Whether a SYN goes to an end that is closed, as far as is known, because of a RST that not every stack accepts. With such a RST a client
 * in SYN_SENT asks to be let in with its next SYN (RFC 9293 section 3.10.7.3). A stack that did not accept one RST will not accept another.
 */
bool is_let_in(const struct reading *r);

/* Begins a connection for a SYN,ACK whose SYN was not captured, or comes later in the capture. */
void open_for_syn_ack(struct reading *r);

/* Begins a connection that was open before the capture began. The end with the higher port is taken for the client, as servers have the
 * lower ports. */
void open_midway(struct reading *r);

/* The challenging SYN was answered: the new connection is valid, and the old one has ended. */
void keep_new_connection(struct reading *r);

/* Copies the state and numbers of the SYN's receiver from the old connection to the challenging one. */
void copy_old_end(struct tcpstate_peer *peer, const struct tcpstate_peer *old);

/* Whether the end used that sequence number in one of the connections before `c` on the same pair. */
bool is_of_predecessor(const struct tcpstate_connection *c, int end, uint32_t seq);

/* Whether the segment acknowledges exactly a SYN that its receiver had sent before the SYN of r->c, and that was not answered. */
bool acks_earlier_syn(const struct reading *r);

/* Whether the segment's receiver had sent another SYN before that of r->c. */
bool has_earlier_syn(const struct reading *r);

/* Whether the sequence number of `end` is after its SYN in `c`. The capture may have missed data, so the number may be beyond all that was
 * captured, if it is nearer to the SYN than to old_number: the last number of the end in the connection before. */
bool is_after_syn(const struct tcpstate_connection *c, int end, uint32_t number, uint32_t old_number, bool old_known);

/* Whether the segment belongs to a connection whose SYN was not captured: a RST has closed the sender, and the numbers are far from the old
 * ones. */
bool is_of_unseen_connection(const struct reading *r);

#endif /* TCPSTATE_MODEL_IDENTITY_H */
