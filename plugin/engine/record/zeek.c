/* Writes Zeek's history, and derives conn_state from the same letters: Zeek's endpoint states depend only on what an end
 * sends for the first time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <tcpstate/zeek.h>

static const struct {
    char letter;
} kinds[] = {
#define X(id, name, counted) [TCPSTATE_LETTER_##id] = {name},
    TCPSTATE_LETTERS(X)
#undef X
};

size_t
tcpstate_letters_at(const struct tcpstate_letter *letters, size_t count, uint32_t frame, uint8_t layer)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (letters[middle].frame < frame || (letters[middle].frame == frame && letters[middle].layer <= layer))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void
tcpstate_zeek_history(const struct tcpstate_letter *letters, size_t count, int originator, char *to, size_t size)
{
    size_t used = 0;

    if (count > 0 && letters[0].from != originator && size > 1)
        to[used++] = '^';
    for (size_t i = 0; i < count && used + 1 < size; i++) {
        char letter = kinds[letters[i].id].letter;

        if (letters[i].from == originator)
            letter = (char)(letter - 'a' + 'A');
        to[used++] = letter;
    }
    if (size > 0)
        to[used] = '\0';
}

/* The states of an endpoint in Zeek. */
enum endpoint { INACTIVE, SYN_SENT, SYN_ACK_SENT, PARTIAL, ESTABLISHED, CLOSED, RESET };

struct ends {
    enum endpoint state[2], before[2]; /* before: the state before the last change */
    bool payload, answered;            /* an end sent data; the responder sent an ACK or SYN,ACK */
};

static void
set(struct ends *ends, int end, enum endpoint state)
{
    if (ends->state[end] == state)
        return;
    ends->before[end] = ends->state[end];
    ends->state[end] = state;
}

static void
apply_syn(struct ends *ends, int end, bool is_originator, bool with_ack)
{
    if (ends->state[end] == PARTIAL && ends->state[!end] == INACTIVE && !with_ack)
        set(ends, end, SYN_SENT);
    if (ends->state[end] != INACTIVE)
        return;
    if (is_originator) {
        set(ends, end, with_ack ? SYN_ACK_SENT : SYN_SENT);
        return;
    }
    if (ends->state[!end] == SYN_SENT)
        set(ends, !end, ESTABLISHED);
    set(ends, end, ESTABLISHED);
}

/* An end that sent a FIN and then a RST counts as closed, if the other end closes with a FIN too. */
static void
apply_fin(struct ends *ends, int end)
{
    if (ends->state[end] == CLOSED || ends->state[end] == RESET)
        return;
    set(ends, end, CLOSED);
    if (ends->state[!end] == RESET && ends->before[!end] == CLOSED)
        set(ends, !end, CLOSED);
}

static void
apply_rst(struct ends *ends, int end)
{
    if (ends->state[end] != CLOSED || ends->state[!end] != CLOSED)
        set(ends, end, RESET);
}

/* A data segment or a bare ACK. A bare ACK of the responder before its SYN does not make the connection partial. */
static void
apply_other(struct ends *ends, int end, bool is_originator, bool bare)
{
    if (ends->state[end] != INACTIVE || (!is_originator && bare && ends->state[!end] == SYN_SENT))
        return;
    set(ends, end, ends->state[!end] == ESTABLISHED ? ESTABLISHED : PARTIAL);
}

static void
apply_letter(struct ends *ends, const struct tcpstate_letter *letter, int originator)
{
    bool is_originator = letter->from == originator;

    switch (letter->id) {
    case TCPSTATE_LETTER_SYN:
    case TCPSTATE_LETTER_SYN_ACK:
        apply_syn(ends, letter->from, is_originator, letter->id == TCPSTATE_LETTER_SYN_ACK);
        break;
    case TCPSTATE_LETTER_FIN:
        apply_fin(ends, letter->from);
        break;
    case TCPSTATE_LETTER_RST:
        apply_rst(ends, letter->from);
        break;
    case TCPSTATE_LETTER_DATA:
    case TCPSTATE_LETTER_ACK:
        apply_other(ends, letter->from, is_originator, letter->id == TCPSTATE_LETTER_ACK);
        break;
    default:
        break;
    }
    if (letter->id == TCPSTATE_LETTER_DATA)
        ends->payload = true;
    if (!is_originator && (letter->id == TCPSTATE_LETTER_ACK || letter->id == TCPSTATE_LETTER_SYN_ACK))
        ends->answered = true;
}

static bool
is_absent(enum endpoint state)
{
    return state == INACTIVE || state == PARTIAL;
}

/* The conn_state of both endpoint states: the first condition that holds decides. */
static const char *
name_of(const struct ends *ends, int originator)
{
    enum endpoint orig = ends->state[originator], resp = ends->state[!originator];
    bool opening = orig == SYN_SENT || orig == SYN_ACK_SENT;
    bool rejected = opening || (orig == RESET && !ends->payload);

    if (resp == RESET)
        return rejected ? "REJ" : is_absent(orig) ? "RSTRH" : "RSTR";
    if (orig == RESET && is_absent(resp))
        return ends->before[originator] == SYN_SENT && !ends->answered ? "RSTOS0" : "OTH";
    if (orig == RESET)
        return "RSTO";
    if (orig == CLOSED)
        return resp == CLOSED ? "SF" : is_absent(resp) ? "SH" : "S2";
    if (resp == CLOSED)
        return is_absent(orig) ? "SHR" : "S3";
    if (orig == SYN_SENT && resp == INACTIVE)
        return "S0";
    return orig == ESTABLISHED && resp == ESTABLISHED ? "S1" : "OTH";
}

const char *
tcpstate_zeek_state(const struct tcpstate_letter *letters, size_t count, int originator)
{
    struct ends ends = {.payload = false};

    for (size_t i = 0; i < count; i++)
        apply_letter(&ends, &letters[i], originator);
    return name_of(&ends, originator);
}
