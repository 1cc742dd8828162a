"""The plugin's states against the kernels', frame by frame: of the sender exactly, of the receiver one of the two that are shown.

truth/NAME.tsv says what state the two sockets were in. Where that cannot be known from the wire, its columns `why` (sender) and
`why_receiver` say why not, and the end is not counted.
"""
import collections
import csv

import pytest

import harness

HERE = harness.ROOT / "tests" / "tshark"

# What the wire cannot tell either, though the recording does not say so: frame by frame, with the reason.
KNOWN = {
    ("r079", 9, "sender"): "a SYN,ACK that was held back for three frames: when it left, its sender was still SYN_RCVD",
    ("r519", 23, "receiver"): "the RST is at its sender's own number; the client had missed 100 bytes before, and challenges it in frame 24",
    ("r522", 6, "receiver"): "the listener was closed without a word",
}


def recordings():
    for folder, truth in (("captures", HERE / "truth"), ("random", HERE / "random"), ("random-loss", HERE / "random-loss")):
        for table in sorted(truth.glob("*.tsv")):
            name = table.name.split(".")[0]
            capture = (harness.CAPTURES if folder == "captures" else truth) / f"{name}.pcapng"
            yield pytest.param(capture, table, id=f"{folder}-{name}")


def shown(capture, *arguments):
    fields = ["frame.number", "tcpstate.client", "tcpstate.server", "tcpstate.client.pending", "tcpstate.server.pending"]
    states = {}
    for number, client, server, client_pending, server_pending in harness.rows(capture, fields, *arguments):
        states[int(number[0])] = {"client": client + client_pending, "server": server + server_pending}
    return states


def wrong_ends(capture, table):
    states = shown(capture)
    wrong = []
    for row in csv.DictReader(table.open(), delimiter="\t"):
        frame, sender = int(row["frame"]), row["sender"]
        receiver = "server" if sender == "client" else "client"
        if row["why"] == "-" and states[frame][sender][0] not in row["sent"].split("|"):
            wrong.append((capture.stem, frame, "sender"))
        if row[receiver] and row["why_receiver"] == "-" and row[receiver] not in states[frame][receiver]:
            wrong.append((capture.stem, frame, "receiver"))
    return wrong


@pytest.mark.parametrize("capture, table", recordings())
def test_states_are_the_kernels(capture, table):
    expected = [key for key in KNOWN if key[0] == capture.stem]
    assert wrong_ends(capture, table) == expected


@pytest.mark.parametrize("capture", [pytest.param(c, id=c.stem) for c in harness.every_capture()])
def test_two_passes_show_the_same(capture):
    once = shown(capture)
    assert shown(capture, "-2") == once
    assert shown(capture, "-2", "-R", "tcp") == once


def test_every_recording_has_its_truth():
    captures = collections.Counter(c.stem for c in harness.every_capture())
    tables = collections.Counter(t.name.split(".")[0] for t in HERE.glob("*/*.tsv"))
    assert captures == tables and len(captures) == 172
