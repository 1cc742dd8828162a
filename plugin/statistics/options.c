/* Parses the options after the name of a -z statistic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wsutil/report_message.h>

gboolean
option_flag(const char **at, const char *word, gboolean *flag)
{
    size_t length = strlen(word);

    if (**at != ',' || strncmp(*at + 1, word, length) != 0 || ((*at)[1 + length] != ',' && (*at)[1 + length] != '\0'))
        return FALSE;
    *at += 1 + length;
    return *flag = TRUE;
}

const char *
option_value(const char **at, const char *word)
{
    static char value[64];
    size_t length = strlen(word), size;
    const char *from;

    if (**at != ',' || strncmp(*at + 1, word, length) != 0 || (*at)[1 + length] != '=' || (*at)[2 + length] == '=')
        return NULL;
    from = *at + 2 + length;
    size = strcspn(from, ",");
    g_strlcpy(value, from, MIN(size + 1, sizeof value));
    *at = from + size;
    return value;
}

gboolean
option_number(const char *name, const char **at, const char *word, gint64 *number)
{
    const char *value = option_value(at, word);
    char *end = NULL;

    if (value == NULL)
        return FALSE;
    *number = g_ascii_strtoll(value, &end, 10);
    if (*value == '\0' || *end != '\0' || *number < 0)
        option_error(name, "%s=%s: not a number", word, value);
    return TRUE;
}

gboolean
option_seconds(const char *name, const char **at, const char *word, gint64 *nanoseconds)
{
    const char *value = option_value(at, word);
    double seconds;

    if (value == NULL)
        return FALSE;
    seconds = g_ascii_strtod(value, NULL);
    if (strspn(value, "0123456789.") != strlen(value) || strpbrk(value, "0123456789") == NULL || strchr(value, '.') != strrchr(value, '.'))
        option_error(name, "%s=%s: not a number of seconds", word, value);
    *nanoseconds = (gint64)(MIN(seconds, 4e9) * 1e9 + 0.5);
    return TRUE;
}

void
report_missing(const char *name, const char *what, gint64 number)
{
    report_failure("%s: no %s %" G_GINT64_FORMAT, name, what, number);
}

void
option_error(const char *name, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "%s: %s: ", g_get_prgname() != NULL ? g_get_prgname() : "tshark", name);
    (void)vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}
