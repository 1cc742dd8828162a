/* Where statistics print: standard output, or a text that a window shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OUTPUT_H
#define TCPSTATE_OUTPUT_H

#include <glib.h>

void output_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_write(const char *text, gsize length);

/* What is printed from here to output_take() is a text, which the caller then owns. */
void output_collect(void);
char *output_take(void);

#endif /* TCPSTATE_OUTPUT_H */
