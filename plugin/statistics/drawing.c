/* Counts the transitions of the connections in a drawing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "drawing.h"

#include "output.h"

/* CLOSED is drawn as two nodes. An end that enters CLOSED, or leaves it because it had only been presumed, uses the last one. */
static int
node_of(guint8 state, gboolean is_last)
{
    return state == TCPSTATE_CLOSED && is_last ? END : state;
}

/* If an end goes on after a RST, this is counted with that RST, and gets no arrow of its own. */
static gboolean
take_back_rst(struct drawing *drawing, int role, const struct tcpstate_change *change, guint32 frame)
{
    struct arrow *rst = &drawing->arrows[role][change->to][node_of(change->from, TRUE)];

    if (change->event != TCPSTATE_SND_AFTER_RST || !rst->by_rst)
        return FALSE;
    if (rst->back_count++ == 0)
        rst->back_frame = frame;
    return TRUE;
}

static void
add_change(struct drawing *drawing, int role, const struct tcpstate_change *change, guint32 frame)
{
    int from = node_of(change->from, tcpstate_event_takes_back((enum tcpstate_event)change->event)), to = node_of(change->to, TRUE);
    struct arrow *arrow = &drawing->arrows[role][from][to];

    if (take_back_rst(drawing, role, change, frame))
        return;
    drawing->visited[from] = drawing->visited[to] = TRUE;
    if (arrow->count++ > 0)
        return;
    arrow->frame = frame;
    arrow->event = change->event;
    arrow->by_rst = change->event == TCPSTATE_SND_RST || change->event == TCPSTATE_RCV_RST || change->event == TCPSTATE_RCV_RST_PASSIVE;
}

static void
add_end(struct drawing *drawing, const struct tcpstate_record *last, int end)
{
    int node = node_of((guint8)tcpstate_record_state(last, end), TRUE);

    drawing->visited[node] = TRUE;
    drawing->ended_in[end == last->client ? CLIENT : SERVER][node]++;
}

static void
count_retries(const struct flow_connection *conn, guint32 number, guint counts[])
{
    for (guint32 i = conn->first_record; i < conn->end_record; i++) {
        const struct tcpstate_record *record = &conn->flow->records[i];

        if (record->connection == number && record->retry > 0 && !record->continued)
            counts[record->retried]++;
    }
}

/* Counts the retries of an end that is stuck, at the state in which it was first stuck. */
static void
add_stuck(struct drawing *drawing, const struct flow_connection *conn, guint32 number)
{
    const struct tcpstate_record *at;
    guint counts[TCPSTATE_RETRIED_FIN + 1] = {0};

    count_retries(conn, number, counts);
    for (const struct tcpstate_finding *finding = NULL; (finding = flow_next_finding(conn, finding, &at)) != NULL;) {
        if (!tcpstate_finding_is_stuck(finding))
            continue;
        drawing->retries[tcpstate_record_state(at, finding->end)] += counts[at->retried];
        counts[at->retried] = 0;
    }
}

void
drawing_add(struct drawing *drawing, guint32 number)
{
    const struct flow_connection *conn = flow_connection(number);
    const struct tcpstate_record *last = NULL;

    for (guint32 i = conn->first_record; i < conn->end_record; i++) {
        const struct tcpstate_record *record = &conn->flow->records[i];

        if (record->connection != number)
            continue;
        last = record;
        for (guint j = 0; j < record->step_count; j++) {
            struct tcpstate_change change = tcpstate_record_change(record, j);

            add_change(drawing, change.end == record->client ? CLIENT : SERVER, &change, record->frame);
        }
    }
    if (last == NULL)
        return;
    if (drawing->connection_count++ == 0)
        drawing->connection = number;
    add_end(drawing, last, last->client);
    if (!last->to_itself)
        add_end(drawing, last, !last->client);
    add_stuck(drawing, conn, number);
}

const char *
drawing_state(int node)
{
    return tcpstate_state_name(node == END ? TCPSTATE_CLOSED : (enum tcpstate_state)node);
}

const char *
drawing_role(int role)
{
    return role == CLIENT ? "client" : "server";
}

void
drawing_print_count(const struct drawing *drawing, guint count, guint32 frame)
{
    if (drawing->connection_count == 1)
        output_print("#%u", frame);
    else
        output_print("%u time%s", count, count == 1 ? "" : "s");
}

void
drawing_for_each_arrow(const struct drawing *drawing, gboolean by_rst, void (*print)(const struct drawing *, int, int, int))
{
    for (int role = CLIENT; role < ROLES; role++)
        for (int from = 0; from < NODES; from++)
            for (int to = 0; to < NODES; to++)
                if (drawing->arrows[role][from][to].count > 0 && drawing->arrows[role][from][to].by_rst == by_rst)
                    print(drawing, role, from, to);
}
