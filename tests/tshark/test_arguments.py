"""What is asked wrongly is told in one sentence before the capture is read, with status 1; what there is none of, after, with status 0."""
import pytest

import harness
from harness import CAPTURES

SECONDS, NUMBER = "not a number of seconds", "not a number"
WRONG = [
    ("netstat", "at=x", f"at=x: {SECONDS}"), ("netstat", "at=-1", f"at=-1: {SECONDS}"), ("netstat", "at=", f"at=: {SECONDS}"),
    ("netstat", "frame=x", f"frame=x: {NUMBER}"), ("netstat", "frame=3,at=2", "at and frame: only one of the two can be asked for"),
    ("netstat", "names=unix", "names=unix: not rfc, netstat or ss"),
    ("timeline", "connection=x", f"connection=x: {NUMBER}"), ("timeline", "seq=odd", "seq=odd: not absolute or relative"),
    ("diagram", "connection=x", f"connection=x: {NUMBER}"), ("diagram", "connection=-1", f"connection=-1: {NUMBER}"),
    ("diagram", "format=png", "format=png: not dot, mermaid or text"),
]
NONE = [("netstat", "frame", 0), ("netstat", "frame", 99), ("timeline", "connection", 9), ("diagram", "connection", 9)]


def asked(statistic):
    done = harness.run("-q", "-r", CAPTURES / "normal.pcapng", "-z", statistic)
    return done.returncode, done.stderr, done.stdout


@pytest.mark.parametrize("name, options, sentence", WRONG)
def test_a_wrong_argument(name, options, sentence):
    assert asked(f"tcpstate,{name},{options}") == (1, f"tshark: tcpstate,{name}: {sentence}\n", "")


@pytest.mark.parametrize("name", ["connections", "netstat", "timeline", "diagram"])
def test_a_wrong_filter(name):
    """In tshark's own words, which vary."""
    words = asked("conv,tcp,no.such")[1].split(": ", 2)[2]
    assert "no.such" in words and asked(f"tcpstate,{name},no.such") == (1, f"tshark: tcpstate,{name}: {words}", "")


@pytest.mark.parametrize("name, what, number", NONE)
def test_none_of_that_number(name, what, number):
    assert asked(f"tcpstate,{name},{what}={number}") == (0, f"tshark: tcpstate,{name}: no {what} {number}\n", "")


@pytest.mark.parametrize("name", ["netstats", "connections2", "timelines", "diagrams"])
def test_a_longer_name_is_none(name):
    status, told, _ = asked(f"tcpstate,{name}")
    assert status == 1 and f"no such statistic: tcpstate,{name}\n" in told
