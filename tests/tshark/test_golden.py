"""What the statistics print of each named recording, as it was read row by row against the frames.

`test_golden.py --write` writes the folder `golden` anew, to be read again.
"""
import re
import sys

import pytest

import harness

FOLDER = harness.ROOT / "tests" / "tshark" / "golden"
STATISTICS = ["tcpstate,tree", "tcpstate,report", "tcpstate,connections", "tcpstate,netstat", "tcpstate,timeline", "tcpstate,diagram,format=mermaid",
              *(["flow,tcpstate,standard"] if harness.has_flow_graph() else [])]


def without_rates(lines):
    """Without blanks at the ends of lines, and a tree's columns of rates and bursts, which are not ours."""
    width = None
    for line in lines:
        if line.startswith("Topic / Item"):
            width = line.index("Average")
        elif not line:
            width = None
        yield line[:width].rstrip()


def printed(capture):
    """All in one run; tshark prints the last one asked for first."""
    asked = [word for statistic in reversed(STATISTICS) for word in ("-z", statistic)]
    text = harness.output("-q", "-r", capture, *asked)
    return "".join(f"{line}\n" for line in without_rates(text.splitlines()) if line.strip("=-"))


def expected(capture):
    """The flow graph is the last of it."""
    text = (FOLDER / f"{harness.name_of(capture)}.txt").read_text(encoding="utf-8")
    return text if harness.has_flow_graph() else re.split(r"^(?:Conv\.)?\| ?Time ", text, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("capture", harness.NAMED, ids=harness.name_of)
def test_golden(capture):
    """The streams are those of Wireshark 4.0."""
    comparable = str if harness.version() == (4, 0) else harness.without_streams
    assert comparable(printed(capture)) == comparable(expected(capture))


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for each in harness.NAMED:
        (FOLDER / f"{harness.name_of(each)}.txt").write_text(printed(each), encoding="utf-8")
