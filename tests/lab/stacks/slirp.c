/* libslirp, whose TCP is that of 4.4BSD, as a host of the lab. libslirp connects a guest to programs of this machine: the lab's other host
 * is the guest, and the programs are sockets of this process on a loopback interface of its own. Needs root.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "agent.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>
#include <libslirp.h>

enum { ETHERNET = 14, ARP_LENGTH = 42, FORWARDS = 20000 };

static struct socket {
    int fd;        /* 0 for none */
    unsigned port; /* its own, as the guest knows it */
    unsigned peer; /* of a client: the guest's port */
    bool listens;
} sockets[AGENT_SOCKETS];

static Slirp *slirp;
static struct in_addr own_address, peer_address;
static long clock_ms;
static struct pollfd polled[256];
static int polled_count;

static const uint8_t guest_mac[6] = {2, 0, 0, 0, 0, 1};

/* ---- what libslirp asks of its user ---- */

static void
answer_arp(const uint8_t *request)
{
    uint8_t reply[ARP_LENGTH];

    if (memcmp(request + 38, &peer_address, 4) != 0)
        return;
    memcpy(reply, request + 6, 6);
    memcpy(reply + 6, guest_mac, 6);
    memcpy(reply + 12, request + 12, 8);
    reply[20] = 0;
    reply[21] = 2; /* a reply */
    memcpy(reply + 22, guest_mac, 6);
    memcpy(reply + 28, request + 38, 4);
    memcpy(reply + 32, request + 22, 10);
    slirp_input(slirp, reply, sizeof reply);
}

static ssize_t
send_packet(const void *frame, size_t length, void *opaque)
{
    const uint8_t *bytes = frame;

    (void)opaque;
    if (bytes[12] == 8 && bytes[13] == 6)
        answer_arp(bytes);
    else if (bytes[12] == 8 && bytes[13] == 0)
        agent_out(bytes + ETHERNET, length - ETHERNET);
    return (ssize_t)length;
}

static void
no_error(const char *words, void *opaque)
{
    (void)words;
    (void)opaque;
}

static int64_t
clock_ns(void *opaque)
{
    (void)opaque;
    return (int64_t)clock_ms * 1000000;
}

static void *
no_timer(SlirpTimerCb callback, void *of, void *opaque)
{
    (void)callback;
    (void)of;
    (void)opaque;
    return (void *)&clock_ms;
}

static void
forget_timer(void *timer, void *opaque)
{
    (void)timer;
    (void)opaque;
}

static void
move_timer(void *timer, int64_t ms, void *opaque)
{
    (void)timer;
    (void)ms;
    (void)opaque;
}

static void
ignore_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void
ignore(void *opaque)
{
    (void)opaque;
}

static int
add_poll(int fd, int events, void *opaque)
{
    (void)opaque;
    polled[polled_count] = (struct pollfd){.fd = fd};
    polled[polled_count].events = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
                                          (events & SLIRP_POLL_PRI ? POLLPRI : 0));
    return polled_count++;
}

static int
events_of(int index, void *opaque)
{
    short found = polled[index].revents;

    (void)opaque;
    return (found & POLLIN ? SLIRP_POLL_IN : 0) | (found & POLLOUT ? SLIRP_POLL_OUT : 0) | (found & POLLPRI ? SLIRP_POLL_PRI : 0) |
           (found & POLLERR ? SLIRP_POLL_ERR : 0) | (found & POLLHUP ? SLIRP_POLL_HUP : 0);
}

/* Runs what is due, until the sockets of this machine have nothing more. Returns ms until its timers want to run. */
static long
run(void)
{
    uint32_t timeout;

    for (int turn = 0; turn < 20; turn++) {
        int found;

        timeout = 1000;
        polled_count = 0;
        slirp_pollfds_fill(slirp, &timeout, add_poll, NULL);
        found = poll(polled, (nfds_t)polled_count, 0); /* what is sent over a loopback interface has arrived */
        slirp_pollfds_poll(slirp, found < 0, events_of, NULL);
        if (found == 0 && turn > 1)
            break;
    }
    return timeout < 1 ? 1 : (long)timeout;
}

/* ---- packets and states ---- */

static void
set_loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int control = socket(AF_INET, SOCK_DGRAM, 0);

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (unshare(CLONE_NEWNET) != 0 || ioctl(control = socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &request) != 0) {
        fprintf(stderr, "the agent for slirp needs root: it makes a network namespace\n");
        exit(1);
    }
    close(control);
}

static void
begin(const char *address, const char *peer)
{
    static const SlirpCb callbacks = {.send_packet = send_packet,
                                      .guest_error = no_error,
                                      .clock_get_ns = clock_ns,
                                      .timer_new = no_timer,
                                      .timer_free = forget_timer,
                                      .timer_mod = move_timer,
                                      .register_poll_fd = ignore_fd,
                                      .unregister_poll_fd = ignore_fd,
                                      .notify = ignore};
    SlirpConfig config = {.version = 3, .in_enabled = true, .disable_dns = true};

    signal(SIGPIPE, SIG_IGN);
    set_loopback_up();
    inet_aton(address, &own_address);
    inet_aton(peer, &peer_address);
    inet_aton("255.255.255.0", &config.vnetmask);
    config.vnetwork.s_addr = own_address.s_addr & config.vnetmask.s_addr;
    config.vhost = own_address;
    config.vdhcp_start = peer_address;
    config.vnameserver.s_addr = config.vnetwork.s_addr | htonl(3);
    slirp = slirp_new(&config, &callbacks, NULL);
}

/* The port on which libslirp waits for the last program that connects to the guest from that port, or 0. */
static unsigned
forward_of(unsigned local_port, unsigned remote_port)
{
    for (int id = AGENT_SOCKETS - 1; id >= 0; id--)
        if (!sockets[id].listens && sockets[id].peer == remote_port && sockets[id].port == local_port && sockets[id].peer != 0)
            return FORWARDS + (unsigned)id;
    return 0;
}

/* The state that slirp_connection_info() has in its table for that connection, or NULL. A line: "TCP[STATE] fd source port target port ..."
 */
static const char *
state_in_table(unsigned source, unsigned target)
{
    static char state[24];
    char *table = slirp_connection_info(slirp), *rest = table, *line;
    const char *found = NULL;

    while ((line = strsep(&rest, "\n")) != NULL) {
        char from[64], to[64], name[24];
        unsigned from_port, to_port;
        int fd;

        if (sscanf(line, " TCP[%23[A-Z_0-9]] %d %63s %u %63s %u", name, &fd, from, &from_port, to, &to_port) == 6 && from_port == source &&
            to_port == target && strcmp(name, "HOST_FORWARD") != 0)
            found = strcpy(state, name);
    }
    g_free(table);
    return found;
}

static const char *
state(unsigned local_port, unsigned remote_port)
{
    unsigned forward = forward_of(local_port, remote_port);
    const char *found = state_in_table(remote_port, local_port);

    if (found == NULL && forward != 0)
        found = state_in_table(forward, remote_port);
    if (found != NULL)
        return found;
    for (int id = 0; id < AGENT_SOCKETS; id++)
        if (sockets[id].listens && sockets[id].fd != 0 && sockets[id].port == local_port)
            return "LISTEN";
    return "CLOSED";
}

static long
now(const long *a)
{
    long due = 0;

    while (clock_ms < a[0]) { /* its timers run in steps */
        clock_ms += a[0] - clock_ms < 100 ? a[0] - clock_ms : 100;
        due = run();
    }
    return due < 1 ? 100 : due;
}

static long
in(uint8_t *packet, size_t length)
{
    uint8_t frame[ETHERNET + 2048] = {0x52, 0x55, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 8, 0};

    if (length > 2048)
        return agent_error("the packet is too long");
    memcpy(frame + 2, &own_address, 4);
    memcpy(frame + ETHERNET, packet, length);
    slirp_input(slirp, frame, (int)(ETHERNET + length));
    run();
    return 0;
}

/* ---- what a program does with a socket ---- */

static int
make_socket(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static long
do_listen(const long *a)
{
    int fd = make_socket((unsigned)a[1]);

    if (fd < 0)
        return agent_error("the port is in use");
    listen(fd, (int)a[2]);
    sockets[a[0]] = (struct socket){.fd = fd, .port = (unsigned)a[1], .listens = true};
    return 0;
}

static long
do_connect(const long *a)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = make_socket((unsigned)a[1]), forward = FORWARDS + (int)a[0];

    if (fd < 0)
        return agent_error("the port is in use");
    if (slirp_add_hostfwd(slirp, 0, loopback, forward, peer_address, (int)a[2]) != 0)
        return agent_error("it cannot be forwarded");
    to.sin_port = htons((uint16_t)forward);
    connect(fd, (struct sockaddr *)&to, sizeof to);
    sockets[a[0]] = (struct socket){.fd = fd, .port = (unsigned)a[1], .peer = (unsigned)a[2]};
    run();
    return 0;
}

static long
do_accept(const long *a)
{
    int fd = accept4(sockets[a[0]].fd, NULL, NULL, SOCK_NONBLOCK);

    if (fd < 0)
        return agent_error("no connection waits");
    sockets[a[1]] = (struct socket){.fd = fd};
    return 0;
}

static long
do_send(const long *a)
{
    static char data[AGENT_PACKET];
    ssize_t taken = send(sockets[a[0]].fd, data, (size_t)(a[1] < AGENT_PACKET ? a[1] : AGENT_PACKET), MSG_NOSIGNAL);

    run();
    return taken < 0 ? agent_error("the socket takes no data") : taken;
}

static long
do_recv(const long *a)
{
    static char data[AGENT_PACKET];
    ssize_t count = recv(sockets[a[0]].fd, data, sizeof data, 0);

    run();
    return count < 0 ? agent_error("nothing waits") : count;
}

static long
do_shut(const long *a)
{
    long result = shutdown(sockets[a[0]].fd, SHUT_WR);

    run();
    return result != 0 ? agent_error("it cannot be shut") : 0;
}

static long
do_close(const long *a)
{
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};

    if (sockets[a[0]].fd == 0)
        return agent_error("the socket is gone");
    close(sockets[a[0]].fd);
    sockets[a[0]].fd = 0;
    if (sockets[a[0]].peer != 0)
        slirp_remove_hostfwd(slirp, 0, loopback, FORWARDS + (int)a[0]);
    run();
    return 0;
}

static long
do_abort(const long *a)
{
    struct linger at_once = {1, 0};

    setsockopt(sockets[a[0]].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return do_close(a);
}

static long
do_keepalive(const long *a)
{
    (void)a;
    return agent_error("it has no keep-alive");
}

const struct agent_stack agent_stack = {begin,   now,     in,      state,    do_listen, do_connect,  do_accept,
                                        do_send, do_recv, do_shut, do_close, do_abort,  do_keepalive};
