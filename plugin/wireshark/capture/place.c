/* Reads the place of a frame from its record, and numbers the places.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "place.h"

#include <string.h>

#include <wiretap/wtap.h>

static struct place places[PLACES_MAX];
static guint count;
static guint16 last; /* the place of the last frame */

void
place_begin_capture(void)
{
    count = 0;
    last = 0;
}

/* The bytes of the frame itself, also where the segment is in a reassembled packet. NULL if they were not captured. */
static tvbuff_t *
frame_of(const packet_info *pinfo, gint bytes)
{
    tvbuff_t *frame = pinfo->data_src != NULL ? get_data_source_tvb((const struct data_source *)pinfo->data_src->data) : NULL;

    return frame != NULL && tvb_bytes_exist(frame, 0, bytes) ? frame : NULL;
}

/* The interface index in a header of LINUX_SLL2 comes after the protocol and two reserved bytes. */
static guint32
device_of(const packet_info *pinfo)
{
    enum { OFFSET = 4 };
    tvbuff_t *frame = frame_of(pinfo, OFFSET + sizeof(guint32));

    return frame != NULL ? tvb_get_ntohl(frame, OFFSET) : 0;
}

static gboolean
has_encapsulation(const packet_info *pinfo, int encapsulation)
{
    return pinfo->rec != NULL && pinfo->rec->rec_header.packet_header.pkt_encap == encapsulation;
}

/* The packet type is in the first two bytes: 0 to 4. */
guint8
place_way(const packet_info *pinfo)
{
    tvbuff_t *frame = has_encapsulation(pinfo, WTAP_ENCAP_SLL) ? frame_of(pinfo, sizeof(guint16)) : NULL;

    return frame != NULL ? (guint8)(tvb_get_ntohs(frame, 0) + 1) : 0;
}

static struct place
read_place(const packet_info *pinfo, guint64 network)
{
    const wtap_rec *rec = pinfo->rec;
    struct place place = {.vlan = pinfo->vlan_id, .network = network};

    if (rec == NULL)
        return place;
    place.section = record_section(rec);
    if (rec->presence_flags & WTAP_HAS_INTERFACE_ID)
        place.interface_id = rec->rec_header.packet_header.interface_id;
    if (has_encapsulation(pinfo, WTAP_ENCAP_SLL2))
        place.device = device_of(pinfo);
    return place;
}

static gboolean
is_equal(const struct place *a, const struct place *b)
{
    return a->interface_id == b->interface_id && a->vlan == b->vlan && a->network == b->network && a->device == b->device &&
           a->section == b->section;
}

/* Searches from the newest place back. */
static guint16
find_or_add(const struct place *place)
{
    for (guint i = count; i > 0; i--)
        if (is_equal(&places[i - 1], place))
            return (guint16)(i - 1);
    if (count < PLACES_MAX)
        places[count++] = *place;
    return (guint16)(count - 1);
}

guint16
place_of(const packet_info *pinfo, guint64 network)
{
    struct place place = read_place(pinfo, network);

    if (count == 0 || !is_equal(&places[last], &place))
        last = find_or_add(&place);
    return last;
}

guint
place_count(void)
{
    return count;
}

const struct place *
place_at(guint16 number)
{
    return &places[number];
}
