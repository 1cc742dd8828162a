"""What each statistic prints of each recording over IPv4, as it was read row by row against the frames.

`test_golden.py --write` writes the folder `golden` anew, to be read again.
"""
import sys

import pytest

import harness

FOLDER = harness.ROOT / "tests" / "tshark" / "golden"
STATISTICS = {
    "tree": "tcpstate,tree",
    "connections": "tcpstate,connections",
    "netstat": "tcpstate,netstat",
    "timeline": "tcpstate,timeline",
    "diagram": "tcpstate,diagram,format=mermaid",
    "flow": "flow,tcpstate,standard",
}


def printed(statistic):
    """Without blanks at the ends of lines, and a tree's columns of rates and bursts, which are not ours."""
    parts = []
    for capture in harness.NAMED:
        text = harness.output("-q", "-r", capture, "-z", STATISTICS[statistic])
        if statistic == "tree":
            text = "".join(f"{line[:text.splitlines()[3].index('Average')].rstrip()}\n" for line in text.splitlines() if line.strip("=- "))
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        parts.append(f"{harness.name_of(capture)}\n{text}\n")
    return "".join(parts)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_golden(statistic):
    assert printed(statistic) == (FOLDER / f"{statistic}.txt").read_text(encoding="utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for each in STATISTICS:
        (FOLDER / f"{each}.txt").write_text(printed(each), encoding="utf-8")
