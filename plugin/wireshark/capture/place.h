/* Where a frame was captured: the interface, and within it the outermost VLAN and the virtual network. Which places are one capture point
 * is for point.h to say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_PLACE_H
#define TCPSTATE_PLACE_H

#include "../api/compat.h"

/* The kinds of virtual networks: the upper 32 bits of their number. */
enum virtual_network { NETWORK_VXLAN = 1, NETWORK_GENEVE, NETWORK_NVGRE };

struct place {
    guint32 section, interface_id; /* of the capture file, from 0 */
    guint32 device;                /* interface index in the link-layer header of the device "any" (LINUX_SLL2), 0 for none */
    guint32 vlan;                  /* identifier of the outermost VLAN, 0 for none */
    guint64 network;               /* kind and number of the virtual network: see enum virtual_network; 0 for none */
    const char *interface_name;    /* NULL for none */
};

/* Further places count as the last one. */
enum { PLACES_MAX = 1024 };

/* Call it at the start of each capture. */
void place_begin_capture(void);

/* The number of the frame's place: from 0, in the order of the capture. `network`: as in struct place. */
guint16 place_of(const packet_info *pinfo, guint64 network);

/* The packet type in the cooked header of the device "any" that does not tell the interface (LINUX_SLL), plus 1; 0 for other frames. */
guint8 place_way(const packet_info *pinfo);

/* Whether the capture has several places, or will have them: its file names a second interface. */
gboolean place_are_several(void);

/* How many places there were so far. */
guint place_count(void);

const struct place *place_at(guint16 number);

/* "eth0", "interface 1, VLAN 10, VXLAN 5000", allocated in `scope`. */
char *place_name(wmem_allocator_t *scope, guint16 number);

#endif /* TCPSTATE_PLACE_H */
