"""What the statistics print of each named recording, as it was read row by row against the frames.

`test_golden.py --write` writes the folder `golden` anew, to be read again.
"""
import sys

import pytest

import harness

FOLDER = harness.ROOT / "tests" / "tshark" / "golden"
STATISTICS = ["tcpstate,tree", "tcpstate,connections", "tcpstate,netstat", "tcpstate,timeline", "tcpstate,diagram,format=mermaid",
              "flow,tcpstate,standard"]


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


@pytest.mark.parametrize("capture", harness.NAMED, ids=harness.name_of)
def test_golden(capture):
    assert printed(capture) == (FOLDER / f"{harness.name_of(capture)}.txt").read_text(encoding="utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for each in harness.NAMED:
        (FOLDER / f"{harness.name_of(each)}.txt").write_text(printed(each), encoding="utf-8")
