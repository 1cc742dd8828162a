/* The only functions that change the state of an end because of an event.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MODEL_STATE_H
#define TCPSTATE_MODEL_STATE_H

#include "reading.h"

/* Sets state and basis, and adds the change to the outcome where the state differs. */
void set_state(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_state to, enum tcpstate_basis basis);

/* Applies an event by the transition table. Returns false, and changes nothing, where the table keeps the state. */
bool apply_event(struct reading *r, struct tcpstate_peer *peer, enum tcpstate_event event, enum tcpstate_basis basis);

#endif /* TCPSTATE_MODEL_STATE_H */
