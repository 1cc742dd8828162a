/* The argument of -z tcpstate,NAME[,option...][,filter]. The first word that is no option begins the filter. An error is reported in one
 * sentence, and ends the program with status 1, as in tshark's own statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OPTIONS_H
#define TCPSTATE_OPTIONS_H

#include "../wireshark/api/compat.h"

/* If the next word is `word`, sets *flag, moves *at behind the word and returns TRUE. */
gboolean option_flag(const char **at, const char *word, gboolean *flag);

/* If the next word is "word=value", moves *at behind it and returns the value, which is static storage until the next call. Else returns
 * NULL. */
const char *option_value(const char **at, const char *word);

/* The same for a whole number, 0 or more. */
gboolean option_number(const char *name, const char **at, const char *word, gint64 *number);

/* The same for a time in seconds, such as "2" or "0.25". It is returned in nanoseconds. */
gboolean option_seconds(const char *name, const char **at, const char *word, gint64 *nanoseconds);

/* Reports that the capture has no connection or frame with this number. The program goes on. */
void report_missing(const char *name, const char *what, gint64 number);

void option_error(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;

#endif /* TCPSTATE_OPTIONS_H */
