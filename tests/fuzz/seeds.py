#!/usr/bin/python3
"""seeds.py FOLDER CAPTURE...: writes each connection of the captures into the folder as an exchange, in the format that exchange.c describes.

A capture is any file that tshark reads, for example a recording of tests/lab.
"""
import pathlib
import struct
import subprocess
import sys

FIELDS = ["frame.time_epoch", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.flags", "tcp.seq_raw",
          "tcp.ack_raw", "tcp.window_size_value", "tcp.len", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval",
          "tcp.options.timestamp.tsecr", "tcp.options.sack_re", "ip.id", "tcp.hdr_len", "ip.ttl", "ipv6.hlim"]
MILLISECOND = 10**6
SECOND = 10**9
GAPS = [0, MILLISECOND // 100, MILLISECOND // 10, MILLISECOND, 5 * MILLISECOND, 20 * MILLISECOND, 60 * MILLISECOND, 200 * MILLISECOND,
        300 * MILLISECOND, SECOND, 3 * SECOND, 20 * SECOND, 61 * SECOND, 301 * SECOND, -2 * MILLISECOND, -100000 * SECOND]
FIN, SYN, ACK = 1, 2, 16
FEW, TWO_MSL = 2, 2 << 2
SEEN = [1, 1, 1, 0, 1, 1, 2, 3]
"""Which capture points see each step, in turn."""
MOST_STEPS = 256


def nearest_gap(gap):
    """The byte of a step whose time is nearest to `gap` nanoseconds."""
    return min((abs(GAPS[index] * (1 + times) - gap), index | times << 4) for index in range(16) for times in range(16))[1]


class Exchange:
    """The bytes of one connection."""

    def __init__(self):
        self.bytes = bytearray([FEW | TWO_MSL, 0])
        self.first, self.time = None, None
        self.syn, self.next, self.acked = [0, 0], [0, 0], [0, 0]

    def add(self, time, source, flags, seq, ack, window, length, scale, tsval, tsecr, sack, ip_id, header, ttl):
        """Adds a step. Its numbers are relative to the next numbers of the sender and of the peer."""
        if self.first is None:
            self.first, self.time = source, time
        self_ = int(source != self.first)
        peer = 1 - self_
        seen = SEEN[len(self.bytes) // 24 % len(SEEN)]
        present = (scale is not None) | (sack is not None) << 1 | (tsval is not None) << 2
        edge = ((sack or 0) - ack) & 0xffffffff
        self.bytes += struct.pack("<BBBBIIHHBBBBBBBB", self_ << 2, flags, nearest_gap(time - self.time), 2 | 2 << 2 | seen << 5,
                                  (seq - self.next[self_]) & 0xffffffff, (ack - self.next[peer]) & 0xffffffff, window, length, present,
                                  scale or 0, (tsval or 0) >> 6 & 0xff, (tsecr or 0) >> 6 & 0xff, ip_id & 0xff, header // 4, min(edge, 255), ttl)
        self.time = time
        self.next[self_] = (seq + length + bool(flags & SYN) + bool(flags & FIN)) & 0xffffffff


def number(text, base=0):
    return int(text.split(",")[0], base) if text else None


def exchanges(capture):
    """An exchange for each pair of addresses and ports."""
    command = ["tshark", "-n", "-o", "tcp.relative_sequence_numbers:FALSE", "-r", str(capture), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    of_pairs = {}
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        time, src4, src6, src_port, dst4, dst6, dst_port, flags, seq, ack, window, length, scale, tsval, tsecr, sack, ip_id, header, ttl, hops = line.split("\t")
        if not seq or "," in src_port:
            continue
        source, target = (src4 or src6, src_port), (dst4 or dst6, dst_port)
        seconds, fraction = time.split(".")
        exchange = of_pairs.setdefault(frozenset((source, target)), Exchange())
        exchange.add(int(seconds) * SECOND + int(fraction.ljust(9, "0")[:9]), source, number(flags) & 0xff, number(seq), number(ack) or 0,
                     number(window), number(length), number(scale), number(tsval), number(tsecr), max(map(int, sack.split(","))) if sack else None,
                     number(ip_id) or 0, number(header), number(ttl or hops) or 0)
    return of_pairs.values()


def main(folder, captures):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for capture in map(pathlib.Path, captures):
        for index, exchange in enumerate(exchanges(capture)):
            (folder / f"{capture.name.split('.')[0]}-{index}").write_bytes(exchange.bytes[: 2 + 24 * MOST_STEPS])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__.rstrip())
    main(sys.argv[1], sys.argv[2:])
