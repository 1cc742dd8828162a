/* Prints on standard output, or collects the text for a window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "output.h"

#include <stdarg.h>
#include <stdio.h>

static GString *collected; /* text so far; NULL if the output goes to standard output */
static GPtrArray *offered; /* char, owned; NULL before the first output_collect() */

void
output_print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (collected != NULL)
        g_string_append_vprintf(collected, format, arguments);
    else
        vprintf(format, arguments);
    va_end(arguments);
}

void
output_write(const char *text, gsize length)
{
    if (collected != NULL)
        g_string_append_len(collected, text, (gssize)length);
    else
        (void)fwrite(text, 1, length, stdout);
}

void
output_collect(void)
{
    collected = g_string_new(NULL);
    if (offered == NULL)
        offered = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(offered, 0);
}

char *
output_take(void)
{
    char *text = g_string_free(collected, FALSE);

    collected = NULL;
    return text;
}

void
output_offer_filter(const char *filter)
{
    if (collected != NULL)
        g_ptr_array_add(offered, g_strdup(filter));
}

const char *
output_offered(guint index)
{
    return offered != NULL && index < offered->len ? (const char *)g_ptr_array_index(offered, index) : NULL;
}
