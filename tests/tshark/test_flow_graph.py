"""-z flow,tcpstate: an arrow for each segment with a change of state, a retry or a finding."""
import re

import pytest
from scapy.all import IP

import harness
import packets
import variants
from harness import CAPTURES, NAMED
from packets import EXCHANGE, exchange, ip4, tcp, write
from test_layers import WRAPS

pytestmark = pytest.mark.skipif(not harness.has_flow_graph(), reason=harness.NO_FLOW_GRAPH)

FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]
RETRIES = ["syn_retransmitted", "synack_retransmitted", "fin_retransmitted"]  # said by the number of the retry
ROOM = 20  # characters from one host to the next, in the graph's text


def printed(capture, options=",standard", *arguments):
    return harness.output("-n", "-q", "-r", capture, "-z", f"flow,tcpstate{options}", *arguments)


def arrows(text):
    """(connection, time, from, to, label, comment) of each arrow; from and to are "address port"."""
    lines = [line for line in text.splitlines() if line.strip("-")]
    if not lines:
        return []
    margin = len("Conv.|Time     ") if lines[0].startswith("Conv.") else len("|Time     ")

    def end(at, port):
        host = at // ROOM
        return f"{lines[host % 2][margin + ROOM * host + len('| '):].split('|')[0].strip()} {port}"

    found = []
    for above, below in zip(lines[2::2], lines[3::2]):
        number, time, label, comment = re.fullmatch(r"(?:(\d+) *)?\|(-?\d+\.\d+)(.*)\|([^|]*)", above).groups()
        arrow = re.search(r"\((\d+)\) *(<?-+>?) *\((\d+)\)", below[margin:])
        ends = [end(arrow.start(2), arrow[1]), end(arrow.end(2), arrow[3])]
        if arrow[2].startswith("<"):
            ends.reverse()
        found.append((int(number or 0), time, *ends, " ".join(label.replace("|", " ").split()), comment))
    return found


def told(capture):
    """The same from the fields; the ends of a connection within one host are told apart by their roles."""
    names = ["frame.time_relative", "tcpstate.connection", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "tcp.flags",
             "tcp.len", "tcpstate.retry", "tcpstate.client", "tcpstate.client.pending", "tcpstate.server", "tcpstate.server.pending",
             "tcpstate.finding", "tcpstate.finding.severity", "tcpstate.sender"]
    wanted = "tcpstate.client && (tcpstate.transition || tcpstate.retry || tcpstate.finding || tcp.flags.reset == 1)"
    found = []
    for cells in harness.rows(capture, names, "-Y", wanted):
        (time, number, src4, dst4, src6, dst6, src_port, dst_port, flags, length, retry, client, client_pending, server, server_pending,
         findings, severities, sender) = cells
        src, dst = (src4 or src6)[0], (dst4 or dst6)[0]
        if src == dst:
            src, dst = f"{src} ({sender[0]})", f"{dst} ({'server' if sender == ['client'] else 'client'})"
        states = [" ".join([state[0], *(f"[{p}]" for p in pending)]) for state, pending in ((client, client_pending), (server, server_pending))]
        label, comment = ", ".join(name for bit, name in enumerate(FLAGS) if int(flags[0], 16) >> bit & 1) or "<None>", " / ".join(states)
        for number_told in [f"Len: {length[0]}"] * (length[0] != "0") + [f"retry {r}" for r in retry]:
            if len(f"{label} - {number_told}") <= ROOM:
                label += f" - {number_told}"
            else:
                comment += f", {number_told}"
        for name, severity in sorted(zip(findings, severities), key=lambda finding: -int(finding[1])):
            if not (retry and name in RETRIES):
                comment += f", {' CNWE'[int(severity)]} {name}"
        found.append((int(number[0]), time[0], f"{src} {src_port[0]}", f"{dst} {dst_port[0]}", label, comment))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("capture", [*NAMED, CAPTURES / "fin_dropped_ipv6.pcapng", None],
                         ids=lambda c: harness.name_of(c) if c else "twenty of them")
def test_tells_what_the_fields_say(capture):
    capture = capture or variants.merged(tuple(NAMED[:20]))
    assert arrows(printed(capture)) == told(capture)


@pytest.mark.parametrize("name", ["tw_reuse", "loopback_syn_rcvd", "simul_open", "fin_dropped_ipv6"])
def test_in_two_passes_and_with_network_addresses(name):
    capture = CAPTURES / f"{name}.pcapng"
    assert printed(capture, ",network") == printed(capture) == printed(capture, ",standard", "-2")


@pytest.mark.parametrize("wrap", WRAPS)
def test_in_tunnels(wrap):
    """The ends are those of the connection, not of the tunnel."""
    found = arrows(printed(write(f"flow-{wrap}", exchange(WRAPS[wrap]))))
    assert [comment for *_, comment in found] == EXCHANGE
    client, server = found[0][2:4]
    assert client in ("10.0.0.1 40000", "2001:db8::1 40000") and server in ("10.0.0.2 80", "2001:db8::2 80")
    assert [(src, dst) for _, _, src, dst, _, _ in found] == [
        (server, client) if back else (client, server) for back in (False, True, False, False, True, True, False)]


def test_several_segments_in_one_frame():
    steps = exchange(ip4)
    other = IP(src="10.0.0.9", dst="10.0.0.8") / tcp("S", 700, ports=(40001, 81))
    capture = write("flow-several", [packets.aggregate([steps[0], other])], link=packets.WLAN)
    assert [row[0:1] + row[2:4] for row in arrows(printed(capture))] == [
        (0, "10.0.0.1 40000", "10.0.0.2 80"), (1, "10.0.0.9 40001", "10.0.0.8 81")]


def test_connected_to_itself():
    """Wireshark draws the one host, and complains of its own drawing as it does for -z flow,tcp."""
    same = {"ports": (5000, 5000)}
    steps = [tcp("S", 100, **same), tcp("SA", 100, 101, **same), tcp("A", 101, 101, **same)]
    capture = write("flow-itself", [IP(src="127.0.0.1", dst="127.0.0.1") / s for s in steps])
    text = harness.run("-n", "-q", "-r", capture, "-z", "flow,tcpstate,standard").stdout
    assert re.findall(r"\|([^|]*/[^|]*)$", text, re.MULTILINE) == [
        "SYN_SENT [SYN_RCVD] / SYN_SENT [SYN_RCVD]", "SYN_RCVD [ESTABLISHED] / SYN_RCVD [ESTABLISHED]", "ESTABLISHED / ESTABLISHED"]


def test_what_has_no_room_above_stands_beside():
    steps = [tcp("S", 100), tcp("SA", 300, 101, back=True), tcp("A", 101, 301), tcp("FPA", 101, 301, data=b"x" * 9),
             tcp("FPA", 101, 301, data=b"x" * 9)]
    packed = [ip4(s, back=s.sport == 80) for s in steps]
    assert [row[4:] for row in arrows(printed(write("flow-room", packed, times=[0, 0.1, 0.2, 0.3, 0.6])))][3:] == [
        ("FIN, PSH, ACK", "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT], Len: 9"),
        ("FIN, PSH, ACK", "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT], Len: 9, retry 1")]


def test_a_filter_picks_frames():
    capture = CAPTURES / "tw_reuse.pcapng"
    whole = arrows(printed(capture))
    assert [row[1:] for row in arrows(printed(capture, ",standard,tcpstate.connection == 1"))] == [row[1:] for row in whole if row[0] == 1]
    assert [row[1:] for row in arrows(printed(capture, ",network,tcp.flags.syn == 1"))] == [row[1:] for row in whole if "SYN" in row[4]]


def test_nothing_to_draw():
    assert printed(CAPTURES / "normal.pcapng", ",standard,tcp.port == 1") == printed(write("flow-empty", [])) == ""


@pytest.mark.parametrize("options", ["", ",sideways", ",standard,no.such"])
def test_a_wrong_argument_is_told_as_with_tcp(options):
    done, tcp_done = (harness.run("-q", "-r", CAPTURES / "normal.pcapng", "-z", f"flow,{name}{options}") for name in ("tcpstate", "tcp"))
    assert (done.returncode, done.stdout) == (tcp_done.returncode, tcp_done.stdout) == (1, "")
    assert done.stderr.replace(" tcpstate tap", " tcp tap") == tcp_done.stderr
