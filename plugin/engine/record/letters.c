/* Adds the letters of Zeek's history that a segment shows for the first time, and counts those that Zeek counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "letters.h"

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
add_once(struct reading *r, int end, enum tcpstate_letter_id id, bool applies)
{
    if (applies && (r->c->letters[end] >> id & 1) == 0)
        add_letter(r, end, id);
}

static bool
is_power_of_ten(uint32_t count)
{
    while (count > 0 && count % 10 == 0)
        count /= 10;
    return count == 1;
}

/* Zeek adds a counted letter at the 1st, 10th, 100th time and so on. */
static void
add_counted(struct reading *r, int end, enum tcpstate_letter_id id, uint32_t *counter)
{
    if (*counter < UINT32_MAX && is_power_of_ten(++*counter))
        add_letter(r, end, id);
}

bool
adds_no_letter(const struct reading *r)
{
    return (r->c->letters[r->seg->from] >> (r->seg->payload > 0 ? TCPSTATE_LETTER_DATA : TCPSTATE_LETTER_ACK) & 1) != 0;
}

void
add_bad_checksum_letter(struct reading *r)
{
    r->c->watched = true;
    add_counted(r, r->seg->from, TCPSTATE_LETTER_BAD_CHECKSUM, &watch_of(r)->stream[r->seg->from].bad_checksums);
}

void
add_letters(struct reading *r, uint8_t flags)
{
    const bool syn = (flags & TCPSTATE_SYN) != 0, fin = (flags & TCPSTATE_FIN) != 0, rst = (flags & TCPSTATE_RST) != 0,
               ack = (flags & TCPSTATE_ACK) != 0;
    int end = r->seg->from;

    add_once(r, end, TCPSTATE_LETTER_MULTI_FLAG, syn && (fin || rst));
    add_once(r, end, TCPSTATE_LETTER_INCONSISTENT, fin && rst);
    add_once(r, end, TCPSTATE_LETTER_SYN, syn && !ack);
    add_once(r, end, TCPSTATE_LETTER_SYN_ACK, syn && ack);
    add_once(r, end, TCPSTATE_LETTER_FIN, fin);
    add_once(r, end, TCPSTATE_LETTER_RST, rst);
    add_once(r, end, TCPSTATE_LETTER_DATA, r->seg->payload > 0 && !rst);
    add_once(r, end, TCPSTATE_LETTER_ACK, ack && !syn && !fin && !rst && r->seg->payload == 0);
    if (!r->c->watched)
        return;
    if (r->is_repeated)
        add_counted(r, end, TCPSTATE_LETTER_RETRANSMITTED, &watch_of(r)->stream[end].repeats);
    if (r->seg->window == 0 && !r->seg->window_cut && !rst)
        add_counted(r, end, TCPSTATE_LETTER_ZERO_WINDOW, &watch_of(r)->stream[end].zero_windows);
    if (r->shows_gap)
        add_counted(r, !end, TCPSTATE_LETTER_GAP, &watch_of(r)->stream[!end].gaps);
}
