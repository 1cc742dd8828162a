#!/usr/bin/python3
"""generate.py KIND COUNT FILE: a capture of COUNT connections (bulk: segments), the same for the same arguments.

connections  opened, 19 segments of requests and answers, closed: 25 segments each, about 100 of them at a time
bulk         one connection: its opening, data and ACKs; it does not close
flood        SYNs alone, each from another address and port
loss         as connections, but 2 of 100 segments are lost and sent again, and 2 of 100 are captured late
"""
import random
import struct
import sys

FIN, SYN, ACK = 0x01, 0x02, 0x10
CLIENT, SERVER = range(2)
AT_A_TIME = 100
SPACING = 20e-6
"""Seconds between two frames."""


class Capture:
    """A pcap file of IPv4 in Ethernet; frames are as long as the segment, data being zeros."""

    def __init__(self, file):
        self.file, self.time = file, 1.7e9
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def add(self, ends, ports, seq, ack, flags, length=0):
        self.time += SPACING
        options = b"\x02\x04\x05\xb4" if flags & SYN else b""
        head = struct.pack(">HHIIBBHHH", *ports, seq & 0xffffffff, ack & 0xffffffff, (5 + len(options) // 4) << 4, flags, 64240, 0, 0) + options
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(head) + length, 0, 0x4000, 64, 6, 0, *ends)
        frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + head + bytes(length)
        self.file.write(struct.pack("<IIII", int(self.time), int(self.time % 1 * 1e6), len(frame), len(frame)) + frame)


class Connection:
    """Two ends that send to each other; segments() tells what, as arguments of Capture.add()."""

    def __init__(self, number, chance):
        self.address = [0x0a000000 + number // 50000 + 1, 0xc0a80001]
        self.port = [10000 + number % 50000, 443]
        self.next = [chance.getrandbits(32), chance.getrandbits(32)]

    def send(self, end, flags, length=0):
        order = (end, 1 - end)
        segment = ([self.address[i] for i in order], [self.port[i] for i in order], self.next[end], self.next[1 - end] if flags & ACK else 0, flags, length)
        self.next[end] += length + (1 if flags & (SYN | FIN) else 0)
        return segment

    def opening(self):
        yield self.send(CLIENT, SYN)
        yield self.send(SERVER, SYN | ACK)
        yield self.send(CLIENT, ACK)

    def data(self, end, length):
        yield self.send(end, ACK, length)
        yield self.send(1 - end, ACK)

    def exchange(self):
        """A request, and an answer in two segments, three times; 19 segments with the one that asks for no more."""
        for _ in range(3):
            yield from self.data(CLIENT, 200)
            yield from self.data(SERVER, 1000)
            yield from self.data(SERVER, 500)
        yield self.send(SERVER, ACK)

    def closing(self):
        yield self.send(CLIENT, FIN | ACK)
        yield self.send(SERVER, FIN | ACK)
        yield self.send(CLIENT, ACK)

    def segments(self):
        yield from self.opening()
        yield from self.exchange()
        yield from self.closing()


def disturbed(segments, chance):
    """What a capture near a lossy path has of them: some twice, the first copy being lost behind it, some after the next one."""
    late = None
    for segment in segments:
        fate = chance.random()
        if fate < 0.02 and late is None:
            late = segment
            continue
        yield segment
        if 0.02 <= fate < 0.04 and (segment[4] & (SYN | FIN) or segment[5] > 0):
            yield segment
        if late is not None:
            yield late
            late = None
    if late is not None:
        yield late


def connections(count, chance, path=lambda segments, chance: segments):
    going, made = [], 0
    while going or made < count:
        while len(going) < AT_A_TIME and made < count:
            going.append(path(Connection(made, chance).segments(), chance))
            made += 1
        one = chance.randrange(len(going))
        segment = next(going[one], None)
        if segment is None:
            going[one] = going[-1]
            going.pop()
        else:
            yield segment


def bulk(count, chance):
    connection = Connection(0, chance)
    yield from connection.opening()
    for i in range(count - 3):
        yield connection.send(SERVER, ACK, 1000) if i % 3 < 2 else connection.send(CLIENT, ACK)


def flood(count, chance):
    for number in range(count):
        yield Connection(number, chance).send(CLIENT, SYN)


def loss(count, chance):
    return connections(count, chance, disturbed)


KINDS = {kind.__name__: kind for kind in (connections, bulk, flood, loss)}


def generate(kind, count, path):
    with open(path, "wb") as file:
        capture = Capture(file)
        for segment in KINDS[kind](count, random.Random(f"{kind} {count}")):
            capture.add(*segment)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS or not sys.argv[2].isdecimal():
        sys.exit(__doc__.rstrip())
    generate(sys.argv[1], int(sys.argv[2]), sys.argv[3])
