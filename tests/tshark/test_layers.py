"""How a segment may come: over IPv4 and IPv6, with extension headers, in tunnels and fragments, quoted, cut, malformed."""
import pytest
from scapy.all import GRE, ICMP, IP, TCP, UDP, Dot1Q, Ether, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, fragment, raw
from scapy.layers.inet6 import IPv6ExtHdrFragment, fragment6
from scapy.layers.vxlan import VXLAN

import harness
import packets
from packets import EXCHANGE, exchange, ip4, ip6, tcp, write

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])

WRAPS = {
    "ipv4": ip4,
    "ipv4-options": lambda s, back: ip4(s, back, options=[b"\x01" * 4]),
    "ipv6": ip6,
    "ipv6-hop-by-hop": lambda s, back: ip6(s, back, IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt()),
    "vlan": lambda s, back: Ether() / Dot1Q(vlan=7) / ip4(s, back),
    "ip-in-ip": lambda s, back: IP(src="192.0.2.1", dst="192.0.2.2") / ip4(s, back),
    "6in4": lambda s, back: IP(src="192.0.2.1", dst="192.0.2.2") / ip6(s, back),
    "4in6": lambda s, back: IPv6(src="2001:db8::a", dst="2001:db8::b") / ip4(s, back),
    "gre": lambda s, back: IP(src="192.0.2.1", dst="192.0.2.2") / GRE() / ip4(s, back),
    "vxlan": lambda s, back: IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=5000, dport=4789) / VXLAN(vni=1) / Ether() / ip4(s, back),
}


@PASSES
@pytest.mark.parametrize("wrap", WRAPS)
def test_exchange_in(wrap, passes):
    assert harness.states(write(wrap, exchange(WRAPS[wrap])), *passes) == EXCHANGE


@PASSES
@pytest.mark.parametrize("size", [54, 68, 34 + 16, 34 + 14])
def test_cut_headers_suffice(size, passes):
    """From 14 bytes of TCP header on: sequence number, ACK and flags. Without Ethernet, so counted from the IP header."""
    capture = write(f"cut-{size}", exchange(ip4), cut=size - 14)
    assert harness.states(capture, *passes) == EXCHANGE


@PASSES
@pytest.mark.parametrize("wrap, before", [(ip4, 20), (ip6, 40)])
def test_header_cut_at_any_byte(wrap, before, passes):
    """Below 14 bytes of TCP header nothing is known, and nothing is shown. A header of 60 bytes, the largest."""
    options = [("MSS", 1460), ("WScale", 7), ("SAckOK", b""), ("Timestamp", (1, 0)), *21 * [("NOP", None)]]
    segments = [tcp("S", 100, ports=(40000 + size, 80), options=options) for size in range(61)]
    assert {len(segment) for segment in segments} == {60}
    capture = write(f"cut-{before}", [wrap(segment, False) for segment in segments], cut=[before + size for size in range(61)])
    assert harness.states(capture, *passes) == 14 * [""] + 47 * ["SYN_SENT / LISTEN [SYN_RCVD]"]


def test_lengths_come_from_the_ip_header():
    """Data that the capture cut off counts: else the FIN's number would be wrong, and no ACK would cover it."""
    steps = [ip4(tcp("S", 100)), ip4(tcp("SA", 300, 101, back=True), True), ip4(tcp("A", 101, 301)),
             ip4(tcp("FA", 101, 301, data=b"x" * 500)), ip4(tcp("A", 301, 602, back=True), True)]
    assert harness.states(write("cut-data", steps, cut=40))[-1] == "FIN_WAIT_2 / CLOSE_WAIT"


@PASSES
def test_reassembled_fragments(passes):
    first = fragment(ip4(tcp("S", 100, data=b"x" * 64), id=5), 40)
    assert len(first) > 1
    shown = harness.states(write("fragments", [*first, ip4(tcp("SA", 300, 165, back=True), True)]), *passes)
    assert shown == [""] * (len(first) - 1) + ["SYN_SENT / LISTEN [SYN_RCVD]", "SYN_SENT [ESTABLISHED] / SYN_RCVD"]


def test_reassembled_fragments_of_ipv6():
    packet = ip6(tcp("S", 100, data=b"x" * 2000), False, IPv6ExtHdrFragment(id=9))
    pieces = fragment6(packet, 1280)
    assert harness.states(write("fragments6", pieces)) == [""] * (len(pieces) - 1) + ["SYN_SENT / LISTEN [SYN_RCVD]"]


def test_first_fragment_alone():
    """Its length is unknown: a SYN counts, the number of a FIN does not."""
    pieces = [fragment(ip4(tcp(flags, seq, ack, data=b"x" * 64), id=5), 40)[0] for flags, seq, ack in (("S", 100, 0), ("FA", 165, 1))]
    shown = harness.states(write("first-fragment", pieces), "-o", "ip.defragment:FALSE")
    assert shown[0] == "SYN_SENT / LISTEN [SYN_RCVD]"
    assert "FIN_WAIT_1" not in shown[1]


@PASSES
def test_several_tcp_headers_in_one_frame_are_several_segments(passes):
    """Of two connections, and of one."""
    steps = exchange(ip4)
    other = ip4(tcp("S", 700, ports=(40001, 80)))
    capture = write("several", [packets.aggregate(f) for f in ([steps[0], other], [steps[1]], [steps[2], steps[3]])], link=packets.WLAN)
    fields = ["tcpstate.connection", "tcpstate.client", "tcpstate.server", "tcpstate.transition"]
    assert harness.rows(capture, fields, *passes) == [
        [["0", "1"], ["SYN_SENT", "SYN_SENT"], ["LISTEN", "LISTEN"], 2 * ["client CLOSED -> SYN_SENT"]],
        [["0"], ["SYN_SENT"], ["SYN_RCVD"], ["server LISTEN -> SYN_RCVD"]],
        [["0", "0"], ["ESTABLISHED", "FIN_WAIT_1"], ["ESTABLISHED", "ESTABLISHED"],
         ["client SYN_SENT -> ESTABLISHED", "server SYN_RCVD -> ESTABLISHED", "client ESTABLISHED -> FIN_WAIT_1"]],
    ]


@PASSES
def test_headers_quoted_by_icmp_are_no_segments(passes):
    syn = ip4(tcp("S", 100))
    error = IP(src="10.0.0.2", dst="10.0.0.1") / ICMP(type=3, code=3) / raw(ip4(tcp("R", 100)))
    assert harness.states(write("icmp", [syn, error, syn]), *passes) == [
        "SYN_SENT / LISTEN [SYN_RCVD]", "", "SYN_SENT / LISTEN [SYN_RCVD]"]


@pytest.mark.parametrize("dataofs", [0, 4, 15])
def test_malformed_header_is_not_counted(dataofs):
    bad = tcp("R", 101, 301)
    bad.dataofs = dataofs
    steps = [*exchange(ip4)[:3], ip4(bad), ip4(tcp("A", 101, 301, data=b"x"))]
    capture = write(f"malformed-{dataofs}", steps)
    assert harness.states(capture)[2:] == 3 * ["ESTABLISHED / ESTABLISHED"]
    assert "TCP State, malformed: not counted, client ESTABLISHED" in harness.output("-r", capture, "-V")
    assert harness.states(write(f"malformed-alone-{dataofs}", [ip4(bad)])) == [""]


@pytest.mark.parametrize("length", [0, 10, 20, 25, 39, 40, 60, 2000, 65535])
def test_ip_length_that_lies(length):
    """Offload leaves zero, which means the frame's; below header and segment stacks drop it; beyond the frame it was cut."""
    syn = raw(ip4(tcp("S", 100)))
    shown = harness.states(write(f"length-{length}", [IP(syn[:2] + length.to_bytes(2, "big") + syn[4:])]))
    assert shown == (["SYN_SENT / LISTEN [SYN_RCVD]"] if length == 0 or length >= 40 else [""])


@PASSES
def test_connected_to_itself(passes):
    same = {"ports": (5000, 5000)}
    steps = [tcp("S", 100, **same), tcp("SA", 100, 101, **same), tcp("A", 101, 101, **same), tcp("FA", 101, 101, **same),
             tcp("A", 102, 102, **same)]
    capture = write("itself", [IP(src="127.0.0.1", dst="127.0.0.1") / s for s in steps])
    assert harness.states(capture, *passes) == [
        "SYN_SENT [SYN_RCVD] / SYN_SENT [SYN_RCVD]",
        "SYN_RCVD [ESTABLISHED] / SYN_RCVD [ESTABLISHED]",
        "ESTABLISHED / ESTABLISHED",
        "FIN_WAIT_1 [CLOSING] / FIN_WAIT_1 [CLOSING]",
        "TIME_WAIT / TIME_WAIT",
    ]
    assert all(row == [[]] for row in harness.rows(capture, ["tcpstate.sender"]))
    assert "TCP State, connected to itself, both ends SYN_SENT (was CLOSED), awaiting SYN_RCVD\n" in harness.output("-r", capture, "-V")


def test_two_connections_do_not_mix():
    """Two pairs of ports, interleaved, and a third where client and server have changed places."""
    one, two = exchange(ip4), exchange(lambda s, back: ip4(s.__class__(raw(s)), back))
    for packet in two:
        packet[TCP].sport, packet[TCP].dport = (81 if p == 80 else 40001 for p in (packet[TCP].sport, packet[TCP].dport))
    three = exchange(lambda s, back: ip4(s, not back, id=999))
    mixed = [packet for triple in zip(one, two, three) for packet in triple]
    capture = write("three", mixed)
    assert harness.states(capture) == [state for state in EXCHANGE for _ in range(3)]
    numbers = [row[0][0] for row in harness.rows(capture, ["tcpstate.connection"])]
    assert numbers == ["0", "1", "2"] * 7


THROWS = """
local throws = Proto("throws{number}", "Throws {number}")
function throws.dissector(buffer, pinfo, tree)
    {what}
end
{where}
"""


@PASSES
@pytest.mark.parametrize("what", ["error('thrown')", "buffer(0, buffer:len() + 1000)", "local none = nil; none.member = 1"])
@pytest.mark.parametrize("where", ["register_postdissector(throws{number})", "DissectorTable.get('tcp.port'):add(80, throws{number})"],
                         ids=["post-dissectors", "tcp.port"])
def test_others_that_throw(where, what, passes):
    """Before ours is asked, and inside of TCP's own."""
    script = harness.workplace() / "home" / f"throws-{abs(hash((where, what)))}.lua"
    script.write_text("".join(THROWS.format(number=number, what=what, where=where.format(number=number)) for number in (1, 2)))
    steps = exchange(ip4)
    steps.insert(3, ip4(tcp("PA", 101, 301, b"data")))
    for step in steps[4:]:
        step[TCP].seq, step[TCP].ack = step[TCP].seq + 4 * (step[TCP].dport == 80), step[TCP].ack + 4 * (step[TCP].dport != 80)
    done = harness.run("-n", "-r", str(write("throws", steps)), *passes, "-X", f"lua_script:{script}", "-T", "fields", "-e", "tcpstate.client",
                       "-e", "_ws.expert.message", "-e", "_ws.lua.text")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["SYN_SENT", "SYN_SENT", *2 * ["ESTABLISHED"], "FIN_WAIT_1", *2 * ["FIN_WAIT_2"], "TIME_WAIT"]
    assert "Lua" in done.stdout + done.stderr, "nothing was thrown"


def test_empty_and_foreign_captures():
    assert harness.states(write("empty", [])) == []
    assert harness.states(write("udp", [ip4(UDP(sport=80, dport=80)), ip4(ICMP())])) == ["", ""]


@pytest.mark.slow
def test_file_cut_in_the_middle():
    """tshark says so, as it does without the plugin; the frames before the cut have their states."""
    whole = (harness.CAPTURES / "normal.pcapng").read_bytes()
    cut = harness.workplace() / "captures" / "cut-file.pcapng"
    clients = [row[0][0] for row in harness.rows(harness.CAPTURES / "normal.pcapng", ["tcpstate.client"])]
    for size in range(0, len(whole), 97):
        cut.write_bytes(whole[:size])
        done = harness.run("-r", str(cut), "-T", "fields", "-e", "tcpstate.client")
        bare = harness.run("-r", str(cut), plugin=False)
        assert (done.returncode, done.stderr) == (bare.returncode, bare.stderr)
        shown = done.stdout.split()
        assert shown == clients[: len(shown)] and len(shown) == len(bare.stdout.splitlines())
