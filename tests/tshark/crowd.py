#!/usr/bin/env python3
"""Many connections in one capture: recordings of the lab, each with addresses and ports of its own, at once.

    crowd.py --write    writes report/crowd.pcapng.gz: 500 connections of 24 clients to 8 services

Most are healthy. TROUBLES says what is not.
"""
import pathlib
import random
import sys

import harness
from variants import pcapng

CROWD = pathlib.Path(__file__).resolve().parent / "report" / "crowd.pcapng.gz"
CONNECTIONS = 500
CLIENTS = [bytes([10, 1, 1, number]) for number in range(1, 25)]
SERVER, SECOND = bytes([10, 2, 2, 2]), bytes([10, 2, 2, 3])
FIRST_PORT = 33000

# How often a recording is in it, as a connection to which service, and of how many clients at most.
TROUBLES = [
    ("close_wait", 9, (SERVER, 8080), 3),
    ("syn_dropped", 7, (SECOND, 5432), 5),
    ("fin_dropped", 5, (SERVER, 443), 4),
    ("zero_window", 3, (SERVER, 9000), 1),
    ("synack_dropped", 3, (SECOND, 443), 2),
    ("keepalive", 2, (SECOND, 22), 2),
    ("peer_crashed", 4, (SERVER, 22), 2),
    ("last_ack_dropped", 2, (SERVER, 443), 2),
    ("refused", 12, (SECOND, 81), 6),
    ("rst_linger0", 10, (SERVER, 443), 8),
    ("rst_unread_data", 3, (SERVER, 9000), 3),
]
HEALTHY = ["normal", "server_first", "fin_ack_3seg", "fin_with_data", "half_close", "simul_close", "fin_dropped_once", "hs_ack_dropped_once", "wrap"]
SERVICES = [(SERVER, 443), (SERVER, 8080), (SECOND, 443), (SECOND, 5432)]
LATEST, LONGEST = 1_750_000_000_000_000_000, 750_000_000_000
"""When the capture ends, and how long before that a connection may have had its last segment: nanoseconds."""


def checksum(data):
    total = sum(int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data) - len(data) % 2, 2))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def readdressed(packet, client, service):
    """The packet of a recording, between these two: (address, port)."""
    data, header = bytearray(packet), (packet[0] & 15) * 4
    first, second = (client, service) if data[12:16] == bytes([10, 9, 0, 1]) else (service, client)
    data[12:20] = first[0] + second[0]
    data[header:header + 4] = first[1].to_bytes(2, "big") + second[1].to_bytes(2, "big")
    data[10:12] = data[header + 16:header + 18] = b"\0\0"
    data[10:12] = checksum(data[:header])
    pseudo = bytes(data[12:20]) + b"\0\6" + (len(data) - header).to_bytes(2, "big")
    data[header + 16:header + 18] = checksum(pseudo + data[header:])
    return bytes(data)


def crowd():
    """[(time, packet, comment)], the same each time."""
    rng = random.Random(1)
    parts = []
    for name, count, service, clients in TROUBLES:
        some = rng.sample(CLIENTS, clients)
        parts += [(name, service, some[number % clients]) for number in range(count)]
    parts += [(rng.choice(HEALTHY), rng.choice(SERVICES), rng.choice(CLIENTS)) for _ in range(CONNECTIONS - len(parts))]
    rng.shuffle(parts)
    frames = []
    for number, (name, service, client) in enumerate(parts):
        packets = list(pcapng.read(harness.CAPTURES / f"{name}.pcapng"))
        end = LATEST - rng.randrange(LONGEST)
        frames += [(end - packets[-1][0] + time, readdressed(packet, (client, FIRST_PORT + number), service), "") for time, packet in packets]
    return sorted(frames)


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    CROWD.parent.mkdir(exist_ok=True)
    pcapng.write(CROWD, crowd(), "Recordings of the lab, at once.")
