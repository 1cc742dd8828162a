"""The same addresses and ports in two networks: VLANs, virtual networks, tunnels."""
import sys

import pytest
from scapy.all import GRE, IP, UDP, Dot1Q, Ether, Raw
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header
from scapy.layers.vxlan import VXLAN

import harness
import variants
from packets import EXCHANGE, exchange, ip4, tcp, write

sys.path.insert(0, str(harness.ROOT / "tests" / "lab"))
import pcapng  # noqa: E402

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])


def outer():
    return IP(src="192.0.2.1", dst="192.0.2.2")


def gtp(packet, network, back):
    """Each direction of a tunnel has a number of its own."""
    return outer() / UDP(sport=2152, dport=2152) / GTP_U_Header(teid=network * 2 + back, gtp_type=255) / packet


NETWORKS = {
    "vlan": lambda packet, network, back: Ether() / Dot1Q(vlan=network) / packet,
    "vxlan": lambda packet, network, back: Ether() / outer() / UDP(sport=5000, dport=4789) / VXLAN(vni=network) / Ether() / packet,
    "geneve": lambda packet, network, back: Ether() / outer() / UDP(sport=5000, dport=6081) / GENEVE(vni=network, proto=0x6558) / Ether() /
    packet,
    "gtp": lambda packet, network, back: Ether() / gtp(packet, network, back),
    "gre": lambda packet, network, back: Ether() / outer() / GRE(key_present=1, key=network) / packet,
    "gre-checksum": lambda packet, network, back: Ether() / outer() / GRE(chksum_present=1, key_present=1, key=network) / packet,
    "some-in-none": lambda packet, network, back: Ether() / packet if network == 1 else Ether() / Dot1Q(vlan=network) / packet,
}
IN_NETWORKS = pytest.mark.parametrize("kind", NETWORKS)


def shifted(network, numbers=(0, 0)):
    """Open and close with other numbers, as (packet, back)."""
    def wrap(segment, back):
        own, other = reversed(numbers) if back else numbers
        segment.seq, segment.ack = segment.seq + own, segment.ack + other if segment.flags != "S" else 0
        return ip4(segment, back, id=segment.seq % 60000 + network)
    return [(packet, packet[IP].src == "10.0.0.2") for packet in exchange(wrap)]


def interleaved(kind, name, first=None, second=None):
    one, two = first or shifted(1), second or shifted(2, (900_000_000, 70_000))
    wrap = NETWORKS[kind]
    return write(f"networks-{kind}-{name}", [wrap(packet, network, back) for pair in zip(one, two)
                                             for network, (packet, back) in zip((1, 2), pair)])


def connections(capture, *passes):
    return [row[0] for row in harness.rows(capture, ["tcpstate.connection"], *passes)]


def findings(capture):
    return [name for row in harness.rows(capture, ["tcpstate.finding"]) for name in row[0]]


@PASSES
@IN_NETWORKS
def test_two_connections(kind, passes):
    """Interleaved, both healthy: neither disturbs the other."""
    capture = interleaved(kind, "two")
    assert harness.states(capture, *passes) == [state for state in EXCHANGE for _ in range(2)]
    assert connections(capture, *passes) == [["0"], ["1"]] * 7
    assert findings(capture) == []


@PASSES
@IN_NETWORKS
def test_the_same_segment_in_another_network_is_a_copy(kind, passes):
    """As a device between two networks shows it."""
    capture = interleaved(kind, "copies", second=shifted(1))
    assert harness.states(capture, *passes) == [state for state in EXCHANGE for _ in range(2)]
    assert connections(capture, *passes) == [["0"]] * 14
    assert findings(capture) == []


@IN_NETWORKS
def test_one_after_the_other_is_a_new_connection_of_the_same_ends(kind):
    """What is over does not live: the next one knows its predecessor, wherever it was seen."""
    wrap = NETWORKS[kind]
    steps = [wrap(packet, 1, back) for packet, back in shifted(1)] + [wrap(packet, 2, back) for packet, back in shifted(2, (5000, 70_000))]
    capture = write(f"networks-{kind}-after", steps)
    shown = harness.rows(capture, ["tcpstate.connection", "tcpstate.connection.previous"])
    assert shown == [[["0"], []]] * 7 + [[["1"], ["0"]]] * 7
    assert findings(capture) == []


@IN_NETWORKS
def test_a_connection_that_moves(kind):
    """It goes on in another network with the numbers that it had."""
    capture = write(f"networks-{kind}-moves", [NETWORKS[kind](packet, 1 + (i > 3), back) for i, (packet, back) in enumerate(shifted(1))])
    assert harness.states(capture) == EXCHANGE
    assert connections(capture) == [["0"]] * 7


@IN_NETWORKS
def test_each_direction_in_a_network_of_its_own(kind):
    capture = write(f"networks-{kind}-directions", [NETWORKS[kind](packet, 1 + back, back) for packet, back in shifted(1)])
    assert harness.states(capture) == EXCHANGE
    assert connections(capture) == [["0"]] * 7


def data(network, text, seq=1):
    packet = ip4(tcp("PA", seq, 1, text), id=1)
    return NETWORKS["gtp"](packet, network, False)


def test_the_same_numbers_with_other_data_are_another_connection():
    """Two tunnels whose insides are alike but for the bytes. In one of them, that is a conflict."""
    two = write("networks-data", [data(1, b"inner teid a"), data(2, b"inner teid b")])
    assert connections(two) == [["0"], ["1"]] and findings(two) == ["picked_up", "picked_up"]
    one = write("networks-conflict", [data(1, b"inner teid a"), data(1, b"inner teid b")])
    assert connections(one) == [["0"], ["0"]] and findings(one) == ["picked_up", "overlap_conflict"]
    same = write("networks-same-data", [data(1, b"inner teid a"), data(2, b"inner teid a")])
    assert connections(same) == [["0"], ["0"]] and findings(same) == ["picked_up"]


def test_a_syn_in_the_same_network_challenges():
    """The near miss: what two networks explain, one does not."""
    steps = [packet for packet, _ in shifted(1)[:3]] + [ip4(tcp("S", 900_000_000)), ip4(tcp("A", 301, 101, back=True), True)]
    capture = write("networks-one", [Ether() / Dot1Q(vlan=7) / packet for packet in steps])
    assert "syn_in_connection" in findings(capture)


def test_frames_dissected_again():
    """The frame remembers which of the connections its segment is of, also where it is dissected again, and out of order."""
    capture = interleaved("vlan", "again")
    expected = [["0"], ["1"]] * 7
    assert connections(capture, "-2", "-R", "tcp") == expected
    assert connections(capture, "-2", "-R", "tcp", "-Y", "tcp") == expected


def in_two_vlans(capture):
    """Each frame, and the same again at once in another VLAN."""
    frames = [(time / 1e9 - 1000, Ether() / Dot1Q(vlan=vlan, type=0x0800 if data[0] >> 4 == 4 else 0x86DD) / Raw(data))
              for time, data in pcapng.read(capture) for vlan in (10, 20)]
    return write(f"networks-twice-{harness.name_of(capture)}", [packet for _, packet in frames], [time for time, _ in frames])


def test_every_recording_in_two_vlans():
    """A mirror port that sees both sides of a router: the states of each frame are those without it."""
    capture = variants.merged(tuple(harness.every_capture()))
    fields = ["tcpstate.connection", *(f"tcpstate.{end}{name}" for end in ("client", "server") for name in ("", ".pending", ".basis"))]
    whole, twice = harness.rows(capture, fields), harness.rows(in_two_vlans(capture), fields)
    assert len(whole) > 5000 and twice[::2] == whole and twice[1::2] == whole
