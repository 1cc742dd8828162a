/* Which letters of Zeek's history a segment adds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>

#include "observe.h"

static void
add_letter(struct reading *r, int end, enum tcpstate_letter_id id)
{
    struct tcpstate_connection *c = r->c;

    if (r->out->letter_count == TCPSTATE_LETTERS_MAX)
        return;
    r->out->letter[r->out->letter_count++] = (struct tcpstate_letter){
        .frame = r->seg->frame, .layer = r->seg->layer, .from = (unsigned)end & 1u, .id = id & 0x7fu};
    c->letters[end] |= (uint16_t)(1u << id);
}

static void
show(struct reading *r, int end, enum tcpstate_letter_id id, bool is_shown)
{
    if (is_shown && (r->c->letters[end] >> id & 1) == 0)
        add_letter(r, end, id);
}

static bool
is_power_of_ten(uint32_t count)
{
    while (count > 0 && count % 10 == 0)
        count /= 10;
    return count == 1;
}

static void
count(struct reading *r, int end, enum tcpstate_letter_id id, uint32_t *counter)
{
    if (*counter < UINT32_MAX && is_power_of_ten(++*counter))
        add_letter(r, end, id);
}

void
spell_bad_checksum(struct reading *r)
{
    r->c->watched = true;
    count(r, r->seg->from, TCPSTATE_LETTER_BAD_CHECKSUM, &watch_of(r)->stream[r->seg->from].bad_checksums);
}

/* `flags` as sent. */
void
spell(struct reading *r, uint8_t flags)
{
    const bool syn = (flags & TCPSTATE_SYN) != 0, fin = (flags & TCPSTATE_FIN) != 0, rst = (flags & TCPSTATE_RST) != 0,
               ack = (flags & TCPSTATE_ACK) != 0;
    int end = r->seg->from;

    show(r, end, TCPSTATE_LETTER_MULTI_FLAG, syn && (fin || rst));
    show(r, end, TCPSTATE_LETTER_INCONSISTENT, fin && rst);
    show(r, end, TCPSTATE_LETTER_SYN, syn && !ack);
    show(r, end, TCPSTATE_LETTER_SYN_ACK, syn && ack);
    show(r, end, TCPSTATE_LETTER_FIN, fin);
    show(r, end, TCPSTATE_LETTER_RST, rst);
    show(r, end, TCPSTATE_LETTER_DATA, r->seg->payload > 0 && !rst);
    show(r, end, TCPSTATE_LETTER_ACK, ack && !syn && !fin && !rst && r->seg->payload == 0);
    if (!r->c->watched)
        return;
    if (r->is_repeated)
        count(r, end, TCPSTATE_LETTER_RETRANSMITTED, &watch_of(r)->stream[end].repeats);
    if (r->seg->window == 0 && !rst)
        count(r, end, TCPSTATE_LETTER_ZERO_WINDOW, &watch_of(r)->stream[end].zero_windows);
    if (r->shows_gap)
        count(r, !end, TCPSTATE_LETTER_GAP, &watch_of(r)->stream[!end].gaps);
}
