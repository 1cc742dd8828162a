/* Calls the functions of Wireshark's plugin_if.h where the program has them. No other file uses that header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window.h"

#ifdef PLUGIN_IF_HEADER

#include <epan/epan_dissect.h>
#include <epan/funnel.h>
#include PLUGIN_IF_HEADER

/* From 4.7 on these functions are in the library libuiqt_plugin. Wireshark is linked with it. tshark is not, and may be installed without
 * it. A plugin that is linked with a missing library cannot be loaded. So the plugin is not linked with it, and the references are weak: in
 * tshark the functions are NULL. */
#pragma weak ext_menubar_add_entry
#pragma weak ext_menubar_add_separator
#pragma weak ext_menubar_register_menu
#pragma weak ext_menubar_set_parentmenu
#pragma weak plugin_if_apply_filter
#pragma weak plugin_if_get_capture_file
#pragma weak plugin_if_goto_frame

gboolean
window_is_possible(void)
{
    return plugin_if_get_capture_file != NULL;
}

void *
window_add_menu(int proto, const char *name, const char *parent)
{
    return ext_menubar_set_parentmenu(ext_menubar_register_menu(proto, name, TRUE), parent);
}

struct entry {
    void (*chosen)(const void *data);
    const void *data;
};

static void
choose(ext_menubar_gui_type gui _U_, gpointer object _U_, gpointer data)
{
    const struct entry *entry = (const struct entry *)data;

    entry->chosen(entry->data);
}

void
window_add_entry(void *menu, const char *label, const char *tooltip, void (*chosen)(const void *data), const void *data)
{
    struct entry *entry;

    if (label == NULL) {
        ext_menubar_add_separator((ext_menu_t *)menu);
        return;
    }
    entry = g_new(struct entry, 1);
    *entry = (struct entry){.chosen = chosen, .data = data};
    ext_menubar_add_entry((ext_menu_t *)menu, label, tooltip, choose, entry);
}

void
window_filter(const char *filter)
{
    plugin_if_apply_filter(filter, TRUE);
}

void
window_go_to(guint32 frame)
{
    plugin_if_goto_frame(frame);
}

static void *
selected_in(capture_file *file, void *unused _U_)
{
    return file->current_frame != NULL && file->edt != NULL ? &file->edt->pi : NULL;
}

packet_info *
window_selected(void)
{
    return (packet_info *)plugin_if_get_capture_file(selected_in, NULL);
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

gboolean
window_retap(void)
{
    const funnel_ops_t *operations = funnel_get_funnel_ops();

    if (plugin_if_get_capture_file(is_busy, NULL) != NULL)
        return FALSE;
    operations->retap_packets(operations->ops_id);
    return plugin_if_get_capture_file(was_stopped, NULL) == NULL;
}

#else /* Wireshark was installed without its window. */

gboolean
window_is_possible(void)
{
    return FALSE;
}

void *
window_add_menu(int proto _U_, const char *name _U_, const char *parent _U_)
{
    return NULL;
}

void
window_add_entry(void *menu _U_, const char *label _U_, const char *tooltip _U_, void (*chosen)(const void *data) _U_, const void *data _U_)
{
}

void
window_filter(const char *filter _U_)
{
}

void
window_go_to(guint32 frame _U_)
{
}

packet_info *
window_selected(void)
{
    return NULL;
}

gboolean
window_retap(void)
{
    return FALSE;
}

#endif
