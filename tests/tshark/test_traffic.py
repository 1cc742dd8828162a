"""Ordinary traffic of two kernels raises no warning, over a path with jitter and loss, in a capture that drops frames, and from the device "any"
of a router, which captures each packet twice.

traffic has frozen recordings; the lab makes more, with seeds that are never the same.
"""
import os
import pathlib
import random
import struct
import subprocess
import sys
import time

import pytest

import harness
from variants import pcapng

FROZEN = sorted((pathlib.Path(__file__).resolve().parent / "traffic").glob("*.gz"))
FRESH_SEEDS = 20
MICROSECOND = 1000


def whole(packets, _rng):
    return packets


def dropping(share):
    """What a capture has that drops so many frames."""
    return lambda packets, rng: [packet for packet in packets if rng.random() >= share]


def hop(packet):
    """The packet after a router."""
    data = bytearray(packet)
    if data[0] >> 4 == 4:
        data[8] -= 1
        checksum = (data[10] << 8 | data[11]) + 0x100
        data[10:12] = ((checksum & 0xFFFF) + (checksum >> 16)).to_bytes(2, "big")
    else:
        data[7] -= 1
    return bytes(data)


def routed(packets, rng):
    """From both devices of a router: each packet comes in, and goes out up to 0.2 ms later."""
    both = [(moment, 1, packet) for moment, packet in packets]
    both += [(moment + rng.randrange(5, 200) * MICROSECOND, 2, hop(packet)) for moment, packet in packets]
    return sorted(both, key=lambda entry: entry[0])


def cooked(packets):
    """With the header of the device "any" (SLL2): (time, device, packet)."""
    return [(moment, struct.pack("!HHIHBB8x", 0x0800 if packet[0] >> 4 == 4 else 0x86DD, 0, device, 1, 0 if device == 1 else 4, 6) + packet, "")
            for moment, device, packet in packets]


def write(path, packets, rng, change):
    changed = change(packets, rng)
    if change in (routed, routed_and_dropping):
        pcapng.write(path, cooked(changed), link=pcapng.LINUX_SLL2)
    else:
        pcapng.write(path, [(moment, packet, "") for moment, packet in changed])
    path.chmod(0o644)


def routed_and_dropping(packets, rng):
    return dropping(0.05)(routed(packets, rng), rng)


CHANGES = {"whole": whole, "5% dropped": dropping(0.05), "8% dropped": dropping(0.08), "any": routed, "any, 5% dropped": routed_and_dropping}


def warnings(capture, change):
    """[(frame, finding)] of the recording as it was changed."""
    packets = list(pcapng.read(capture))
    path = pathlib.Path(harness.workplace()) / "captures" / f"{harness.name_of(capture)} {change}.pcapng"
    write(path, packets, random.Random(f"{harness.name_of(capture)} {change}"), CHANGES[change])
    rows = harness.rows(path, ["frame.number", "tcpstate.finding", "tcpstate.finding.severity"], "-Y", "tcpstate.finding.severity >= 3")
    return [(int(frame[0]), name) for frame, names, severities in rows for name, severity in zip(names, severities) if int(severity) >= 3]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("capture", FROZEN, ids=harness.name_of)
def test_frozen(capture, change, record_property):
    found = warnings(capture, change)
    record_property("variants", 1)
    record_property("alarms", bool(found))
    assert found == []


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.skipif(os.getuid() != 0, reason="the lab needs root")
def test_fresh(tmp_path, record_property, capsys):
    first = time.time_ns() // 1_000_000_000 * 1000
    seeds = f"{first}-{first + FRESH_SEEDS - 1}"
    done = subprocess.run([sys.executable, harness.ROOT / "tests" / "lab" / "record", "traffic", seeds, "--into", tmp_path], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    captures = sorted(tmp_path.glob("*.gz"))
    assert len(captures) == FRESH_SEEDS
    found = {(capture.name, change): warnings(capture, change) for capture in captures for change in CHANGES}
    record_property("variants", len(found))
    record_property("alarms", sum(map(bool, found.values())))
    with capsys.disabled():
        print(f"\ntraffic {seeds}: {len(found)} captures")
    assert {key: value for key, value in found.items() if value} == {}
