/* The part of an agent that is the same for every stack: commands in, packets out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "agent.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *failure;

static const struct {
    const char *name;
    int numbers, first_socket; /* how many numbers it takes; which of them is a socket, and all sockets after it, or -1 */
    long (*const *run)(const long *a);
} commands[] = {
    {"now", 1, -1, &agent_stack.now},        {"listen", 3, 0, &agent_stack.listen},
    {"connect", 3, 0, &agent_stack.connect}, {"accept", 2, 0, &agent_stack.accept},
    {"send", 2, 0, &agent_stack.send},       {"recv", 1, 0, &agent_stack.recv},
    {"shut", 1, 0, &agent_stack.shut},       {"close", 1, 0, &agent_stack.close},
    {"abort", 1, 0, &agent_stack.abort},     {"keepalive", 4, 0, &agent_stack.keepalive},
};

long
agent_error(const char *words)
{
    failure = words;
    return -2;
}

/* What the command has sent so far. */
static struct sent {
    const char *state; /* NULL: not asked for yet */
    size_t length;
    uint8_t packet[2048];
} sent[256];
static size_t sent_count;

static const uint8_t *
tcp_header(const uint8_t *packet)
{
    return packet + (packet[0] & 15) * 4;
}

static const char *
state_of_sender(const uint8_t *packet)
{
    const uint8_t *tcp = tcp_header(packet);

    return agent_stack.state((unsigned)(tcp[0] << 8 | tcp[1]), (unsigned)(tcp[2] << 8 | tcp[3]));
}

void
agent_out(const uint8_t *packet, size_t length)
{
    struct sent *s = &sent[sent_count];

    if (packet[9] != IPPROTO_TCP || length > sizeof s->packet || sent_count == sizeof sent / sizeof sent[0])
        return;
    s->state = (tcp_header(packet)[13] & TH_RST) != 0 ? NULL : state_of_sender(packet);
    s->length = length;
    memcpy(s->packet, packet, length);
    sent_count++;
}

static void
print_sent(void)
{
    for (size_t i = 0; i < sent_count; i++) {
        printf("out %s ", sent[i].state != NULL ? sent[i].state : state_of_sender(sent[i].packet));
        for (size_t at = 0; at < sent[i].length; at++)
            printf("%02x", sent[i].packet[at]);
        putchar('\n');
    }
    sent_count = 0;
}

static long
run_in(const char *hex)
{
    static uint8_t packet[AGENT_PACKET];
    size_t length = 0;
    unsigned byte;

    while (length < sizeof packet && sscanf(hex + 2 * length, "%2x", &byte) == 1)
        packet[length++] = (uint8_t)byte;
    return length < 40 ? agent_error("a packet is hex digits") : agent_stack.in(packet, length);
}

static long
run_command(const char *name, const long *numbers, int count)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(name, commands[i].name) == 0) {
            if (count != commands[i].numbers)
                return agent_error("wrong number of arguments");
            if (commands[i].first_socket == 0 && (numbers[0] < 0 || numbers[0] >= AGENT_SOCKETS))
                return agent_error("no such socket");
            return (*commands[i].run)(numbers);
        }
    return agent_error("no such command");
}

static void
answer(const char *line)
{
    char name[16] = "";
    long numbers[4] = {0}, result;
    int used = 0, count;

    sscanf(line, "%15s %n", name, &used);
    if (strcmp(name, "in") == 0) {
        result = run_in(line + used);
    } else {
        count = sscanf(line + used, "%ld %ld %ld %ld", &numbers[0], &numbers[1], &numbers[2], &numbers[3]);
        if (strcmp(name, "state") == 0) {
            printf("ok %s\n", agent_stack.state((unsigned)numbers[0], (unsigned)numbers[1]));
            return;
        }
        result = run_command(name, numbers, count < 0 ? 0 : count);
    }
    print_sent();
    if (result == -2)
        printf("err %s\n", failure);
    else
        printf("ok %ld\n", result);
}

int
main(int argc, char **argv)
{
    static char line[2 * AGENT_PACKET + 16];

    if (argc != 3) {
        fprintf(stderr, "usage: %s ADDRESS PEER\n", argv[0]);
        return 2;
    }
    agent_stack.begin(argv[1], argv[2]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        answer(line);
        fflush(stdout);
    }
    return 0;
}
