/* Parses the options after the name of a -z statistic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"

#include <stdarg.h>
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
    return !option_failed();
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
    return !option_failed();
}

void
report_missing(const char *name, const char *what, gint64 number)
{
    report_failure("%s: no %s %" G_GINT64_FORMAT, name, what, number);
}

struct description {
    const char *name, *options;
};

static GArray *descriptions; /* struct description */
static char *first_error;

void
options_describe(const char *name, const char *options)
{
    const struct description description = {.name = name, .options = options};

    if (descriptions == NULL)
        descriptions = g_array_new(FALSE, FALSE, sizeof description);
    g_array_append_val(descriptions, description);
}

/* Whether the list "connection=NUMBER, all, json" has this word, without its value. */
static gboolean
has_option(const char *options, const char *word)
{
    char **listed = g_strsplit(options, ", ", -1);
    gboolean found = FALSE;

    for (char **each = listed; *each != NULL && !found; each++)
        found = strcmp(*each, word) == 0;
    g_strfreev(listed);
    return found;
}

/* A lone word is a filter by the name of a protocol or a field, unless another statistic has it as an option. */
static gboolean
is_option_of_another(const char *word)
{
    for (guint i = 0; i < descriptions->len; i++)
        if (has_option(g_array_index(descriptions, struct description, i).options, word))
            return TRUE;
    return FALSE;
}

static const char *
options_of(const char *name)
{
    for (guint i = 0; i < descriptions->len; i++)
        if (strcmp(g_array_index(descriptions, struct description, i).name, name) == 0)
            return g_array_index(descriptions, struct description, i).options;
    return "";
}

void
option_check(const char *name, const char *at)
{
    size_t length = *at == ',' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
    char *word = g_strndup(at + (length > 0), length);
    const char *after = length > 0 ? at + 1 + length : "";
    gboolean has_value = *after == '=' && after[1] != '=', is_alone = length > 0 && (*after == ',' || *after == '\0');

    if (has_value || (is_alone && is_option_of_another(word)))
        option_error(name, "no option %s; there are %s", word, options_of(name));
    g_free(word);
}

void
option_error(const char *name, const char *format, ...)
{
    va_list arguments;
    char *sentence;

    if (first_error != NULL)
        return;
    va_start(arguments, format);
    sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    first_error = g_strdup_printf("%s: %s", name, sentence);
    g_free(sentence);
}

gboolean
option_failed(void)
{
    return first_error != NULL;
}

char *
option_take_error(void)
{
    char *error = first_error;

    first_error = NULL;
    return error;
}
