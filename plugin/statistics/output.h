/* The output of statistics: standard output, or a text for a window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OUTPUT_H
#define TCPSTATE_OUTPUT_H

#include <glib.h>

void output_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_write(const char *text, gsize length);

/* All output between these two calls is collected. The second returns it, owned by the caller. */
void output_collect(void);
char *output_take(void);

/* Offers a display filter beside the text: in a window, a button applies it. The filters offered since output_collect(); NULL after the
 * last one. */
void output_offer_filter(const char *filter);
const char *output_offered(guint index);

#endif /* TCPSTATE_OUTPUT_H */
