/* Reads the place of a frame from its record, and numbers the places.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "place.h"

#include <string.h>

#include <wiretap/wtap.h>

static struct place places[PLACES_MAX];
static guint count;
static gboolean are_several;
static guint16 last; /* the place of the last frame */

/* What the record of the last frame had. `is_known`: nothing else of a frame tells its interface. */
static struct {
    gboolean is_known;
    guint32 flags;
    int encapsulation;
} last_record;

void
place_begin_capture(void)
{
    count = 0;
    last = 0;
    are_several = FALSE;
    last_record.is_known = FALSE;
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
    tvbuff_t *frame = last_record.encapsulation == WTAP_ENCAP_SLL && has_encapsulation(pinfo, WTAP_ENCAP_SLL)
                          ? frame_of(pinfo, sizeof(guint16))
                          : NULL;

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

static const char *
name_of_interface(const packet_info *pinfo, guint32 interface_id)
{
    gboolean has_interface = pinfo->rec != NULL && (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID) != 0;
    const char *name = has_interface ? interface_name(pinfo, interface_id) : NULL;

    return name != NULL && strcmp(name, "unknown") != 0 ? wmem_strdup(wmem_file_scope(), name) : NULL;
}

/* Searches from the newest place back. */
static guint16
find_or_add(const packet_info *pinfo, const struct place *place)
{
    for (guint i = count; i > 0; i--)
        if (is_equal(&places[i - 1], place))
            return (guint16)(i - 1);
    are_several |= count > 0 || name_of_interface(pinfo, 1) != NULL;
    if (count < PLACES_MAX) {
        places[count] = *place;
        places[count++].interface_name = name_of_interface(pinfo, place->interface_id);
    }
    return (guint16)(count - 1);
}

/* Not inlined, so that place_of() stays short. */
static G_GNUC_NO_INLINE guint16
place_of_other(const packet_info *pinfo, guint64 network)
{
    struct place place = read_place(pinfo, network);

    if (pinfo->rec != NULL) {
        last_record.flags = pinfo->rec->presence_flags;
        last_record.encapsulation = pinfo->rec->rec_header.packet_header.pkt_encap;
    }
    if (count == 0 || !is_equal(&places[last], &place))
        last = find_or_add(pinfo, &place);
    last_record.is_known = pinfo->rec != NULL && last_record.encapsulation != WTAP_ENCAP_SLL2;
    return last;
}

guint16
place_of(const packet_info *pinfo, guint64 network)
{
    const struct place *place = &places[last];
    const wtap_rec *rec = pinfo->rec;

    if (last_record.is_known && rec != NULL && rec->rec_header.packet_header.interface_id == place->interface_id &&
        pinfo->vlan_id == place->vlan && network == place->network && rec->presence_flags == last_record.flags &&
        rec->rec_header.packet_header.pkt_encap == last_record.encapsulation && record_section(rec) == place->section)
        return last; /* the usual case: as the frame before */
    return place_of_other(pinfo, network);
}

gboolean
place_are_several(void)
{
    return are_several;
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

char *
place_name(wmem_allocator_t *scope, guint16 number)
{
    static const char *const networks[] = {[NETWORK_VXLAN] = "VXLAN", [NETWORK_GENEVE] = "Geneve", [NETWORK_NVGRE] = "NVGRE"};
    const struct place *place = &places[number];
    wmem_strbuf_t *name = wmem_strbuf_new(scope, place->interface_name);

    if (place->interface_name == NULL)
        wmem_strbuf_append_printf(name, "interface %u", place->interface_id);
    if (place->section > 0)
        wmem_strbuf_append_printf(name, ", section %u", place->section);
    if (place->device > 0)
        wmem_strbuf_append_printf(name, ", device %u", place->device);
    if (place->vlan > 0)
        wmem_strbuf_append_printf(name, ", VLAN %u", place->vlan);
    if (place->network > 0)
        wmem_strbuf_append_printf(name, ", %s %u", networks[place->network >> 32], (guint32)place->network);
    return wmem_strbuf_finalize(name);
}
