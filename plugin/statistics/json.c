/* Writes JSON with Wireshark's json_dumper.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "json.h"

#include <stdio.h>

#include <tcpstate/decimal.h>

void
json_begin(json_dumper *dumper)
{
    *dumper = (json_dumper){.output_file = stdout};
    json_dumper_begin_object(dumper);
}

void
json_end(json_dumper *dumper)
{
    json_dumper_end_object(dumper);
    json_dumper_finish(dumper);
}

void
json_string(json_dumper *dumper, const char *member, const char *value)
{
    json_dumper_set_member_name(dumper, member);
    json_dumper_value_string(dumper, value);
}

void
json_number(json_dumper *dumper, const char *member, gint64 value)
{
    json_dumper_set_member_name(dumper, member);
    json_dumper_value_anyf(dumper, "%" G_GINT64_FORMAT, value);
}

void
json_count(json_dumper *dumper, const char *member, gint64 value)
{
    if (value < 0)
        json_null(dumper, member);
    else
        json_number(dumper, member, value);
}

void
json_flag(json_dumper *dumper, const char *member, gboolean value)
{
    json_dumper_set_member_name(dumper, member);
    json_dumper_value_anyf(dumper, value ? "true" : "false");
}

void
json_time(json_dumper *dumper, const char *member, gint64 nanoseconds)
{
    json_dumper_set_member_name(dumper, member);
    json_dumper_value_anyf(dumper, "%s", tcpstate_decimal(nanoseconds, TCPSTATE_SECOND, 9).text);
}

void
json_streams(json_dumper *dumper, const char *member, const struct flow_connection *conn)
{
    guint32 stream;

    json_begin_array(dumper, member);
    for (guint i = 0; conversation_stream(conn, i, &stream); i++)
        json_dumper_value_anyf(dumper, "%u", stream);
    json_dumper_end_array(dumper);
}

void
json_null(json_dumper *dumper, const char *member)
{
    json_string(dumper, member, NULL);
}

void
json_begin_array(json_dumper *dumper, const char *member)
{
    json_dumper_set_member_name(dumper, member);
    json_dumper_begin_array(dumper);
}
