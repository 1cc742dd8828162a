"""What each end has sent, in the table of connections, counted anew from the segments; and the names that other tools know a connection by."""
import collections
import json
import pathlib

import pytest

import crowd
import harness
import test_traffic
import variants
from packets import ip4, tcp, write

FIELDS = ["tcpstate.connection", "tcpstate.sender", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "frame.number"]
LOSSY = [*sorted((pathlib.Path(__file__).parent / "random-loss").glob("*.pcapng"))[:12], *test_traffic.FROZEN]


def rows_of(capture):
    return [json.loads(line) for line in harness.output("-q", "-r", capture, "-z", "tcpstate,connections,json").splitlines()]


class Direction:
    """The bytes of data of an end as relative numbers: all that were sent, and each of them once."""

    def __init__(self):
        self.segments = self.bytes = 0
        self.seen = set()

    def add(self, seq, length):
        self.segments += 1
        self.bytes += length
        self.seen.update((seq + i) & 0xFFFFFFFF for i in range(length))


def counted(capture):
    found = collections.defaultdict(Direction)
    for number, sender, seq, _, length, _ in harness.rows(capture, FIELDS, "-Y", "tcpstate.sender"):
        found[int(number[0]), sender[0]].add(int(seq[0]), int(length[0]))
    return found


@pytest.mark.parametrize("capture", [*harness.NAMED, *LOSSY], ids=harness.name_of)
def test_segments_and_bytes(capture):
    """A capture of a path without copies."""
    found = counted(capture)
    for row in rows_of(capture):
        for end in ("client", "server"):
            direction = found[row["connection"], end]
            told = tuple(row[f"{end}_{name}"] for name in ("segments", "bytes", "unique_bytes"))
            copies = direction.segments - told[0]
            assert copies >= 0
            if copies == 0:
                assert told == (direction.segments, direction.bytes, len(direction.seen)), (row["connection"], end)
            assert told[2] == len(direction.seen), (row["connection"], end)


def transfer(missing):
    """Ten segments of 100 bytes without some of them, acknowledged one by one."""
    packets = [ip4(tcp("S", 100)), ip4(tcp("SA", 300, 101, back=True), True), ip4(tcp("A", 101, 301))]
    for number in range(10):
        if number not in missing:
            packets.append(ip4(tcp("A", 101 + 100 * number, 301, b"x" * 100)))
        packets.append(ip4(tcp("A", 301, 201 + 100 * number, back=True), True))
    return packets


@pytest.mark.parametrize("missing", [(), (3,), (3, 4), (2, 5, 7), (9,), tuple(range(10))], ids=str)
def test_missed_bytes(missing):
    capture = write(f"missed-{'-'.join(map(str, missing))}", transfer(missing))
    [row] = rows_of(capture)
    assert (row["client_bytes"], row["client_unique_bytes"], row["client_missed_bytes"]) == (1000 - 100 * len(missing),) * 2 + (100 * len(missing),)
    assert row["server_missed_bytes"] == 0


def test_what_comes_late_is_not_missed():
    """Behind others, or sent again: each of ten gaps is filled in the end."""
    packets = transfer(())
    order = [*packets[:3], *(packet for i, packet in enumerate(packets[3:]) if i % 4 == 2), *(packet for i, packet in enumerate(packets[3:]) if i % 4 != 2)]
    [row] = rows_of(write("late", order))
    assert (row["client_bytes"], row["client_unique_bytes"], row["client_missed_bytes"]) == (1000, 1000, 0)


@pytest.mark.parametrize("capture", [crowd.CROWD, harness.CAPTURES / "normal_ipv6.pcapng"], ids=["ipv4", "ipv6"])
def test_community_id(capture):
    """As Wireshark's own plugin tells it, and so do Zeek, Suricata and Arkime."""
    shown = {int(number[0]): name[0] for number, name in
             harness.rows(capture, ["tcpstate.connection", "communityid"], "--enable-protocol", "communityid", "-Y", "tcpstate.connection")}
    assert {row["connection"]: row["community_id"] for row in rows_of(capture)} == shown


def test_first_and_last_frames_and_isns():
    capture = variants.merged(tuple(harness.NAMED))
    frames, isns = collections.defaultdict(list), {}
    for number, sender, seq, frame, flags in harness.rows(capture, ["tcpstate.connection", "tcpstate.sender", "tcp.seq_raw", "frame.number", "tcp.flags.syn"],
                                                          "-Y", "tcpstate.sender"):
        frames[int(number[0])].append(int(frame[0]))
        if flags[0] in ("1", "True"):
            isns[int(number[0]), sender[0]] = int(seq[0])
    for row in rows_of(capture):
        of_row = frames[row["connection"]]
        assert row["first_frame"] == of_row[0] and row["last_frame"] <= of_row[-1]
        for end in ("client", "server"):
            if (row["connection"], end) in isns and row[f"{end}_isn"] is not None:
                assert row[f"{end}_isn"] == isns[row["connection"], end]
