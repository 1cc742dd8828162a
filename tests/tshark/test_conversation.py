"""Wireshark's conversations: each connection knows the numbers of those its frames are in, its tcp.stream."""
import json

import pytest
from scapy.all import IP

import harness
import variants
from cases import Built, client, opened, server
from packets import exchange, ip4, tcp, write

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])


def streams_of_frames(capture, *arguments):
    """{connection: its streams, in the order of the capture}, of frames with one TCP header."""
    found = {}
    for connection, stream, error in harness.rows(capture, ["tcpstate.connection", "tcp.stream", "icmp.type"], *arguments):
        if len(connection) == len(stream) == 1 and not error:
            streams = found.setdefault(int(connection[0]), [])
            streams += [int(stream[0])] if int(stream[0]) not in streams else []
    return found


def told(capture, statistic, *arguments):
    lines = harness.output("-q", "-r", capture, *arguments, "-z", f"tcpstate,{statistic},json").splitlines()
    return {row["connection"]: row["tcp_streams"] for row in map(json.loads, lines)}


@PASSES
def test_of_every_recording(passes):
    capture = variants.merged(tuple(harness.every_capture()))
    streams = streams_of_frames(capture, *passes)
    assert len(streams) > 400 and any(len(several) > 1 for several in streams.values())
    assert told(capture, "connections", *passes) == streams


@PASSES
@pytest.mark.parametrize("statistic", ["connections", "netstat", "timeline"])
def test_a_stale_syn_opens_a_stream(statistic, passes):
    """Wireshark opens one; the connection goes on, and its later frames are in that stream."""
    capture = opened((0.1, client("S", 90000, 0), False), (0.01, server("A", 301), True), (0.5, client("PA", 101, data=b"data"), False),
                     (0.01, server("A", 301, 105), True)).path("streams-stale-syn")
    assert streams_of_frames(capture) == {0: [0, 1], 1: [1]}
    assert told(capture, statistic, *passes)[0] == [0, 1]
    if statistic == "connections":
        assert harness.output("-q", "-r", capture, *passes, "-z", "tcpstate,connections").splitlines()[1].split()[:2] == ["0", "0,1"]


@PASSES
def test_connections_in_one_stream(passes):
    """The same ISN again, after the end of the connection, opens none in most versions of Wireshark."""
    reset = client("RA", 101)
    capture = opened((0.1, reset, False), (1, tcp("S", 100), False), (0.01, server("SA", 700), True)).path("streams-same-isn")
    streams = streams_of_frames(capture)
    assert streams.keys() == {0, 1} and streams[0] == [0]
    assert told(capture, "connections", *passes) == streams


@PASSES
def test_headers_inside_others(passes):
    """A tunnel over TCP: both connections have a stream."""
    inner = ip4(tcp("S", 500, ports=(50000, 443)))
    capture = write("streams-inside", [IP(src="192.0.2.1", dst="192.0.2.2", proto=4) / inner, ip4(tcp("S", 100))])
    assert told(capture, "connections", *passes) == {0: [0], 1: [1]}


@PASSES
def test_too_short_for_a_stream(passes):
    """TCP's dissector has no conversation for less than 16 bytes of its header."""
    whole, cut = exchange(ip4), [20 + 15] * 7
    assert told(write("streams-none", whole, cut=cut), "connections", *passes) == {0: []}
    assert "-" == harness.output("-q", "-r", write("streams-none", whole, cut=cut), "-z", "tcpstate,connections").splitlines()[1].split()[1]
    late = write("streams-late", whole, cut=[20 + 15] * 3 + [None] * 4)
    assert told(late, "connections", *passes) == {0: [0]}


def test_expected_connections_stay_expected():
    """FTP tells Wireshark of a connection to come, by a conversation whose other port is open. Nobody else may fill that in."""
    port = 256 * 10 + 7
    steps = [(0, tcp("S", 100, ports=(40000, 21)), False), (0.01, tcp("SA", 300, 101, back=True, ports=(40000, 21)), True),
             (0.01, tcp("A", 101, 301, ports=(40000, 21)), False),
             (0.01, tcp("PA", 301, 101, b"227 Entering Passive Mode (10,0,0,2,10,7)\r\n", back=True, ports=(40000, 21)), True),
             (0.01, tcp("S", 900, ports=(40001, port)), False), (0.01, tcp("SA", 800, 901, back=True, ports=(40001, port)), True),
             (0.01, tcp("A", 901, 801, ports=(40001, port)), False),
             (0.01, tcp("PA", 801, 901, b"file", back=True, ports=(40001, port)), True)]
    capture = Built(*steps).path("streams-ftp")
    fields = ["frame.protocols", "tcp.stream", "ftp-data.setup-frame"]
    shown = [harness.rows(capture, fields, plugin=plugin) for plugin in (True, False)]
    assert shown[0] == shown[1] and shown[0][-1][2] == ["4"]
    assert told(capture, "connections") == {0: [0], 1: [1]}
