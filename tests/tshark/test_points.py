"""Several capture points in one file: the states at each are those of its own segments, and both show one connection."""
import functools
import pathlib
import subprocess

import pytest
from scapy.all import GRE, IP, Ether

import harness
import variants
from packets import EXCHANGE, exchange, ip4, write
from variants import pcapng

SECOND = 10**9
SHIFTS = [-3, -0.3, -0.02, 0, 0.02, 0.3, 3]
LEGS_AND_ALONE = ["tcpstate.connection", "tcpstate.connection.previous", "tcpstate.retry", "tcpstate.transition", "tcpstate.finding", "tcpstate.finding.severity",
                  *(f"tcpstate.{end}{name}" for end in ("client", "server") for name in ("", ".pending", ".basis", ".duration"))]
EVERY = harness.every_capture()


def in_workplace(name, frames, interfaces):
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-{name}.pcapng"
    pcapng.write(path, frames, interfaces=interfaces)
    path.chmod(0o644)
    return path


def merge(first, second):
    """As mergecap does: the earlier of both heads. (point, index) of each frame."""
    order, i, j = [], 0, 0
    while i < len(first) or j < len(second):
        if j == len(second) or (i < len(first) and first[i] <= second[j]):
            order.append((0, i))
            i += 1
        else:
            order.append((1, j))
            j += 1
    return order


def at_two_points(capture, shift):
    """The capture merged with itself as it would be captured at another point, by a clock that is off by `shift` seconds."""
    packets = list(pcapng.read(capture))
    times = [time for time, _ in packets]
    order = merge(times, [time + round(shift * SECOND) for time in times])
    path = in_workplace(f"{harness.name_of(capture)}-{shift}", [(times[i] + point * round(shift * SECOND), packets[i][1], None, point) for point, i in order],
                        ("near", "far"))
    return path, order


@functools.cache
def alone(capture):
    return harness.rows(capture, LEGS_AND_ALONE)


def check_two_points(capture, shift):
    path, order = at_two_points(capture, shift)
    shown = harness.rows(path, LEGS_AND_ALONE)
    wrong = [(frame, point, i + 1, a, b) for frame, ((point, i), b) in enumerate(zip(order, shown), 1) if (a := alone(capture)[i]) != b]
    assert len(shown) == 2 * len(alone(capture))
    assert wrong == []


@pytest.mark.parametrize("number", range(len(EVERY)), ids=[harness.name_of(c) for c in EVERY])
def test_a_recording_at_two_points(number):
    check_two_points(EVERY[number], SHIFTS[number % len(SHIFTS)])


@pytest.mark.parametrize("shift", SHIFTS)
def test_all_recordings_at_two_points(shift):
    check_two_points(variants.merged(tuple(EVERY)), shift)


def legs(packets):
    """The leg of a tap that each packet is on: one for each direction, by the addresses and ports."""
    def ends(data):
        at, size = (12, 4) if data[0] >> 4 == 4 else (8, 16)
        header = (data[0] & 15) * 4 if size == 4 else 40
        return (data[at:at + size], data[header:header + 2]), (data[at + size:at + 2 * size], data[header + 2:header + 4])
    return [int(source > destination) for source, destination in (ends(data) for _, data in packets)]


def split_on_interfaces(capture):
    packets = list(pcapng.read(capture))
    return in_workplace(f"{harness.name_of(capture)}-legs", [(time, data, None, leg) for (time, data), leg in zip(packets, legs(packets))], ("a", "b"))


def split_on_vlans(capture):
    packets = list(pcapng.read(capture))
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-{harness.name_of(capture)}-vlans.pcapng"
    frames = [(time, bytes(12) + b"\x81\x00" + (10 + leg).to_bytes(2, "big") + (b"\x08\x00" if data[0] >> 4 == 4 else b"\x86\xdd") + data, None)
              for (time, data), leg in zip(packets, legs(packets))]
    pcapng.write(path, frames, link=1)
    path.chmod(0o644)
    return path


SPLITS = pytest.mark.parametrize("split", [split_on_interfaces, split_on_vlans], ids=["interfaces", "vlans"])


@SPLITS
def test_all_recordings_by_direction(split):
    """A tap or a mirror port that gives each direction an interface or a VLAN of its own."""
    capture = variants.merged(tuple(EVERY))
    assert harness.rows(split(capture), LEGS_AND_ALONE) == alone(capture)


@pytest.mark.parametrize("number", range(len(EVERY)), ids=[harness.name_of(c) for c in EVERY])
def test_a_recording_by_direction(number):
    """Alone in its file: before the first connection shows that there are legs."""
    capture = EVERY[number]
    assert harness.rows((split_on_interfaces, split_on_vlans)[number % 2](capture), LEGS_AND_ALONE) == alone(capture)


MERGED = pathlib.Path(__file__).with_name("points")
THREE = [harness.CAPTURES / f"three_points_at_{point}{version}.pcapng" for version in ("", "_ipv6") for point in ("client", "middle", "server")]
NOTE = 2


def findings(capture):
    return [(name, int(severity)) for names, severities in harness.rows(capture, ["tcpstate.finding", "tcpstate.finding.severity"])
            for name, severity in zip(names, severities)]


@pytest.mark.parametrize("name, expected", [
    ("healthy", []),
    ("fin_wait_1_stuck", [("last_ack_lost", NOTE), ("fin_retransmitted", NOTE)]),  # the FIN was sent again: it has another IP ID; the ACK was late
    ("paws_reject", []),
])
def test_two_captures_that_became_one_interface(name, expected):
    """As mergecap makes them if the interfaces are alike: 8 ms of way between both hosts, and each segment there twice."""
    assert findings(MERGED / f"merged_8ms_{name}.pcapng") == expected


def merged_by_mergecap(captures, *options):
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-mergecap{''.join(options)}-{harness.name_of(captures[0])}.pcapng"
    subprocess.run(["mergecap", *options, "-w", path, *captures], check=True)
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("captures", [THREE[:3], THREE[3:]], ids=["ipv4", "ipv6"])
def test_three_captures_of_a_connection(captures):
    """With the interfaces kept apart, each point has the findings that it has alone; as one interface, the same kinds and no others."""
    expected = [found for capture in captures for found in findings(capture)]
    apart, together = merged_by_mergecap(captures, "-I", "none"), merged_by_mergecap(captures)
    assert sorted(findings(apart)) == sorted(expected)
    assert set(findings(together)) <= set(expected)
    for capture in (apart, together):
        assert len(harness.output("-q", "-r", capture, "-z", "tcpstate,connections").splitlines()) == 2


def cooked(packet, device):
    """With the header of LINUX_SLL2, which has the interface index."""
    return b"\x08\x00\x00\x00" + device.to_bytes(4, "big") + b"\x00\x01\x00\x06" + bytes(8) + packet


def cooked_older(packet, going_out):
    """With the header of LINUX_SLL: the packet type, and no interface."""
    return b"\x00\x04" * going_out + b"\x00\x00" * (not going_out) + b"\x00\x01\x00\x06" + bytes(8) + b"\x08\x00" + packet


def forwarded(packet):
    routed = IP(packet)
    routed.ttl -= 1
    del routed.chksum
    return bytes(routed)


def test_a_router_on_the_device_any():
    """Each segment comes in at one interface and goes out at another one. With their index, they are two points; without it, the second sight within a
    second is a copy."""
    capture = harness.CAPTURES / "normal.pcapng"
    packets, states = list(pcapng.read(capture)), harness.states(capture)
    for name, link, header in (("any", pcapng.LINUX_SLL2, lambda data, out: cooked(data, 2 + out)), ("any-older", 113, cooked_older)):
        frames = sorted((time + out * 900_000_000, out, i, header(forwarded(data) if out else data, out)) for i, (time, data) in enumerate(packets)
                        for out in (0, 1))
        path = pathlib.Path(harness.workplace()) / "captures" / f"points-{name}.pcapng"
        pcapng.write(path, [(time, data, None) for time, _, _, data in frames], link=link)
        path.chmod(0o644)
        shown = harness.states(path)
        assert findings(path) == []
        assert [state for state, frame in zip(shown, frames) if frame[1] == 0] == states
        if link == pcapng.LINUX_SLL2:
            assert [state for state, frame in zip(shown, frames) if frame[1] == 1] == states


def nvgre(packet, vsid, flow):
    return Ether() / IP(src="192.0.2.1", dst="192.0.2.2") / GRE(proto=0x6558, key_present=1, key=vsid << 8 | flow) / Ether() / packet


def test_nvgre_has_its_network_in_three_bytes():
    """The fourth byte of the key is for load balancing, and may differ by direction."""
    capture = write("points-nvgre", [nvgre(packet, 7, packet[IP].src == "10.0.0.2") for packet in exchange(ip4)])
    assert harness.states(capture) == EXCHANGE and findings(capture) == []


def test_what_reads_the_file_does_not_move_a_segment():
    """A read filter dissects each frame twice."""
    capture, order = at_two_points(harness.CAPTURES / "normal.pcapng", 0.02)
    plain = harness.rows(capture, LEGS_AND_ALONE)
    assert len(order) == len(plain)
    for passes in ([], ["-2"]):
        assert harness.rows(capture, LEGS_AND_ALONE, "-R" if passes else "-Y", "tcp", *passes) == plain
