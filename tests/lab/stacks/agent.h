/* An agent: a process that is one host of the lab, with a TCP of its own. It talks to the lab over stdin and stdout, a line for each
 * command. Every command is answered by `out STATE HEX` for each packet that the host sends because of it, and then by `ok NUMBER` or `err
 * WORDS`. STATE is that of the connection's end as the packet leaves; with a RST, and on netstack, once the command is done: they send just
 * before they change their state.
 *
 *   now MS                               time passes; NUMBER: ms until something is due, -1 for nothing
 *   in HEX                               an IP packet arrives
 *   state LOCAL-PORT REMOTE-PORT         answered by `ok STATE`
 *   listen ID PORT BACKLOG               ID: a number of the lab's choice, from 0, for the socket that this makes
 *   connect ID LOCAL-PORT REMOTE-PORT
 *   accept LISTENER ID                   `err` where no connection waits
 *   send ID COUNT                        NUMBER: how many of the bytes were taken
 *   recv ID                              NUMBER: how many bytes were waiting
 *   shut ID, close ID, abort ID
 *   keepalive ID IDLE-MS INTERVAL-MS COUNT
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_LAB_AGENT_H
#define TCPSTATE_LAB_AGENT_H

#include <stdint.h>
#include <stddef.h>

enum { AGENT_SOCKETS = 64, AGENT_PACKET = 65536 };

/* What a stack does. `a` has the numbers of the command. Functions return NUMBER, or -2 after agent_error(). */
struct agent_stack {
    void (*begin)(const char *address, const char *peer); /* IPv4 addresses */
    long (*now)(const long *a);
    long (*in)(uint8_t *packet, size_t length);
    const char *(*state)(unsigned local_port, unsigned remote_port);
    long (*listen)(const long *a), (*connect)(const long *a), (*accept)(const long *a), (*send)(const long *a), (*recv)(const long *a),
        (*shut)(const long *a), (*close)(const long *a), (*abort)(const long *a), (*keepalive)(const long *a);
};

/* Each agent defines it. */
extern const struct agent_stack agent_stack;

/* Sends a packet: its bytes, IPv4 header first. Others than TCP are dropped. */
void agent_out(const uint8_t *packet, size_t length);

/* Says why the command cannot be done; returns -2. */
long agent_error(const char *words);

#endif /* TCPSTATE_LAB_AGENT_H */
