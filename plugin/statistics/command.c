/* Runs a -z statistic. In tshark, its tap listeners print at the end of the capture. In Wireshark, it runs the tap listeners over the
 * capture again and shows the text in a window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <epan/funnel.h>
#include <epan/stat_tap_ui.h>
#include <wsutil/report_message.h>

#include "../wireshark/api/window.h"
#include "options.h"
#include "output.h"

struct command {
    stat_tap_ui ui;
    void (*listen)(const char *options);
};

struct window_listener {
    void *listener;
    tap_draw_cb draw;
};

static GArray *window_listeners; /* listeners of the command that runs in the window, in order of registration; NULL if none runs */

/* What tshark prints of several statistics in one run is told apart by their arguments. Not of JSON, which says itself what it is. */
struct printer {
    tap_draw_cb draw;
    char *title; /* NULL for none */
};

static GHashTable *printers; /* listener -> struct printer; they live as long as the program */
static guint printer_count;
static char *title_to_print; /* of the command that is listening */

static void
print_with_title(void *listener)
{
    const struct printer *printer = (const struct printer *)g_hash_table_lookup(printers, listener);

    if (printer_count > 1 && printer->title != NULL)
        output_print("== %s ==\n", printer->title);
    printer->draw(listener);
}

static void
add_printer(void *listener, tap_draw_cb draw)
{
    struct printer *printer = g_new(struct printer, 1);

    if (printers == NULL)
        printers = g_hash_table_new(g_direct_hash, g_direct_equal);
    *printer = (struct printer){.draw = draw, .title = g_strdup(title_to_print)};
    g_hash_table_insert(printers, listener, printer);
    printer_count++;
}

gboolean
listen_to(const char *name, const char *tap, void *listener, const char *filter, tap_reset_cb reset, tap_packet_cb packet, tap_draw_cb draw,
          tap_finish_cb release)
{
    const struct window_listener one = {.listener = listener, .draw = draw};
    gboolean prints = window_listeners == NULL && draw != NULL;
    GString *error = register_tap_listener(tap, listener, filter, TL_REQUIRES_NOTHING, reset, packet, prints ? print_with_title : NULL,
                                           release);

    if (error != NULL) {
        option_error(name, "%s", error->str);
        g_string_free(error, TRUE);
        return FALSE;
    }
    if (prints)
        add_printer(listener, draw);
    if (window_listeners != NULL)
        g_array_append_val(window_listeners, one);
    return TRUE;
}

/* tshark has no funnel operations, or only a few. */
static gboolean
is_in_window(void)
{
    const funnel_ops_t *operations = funnel_get_funnel_ops();

    return window_is_possible() && operations != NULL && operations->retap_packets != NULL;
}

static api_bool
copy(funnel_text_window_t *text_window _U_, void *text)
{
    GString *copied = g_string_new((const char *)text);

    funnel_get_funnel_ops()->copy_to_clipboard(copied);
    g_string_free(copied, TRUE);
    return TRUE;
}

static api_bool
apply_filter(funnel_text_window_t *text_window _U_, void *filter)
{
    window_filter((const char *)filter);
    return TRUE;
}

static void
add_button(funnel_text_window_t *text_window, const char *label, funnel_bt_cb_t pressed, const char *text)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    button->func = pressed;
    button->data = g_strdup(text);
    button->free_data_fcn = g_free;
    button->free_fcn = g_free;
    funnel_get_funnel_ops()->add_button(text_window, button, label);
}

/* More would make the window too wide. */
enum { FILTER_BUTTONS = 5 };

static void
add_buttons(funnel_text_window_t *text_window, const char *text)
{
    const char *filter;

    add_button(text_window, "Copy", copy, text);
    for (guint i = 0; i < FILTER_BUTTONS && (filter = output_offered(i)) != NULL; i++) {
        char *label = g_strdup_printf("Filter %u", i + 1);

        add_button(text_window, label, apply_filter, filter);
        g_free(label);
    }
}

/* Above this, Wireshark's text window becomes too slow to use. */
#define SHOWN_LINES 10000

/* Cuts a text after SHOWN_LINES lines, and returns how many lines were cut off. */
static guint
cut(char *text)
{
    guint lines = 0;
    char *end = NULL;

    for (char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        if (++lines == SHOWN_LINES)
            end = at + 1;
    if (end != NULL)
        *end = '\0';
    return lines > SHOWN_LINES ? lines - SHOWN_LINES : 0;
}

/* Shows the text as HTML without line wrapping, so that its columns stay aligned. */
static void
show_text(const struct command *command, const char *options, char *text)
{
    const funnel_ops_t *operations = funnel_get_funnel_ops();
    char *title = g_strdup_printf("TCP State %s", strchr(command->ui.cli_string, ',') + 1);
    funnel_text_window_t *text_window = open_text_window(operations, title);
    guint more = cut(text);
    char *rest = more > 0 ? g_strdup_printf("... %u more lines: tshark -z %s%s prints them all", more, command->ui.cli_string, options)
                          : NULL;
    char *html = g_markup_printf_escaped("<div style=\"white-space: pre\">%s%s</div>", text, rest != NULL ? rest : "");

    operations->set_text(text_window, html);
    add_buttons(text_window, text);
    g_free(html);
    g_free(rest);
    g_free(title);
}

/* Runs the listeners over the whole capture, and returns what they print, which the caller owns. NULL if they did not get all of it. */
static char *
collect_output(void)
{
    if (!window_retap())
        return NULL;
    output_collect();
    for (guint i = 0; i < window_listeners->len; i++)
        if (g_array_index(window_listeners, struct window_listener, i).draw != NULL)
            g_array_index(window_listeners, struct window_listener, i)
                .draw(g_array_index(window_listeners, struct window_listener, i).listener);
    return output_take();
}

static void
run_in_window(const struct command *command, const char *options)
{
    char *text = NULL, *error;

    if (window_listeners != NULL)
        return; /* the user asked again while the first command still reads the capture */
    window_listeners = g_array_new(FALSE, FALSE, sizeof(struct window_listener));
    command->listen(options);
    error = option_take_error();
    if (error == NULL)
        text = collect_output();
    for (guint i = window_listeners->len; i > 0; i--)
        remove_tap_listener(g_array_index(window_listeners, struct window_listener, i - 1).listener);
    g_array_free(window_listeners, TRUE);
    window_listeners = NULL;
    if (error != NULL)
        report_failure("%s", error);
    else if (text == NULL)
        report_failure("The capture was not read to its end: ask again when it is.");
    else if (*text != '\0')
        show_text(command, options, text);
    g_free(text);
    g_free(error);
}

static gboolean
has_word(const char *options, const char *word)
{
    char **words = g_strsplit(options, ",", -1);
    gboolean found = g_strv_contains((const char *const *)words, word);

    g_strfreev(words);
    return found;
}

/* As tshark does with its own statistics: a wrong argument ends it before it reads the capture. */
static void
listen_in_tshark(const struct command *command, const char *argument, const char *options)
{
    char *error;

    title_to_print = has_word(options, "json") ? NULL : g_strdup(argument);
    command->listen(options);
    g_free(title_to_print);
    title_to_print = NULL;
    error = option_take_error();
    if (error == NULL)
        return;
    fprintf(stderr, "%s: %s\n", g_get_prgname() != NULL ? g_get_prgname() : "tshark", error);
    exit(1);
}

static tap_started
run(const char *argument, void *data)
{
    const struct command *command = (const struct command *)data;
    const char *options = argument + strlen(command->ui.cli_string);

    if (is_in_window())
        run_in_window(command, options);
    else
        listen_in_tshark(command, argument, options);
    return TAP_STARTED;
}

void
command_register(const char *name, const char *options, void (*listen)(const char *options))
{
    struct command *command = g_new0(struct command, 1);

    command->ui = (stat_tap_ui){REGISTER_STAT_GROUP_GENERIC, NULL, name, run, 0, NULL};
    command->listen = listen;
    options_describe(name, options);
    register_stat_tap_ui(&command->ui, command);
}

void
command_run(const char *command)
{
    if (process_stat_cmd_arg(command))
        start_requested_stats();
}
