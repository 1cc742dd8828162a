/* The argument of -z tcpstate,NAME[,option...][,filter]. The first word that is no option begins the filter. The first error is kept until
 * the command asks for it: tshark then ends with status 1, as its own statistics do, and Wireshark shows it.
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

/* Tells what options a statistic has, for the error below. Both strings must stay valid. */
void options_describe(const char *name, const char *options);

/* An error if the next word is an option that the statistic does not have: of the form word=value, or that of another statistic. */
void option_check(const char *name, const char *at);

void option_error(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Whether there was an error. The second returns it, and forgets it; NULL for none. The caller frees it. */
gboolean option_failed(void);
char *option_take_error(void);

#endif /* TCPSTATE_OPTIONS_H */
