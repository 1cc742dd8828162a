"""Experiments on the loopback of one machine, as practitioners run them: a real client and server, `iptables -I INPUT ... -j DROP` between
them, a capture of the loopback, and `ss -tan` once a second.

The table NAME.ss.tsv holds what ss said, second by second from the first frame on: the states of both ends, and all sockets as
`state send-q local foreign`.
"""
import select
import socket
import subprocess
import time

import pcapng
from host import Host
from segment import Segment

SERVER_PORT, CLIENT_PORT = 8888, 2017
ETH_P_ALL, PACKET_OUTGOING = 0x0003, 4
SS_NAMES = {"ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RCVD", "FIN-WAIT-1": "FIN_WAIT_1",
            "FIN-WAIT-2": "FIN_WAIT_2", "TIME-WAIT": "TIME_WAIT", "CLOSE-WAIT": "CLOSE_WAIT", "LAST-ACK": "LAST_ACK",
            "CLOSING": "CLOSING", "LISTEN": "LISTEN"}
FROM_CLIENT = f"-p tcp --dport {SERVER_PORT}"
FROM_SERVER = f"-p tcp --sport {SERVER_PORT}"


class Loopback:
    """A machine with nothing but its loopback."""

    def __init__(self, ipv6, sysctls):
        self.family = socket.AF_INET6 if ipv6 else socket.AF_INET
        self.address = "::1" if ipv6 else "127.0.0.1"
        self.iptables = "ip6tables" if ipv6 else "iptables"
        self.host = Host("loopback", None, None, tun=False)
        for name, value in sysctls.items():
            self.host.sysctl("net.ipv4." + name, value)
        with self.host:
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.tap.setblocking(False)
        self.packets, self.said, self.had_client, self.had_server = [], [], False, False
        self.start = self.next_second = time.time()

    def command(self, *words):
        """A command on this machine; its output."""
        with self.host:
            return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def drop(self, what):
        """iptables -I INPUT ... -j DROP"""
        self.command(self.iptables, "-w", "-I", "INPUT", *what.split(), "-j", "DROP")

    def socket(self):
        with self.host:
            sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return sock

    def ss(self):
        """What `ss -tan` says: (client, server, all sockets). An end without a line is CLOSED, or LISTEN while a listener waits."""
        client = server = None
        listening = False
        lines = [line.split()[:5] for line in self.command("ss", "-tan").splitlines()[1:]]
        for state, _, _, local, remote in lines:
            state, local, remote = SS_NAMES[state], int(local.rsplit(":", 1)[1]), remote.rsplit(":", 1)[1]
            if state == "LISTEN":
                listening = True
            elif local == CLIENT_PORT:
                client = state
            elif local == SERVER_PORT and remote == str(CLIENT_PORT):
                server = state
        self.had_client |= client is not None
        self.had_server |= server == "ESTABLISHED"
        sockets = "; ".join(sorted(f"{state} {send_q} {local} {remote}" for state, _, send_q, local, remote in lines))
        return client or "CLOSED", server or ("LISTEN" if listening and not self.had_server else "CLOSED"), sockets

    def run(self, seconds):
        """Captures for that long, and asks ss once a second."""
        end = time.time() + seconds
        while (now := time.time()) < end:
            if now >= self.next_second:
                self.said.append((now - self.start, *self.ss()))
                self.next_second += 1
            select.select([self.tap], [], [], max(0, min(self.next_second, end) - time.time()))
            self.capture()

    def capture(self):
        while True:
            try:
                data, (_, _, kind, _, _) = self.tap.recvfrom(65536)
            except BlockingIOError:
                return
            if kind != PACKET_OUTGOING and Segment.parse(data[14:]):  # the loopback shows each frame on its way out and in
                self.packets.append((time.time_ns(), data[14:]))

    def gave_up(self):
        return self.had_client and self.ss()[0] == "CLOSED"

    def run_until_given_up(self, longest):
        end = time.time() + longest
        while time.time() < end and not self.gave_up():
            self.run(1)
        self.run(1.2)


def _client_and_server(lab):
    listener = lab.socket()
    listener.bind((lab.address, SERVER_PORT))
    listener.listen(8)
    client = lab.socket()
    client.bind((lab.address, CLIENT_PORT))
    return listener, client


def _connect(lab, client):
    client.connect_ex((lab.address, SERVER_PORT))


def syn_sent(lab):
    listener, client = _client_and_server(lab)
    lab.drop(FROM_CLIENT)
    _connect(lab, client)
    lab.run_until_given_up(140)
    return listener, client


def syn_rcvd(lab):
    listener, client = _client_and_server(lab)
    lab.drop(FROM_SERVER)
    _connect(lab, client)
    lab.run_until_given_up(140)
    return listener, client


def fin_wait_1(lab):
    listener, client = _client_and_server(lab)
    _connect(lab, client)
    lab.run(1.5)
    server = listener.accept()[0]
    lab.drop(FROM_CLIENT)
    client.close()
    lab.run_until_given_up(140)
    return listener, server


def write(folder, name, story, lab):
    """NAME.pcapng and NAME.ss.tsv."""
    pcapng.write(folder / f"{name}.pcapng", [(t, data, "") for t, data in lab.packets], story)
    first = lab.packets[0][0] / 1e9 - lab.start
    table = ["second\tclient\tserver\tsockets"] + ["\t".join([f"{second - first:.3f}", *said]) for second, *said in lab.said
                                                    if second > first]
    (folder / f"{name}.ss.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return len(lab.packets)
