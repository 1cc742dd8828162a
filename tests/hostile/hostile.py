#!/usr/bin/python3
"""hostile.py KIND COUNT FILE: a capture that somebody made to hurt who looks at it, the same for the same arguments.

Frames are IP packets. `KINDS` says what each is; COUNT is about how many frames it has.
"""
import random
import struct
import sys

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
CLIENT, SERVER = 0, 1
ADDRESSES = (0x0a000001, 0x0a000002)
PORTS = (40000, 80)
IP_IN_IP, TCP, GRE, DESTINATION_OPTIONS = 4, 6, 47, 60
LAST_SECOND = 0xffffffff
"""Of a 32-bit clock: in the year 2106."""


def ip(payload, source, target, protocol=TCP, options=b"", number=0):
    options += bytes(-len(options) % 4)
    return struct.pack(">BBHHHBBHII", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), number & 0xffff, 0x4000, 64, protocol, 0, source,
                       target) + options + payload


def ipv6(payload, source, target, options):
    """With its options, 6 + 8n bytes of them, for the destination (RFC 8200 section 4.6)."""
    body = bytes([TCP, len(options) // 8]) + options + payload
    return struct.pack(">IHBBQQQQ", 6 << 28, len(body), DESTINATION_OPTIONS, 64, 0xfd << 56, source, 0xfd << 56, target) + body


def tcp(ports, seq, ack, flags, length=0, options=b"", window=64240, offset=None):
    options += bytes(-len(options) % 4)
    offset = 5 + len(options) // 4 if offset is None else offset
    return struct.pack(">HHIIBBHHH", *ports, seq & 0xffffffff, ack & 0xffffffff, offset << 4, flags, window, 0, 0) + options + bytes(length)


def segment(end, seq, ack, flags, length=0, addresses=ADDRESSES, ports=PORTS, number=0, **header):
    """From an end, 0 for the client."""
    order = (end, 1 - end)
    return ip(tcp([ports[i] for i in order], seq, ack, flags, length, **header), *(addresses[i] for i in order), number=number)


def exchange(isn=(100, 300), **ends):
    """Opened and closed, in seven segments."""
    c, s = isn
    for end, seq, ack, flags in ((0, c, 0, SYN), (1, s, c + 1, SYN | ACK), (0, c + 1, s + 1, ACK), (0, c + 1, s + 1, FIN | ACK), (1, s + 1, c + 2, ACK),
                                 (1, s + 1, c + 2, FIN | ACK), (0, c + 2, s + 2, ACK)):
        yield segment(end, seq, ack, flags, **ends)


OPENING = [(0, 100, 0, SYN), (1, 300, 101, SYN | ACK), (0, 101, 301, ACK)]
CLIENT_CLOSES = [(0, 101, 301, FIN | ACK), (1, 301, 102, ACK), (1, 301, 102, FIN | ACK)]
FINS_CROSS = [(0, 101, 301, FIN | ACK), (1, 301, 101, FIN | ACK), (0, 102, 302, ACK), (1, 302, 102, ACK)]
WAYS = {
    "LISTEN": OPENING[:1], "SYN_SENT": OPENING[:1], "SYN_RCVD": OPENING[:2], "ESTABLISHED": OPENING, "FIN_WAIT_1": OPENING + CLIENT_CLOSES[:1],
    "CLOSE_WAIT": OPENING + CLIENT_CLOSES[:2], "FIN_WAIT_2": OPENING + CLIENT_CLOSES[:2], "LAST_ACK": OPENING + CLIENT_CLOSES,
    "CLOSING": OPENING + FINS_CROSS[:3], "TIME_WAIT": OPENING + FINS_CROSS, "CLOSED": OPENING + [(0, 101, 0, RST)],
}
"""Segments after which an end is in the state; the first of it in hostile.WAYS is enough: the others are states of the other end too."""


def isns(count, chance):
    """One address and port, and SYN after SYN, each with another number."""
    for number in range(count):
        yield segment(CLIENT, chance.getrandbits(32), 0, SYN, number=number)


def retries(count, chance):
    """The same SYN again and again."""
    for number in range(count):
        yield segment(CLIENT, 100, 0, SYN, number=number)


def toggled(count, chance):
    """An open connection that a forged RST closes, data opens, a forged FIN closes, and data over that FIN opens again."""
    yield from (segment(*step) for step in OPENING)
    seq = 101
    for number in range(0, count, 4):
        yield segment(CLIENT, seq, 0, RST, number=number)
        yield segment(CLIENT, seq, 301, PSH | ACK, 10, number=number + 1)
        yield segment(CLIENT, seq + 10, 301, FIN | ACK, number=number + 2)
        yield segment(CLIENT, seq + 10, 301, PSH | ACK, 10, number=number + 3)
        seq += 20


def half_open(count, chance):
    """Clients that do not answer the SYN,ACK."""
    for number in range(count // 2):
        ends = {"addresses": (0x0b000000 + number // 50000, ADDRESSES[1]), "ports": (10000 + number % 50000, 80)}
        yield segment(CLIENT, number, 0, SYN, **ends)
        yield segment(SERVER, number + 7, number + 1, SYN | ACK, **ends)


def flags(count, chance):
    """Every combination of flags, from both ends, in every state."""
    number = 0
    while number < count:
        for way in WAYS.values():
            for end in (CLIENT, SERVER):
                for combination in range(64):
                    ends = {"addresses": (0x0c000000 + number, ADDRESSES[1])}
                    for step in way:
                        yield segment(*step, **ends)
                    yield segment(end, (301 if end else 101), (101 if end else 301), combination, **ends)
                    number += len(way) + 1


def windows(count, chance):
    """The largest scale, and a window that closes and opens with each segment."""
    scale = b"\x03\x03\x0e\x00"
    yield segment(CLIENT, 100, 0, SYN, options=scale)
    yield segment(SERVER, 300, 101, SYN | ACK, options=scale)
    yield segment(CLIENT, 101, 301, ACK)
    for number in range(count // 2):
        yield segment(SERVER, 301, 101 + number, ACK, window=0xffff * (number % 2), number=number)
        yield segment(CLIENT, 101 + number, 301, PSH | ACK, 1, number=number)


def wrap(count, chance):
    """Exchanges whose numbers pass 2^32, each at another step."""
    for number in range(count // 7):
        isn = (0x100000000 - number % 5, 0x100000000 - number // 5 % 5)
        yield from exchange(isn, addresses=(0x0d000000 + number, ADDRESSES[1]))


def options(count, chance):
    """IP options of all kinds, one in an IPv4 header or 255 in front of IPv6's payload, and TCP options of all kinds with all lengths, right or
    wrong."""
    for number in range(count):
        kind, length = number % 256, number // 256 % 42
        header = tcp(PORTS, 100, 0, SYN, options=bytes([kind, length]) + chance.randbytes(38))
        where = chance.randrange(3)
        if where == 2:
            yield ipv6(header, number, ADDRESSES[1], options=255 * bytes([kind, 0]))
        else:
            yield ip(header, 0x0e000000 + number, ADDRESSES[1], options=bytes([kind, length]) + bytes(10) if where else b"")


def tunnels(count, chance):
    """One pair of addresses and ports inside tunnel upon tunnel, between the same two addresses and between others, a few to many deep."""
    made = 0
    while made < count:
        for packet in exchange((made, made + 9)):
            for depth in range(made % 30):
                packet = ip(packet, *(ADDRESSES if depth % 2 else (0x0f000000 + depth, 0x0f000100)), protocol=IP_IN_IP)
            yield packet
            made += 1


def networks(count, chance):
    """One pair of addresses and ports, and SYN after SYN, each with another number and in another network (RFC 2890: GRE with a key)."""
    for number in range(count):
        inner = segment(CLIENT, chance.getrandbits(32), 0, SYN, number=number)
        yield ip(struct.pack(">HHI", 0x2000, 0x0800, number) + inner, 0x0f000001, 0x0f000002, protocol=GRE)


def nvgre(packet, network):
    """In a virtual network (RFC 7637), which is a capture point if the same was seen in another one."""
    inner = bytes(12) + b"\x08\x00" + packet
    return ip(struct.pack(">HHI", 0x2000, 0x6558, network << 8) + inner, 0x0f000001, 0x0f000002, protocol=GRE)


def two_points(count, chance):
    """The same few segments of one connection again and again, each at two points, the second of which misses some: nothing tells which is which."""
    for step in OPENING:
        for network in (1, 2):
            yield nvgre(segment(*step), network)
    for number in range(count * 10 // 19):
        packet = segment(number // 3 % 2, 101, 301, ACK) if number % 3 else segment(CLIENT, 100, 0, RST | ACK)
        yield nvgre(packet, 1)
        if number % 10 != 0:
            yield nvgre(packet, 2)


def many_points(count, chance):
    """Exchanges, of which each segment was seen in more virtual networks than are told apart."""
    for number in range(count // 7 // 1200 + 1):
        for packet in exchange((number, number + 9), addresses=(0x10000000 + number, ADDRESSES[1])):
            for network in range(min(1200, count // 7)):
                yield nvgre(packet, network)


def itself(count, chance):
    """Sockets that are connected to themselves, and SYNs of them after that."""
    for number in range(count // 6):
        ends = {"addresses": (0x7f000001, 0x7f000001), "ports": (1 + number % 65535,) * 2}
        for seq, ack, control in ((100, 0, SYN), (100, 101, SYN | ACK), (101, 101, ACK), (101, 101, FIN | ACK), (102, 102, ACK), (chance.getrandbits(32), 0, SYN)):
            yield segment(CLIENT, seq, ack, control, **ends)


def backwards(count, chance):
    """Exchanges against the clock."""
    for number in range(count // 7):
        yield from exchange(addresses=(0x10000000 + number, ADDRESSES[1]))


def far_times(count, chance):
    """Exchanges between the first second and the last."""
    yield from backwards(count, chance)


KINDS = {kind.__name__: kind for kind in (isns, retries, toggled, half_open, flags, windows, wrap, options, tunnels, networks, two_points, many_points,
                                          itself, backwards, far_times)}


def time_of(kind, number):
    """(seconds, nanoseconds) of a frame."""
    if kind == "far_times":
        return (0, number % 1000000000) if number % 2 == 0 else (LAST_SECOND, 999999999)
    microseconds = number * 20
    if kind == "backwards":
        return 1700000000 - microseconds // 1000000, 999999999 - microseconds % 1000000 * 1000
    return 1700000000 + microseconds // 1000000, microseconds % 1000000 * 1000


def generate(kind, count, path):
    """Returns how many frames it has."""
    number = 0
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
        for number, packet in enumerate(KINDS[kind](count, random.Random(kind)), 1):
            file.write(struct.pack("<IIII", *time_of(kind, number), len(packet), len(packet)) + packet)
    return number


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS or not sys.argv[2].isdecimal():
        sys.exit(__doc__.rstrip())
    print(generate(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
