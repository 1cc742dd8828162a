/* What Wireshark's menus offer for the selected frame: Analyze > TCP State, and Conversation Filter > TCP State.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MENU_H
#define TCPSTATE_MENU_H

#include "compat.h"

/* To be called with the protocols' registration. */
void menu_register(int proto);

#endif /* TCPSTATE_MENU_H */
