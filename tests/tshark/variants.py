"""Captures as they might have been: a recording with a frame missed, twice, late or cut, with one direction alone, or begun late.

All variants of a recording go into one file, each with addresses of its own, so that tshark runs once.
"""
import functools
import hashlib
import pathlib
import sys

import harness

sys.path.insert(0, str(harness.ROOT / "tests" / "lab"))
import pcapng  # noqa: E402

CUTS = [54 - 14, 68 - 14]  # the usual lengths, without an Ethernet header


def source(packet):
    return packet[12:16] if packet[0] >> 4 == 4 else packet[8:24]


def swapped(packets, i):
    """Frame i after the next one: with its own time, as files are merged wrongly, and as a slow path captures."""
    (early, first), (late, second) = packets[i], packets[i + 1]
    yield [*packets[:i], (late, second), (early, first), *packets[i + 2:]]
    yield [*packets[:i], (early, second), (early + 1000, first), *packets[i + 2:]]


def variants(packets):
    """(what was done, packets), beginning with the recording itself."""
    every = range(len(packets))
    yield "whole", packets
    for i in every:
        yield f"without {i + 1}", packets[:i] + packets[i + 1:]
        time, data = packets[i]
        yield f"{i + 1} twice", [*packets[: i + 1], (time + 1000, data), *packets[i + 1:]]
        for cut in CUTS:
            yield f"{i + 1} cut to {cut}", [*packets[:i], (time, data, cut), *packets[i + 1:]]
        if i > 0:
            yield f"from {i + 1}", packets[i:]
    for i in every[:-1]:
        for way, order in enumerate(swapped(packets, i)):
            yield f"{i + 1} after {i + 2}" + (" by the clock" if way else ""), order
    for cut in CUTS:
        yield f"cut to {cut}", [(time, data, cut) for time, data in packets]
    for sender in {source(data) for _, data in packets}:
        yield f"only from {sender.hex()}", [p for p in packets if source(p[1]) == sender]


def renumbered(packet, number):
    """The packet between two hosts of its own: the middle of both addresses is the number."""
    data = bytearray(packet)
    for at in (13, 17) if data[0] >> 4 == 4 else (10, 26):
        data[at:at + 2] = number.to_bytes(2, "big")
    return bytes(data)


def number_of(address):
    parts = address.split(".")
    return int(parts[1]) << 8 | int(parts[2]) if len(parts) == 4 else int(address.split(":")[1] or "0", 16)


@functools.cache
def combined(capture):
    """The names of the variants of a recording, and the file with them all."""
    packets = list(pcapng.read(capture))
    names, frames = [], []
    for number, (name, variant) in enumerate(variants(packets)):
        names.append(name)
        frames += [(time, renumbered(data, number + 1), cut[0] if cut else None) for time, data, *cut in variant]
    path = pathlib.Path(harness.workplace()) / "captures" / f"variants-{harness.name_of(capture)}.pcapng"
    pcapng.write(path, frames)
    path.chmod(0o644)
    return names, path


@functools.cache
def merged(captures):
    """One file of several recordings, each between hosts of its own: for what would take too many runs of tshark one by one."""
    which = hashlib.sha256("\n".join(map(str, captures)).encode()).hexdigest()[:16]
    path = pathlib.Path(harness.workplace()) / "captures" / f"merged-{which}.pcapng"
    pcapng.write(path, [(time, renumbered(data, number), None) for number, capture in enumerate(captures, 1)
                        for time, data in pcapng.read(capture)])
    path.chmod(0o644)
    return path


def findings(capture):
    """[(variant, finding, severity, sentence's frame)] of all variants."""
    names, path = combined(capture)
    fields = ["ip.src", "ipv6.src", "tcpstate.finding", "tcpstate.finding.severity", "frame.number"]
    found = []
    for ip4, ip6, kinds, severities, frame in harness.rows(path, fields, "-Y", "tcpstate.finding"):
        variant = names[number_of((ip4 or ip6)[0]) - 1]
        found += [(variant, kind, int(severity), int(frame[0])) for kind, severity in zip(kinds, severities)]
    return len(names), found
