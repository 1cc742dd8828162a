/* Prints rows as JSON objects, one per line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_JSON_H
#define TCPSTATE_JSON_H

#include "../wireshark/api/compat.h"

#include <wsutil/json_dumper.h>

#include "../wireshark/capture/conversation.h"

/* Begin and end an object on standard output. */
void json_begin(json_dumper *dumper);
void json_end(json_dumper *dumper);

/* A NULL value is written as null. */
void json_string(json_dumper *dumper, const char *member, const char *value);

void json_number(json_dumper *dumper, const char *member, gint64 value);

/* A negative value is written as null. */
void json_count(json_dumper *dumper, const char *member, gint64 value);

void json_flag(json_dumper *dumper, const char *member, gboolean value);

/* Takes nanoseconds; writes seconds with nine decimals. */
void json_time(json_dumper *dumper, const char *member, gint64 nanoseconds);
void json_null(json_dumper *dumper, const char *member);

/* The tcp.stream numbers of a connection, as an array. */
void json_streams(json_dumper *dumper, const char *member, const struct flow_connection *conn);

/* End the array with json_dumper_end_array(). */
void json_begin_array(json_dumper *dumper, const char *member);

#endif /* TCPSTATE_JSON_H */
