/* What a plugin can do with Wireshark's window: add a menu, set the display filter, select and read frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_WINDOW_H
#define TCPSTATE_WINDOW_H

#include "compat.h"

/* FALSE if the program lacks the functions for a window, as tshark does from 4.7 on. Then call nothing below. TRUE does not mean that there
 * is a window. */
gboolean window_is_possible(void);

/* Adds a menu `name` to the menu `parent` of the menu bar. Call it while protocols are registered. */
void *window_add_menu(int proto, const char *name, const char *parent);

/* Adds a menu entry; if the label is NULL, a separator. `chosen` is called with `data` when the user selects the entry. The strings and the
 * data must stay valid. */
void window_add_entry(void *menu, const char *label, const char *tooltip, void (*chosen)(const void *data), const void *data);

void window_filter(const char *filter);

void window_go_to(guint32 frame);

/* The selected frame, or NULL. It is valid as long as its dissection. */
packet_info *window_selected(void);

/* Runs the tap listeners over the whole capture again. FALSE if Wireshark was already reading the capture, or if the user stopped it. */
gboolean window_retap(void);

#endif /* TCPSTATE_WINDOW_H */
