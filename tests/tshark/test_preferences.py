"""Preferences: 2MSL, delivery assumed, checksums."""
import harness
from harness import CAPTURES
from packets import exchange, ip4, tcp, write


def test_assume_delivery_shows_the_figures_of_the_rfc():
    """RFC 9293 figures 6 and 12: what is sent arrives."""
    shown = harness.states(write("figures", exchange(ip4)), "-o", "tcpstate.assume_delivery:TRUE")
    assert shown == [
        "SYN_SENT / SYN_RCVD",
        "ESTABLISHED / SYN_RCVD",
        "ESTABLISHED / ESTABLISHED",
        "FIN_WAIT_1 / CLOSE_WAIT",
        "FIN_WAIT_2 / CLOSE_WAIT",
        "TIME_WAIT / LAST_ACK",
        "TIME_WAIT / CLOSED",
    ]


def test_assume_delivery_says_so():
    capture = CAPTURES / "fin_dropped.pcapng"
    option = ["-o", "tcpstate.assume_delivery:TRUE"]
    assert "\nTCP State (delivery assumed), client FIN_WAIT_1 (was ESTABLISHED), server CLOSE_WAIT (was ESTABLISHED)\n" in harness.output(
        "-r", capture, "-V", *option)
    rows = harness.rows(capture, ["tcpstate.server.basis", "tcpstate.transition", "tcpstate.server.since"], *option)
    assert rows[0] == [["presumed"], ["client CLOSED -> SYN_SENT", "server LISTEN -> SYN_RCVD"], ["1"]]
    assert rows[3] == [["presumed"], ["client ESTABLISHED -> FIN_WAIT_1", "server ESTABLISHED -> CLOSE_WAIT"], ["4"]]
    assert rows[4] == [["presumed"], [], ["4"]]


def test_time_wait():
    steps = [*exchange(ip4), ip4(tcp("FA", 301, 102, back=True), True, id=9)]
    capture = write("two-msl", steps, times=[*(n * 0.01 for n in range(7)), 100])
    assert harness.states(capture)[-1] == "CLOSED [TIME_WAIT] / LAST_ACK"
    assert harness.rows(capture, ["tcpstate.transition", "tcpstate.cause"])[-1] == [
        ["client TIME_WAIT -> CLOSED", "server CLOSED -> LAST_ACK"], ["2MSL passed", "snd FIN again"]]
    assert harness.states(capture, "-o", "tcpstate.time_wait:240")[-1] == "TIME_WAIT / LAST_ACK"
    assert harness.states(capture, "-o", "tcpstate.time_wait:0")[-1] == "TIME_WAIT / LAST_ACK"


def test_checksums():
    """Bad ones count, as offload leaves them in most captures, unless the user asks otherwise."""
    steps = exchange(ip4)
    steps[3] = ip4(tcp("FA", 101, 301, chksum=0x1234))
    capture = write("checksum", steps[:5])
    option = ["-o", "tcpstate.check_checksum:TRUE"]
    assert harness.states(capture)[3] == "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]"
    assert harness.states(capture, *option)[2:4] == ["ESTABLISHED / ESTABLISHED", "ESTABLISHED / ESTABLISHED"]
    assert "TCP State, bad checksum: not counted, client ESTABLISHED, server ESTABLISHED\n" in harness.output("-r", capture, "-V", *option)
    assert harness.states(capture, "-2", *option) == harness.states(capture, *option)
    for passes in ([], ["-2"]):
        assert harness.rows(capture, ["tcpstate.history"], *option, *passes)[2:4] == [[["ShA"]], [["ShAC"]]]
    assert harness.states(write("checksum-cut", exchange(ip4), cut=39), *option) == harness.states(write("good", exchange(ip4)))
    for good in ("normal", "tfo"):
        assert harness.states(CAPTURES / f"{good}.pcapng", *option) == harness.states(CAPTURES / f"{good}.pcapng")
