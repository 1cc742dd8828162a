/* The sentences of a report, and the display filter of a group.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_REPORT_TEXT_H
#define TCPSTATE_REPORT_TEXT_H

#include "troubles.h"

/* Replaces the words in braces of a text of verdict.h. The caller frees the result. */
char *report_text(const struct trouble *trouble, const char *text);

/* A display filter that shows exactly the connections of the group: all of their frames, or if that would be too long, the last frame of
 * each; the verdict stands there, so tshark needs -2. The caller frees it. */
char *report_filter(const struct trouble *trouble);

/* "31 s", "0.25 s": nanoseconds in words. The caller frees it. */
char *report_time(gint64 nanoseconds);

#endif /* TCPSTATE_REPORT_TEXT_H */
