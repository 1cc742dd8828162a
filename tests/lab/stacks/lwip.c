/* lwIP as a host of the lab, by its raw API. It has no thread and no clock of its own, so the same commands give the same bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "agent.h"

#include <stdbool.h>
#include <string.h>

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

enum { WAITING = 16 };

/* A socket as programs know them: what has arrived stays until it is read, and holds the window closed until then. */
static struct socket {
    struct tcp_pcb *pcb; /* NULL once it is gone */
    struct pbuf *received;
    struct tcp_pcb *queue[WAITING]; /* of a listener: connections that wait for accept */
    struct pbuf *queue_received[WAITING];
    int queued;
} sockets[AGENT_SOCKETS];

static struct netif netif;
static ip_addr_t peer_address;
static u32_t clock_ms;

/* lwIP's library calls these two. */
u32_t
sys_now(void)
{
    return clock_ms;
}

void
sys_check_core_locking(void)
{
}

/* ---- packets and states ---- */

static err_t
send_packet(struct netif *from, struct pbuf *p, const ip4_addr_t *to)
{
    static uint8_t bytes[AGENT_PACKET];

    (void)from;
    (void)to;
    agent_out(bytes, pbuf_copy_partial(p, bytes, p->tot_len, 0));
    return ERR_OK;
}

static err_t
begin_netif(struct netif *n)
{
    n->name[0] = n->name[1] = 'l';
    n->mtu = 1500;
    n->output = send_packet;
    return ERR_OK;
}

static void
begin(const char *address, const char *peer)
{
    ip4_addr_t own, mask;

    lwip_init();
    ip4addr_aton(address, &own);
    ipaddr_aton(peer, &peer_address);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &own, &mask, NULL, NULL, begin_netif, ip_input);
    netif_set_default(&netif);
    netif_set_link_up(&netif);
    netif_set_up(&netif);
}

static const char *
name_of(enum tcp_state state)
{
    static const char *const names[] = {"CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
                                        "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK", "TIME_WAIT"};
    return names[state];
}

static const struct tcp_pcb *
find(const struct tcp_pcb *list, unsigned local_port, unsigned remote_port)
{
    for (; list != NULL; list = list->next)
        if (list->local_port == local_port && list->remote_port == remote_port)
            return list;
    return NULL;
}

static const char *
state(unsigned local_port, unsigned remote_port)
{
    const struct tcp_pcb *pcb = find(tcp_active_pcbs, local_port, remote_port);

    if (pcb == NULL)
        pcb = find(tcp_tw_pcbs, local_port, remote_port);
    if (pcb != NULL)
        return name_of(pcb->state);
    for (const struct tcp_pcb_listen *l = tcp_listen_pcbs.listen_pcbs; l != NULL; l = l->next)
        if (l->local_port == local_port)
            return "LISTEN";
    return "CLOSED";
}

static long
now(const long *a)
{
    u32_t wait;

    while ((wait = sys_timeouts_sleeptime()) <= (u32_t)a[0] - clock_ms) { /* lwIP's timers expect to be asked each time that one is due */
        clock_ms += wait;
        sys_check_timeouts();
    }
    clock_ms = (u32_t)a[0];
    return (long)sys_timeouts_sleeptime();
}

static long
in(uint8_t *packet, size_t length)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_RAM);

    pbuf_take(p, packet, (u16_t)length);
    netif.input(p, &netif);
    return 0;
}

/* ---- what lwIP tells a socket ---- */

static err_t
on_received(void *of, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct pbuf **received = of;

    (void)pcb;
    (void)error;
    if (p == NULL)
        return ERR_OK; /* the peer's FIN */
    if (*received == NULL)
        *received = p;
    else
        pbuf_cat(*received, p);
    return ERR_OK;
}

static void
on_error(void *of, err_t error)
{
    (void)error;
    for (int id = 0; id < AGENT_SOCKETS; id++) {
        if (of == &sockets[id].received)
            sockets[id].pcb = NULL;
        for (int i = 0; i < sockets[id].queued; i++)
            if (of == &sockets[id].queue_received[i])
                sockets[id].queue[i] = NULL;
    }
}

static void
attach(struct tcp_pcb *pcb, struct pbuf **received)
{
    tcp_arg(pcb, received);
    tcp_recv(pcb, on_received);
    tcp_err(pcb, on_error);
}

static err_t
on_accept(void *of, struct tcp_pcb *pcb, err_t error)
{
    struct socket *listener = of;

    if (error != ERR_OK || listener->queued == WAITING)
        return ERR_MEM;
    listener->queue_received[listener->queued] = NULL;
    attach(pcb, &listener->queue_received[listener->queued]);
    listener->queue[listener->queued++] = pcb;
    tcp_backlog_delayed(pcb);
    return ERR_OK;
}

static err_t
on_connected(void *of, struct tcp_pcb *pcb, err_t error)
{
    (void)of;
    (void)pcb;
    (void)error;
    return ERR_OK;
}

/* ---- what a program does with a socket ---- */

static struct tcp_pcb *
bound(unsigned port)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_V4);

    ip_set_option(pcb, SOF_REUSEADDR);
    if (tcp_bind(pcb, IP4_ADDR_ANY, (u16_t)port) == ERR_OK)
        return pcb;
    tcp_abort(pcb);
    return NULL;
}

static long
do_listen(const long *a)
{
    struct tcp_pcb *pcb = bound((unsigned)a[1]);

    if (pcb == NULL)
        return agent_error("the port is in use");
    sockets[a[0]] = (struct socket){.pcb = tcp_listen_with_backlog(pcb, (u8_t)(a[2] < 1 ? 1 : a[2]))};
    tcp_arg(sockets[a[0]].pcb, &sockets[a[0]]);
    tcp_accept(sockets[a[0]].pcb, on_accept);
    return 0;
}

static long
do_connect(const long *a)
{
    struct tcp_pcb *pcb = bound((unsigned)a[1]);

    if (pcb == NULL)
        return agent_error("the port is in use");
    sockets[a[0]] = (struct socket){.pcb = pcb};
    attach(pcb, &sockets[a[0]].received);
    return tcp_connect(pcb, &peer_address, (u16_t)a[2], on_connected) == ERR_OK ? 0 : agent_error("it does not connect");
}

static long
do_accept(const long *a)
{
    struct socket *listener = &sockets[a[0]], *s = &sockets[a[1]];

    while (listener->queued > 0) {
        struct tcp_pcb *pcb = listener->queue[0];

        *s = (struct socket){.pcb = pcb, .received = listener->queue_received[0]};
        listener->queued--;
        for (int i = 0; i < listener->queued; i++) {
            listener->queue[i] = listener->queue[i + 1];
            listener->queue_received[i] = listener->queue_received[i + 1];
            if (listener->queue[i] != NULL)
                tcp_arg(listener->queue[i], &listener->queue_received[i]);
        }
        if (pcb == NULL)
            continue; /* reset while it waited */
        attach(pcb, &s->received);
        tcp_backlog_accepted(pcb);
        return 0;
    }
    return agent_error("no connection waits");
}

static struct tcp_pcb *
open_pcb(long id)
{
    if (sockets[id].pcb == NULL)
        agent_error("the socket is gone");
    return sockets[id].pcb;
}

static long
do_send(const long *a)
{
    static uint8_t data[AGENT_PACKET];
    struct tcp_pcb *pcb = open_pcb(a[0]);
    long count = a[1];

    if (pcb == NULL)
        return -2;
    memset(data, 'x', sizeof data);
    if (count > tcp_sndbuf(pcb))
        count = tcp_sndbuf(pcb);
    if (tcp_write(pcb, data, (u16_t)count, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return agent_error("the socket takes no data");
    tcp_output(pcb);
    return count;
}

static long
do_recv(const long *a)
{
    struct socket *s = &sockets[a[0]];
    long count = s->received != NULL ? s->received->tot_len : 0;

    if (s->received != NULL) {
        pbuf_free(s->received);
        s->received = NULL;
        if (s->pcb != NULL)
            tcp_recved(s->pcb, (u16_t)count);
    }
    return count;
}

static long
do_shut(const long *a)
{
    struct tcp_pcb *pcb = open_pcb(a[0]);

    return pcb == NULL ? -2 : tcp_shutdown(pcb, 0, 1) == ERR_OK ? 0 : agent_error("it cannot be shut");
}

/* A listener takes the connections with it that wait. */
static void
close_queue(struct socket *s)
{
    for (int i = 0; i < s->queued; i++)
        if (s->queue[i] != NULL) {
            tcp_arg(s->queue[i], NULL);
            tcp_err(s->queue[i], NULL);
            tcp_abort(s->queue[i]);
        }
    s->queued = 0;
}

static long
do_close(const long *a)
{
    struct tcp_pcb *pcb = open_pcb(a[0]);

    if (pcb == NULL)
        return -2;
    close_queue(&sockets[a[0]]);
    if (pcb->state != LISTEN) {
        tcp_arg(pcb, NULL);
        tcp_recv(pcb, NULL);
        tcp_err(pcb, NULL);
    }
    sockets[a[0]].pcb = NULL;
    return tcp_close(pcb) == ERR_OK ? 0 : agent_error("it cannot be closed");
}

static long
do_abort(const long *a)
{
    struct tcp_pcb *pcb = open_pcb(a[0]);

    if (pcb == NULL)
        return -2;
    tcp_err(pcb, NULL);
    sockets[a[0]].pcb = NULL;
    tcp_abort(pcb);
    return 0;
}

static long
do_keepalive(const long *a)
{
    struct tcp_pcb *pcb = open_pcb(a[0]);

    if (pcb == NULL)
        return -2;
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = (u32_t)a[1];
    pcb->keep_intvl = (u32_t)a[2];
    pcb->keep_cnt = (u32_t)a[3];
    return 0;
}

const struct agent_stack agent_stack = {begin,   now,     in,      state,    do_listen, do_connect,  do_accept,
                                        do_send, do_recv, do_shut, do_close, do_abort,  do_keepalive};
