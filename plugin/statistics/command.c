/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <string.h>

#include <epan/funnel.h>
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <wsutil/report_message.h>

#include "options.h"
#include "output.h"

struct command {
    stat_tap_ui ui;
    void (*listen)(const char *options);
};

struct listening {
    void *listener;
    tap_draw_cb draw;
};

static GArray *listening; /* of the command that runs in the window, in the order of their registration; NULL where none does */

void
listen_to(const char *name, const char *tap, void *listener, const char *filter, tap_reset_cb reset, tap_packet_cb packet, tap_draw_cb draw,
          tap_finish_cb release)
{
    const struct listening one = {.listener = listener, .draw = draw};
    GString *error = register_tap_listener(tap, listener, filter, TL_REQUIRES_NOTHING, reset, packet, listening == NULL ? draw : NULL,
                                           release);

    if (error != NULL)
        option_error(name, "%s", error->str);
    if (listening != NULL)
        g_array_append_val(listening, one);
}

/* tshark has no operations, or but a few. */
static gboolean
is_in_window(void)
{
    const funnel_ops_t *operations = funnel_get_funnel_ops();

    return operations != NULL && operations->retap_packets != NULL;
}

static void *
is_busy(capture_file *file, void *unused _U_)
{
    return file->read_lock ? file : NULL;
}

static void *
was_stopped(capture_file *file, void *unused _U_)
{
    return file->stop_flag ? file : NULL;
}

static api_bool
copy(funnel_text_window_t *text_window _U_, void *text)
{
    GString *copied = g_string_new((const char *)text);

    funnel_get_funnel_ops()->copy_to_clipboard(copied);
    g_string_free(copied, TRUE);
    return TRUE;
}

static void
add_copy_button(funnel_text_window_t *text_window, const char *text)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    button->func = copy;
    button->data = g_strdup(text);
    button->free_data_fcn = g_free;
    button->free_fcn = g_free;
    funnel_get_funnel_ops()->add_button(text_window, button, "Copy");
}

/* More than a window of text can hold at a reasonable speed. */
#define SHOWN_LINES 10000

/* Cuts a text after so many lines, and returns how many more there were. */
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

/* Lines are not wrapped, and columns stay columns. */
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
    add_copy_button(text_window, text);
    g_free(html);
    g_free(rest);
    g_free(title);
}

/* What the listeners print, owned by the caller; NULL where Wireshark or the user did not let them hear everything. */
static char *
hear(void)
{
    const funnel_ops_t *operations = funnel_get_funnel_ops();

    if (plugin_if_get_capture_file(is_busy, NULL) != NULL)
        return NULL;
    operations->retap_packets(operations->ops_id);
    if (plugin_if_get_capture_file(was_stopped, NULL) != NULL)
        return NULL;
    output_collect();
    for (guint i = 0; i < listening->len; i++)
        if (g_array_index(listening, struct listening, i).draw != NULL)
            g_array_index(listening, struct listening, i).draw(g_array_index(listening, struct listening, i).listener);
    return output_take();
}

static void
run_in_window(const struct command *command, const char *options)
{
    char *text;

    if (listening != NULL)
        return; /* asked for again while Wireshark reads the capture for the first */
    listening = g_array_new(FALSE, FALSE, sizeof(struct listening));
    command->listen(options);
    text = hear();
    for (guint i = listening->len; i > 0; i--)
        remove_tap_listener(g_array_index(listening, struct listening, i - 1).listener);
    g_array_free(listening, TRUE);
    listening = NULL;
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
