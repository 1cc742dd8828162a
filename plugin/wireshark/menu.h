/* The menu entries for the selected frame: Analyze > TCP State, and Conversation Filter > TCP State.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MENU_H
#define TCPSTATE_MENU_H

/* Call it while protocols are registered. */
void menu_register(int proto);

#endif /* TCPSTATE_MENU_H */
