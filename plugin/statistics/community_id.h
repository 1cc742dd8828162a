/* Community ID 1.0: a short name of a flow that other tools give it, too (https://github.com/corelight/community-id-spec).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_COMMUNITY_ID_H
#define TCPSTATE_COMMUNITY_ID_H

#include "../wireshark/capture/flow.h"

enum { COMMUNITY_ID_SIZE = 31 }; /* "1:", 20 bytes in base64, and the terminator */

/* Writes it to `to`, which has that size, and returns it. NULL if the addresses are neither of IPv4 nor of IPv6. With the default seed, 0.
 */
const char *community_id(const struct flow *flow, char *to);

#endif /* TCPSTATE_COMMUNITY_ID_H */
