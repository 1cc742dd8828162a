/* Sets up the reading of a segment in a connection, and allocates what only some connections need.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reading.h"

void
begin_outcome(struct reading *r)
{
    r->out->connection = r->pair->now;
    r->out->copy_of = 0;
    r->out->retry = 0;
    r->out->retried = TCPSTATE_RETRIED_NOTHING;
    r->out->expected = false;
    r->out->change_count = r->out->finding_count = r->out->letter_count = 0;
}

void
read_in(struct reading *r, struct tcpstate_connection *c)
{
    r->c = c;
    r->snd = &c->peer[r->seg->from];
    r->rcv = c->to_itself ? r->snd : &c->peer[!r->seg->from];
    for (int end = 0; end < 2; end++)
        r->before[end] = (enum tcpstate_state)c->peer[end].state;
}

struct tcpstate_watch *
watch_of(struct reading *r)
{
    if (r->c->watch == NULL)
        r->c->watch = r->observer->new_memory(r->observer->owner, sizeof *r->c->watch);
    return r->c->watch;
}

struct tcpstate_reset *
reset_of(struct reading *r, struct tcpstate_connection *c)
{
    if (c->reset == NULL)
        c->reset = r->observer->new_memory(r->observer->owner, sizeof *c->reset);
    return c->reset;
}
