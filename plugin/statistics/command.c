/* Runs a -z statistic. In tshark, its tap listeners print at the end of the capture. In Wireshark, it runs the tap listeners over the
 * capture again and shows the text in a window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "command.h"

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

void
listen_to(const char *name, const char *tap, void *listener, const char *filter, tap_reset_cb reset, tap_packet_cb packet, tap_draw_cb draw,
          tap_finish_cb release)
{
    const struct window_listener one = {.listener = listener, .draw = draw};
    GString *error = register_tap_listener(tap, listener, filter, TL_REQUIRES_NOTHING, reset, packet,
                                           window_listeners == NULL ? draw : NULL, release);

    if (error != NULL)
        option_error(name, "%s", error->str);
    if (window_listeners != NULL)
        g_array_append_val(window_listeners, one);
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
    char *text;

    if (window_listeners != NULL)
        return; /* the user asked again while the first command still reads the capture */
    window_listeners = g_array_new(FALSE, FALSE, sizeof(struct window_listener));
    command->listen(options);
    text = collect_output();
    for (guint i = window_listeners->len; i > 0; i--)
        remove_tap_listener(g_array_index(window_listeners, struct window_listener, i - 1).listener);
    g_array_free(window_listeners, TRUE);
    window_listeners = NULL;
    if (text == NULL)
        report_failure("The capture was not read to its end: ask again when it is.");
    else if (*text != '\0')
        show_text(command, options, text);
    g_free(text);
}

static tap_started
run(const char *argument, void *data)
{
    const struct command *command = (const struct command *)data;
    const char *options = argument + strlen(command->ui.cli_string);

    if (is_in_window())
        run_in_window(command, options);
    else
        command->listen(options);
    return TAP_STARTED;
}

void
command_register(const char *name, void (*listen)(const char *options))
{
    struct command *command = g_new0(struct command, 1);

    command->ui = (stat_tap_ui){REGISTER_STAT_GROUP_GENERIC, NULL, name, run, 0, NULL};
    command->listen = listen;
    register_stat_tap_ui(&command->ui, command);
}

void
command_run(const char *command)
{
    if (process_stat_cmd_arg(command))
        start_requested_stats();
}
