"""What -z tcpstate,timeline draws is what the fields say, frame by frame."""
import json
import re

import pytest

import harness
import variants
from cases import CASES
from harness import CAPTURES, NAMED
from packets import ip4, tcp, write

def timeline(capture, options="", *arguments):
    return harness.output("-q", "-r", capture, "-z", f"tcpstate,timeline{options}", *arguments)


def rows(capture, options="", *arguments):
    return [json.loads(line) for line in timeline(capture, f",json{options}", *arguments).splitlines()]


# ---- the fields' word

FIELDS = ["frame.number", "tcpstate.connection", "tcpstate.sender", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags", "tcpstate.client",
          "tcpstate.client.pending", "tcpstate.server", "tcpstate.server.pending", "tcpstate.retry", "tcpstate.finding",
          "tcpstate.transition"]
FLAGS = [("SYN", 0x02), ("FIN", 0x01), ("RST", 0x04), ("ACK", 0x10)]


def one(cell):
    return cell[0] if cell else None


def expected(capture):
    """({frame: its row}, {frames that change nothing}) as the fields say."""
    told, plain = {}, set()
    for cells in harness.rows(capture, FIELDS, "-Y", "tcpstate.client"):
        frame, number, sender, seq, ack, length, flags, client, client_pending, server, server_pending, retry, *_ = map(one, cells)
        bits = int(flags, 16)
        told[int(frame)] = {
            "connection": int(number), "sender": sender, "flags": ",".join(name for name, bit in FLAGS if bits & bit) or "none",
            "seq": int(seq), "ack": int(ack) if bits & 0x10 else None, "len": int(length), "client_state": client,
            "client_pending": client_pending, "server_state": server, "server_pending": server_pending, "retry": int(retry or 0),
            "findings": cells[12]}
        if not (retry or cells[12] or cells[13] or bits & 0x04):
            plain.add(int(frame))
    return told, plain


@pytest.mark.parametrize("capture", NAMED, ids=harness.name_of)
def test_every_frame_as_the_fields_say(capture):
    told, plain = expected(capture)
    shown = rows(capture, ",all,seq=absolute")
    assert {row["frame"]: {name: row[name] for name in told[row["frame"]]} for row in shown} == told
    assert len(shown) == len(told) and not any(row["skipped_segments"] for row in shown)
    nothing_is_left_out(timeline(capture), told, plain)


def nothing_is_left_out(text, told, plain):
    """What is not shown is counted: segments and bytes."""
    for part in text.strip("\n").split("\n\n"):
        number = int(re.match(r"Connection (\d+) \(tcp\.stream ", part)[1])
        frames = {frame: row for frame, row in told.items() if row["connection"] == number}
        gaps = [(int(m[1]), int(m[2])) for m in re.finditer(r"\.\.\. (\d+) segments?, (\d+) bytes? \.\.\.", part)]
        shown = {int(m[1]) for m in re.finditer(r"^ *-?\d+\.\d+ +(\d+) ", part, re.MULTILINE)}
        assert shown == set(frames) - plain
        assert sum(segments for segments, _ in gaps) == len(set(frames) & plain)
        assert sum(count for _, count in gaps) == sum(frames[frame]["len"] for frame in set(frames) & plain)


def test_retry_gaps():
    """Those of the frames' times."""
    capture = CAPTURES / "loopback_syn_sent.pcapng"
    times = [float(row[0][0]) for row in harness.rows(capture, ["frame.time_relative"])]
    assert [row["retry_after"] for row in rows(capture)][1:] == pytest.approx([b - a for a, b in zip(times, times[1:])])
    assert [line.split("retry ")[1].split(",")[0] for line in timeline(capture).splitlines()[3:]] == [
        f"{i} after {b - a:.1f} s" for i, (a, b) in enumerate(zip(times, times[1:]), 1)]


# ---- the ladder

def test_a_ladder():
    """The RST is lost, and the server goes on."""
    assert timeline(CAPTURES / "rst_lost.pcapng").splitlines() == [
        "Connection 0 (tcp.stream 0): client 10.9.0.1:40000 ISN 1191405453, server 10.9.0.2:80 ISN 3104729252",
        "Time  Frame Client                 Segment                    Server            Note",
        "0.000     1 SYN_SENT               SYN seq=0 -->              LISTEN [SYN_RCVD]",
        "0.001     2 SYN_SENT [ESTABLISHED] <-- SYN,ACK seq=0 ack=1    SYN_RCVD",
        "0.003     3 ESTABLISHED            ACK seq=1 ack=1 -->        ESTABLISHED",
        "0.114     4 CLOSED                 RST,ACK seq=1 ack=1 -->    CLOSED            N reset",
        "1.378     5 CLOSED                 <-- ACK seq=1 ack=1 len=10 ESTABLISHED       W rst_ignored",
        "1.379     6 CLOSED                 RST seq=1 -->              CLOSED            C rst_unknown"]


def test_numbers():
    """Relative to the ISN where the capture has it, also across the wrap and just below it; else as they are."""
    isn = 2**32 - 2
    capture = write("numbers", [ip4(tcp("S", isn)), ip4(tcp("SA", 300, isn + 1, back=True), True), ip4(tcp("A", isn + 1, 301)),
                                ip4(tcp("A", isn + 1, 301, b"x" * 10)), ip4(tcp("A", isn, 301))])
    assert [row["seq"] for row in rows(capture, ",all")] == [0, 0, 1, 1, 0]
    assert [row["seq"] for row in rows(capture, ",all,seq=absolute")] == [isn, 300, isn + 1, isn + 1, isn]
    inside = write("inside", [ip4(tcp("A", 5000, 7000, b"x" * 10)), ip4(tcp("A", 7000, 5010, back=True), True)])
    assert [(row["seq"], row["ack"]) for row in rows(inside, ",all")] == [(5000, 7000), (7000, 5010)]
    assert timeline(inside).startswith("Connection 0 (tcp.stream 0): client 10.0.0.1:40000 ISN -, server 10.0.0.2:80 ISN -\n")


def test_icmp_errors():
    """They go to the end whose segment they quote, and are findings of the connection, not segments."""
    capture, frame, _, _ = CASES["icmp_unreachable"]
    capture = capture.path("timeline-icmp")
    assert frame == 2 and timeline(capture).splitlines()[2:] == [
        "0.000     1 SYN_SENT SYN seq=0 -->        LISTEN [SYN_RCVD]",
        "0.010     2 SYN_SENT <-- ICMP error seq=0 LISTEN [SYN_RCVD] N icmp_unreachable"]
    shown = rows(capture)
    assert [(row["sender"], row["flags"], row["findings"]) for row in shown] == [("client", "SYN", []),
                                                                               (None, "ICMP error", ["icmp_unreachable"])]


def test_a_connection_and_a_filter():
    capture = CAPTURES / "tw_reuse.pcapng"
    first, second = timeline(capture).split("\n\n")
    assert timeline(capture, ",connection=0") == first + "\n" and timeline(capture, ",connection=1") == second
    assert timeline(capture, ",frame.number == 9") == second
    assert timeline(capture, ",connection=0,frame.number == 9") == ""
    assert timeline(capture, ",tcp.port == 1") == timeline(write("empty", [])) == ""


@pytest.mark.parametrize("name", ["tw_reuse", "loopback_syn_rcvd", "rst_lost", "simul_close"])
def test_in_two_passes(name):
    capture = CAPTURES / f"{name}.pcapng"
    assert timeline(capture, "", "-2") == timeline(capture)


def test_a_connection_of_which_a_read_filter_leaves_nothing_worth_showing():
    printed = timeline(CAPTURES / "normal.pcapng", "", "-2", "-R", "tcp.len > 0").splitlines()
    assert [line.strip() for line in printed[1:]] == ["Time Frame Client Segment                       Server Note",
                                                      "... 2 segments, 150 bytes ..."]


def test_of_many():
    """Connections that are mixed in time come one after the other."""
    capture = variants.merged(tuple(NAMED))
    shown = rows(capture, ",all")
    assert [row["connection"] for row in shown] == sorted(row["connection"] for row in shown)
    assert len(shown) == len(harness.rows(capture, ["frame.number"], "-Y", "tcpstate.client"))
