/* A statistic as a command: -z NAME[,option...][,filter]. It listens to taps. When the capture has been read, it prints on standard output
 * in tshark, and in a text window in Wireshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_COMMAND_H
#define TCPSTATE_COMMAND_H

#include "../wireshark/api/compat.h"

#include <epan/tap.h>

/* Registers -z NAME. `options`: those that it has, "connection=NUMBER, all, json". `listen` gets the text after the name, and registers tap
 * listeners with listen_to(). It returns early after an error, see options.h. */
void command_register(const char *name, const char *options, void (*listen)(const char *options));

/* Runs a command such as "tcpstate,timeline,connection=0" on the capture in Wireshark's window. */
void command_run(const char *command);

/* Registers a tap listener. `filter` may be NULL; FALSE if it is wrong, which is an error as of an option. `draw` prints the result,
 * `release` frees the listener at the end; both may be NULL. The listeners of a command are released in reverse order. */
gboolean listen_to(const char *name, const char *tap, void *listener, const char *filter, tap_reset_cb reset, tap_packet_cb packet,
                   tap_draw_cb draw, tap_finish_cb release);

#endif /* TCPSTATE_COMMAND_H */
