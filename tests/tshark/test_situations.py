"""The sentences of each situation: exchanges for which other tools have events, and bug reports rebuilt as captures.

situations/sentences.tsv has each sentence, as it was read against the frames. `test_situations.py --write` writes it anew, to be read again.
"""
import csv
import pathlib
import sys

import pytest

import harness
from harness import name_of

FOLDER = pathlib.Path(__file__).resolve().parent / "situations"
CAPTURES = sorted(FOLDER.glob("*.pcap*"), key=name_of)
TABLE = FOLDER / "sentences.tsv"


def sentences(capture, *arguments):
    """[(situation, frame, finding, sentence)]. Our messages come after those of other dissectors."""
    rows = harness.rows(capture, ["frame.number", "tcpstate.finding", "_ws.expert.message"], "-Y", "tcpstate.finding", *arguments)
    return [(name_of(capture), frame[0], name, message) for frame, names, messages in rows
            for name, message in zip(names, messages[len(messages) - len(names):])]


def expected():
    with open(TABLE, encoding="utf-8", newline="") as table:
        rows = list(csv.reader(table, delimiter="\t"))
    assert rows[0] == ["situation", "frame", "finding", "sentence"]
    return [tuple(row) for row in rows[1:]]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("capture", CAPTURES, ids=name_of)
def test_sentences(capture, passes):
    assert sentences(capture, *passes) == [row for row in expected() if row[0] == name_of(capture)]


def test_none_is_left_over():
    assert {row[0] for row in expected()} <= {name_of(capture) for capture in CAPTURES}


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["situation", "frame", "finding", "sentence"])
        for each in CAPTURES:
            writer.writerows(sentences(each))
