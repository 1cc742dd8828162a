"""Findings: each in a capture that raises it, word by word, and in expert information; and a near miss that must not raise it."""
import pytest

import harness
from harness import CAPTURES
from packets import ip4, tcp, write


def found(capture, *arguments):
    return [(int(number[0]), name, severity) for number, names, severities in
            harness.rows(capture, ["frame.number", "tcpstate.finding", "tcpstate.finding.severity"], *arguments)
            for name, severity in zip(names, severities)]


def names(capture, *arguments):
    return [(frame, name) for frame, name, _ in found(capture, *arguments)]


def opened(*more, ack=0.02):
    """An open connection, and what comes after: (seconds since the segment before, segment, back)."""
    steps = [(0, tcp("S", 100), False), (0.01, tcp("SA", 300, 101, back=True), True), (ack, tcp("A", 101, 301), False), *more]
    times = [sum(step[0] for step in steps[: i + 1]) for i in range(len(steps))]
    return {"packets": [ip4(segment, back, id=n + 1) for n, (_, segment, back) in enumerate(steps)], "times": times}


def data(back=False, seq=None, ack=None, flags="PA"):
    return tcp(flags, seq or (301 if back else 101), ack or (101 if back else 301), data=b"data" if "P" in flags else b"", back=back)


RST = tcp("RA", 101, 301)

# finding: (the capture that raises it, where), (the near miss: must not raise it)
CASES = {
    "syn_retransmitted": (
        dict(packets=[ip4(tcp("S", 100), id=1), ip4(tcp("S", 100), id=2)], times=[0, 1]), 2,
        dict(packets=[ip4(tcp("S", 100), id=1), ip4(tcp("S", 100), id=1)], times=[0, 0.0005])),  # a mirror's copy
    "refused": (
        dict(packets=[ip4(tcp("S", 100)), ip4(tcp("RA", 0, 101, back=True), True)]), 2,
        dict(packets=[ip4(tcp("S", 100)), ip4(tcp("RA", 0, 100, back=True), True)])),  # does not cover the SYN
    "reset": (
        opened((0.1, RST, False)), 4,
        opened((0.1, tcp("RA", 150, 301), False))),  # in the window, but not exact
    "handshake_ack_lost": (
        opened((1, tcp("SA", 300, 101, back=True), True)), 4,
        opened((0.1, data(back=True), True), (1, tcp("SA", 300, 101, back=True), True))),  # it has shown that the ACK came
    "last_ack_lost": (
        opened((0.1, tcp("FA", 101, 301), False), (0.01, tcp("A", 301, 102, back=True), True), (0.2, tcp("FA", 101, 301), False)), 6,
        opened((0.1, tcp("FA", 101, 301), False), (0.2, tcp("FA", 101, 301), False))),  # never acknowledged
    "rst_ignored": (
        opened((0.1, RST, False), (0.5, data(back=True), True)), 5,
        opened((0.1, RST, False), (0.01, data(back=True), True))),  # within a round trip: it crossed the RST
    "simultaneous_open": (
        dict(packets=[ip4(tcp("S", 100)), ip4(tcp("S", 300, back=True), True)]), 2,
        dict(packets=[ip4(tcp("SA", 300, 101, back=True), True), ip4(tcp("S", 100))], times=[0, 0.001])),  # captured in the wrong order
    "simultaneous_close": (
        opened((0.1, tcp("FA", 101, 301), False), (0.001, tcp("FA", 301, 101, back=True), True)), 5,
        opened((0.1, tcp("FA", 101, 301), False), (0.001, tcp("FA", 301, 102, back=True), True))),  # it acknowledges the first
    "picked_up": (
        dict(packets=[ip4(data())]), 1,
        dict(packets=[ip4(tcp("S", 100)), ip4(data())])),
}


def test_every_finding_has_its_cases():
    fields = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    registered = {f[2][len("tcpstate."):] for f in fields if f[0] == "F" and f[2].startswith("tcpstate.") and f[3] == "FT_NONE"}
    assert registered == set(CASES)


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("name", CASES)
def test_raised(name, passes):
    capture, frame, _ = CASES[name]
    path = write(f"finding-{name}", **capture)
    assert (frame, name) in names(path, *passes)
    assert [int(r[0][0]) for r in harness.rows(path, ["frame.number"], "-Y", f"tcpstate.{name}", *passes)] == [frame]


@pytest.mark.parametrize("name", CASES)
def test_near_miss(name):
    assert name not in [n for _, n in names(write(f"near-miss-{name}", **CASES[name][2]))]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_expert_information(passes):
    """The same findings whether the statistic asks or the frame is drawn."""
    report = harness.output("-q", "-r", CAPTURES / "last_ack_dropped.pcapng", "-z", "expert,note", *passes)
    lines = [line.split("TCP State")[1].strip() for line in report.splitlines() if "TCP State" in line]
    fin = harness.rows(CAPTURES / "last_ack_dropped.pcapng", ["tcp.seq_raw"], "-Y", "tcpstate.last_ack_lost")[0][0][0]
    assert lines == [f"The server sent its FIN again (SEQ 1, absolute {fin}): the client's ACK in frame {frame} was lost or late"
                     for frame in (7, 9, 11)]


SENTENCES = {
    "syn_dropped": (3, "The client sent its SYN again (SEQ 0, absolute {iss}): retry 2, {gap:.3f} s after the one before ({ratio:.1f} times the "
                       "gap before)"),
    "hs_ack_dropped_once": (4, "The server sent its SYN,ACK again (SEQ 0, absolute {iss}): the client's ACK in frame 3 was lost, late or "
                          "ignored, and the server is still in SYN_RCVD"),
    "refused": (2, "The server refused the connection: its RST acknowledges the client's SYN (ACK 1, absolute {ack})"),
    "rst_linger0": (4, "The client reset the connection (SEQ 1, absolute {iss}) from ESTABLISHED, the server being in ESTABLISHED"),
    "rst_lost": (5, "The server goes on after the RST in frame 4, {gap:.3f} s later: that RST was lost or forged"),
    "simul_open": (2, "The server's SYN (SEQ {iss}, absolute) crossed the client's in frame 1: simultaneous open"),
    "simul_close": (5, "The server's FIN (SEQ 1, absolute {iss}) crossed the client's: simultaneous close"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence(name):
    """With the numbers of the segment itself."""
    frame, sentence = SENTENCES[name]
    fields = ["_ws.expert.message", "tcp.seq_raw", "tcp.ack_raw", "frame.time_relative"]
    shown = harness.rows(CAPTURES / f"{name}.pcapng", fields)
    messages, seq, ack, _ = shown[frame - 1]
    times = [float(row[3][0]) for row in shown]
    gap, before = times[frame - 1] - times[frame - 2], times[frame - 2] - times[frame - 3]
    assert sentence.format(iss=seq[0], ack=ack[0] if ack else "", gap=gap, ratio=gap / before) in messages


def test_a_finding_links_to_the_frame_that_it_contradicts():
    shown = harness.rows(CAPTURES / "rst_lost.pcapng", ["tcpstate.finding", "tcpstate.finding.frame"], "-Y", "tcpstate.finding")
    assert shown == [[["reset"], []], [["rst_ignored"], ["4"]]]
