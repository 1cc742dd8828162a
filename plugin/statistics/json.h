/* Rows as flat JSON objects, one a line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_JSON_H
#define TCPSTATE_JSON_H

#include "compat.h"

#include <wsutil/json_dumper.h>

/* Begins an object on standard output. */
void json_begin(json_dumper *dumper);
void json_end(json_dumper *dumper);

/* NULL is null. */
void json_string(json_dumper *dumper, const char *member, const char *value);

void json_number(json_dumper *dumper, const char *member, gint64 value);

/* Below 0 is null. */
void json_count(json_dumper *dumper, const char *member, gint64 value);

/* Nanoseconds in, seconds to the nanosecond out. */
void json_time(json_dumper *dumper, const char *member, gint64 nanoseconds);
void json_null(json_dumper *dumper, const char *member);

/* Ended by json_dumper_end_array(). */
void json_begin_array(json_dumper *dumper, const char *member);

#endif /* TCPSTATE_JSON_H */
