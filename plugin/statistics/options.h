/* The argument of -z tcpstate,NAME[,option...][,filter]: words are options until the first that is none; the rest is the filter. An error
 * is told in one sentence, and ends the program with status 1, as with tshark's own statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_OPTIONS_H
#define TCPSTATE_OPTIONS_H

#include "compat.h"

/* TRUE, *flag set, and *at moved past it, where the next word is that. */
gboolean option_flag(const char **at, const char *word, gboolean *flag);

/* The value of "word=value" (of static storage until the next call), and *at moved past it; NULL where the next word is no such. */
const char *option_value(const char **at, const char *word);

/* The same with a whole number from 0. */
gboolean option_number(const char *name, const char **at, const char *word, gint64 *number);

/* The same with a time, "2" or "0.25": seconds in, nanoseconds out. */
gboolean option_seconds(const char *name, const char **at, const char *word, gint64 *nanoseconds);

/* That the capture has no connection or frame of that number: no error. */
void tell_none(const char *name, const char *what, gint64 number);

void option_error(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;

#endif /* TCPSTATE_OPTIONS_H */
