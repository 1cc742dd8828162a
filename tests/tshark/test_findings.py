"""Findings: each in a capture that raises it, word by word, and in expert information; and a near miss that must not raise it."""
import re

import pytest
from scapy.all import IP, UDP

import harness
from cases import CASES, LATER, SYN, Built, client, data, icmp, opened, server
from harness import CAPTURES
from packets import ip4, tcp

CHAT, NOTE, WARN = "2097152", "4194304", "6291456"  # Wireshark's numbers of severities
PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])


def found(capture, *arguments):
    """[(frame, finding)]"""
    return [(int(number[0]), name) for number, names in harness.rows(capture, ["frame.number", "tcpstate.finding"], *arguments)
            for name in names]


def test_every_finding_has_its_cases():
    fields = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    registered = {f[2][len("tcpstate."):] for f in fields if f[0] == "F" and f[2].startswith("tcpstate.") and f[3] == "FT_NONE"}
    assert registered == set(CASES)


@PASSES
@pytest.mark.parametrize("name", CASES)
def test_raised(name, passes):
    capture, frame, _, _ = CASES[name]
    path = capture.path(f"finding-{name}")
    if name in LATER and not passes:
        assert name not in [other for _, other in found(path)]
        return
    assert (frame, name) in found(path, *passes)
    assert frame in [int(r[0][0]) for r in harness.rows(path, ["frame.number"], "-Y", f"tcpstate.{name}", *passes)]


@pytest.mark.parametrize("name", CASES)
def test_near_miss(name):
    assert name not in [n for _, n in found(CASES[name][2].path(f"near-miss-{name}"), "-2")]


@PASSES
def test_expert_information(passes):
    """The same findings whether the statistic asks or the frame is drawn."""
    report = harness.output("-q", "-r", CAPTURES / "last_ack_dropped.pcapng", "-z", "expert,note", *passes)
    lines = [line.split("TCP State")[1].strip() for line in report.splitlines() if "TCP State" in line and "lost or late" in line]
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
    "rst_lost": (5, "The server goes on after the RST in frame 4, {gap:.3f} s later: that RST was lost, forged, or not acceptable to it"),
    "simul_open": (2, "The server's SYN (SEQ {iss} absolute) crossed the client's in frame 1: simultaneous open"),
    "simul_close": (5, "The server's FIN (SEQ 1, absolute {iss}) crossed the client's: simultaneous close"),
}


@pytest.mark.parametrize("expression, frames", [('_ws.expert.message contains "stuck in FIN_WAIT_1"', ["6"]),
                                                ('_ws.expert.severity == "Warning"', ["6", "11"])])
def test_filter_of_expert_information(expression, frames):
    """That names no field of ours."""
    assert harness.output("-r", CAPTURES / "fin_dropped.pcapng", "-Y", expression, "-T", "fields", "-e", "frame.number").split() == frames


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


def rows_of(capture, *fields, passes=()):
    """{frame: cells} of the frames with findings."""
    return {int(number[0]): cells for number, *cells in
            harness.rows(CAPTURES / f"{capture}.pcapng", ["frame.number", *fields], "-Y", "tcpstate.finding", *passes)}


def test_a_finding_links_to_the_frame_that_it_contradicts():
    assert rows_of("rst_lost", "tcpstate.finding", "tcpstate.finding.frame") == {
        4: [["reset"], []], 5: [["rst_ignored"], ["4"]], 6: [["rst_unknown"], []]}
    assert rows_of("syn_dropped", "tcpstate.finding.frame")[3] == [["2"]]


def test_some_findings_have_two_severities():
    """A RST after a FIN: nothing lost, or data lost. Both are the same filter."""
    lost = opened((0.1, data(), False), (0.1, client("FA", 105), False), (0.01, server("RA", 301, 101), True)).path("two-severities")
    fields = ["tcpstate.finding", "tcpstate.finding.severity", "_ws.expert.severity"]
    assert harness.rows(lost, fields, "-Y", "tcpstate.rst_after_fin")[0] == [["rst_after_fin"], ["2"], [WARN, NOTE]]  # TCP's own, ours
    nothing_lost = harness.rows(CAPTURES / "rst_after_fin.pcapng", fields, "-Y", "tcpstate.rst_after_fin")[0]
    assert nothing_lost[:2] == [["rst_after_fin"], ["1"]] and nothing_lost[2][-2:] == [WARN, CHAT]  # a comment is an item too


OUTCOMES = {
    ("loopback_syn_sent", 3): "6 retries in all, the last in frame 7; the capture ends 0.0 s later, too early to say whether it gave up",
    ("fin_dropped", 6): "left it in frame 11, 6.3 s later, for CLOSED",
    ("hs_ack_dropped", 6): "left it in frame 7, 0.0 s later, for ESTABLISHED",
}


@pytest.mark.parametrize("capture, frame", OUTCOMES)
def test_outcome(capture, frame):
    """Known when the capture has been read, and not before."""
    assert rows_of(capture, "tcpstate.finding.outcome", passes=["-2"])[frame] == [[OUTCOMES[capture, frame]]]
    assert rows_of(capture, "tcpstate.finding.outcome")[frame] == [[]]


def test_outcome_where_the_capture_goes_on():
    """Any later frame shows that nothing followed, be it no TCP; in whatever way the frames are read."""
    steps = [(0, SYN, False), (1, SYN, False), (2, SYN, False), (30, IP(src="10.0.0.9", dst="10.0.0.1") / UDP(sport=53, dport=53), False)]
    path = Built(*steps).path("outcome")
    assert harness.rows(path, ["tcpstate.finding.outcome"], "-2", "-Y", "tcpstate.syn_sent_stuck") == [
        [["2 retries in all, the last in frame 3; none follows in the 30.0 s to the end of the capture: it gave up"]]]


def test_outcome_while_a_syn_challenges_the_connection():
    """The retries are told from the connection that they are of, not from the one that the SYN would begin."""
    fin = (1, client("FA", 101), False)
    path = opened(fin, (0.1, server("S", 9000, 0), True), fin, fin).path("outcome-challenged")
    assert harness.rows(path, ["frame.number", "tcpstate.finding.outcome"], "-2", "-Y", "tcpstate.fin_wait_1_stuck") == [
        [["7"], ["2 retries in all, the last in frame 7; the capture ends 0.0 s later, too early to say whether it gave up"]]]


FAMILIES = {"opening": "syn_sent_stuck", "established": "overlap_conflict", "closing": "fin_moved", "reset": "rst_ignored",
            "flags": "flags_null", "points": "lost_between"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_can_be_switched_off(family):
    for other, name in FAMILIES.items():
        names = {n for _, n in found(CASES[name][0].path(f"family-{name}"), "-2", "-o", f"tcpstate.findings.{family}:FALSE")}
        assert (name in names) == (other != family)


THRESHOLDS = [
    ("stuck_retries", "syn_sent_stuck", {1: 2, 2: 3, 4: 5, 9: None, 0: None}),
    ("stuck_retries", "fin_wait_1_stuck", {3: 7, 0: None}),
    ("stuck_retries", "keepalive_unanswered", {1: 7, 0: None}),
    ("resent_data", "retransmission_stuck", {2: 6, 0: None}),
    ("challenge_acks", "challenge_ack_loop", {2: 7, 6: None, 0: None}),
    ("half_closed", "close_wait_stuck", {30: 6, 300: None, 0: None}),
    ("half_closed", "fin_wait_2_long", {30: 6, 0: None}),
    ("zero_window", "zero_window_stuck", {10: 17, 300: None, 0: None}),
    ("idle", "idle_then_reset", {100: 5, 500: None, 0: None}),
]


@pytest.mark.parametrize("preference, name, frames", THRESHOLDS, ids=lambda value: str(value) if isinstance(value, str) else "")
def test_threshold(preference, name, frames):
    """The first frame in which it is found; None for nowhere."""
    path = CASES[name][0].path(f"threshold-{name}")
    for value, frame in frames.items():
        frames_found = [f for f, n in found(path, "-o", f"tcpstate.{preference}:{value}") if n == name]
        assert (frames_found or [None])[0] == frame, value


def test_what_a_repeated_segment_raises_is_raised_once():
    names = [n for _, n in found(CAPTURES / "loopback_syn_sent.pcapng")]
    assert names.count("syn_sent_stuck") == 1
    assert names.count("syn_retransmitted") == 6


def test_a_path_mtu_is_no_reason_once_the_data_arrived():
    """A router asked for smaller segments, and what was sent then was acknowledged. Later data is lost for another reason."""
    large, later = client("A", 105, 301, b"x" * 1400), (client("PA", 1505, 301, b"later"), False)
    capture = opened((0.1, data(), False), (0.01, server("A", 301, 105), True), (0.1, large, False), (0.01, icmp(3, 4, ip4(large)), True),
                     (0.01, server("A", 301, 1505), True), (0.1, *later), (0.3, *later), (0.6, *later), (1.2, *later)).path("mtu-before")
    assert found(capture) == [(12, "retransmission_stuck")]


def told(name, *arguments):
    """{(time, finding, sentence)}, with times in place of frames' numbers."""
    fields = ["frame.number", "frame.time_epoch", "_ws.expert.message", "tcpstate.finding"]
    rows = harness.rows(CAPTURES / f"{name}.pcapng", fields, *arguments)
    times = {number[0]: time[0] for number, time, _, _ in rows}
    return {(time[0], kind, re.sub(r"\bframe (\d+)", lambda found: times[found[1]], message)) for _, time, messages, kinds in rows
            for kind, message in zip(kinds, messages[len(messages) - len(kinds):])}


@pytest.mark.parametrize("name, read_filter", [
    ("last_ack_dropped", "tcp.srcport==80"), ("last_ack_dropped", "tcp.flags.fin==1"), ("hs_ack_dropped", "tcp.srcport==80"),
    ("hs_ack_dropped", "tcp.flags.syn==1"), ("challenge_loop", "tcp.srcport==80"), ("challenge_loop", "tcp.dstport==80"),
    ("rst_bad_seq", "tcp.dstport==80")])
def test_a_read_filter_changes_no_reference(name, read_filter):
    """The frame that a sentence names is the same one, by its time, or is not named: a frame that was dropped has no number of its own."""
    whole, filtered = told(name, "-2"), told(name, "-2", "-R", read_filter)
    assert filtered
    for entry in filtered - whole:
        assert "an earlier frame" in entry[2] and entry[:2] in {other[:2] for other in whole}, entry
