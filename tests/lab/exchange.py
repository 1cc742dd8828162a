"""Random exchanges: what two hosts may do to each other over a network that drops, copies, holds back and repeats packets.

A seed decides everything but the timing: the settings of both kernels, the network, and what the programs do. An exchange takes two to four
seconds.
"""
import fcntl
import random
import socket
import struct
import time

from scenarios import MSG_FASTOPEN, TCP_DEFER_ACCEPT, TCP_FASTOPEN, TCP_USER_TIMEOUT, End, Lab, Shift
from wire import CLIENT, OTHER, SERVER

PORTS = 3  # of the client: each is used again and again
SIOCSIFMTU = 0x8922

# (setting, its values, how often it is not the kernel's own)
SETTINGS = (("tcp_timestamps", (0,), 0.3), ("tcp_sack", (0,), 0.2), ("tcp_window_scaling", (0,), 0.2), ("tcp_rfc1337", (1,), 0.2),
            ("tcp_tw_reuse", (1,), 0.3), ("tcp_syncookies", (0, 2), 0.08), ("tcp_abort_on_overflow", (1,), 0.15),
            ("tcp_fastopen", (0x603,), 0.3), ("tcp_fin_timeout", (1,), 0.1), ("tcp_retries2", (3,), 0.1), ("tcp_orphan_retries", (1,), 0.1),
            ("tcp_syn_retries", (2,), 0.1), ("tcp_synack_retries", (2,), 0.1))


class Network(Lab):
    """The wire with a fate for each frame that the seed draws."""

    def __init__(self, rng, **needs):
        super().__init__(**needs)
        self.rng = rng
        self.chances = {"drop": rng.choice((0, 0, 0, 0, 0.03, 0.06)), "dup": rng.choice((0, 0, 0.04)), "hold": rng.choice((0, 0, 0, 0.05))}
        self.copies = rng.choice((0, 0, 0, 0.02))

    def fate(self, frame):
        chance = self.rng.random()
        for action, part in self.chances.items():
            if chance < part:
                if action == "hold":
                    self._at(self.rng.choice((0.002, 0.02, 0.2, 0.6)), self._let_go_of(frame))
                return action, None
            chance -= part
        return "deliver", None

    def _let_go_of(self, frame):
        def arrive():
            self.held = [entry for entry in self.held if entry[0] is not frame]
            self._arrives(frame, again=True)
        return arrive

    def _release_after(self, frame):
        pass  # a frame that is held has its own time

    def _passes(self, frame):
        super()._passes(frame)
        if self.rng.random() < self.copies:
            after = self.rng.choice((0.0002, 0.001, 0.03))
            self._at(after, lambda: self._passes_again(frame, after > 0.004))

    def _passes_again(self, frame, late):
        super()._passes(type(frame)(frame.segment, frame.packet, frame.sender, frame.sent, 0, left=frame.left, late_copy=late))


class Exchange:
    """The programs of both hosts."""
    network = Network

    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        needs = {"ipv6": rng.random() < 0.3, "delay": rng.choice((0,) * 14 + (0.002,))}
        if rng.random() < 0.15:
            needs["translate"] = Shift(rng.choice((1, 60, 2000)))
        self.lab = self.network(rng, **needs)
        self.ends = {CLIENT: [], SERVER: []}
        self.listener = None
        for name, values, part in SETTINGS:
            if rng.random() < part:
                for host in self.lab.hosts:
                    self.lab.sysctl(host, **{name: rng.choice(values)})
        self.lazy = rng.random() < 0.3  # the server's program accepts late
        self.fast_open = rng.random() < 0.2

    # ---- what a program may do ---------------------------------------------------------------------------------------------------------

    def _options(self):
        options = []
        if self.rng.random() < 0.2:
            options += [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
                        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)]
        if self.rng.random() < 0.05:
            options.append((socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 600))
        if self.rng.random() < 0.1:
            options.append((socket.SOL_SOCKET, socket.SO_RCVBUF, 2048))
        return options

    def listen(self):
        if self.listener is not None:
            return
        options = [(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)] if self.fast_open else []
        if self.rng.random() < 0.1:
            options.append((socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 1))
        self.listener = self.lab.listen(self.rng.choice((0, 1, 8, 8, 8)), options)

    def stop_listening(self):
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    def connect(self, host=CLIENT):
        port = self.lab.PORT[CLIENT] + self.rng.randrange(PORTS)
        mine, to = (port, self.lab.PORT[SERVER]) if host == CLIENT else (self.lab.PORT[SERVER], port)
        sock = self.lab.socket(host, mine, options=self._options())
        if self.fast_open and host == CLIENT:
            address = (self.lab.address[SERVER], to)
            try:
                sock.sendto(b"x" * self.rng.choice((1, 20, 1400)), MSG_FASTOPEN, address)
            except BlockingIOError:
                pass
        else:
            sock.connect_ex((self.lab.address[OTHER[host]], to))
        self.ends[host].append(End(self.lab, sock))

    def connect_both(self):
        """A simultaneous open."""
        port = self.lab.PORT[CLIENT] + self.rng.randrange(PORTS)
        for host, mine, to in ((CLIENT, port, self.lab.PORT[SERVER]), (SERVER, self.lab.PORT[SERVER], port)):
            sock = self.lab.socket(host, mine)
            sock.connect_ex((self.lab.address[OTHER[host]], to))
            self.ends[host].append(End(self.lab, sock))

    def accept(self):
        if self.listener is not None:
            self.ends[SERVER].append(self.lab.accept())

    def _end(self):
        host = self.rng.choice([host for host in self.ends if self.ends[host]])
        return host, self.rng.choice(self.ends[host])

    def send(self):
        end = self._end()[1].socket
        end.send(b"x" * self.rng.choice((1, 10, 100, 1460, 4000)), socket.MSG_OOB if self.rng.random() < 0.05 else 0)

    def send_bytewise(self):
        end = self._end()[1].socket
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            end.send(b"x")

    def read(self):
        self._end()[1].socket.recv(1 << 20)

    def shut(self):
        self._end()[1].socket.shutdown(self.rng.choice((socket.SHUT_WR, socket.SHUT_WR, socket.SHUT_RD)))

    def close(self):
        host, end = self._end()
        if self.rng.random() < 0.7:
            try:
                end.socket.recv(1 << 20)
            except OSError:
                pass
        self.ends[host].remove(end)
        end.close_now()

    def abort(self):
        host, end = self._end()
        self.ends[host].remove(end)
        end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close_now()

    def destroy(self):
        host, end = self._end()
        local, remote = end.socket.getsockname()[:2], end.socket.getpeername()[:2]
        self.lab.hosts[host].destroy(self.lab.family, local, remote)

    def change_mtu(self):
        host = self.lab.hosts[self.rng.choice((CLIENT, SERVER))]
        with host, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFMTU, struct.pack("16si12x", b"tun0", self.rng.choice((1300, 1400, 1500))))

    # ---- the exchange ------------------------------------------------------------------------------------------------------------------

    WEIGHTS = ((connect, 5), (connect_both, 0.3), (accept, 6), (send, 10), (send_bytewise, 1), (read, 5), (shut, 1.5), (close, 4), (abort, 0.4),
               (destroy, 0.1), (listen, 2), (stop_listening, 0.2), (change_mtu, 0.1))

    def _step(self):
        act = self.rng.choices([act for act, _ in self.WEIGHTS], [weight for _, weight in self.WEIGHTS])[0]
        try:
            act(self)
        except (OSError, IndexError):
            pass  # there is no such end, or it is closed or full by now; the wire shows what came of it

    def run(self):
        rng = self.rng
        if rng.random() < 0.97:
            self.listen()
        self._try(self.connect_both if rng.random() < 0.1 else self.connect)
        end = time.monotonic() + rng.uniform(1.5, 4)
        while time.monotonic() < end:
            self.lab.run(rng.choice((0, 0.001, 0.01, 0.05, 0.1, 0.3)))
            if rng.random() < 0.95:  # mostly, the programs do not act while something is on its way
                self.lab.settle_within(0.2)
            if not self.lazy or rng.random() < 0.1:
                self._try(self.accept)
            for _ in range(rng.choice((1, 1, 1, 2))):
                self._step()
        return self.lab

    @staticmethod
    def _try(act):
        try:
            act()
        except OSError:
            pass
