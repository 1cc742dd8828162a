/* A statistic as a command: -z NAME[,option...][,filter]. It listens to taps, and prints when the capture has been read: tshark on standard
 * output, Wireshark in a window of text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_COMMAND_H
#define TCPSTATE_COMMAND_H

#include "compat.h"

#include <epan/tap.h>

/* Registers -z NAME. `listen` is given what follows the name, and registers its listeners with listen_to(). */
void command_register(const char *name, void (*listen)(const char *options));

/* Runs it on the capture in Wireshark's window: "tcpstate,timeline,connection=0". */
void command_run(const char *command);

/* Registers a listener of a tap, with a filter or NULL; a wrong filter ends the program, see option_error(). `draw` prints; it and
 * `release`, which is called at the end, may be NULL. The last listener of a command is released first. */
void listen_to(const char *name, const char *tap, void *listener, const char *filter, tap_reset_cb reset, tap_packet_cb packet,
               tap_draw_cb draw, tap_finish_cb release);

#endif /* TCPSTATE_COMMAND_H */
