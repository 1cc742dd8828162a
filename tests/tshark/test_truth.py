"""The plugin's states against the kernels', frame by frame: of the sender exactly, of the receiver one of the two that are shown.

A recording says what state the two sockets were in, in each frame's comment or in a table beside it. Where that cannot be known from the
wire, it says why not (`why` for the sender, `why_receiver`), and the end is not counted. What else is wrong is listed here.
"""
import csv
import os
import pathlib
import re

import pytest

import harness
import variants
from harness import name_of

HERE = harness.ROOT / "tests" / "tshark"
FRESH = os.environ.get("TCPSTATE_FRESH")  # a folder of recordings made on this machine, just now

# What the wire cannot tell either, though the recording does not say so: frame by frame, with the reason.
KNOWN = {
    ("r079", 9, "sender"): "a SYN,ACK that was held back for three frames: when it left, its sender was still SYN_RCVD",
    ("r519", 23, "receiver"): "the RST is at its sender's own number; the client had missed 100 bytes before, and challenges it in frame 24",
    ("r522", 6, "receiver"): "the listener was closed without a word",
}


def recordings():
    captures = [c for c in harness.every_capture() if not c.name.startswith("loopback_")]
    if FRESH:
        captures += sorted(pathlib.Path(FRESH).rglob("*.pcapng*"))
    return [pytest.param(c, id=f"{c.parent.name}-{name_of(c)}") for c in captures]


def truth_of(capture):
    """A dict for each frame: sender, sent, client, server, why, why_receiver."""
    table = capture.with_name(f"{name_of(capture)}.truth.tsv")
    if table.exists():
        return list(csv.DictReader(table.open(), delimiter="\t"))
    comments = harness.rows(capture, ["frame.comment"])
    return [{"why": "-", "why_receiver": "-", **dict(re.findall(r"(\w+)=(\S+)", comment[0]))} for (comment,) in comments]


def shown(capture, *arguments):
    fields = ["tcpstate.client", "tcpstate.server", "tcpstate.client.pending", "tcpstate.server.pending"]
    return [{"client": client + client_pending, "server": server + server_pending}
            for client, server, client_pending, server_pending in harness.rows(capture, fields, *arguments)]


def wrong_ends(capture):
    wrong = []
    truth = truth_of(capture)
    states = shown(capture)
    assert len(truth) == len(states) > 0
    for frame, (row, state) in enumerate(zip(truth, states), 1):
        sender = row["sender"]
        receiver = "server" if sender == "client" else "client"
        if row["why"] == "-" and state[sender][0] not in row["sent"].split("|"):
            wrong.append((name_of(capture), frame, "sender"))
        if row[receiver] and row["why_receiver"] == "-" and row[receiver] not in state[receiver]:
            wrong.append((name_of(capture), frame, "receiver"))
    return wrong


@pytest.mark.parametrize("capture", recordings())
def test_states_are_the_kernels(capture):
    expected = [key for key in KNOWN if key[0] == name_of(capture)]
    assert wrong_ends(capture) == expected


@pytest.mark.parametrize("passes", [["-2"], ["-2", "-R", "tcp"]], ids=" ".join)
def test_two_passes_show_the_same(passes):
    """Of every recording, all fields but those that are known only later."""
    capture = variants.merged(tuple(recording.values[0] for recording in recordings()))
    fields = (line.split("\t")[2] for line in harness.output("-G", "fields").splitlines() if line.startswith("F\t"))
    ours = [name for name in dict.fromkeys(fields) if name.startswith("tcpstate.") and name not in harness.LATER]
    assert len(ours) > 90
    once = harness.rows(capture, ours)
    assert len(once) > 10000
    assert harness.rows(capture, ours, *passes) == once


REASONS = {"-", "forged", "crossing", "fin-queued", "syn-queued", "no-socket", "syn-cookie", "gone", "lost", "not-accepted", "missed",
           "syn-missed", "ack-missed", "fin-missed", "challenge"}


@pytest.mark.slow
def test_what_is_excused_has_a_reason_and_is_the_smaller_part(capsys):
    counts = {}
    for recording in recordings():
        for row in truth_of(recording.values[0]):
            assert {row["why"], row["why_receiver"]} <= REASONS
            for key in (("sender", row["why"]), ("receiver", row["why_receiver"])):
                counts[key] = counts.get(key, 0) + 1
    for end in ("sender", "receiver"):
        told = counts[end, "-"]
        rest = sum(count for (which, reason), count in counts.items() if which == end and reason != "-")
        assert rest < told / 5
    with capsys.disabled():
        print("\nframes by what can be known of an end:", ", ".join(f"{end} {why} {n}" for (end, why), n in sorted(counts.items())))


def path_of(capture):
    """The pairs of states that the two sockets passed through; timers decide how many frames there are in each."""
    path = []
    for row in truth_of(capture):
        if path[-1:] != [(row["client"], row["server"])]:
            path.append((row["client"], row["server"]))
    return path


if FRESH:
    def test_another_run_passes_through_the_same_states():
        """The recordings made just now, beside the frozen ones."""
        fresh = [c for c in pathlib.Path(FRESH).rglob("*.pcapng") if (harness.CAPTURES / c.name).exists()]
        assert len(fresh) > 100
        assert [c.name for c in fresh if path_of(c) != path_of(harness.CAPTURES / c.name)] == []


LOOPBACK = sorted(c for c in harness.CAPTURES.glob("loopback_*.pcapng"))


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("capture", LOOPBACK, ids=name_of)
def test_ss_said_the_same_each_second(capture, passes):
    """While the wire can tell: a stack that gives up says nothing."""
    frames = harness.rows(capture, ["frame.time_relative", "tcpstate.client", "tcpstate.server"], *passes)
    said = list(csv.DictReader(capture.with_suffix("").with_suffix(".ss.tsv").open(), delimiter="\t"))
    given_up = next((float(row["second"]) for row in said if row["client"] == "CLOSED"), float("inf"))
    compared = 0
    for row in said:
        second = float(row["second"])
        before = [f for f in frames if float(f[0][0]) <= second]
        if second >= given_up or min(abs(float(f[0][0]) - second) for f in frames) < 0.02:
            continue  # a frame may have been on its way while ss was asked
        assert (before[-1][1][0], before[-1][2][0]) == (row["client"], row["server"]), f"at second {second}"
        compared += 1
    assert compared > 50


@pytest.mark.parametrize("name, gaps", [("loopback_syn_sent", [1, 2, 4, 8, 16, 32]), ("loopback_syn_sent_linear", [1, 1, 1, 1, 1, 2])])
def test_retry_gaps(name, gaps):
    """As the findings report them: doubling, and Linux's linear first ones."""
    messages = harness.rows(harness.CAPTURES / f"{name}.pcapng", ["_ws.expert.message"], "-Y", "tcpstate.syn_retransmitted")
    told = [float(re.search(r"retry \d+, ([0-9.]+) s", " ".join(m))[1]) for (m,) in messages]
    assert told[: len(gaps)] == pytest.approx(gaps, rel=0.05)
