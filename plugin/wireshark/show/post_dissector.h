/* The post-dissector: when a frame has been dissected, it shows what the shim and the engine have read in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_POST_DISSECTOR_H
#define TCPSTATE_POST_DISSECTOR_H

/* Call it once, with our protocol. */
void post_dissector_register(int proto);

#endif /* TCPSTATE_POST_DISSECTOR_H */
