"""Ordinary traffic over a path with delay, jitter and loss: requests and answers of two real kernels, many connections at a time.

Nothing in it is worth a warning: of each segment with data, and of all others of a connection, one is lost at most, and both programs close.
"""
import random
import socket
import time

from scenarios import Lab
from segment import FIN, SYN
from wire import CLIENT, SERVER

CONNECTIONS, AT_A_TIME = 60, 12
LONGEST = 60  # seconds
FIRST_PORT = 41000


class Path(Lab):
    """A wire whose delay is drawn for each frame, and that loses frames on either side of the capture point."""

    def __init__(self, rng, loss, jitter, **needs):
        self.rng, self.loss, self.jitter, self.once = rng, loss, jitter, set()
        super().__init__(**needs)

    @property
    def delay(self):
        return self.base + self.rng.random() * self.jitter

    @delay.setter
    def delay(self, seconds):
        self.base = seconds

    def state(self, _frame, _end):
        return "-"  # nobody asks

    def _is_lost(self, frame):
        segment = frame.segment
        bare = segment.flags & (SYN | FIN) or not segment.data
        key = (*sorted((segment.sport, segment.dport)), None if bare else (frame.sender, segment.seq))
        if self.rng.random() >= self.loss or key in self.once:
            return False
        self.once.add(key)
        return True

    def _passes(self, frame):
        if self._is_lost(frame):
            return  # before the capture point
        self._capture(frame, "middle")
        if not self._is_lost(frame):
            self._at(self.delay_of(frame.sender), lambda: self._arrives(frame))


class Conversation:
    """A request and its answer."""

    def __init__(self, lab, rng, port):
        self.client, self.server = lab.socket(CLIENT, port), None
        self.client.connect_ex((lab.address[SERVER], lab.PORT[SERVER]))
        self.to_send = {CLIENT: rng.choice((20, 300, 3000)), SERVER: rng.choice((0, 100, 3000, 40000, 120000))}
        self.to_read = {SERVER: self.to_send[CLIENT], CLIENT: self.to_send[SERVER]}
        self.first_to_close = rng.choice((CLIENT, SERVER))
        self.pause_until = time.monotonic() + rng.choice((0, 0, 0.3, 1.5))
        self.open = {CLIENT, SERVER}

    def _read(self, end, sock):
        data = sock.recv(1 << 16)
        self.to_read[end] -= len(data)
        return data == b""

    def _work(self, end, sock):
        if self.to_send[end] > 0 and (end == CLIENT or self.to_read[SERVER] == 0):
            self.to_send[end] -= sock.send(b"x" * min(self.to_send[end], 1 << 14))
        done = not any(self.to_send.values()) and not any(self.to_read.values())
        if done and end == self.first_to_close:
            sock.close()
            self.open.remove(end)
        elif self._read(end, sock):  # the other end has closed
            sock.close()
            self.open.remove(end)

    def advance(self):
        if time.monotonic() < self.pause_until:
            return
        for end, sock in ((CLIENT, self.client), (SERVER, self.server)):
            try:
                if end in self.open and sock is not None:
                    self._work(end, sock)
            except OSError:
                pass  # not connected yet, or nothing to read or no room to send now


def run(seed):
    """Plays the traffic of a seed; returns the lab, whose frames are the capture."""
    rng = random.Random(seed)
    lab = Path(rng, rng.choice((0, 0.01, 0.03)), rng.choice((0, 0.001, 0.012)), ipv6=rng.random() < 0.3, delay=rng.choice((0.0005, 0.01, 0.04)))
    lab.listen(64)
    waiting = [FIRST_PORT + number for number in range(CONNECTIONS)]
    running, end = {}, time.monotonic() + LONGEST
    while (waiting or running) and time.monotonic() < end:
        if waiting and len(running) < AT_A_TIME:
            port = waiting.pop()
            running[port] = Conversation(lab, rng, port)
        lab.step(0.005)
        while True:
            try:
                accepted = lab.accept().socket
            except BlockingIOError:
                break
            running[accepted.getpeername()[1]].server = accepted
        for conversation in running.values():
            conversation.advance()
        running = {port: conversation for port, conversation in running.items() if conversation.open}
    lab.run(1)
    return lab
