/* Shims: dissectors that run before a dissector of Wireshark and then call it. The shim of TCP sees each TCP header that TCP sees, also in
 * tunnels. Those of ICMP mark headers that are only quoted, and those of tunnels give the network of a header.
 *
 * The engine reads a header in the shim and not in the post-dissector, because Wireshark calls no post-dissector after an exception in an
 * earlier one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_SHIM_H
#define TCPSTATE_SHIM_H

/* Call the first from the handoff routine, and the second at the start of each capture. Only the second puts the shims into the dissector
 * tables: until a capture is read, Wireshark lists its dissectors as without the plugin. If the user has disabled protocol `proto`, the
 * shims do nothing. */
void shim_handoff(int proto);
void shim_begin_capture(void);

#endif /* TCPSTATE_SHIM_H */
