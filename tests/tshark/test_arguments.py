"""What is asked wrongly is told in one sentence before the capture is read, with status 1; what there is none of, after, with status 0."""
import pytest

import crowd
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
    ("timeline", "conn=0", "no option conn; there are connection=NUMBER, seq=absolute, all, json"),
    ("diagram", "json", "no option json; there are connection=NUMBER, format=dot|mermaid|text"),
    ("netstat", "frame=3,all", "no option all; there are at=SECONDS, frame=NUMBER, names=rfc|netstat|ss, connection=NUMBER, json"),
    ("report", "json,frame=2", "no option frame; there are all, json"),
]
NONE = [("netstat", "frame", 0), ("netstat", "frame", 99), ("netstat", "connection", 9), ("timeline", "connection", 9), ("diagram", "connection", 9)]


def asked(statistic):
    done = harness.run("-q", "-r", CAPTURES / "normal.pcapng", "-z", statistic)
    return done.returncode, done.stderr, done.stdout


@pytest.mark.parametrize("name, options, sentence", WRONG)
def test_a_wrong_argument(name, options, sentence):
    assert asked(f"tcpstate,{name},{options}") == (1, f"tshark: tcpstate,{name}: {sentence}\n", "")


@pytest.mark.parametrize("name", ["connections", "netstat", "timeline", "diagram", "report", "points"])
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


@pytest.mark.parametrize("name", ["connections", "report", "timeline"])
def test_a_filter_is_no_option(name):
    """By the name of a protocol, and with two signs of equality."""
    assert asked(f"tcpstate,{name},tcp")[0] == asked(f"tcpstate,{name},tcp.port==80")[0] == 0


def test_titles_of_several():
    """Not of one alone, and not of JSON."""
    capture = CAPTURES / "normal.pcapng"
    alone = {name: harness.output("-q", "-r", capture, "-z", f"tcpstate,{name}") for name in ("connections", "netstat,at=0.1", "report,json")}
    assert not any("==" in printed for printed in alone.values())
    together = harness.output("-q", "-r", capture, *(word for name in alone for word in ("-z", f"tcpstate,{name}")))
    assert sorted(together.splitlines()) == sorted(
        [line for printed in alone.values() for line in printed.splitlines()] + ["== tcpstate,connections ==", "== tcpstate,netstat,at=0.1 =="])


def test_names_of_hosts():
    """Where they are asked for, and never in JSON or in a filter."""
    place = harness.workplace() / "captures" / "hosts"
    place.write_text("10.9.0.1 alpha.example\n10.9.0.2 beta.example\n", encoding="ascii")
    place.chmod(0o644)
    capture, named = CAPTURES / "rst_linger0.pcapng", ["-N", "n", "-H", str(place)]
    for statistic, numeric, name in (("connections", "10.9.0.1:40000", "alpha.example:40000"), ("netstat", "Host 10.9.0.2", "Host beta.example"),
                                     ("report", "10.9.0.1 (client of 10.9.0.2:80)", "alpha.example (client of beta.example:80)")):
        command = ["-q", "-r", capture, "-z", f"tcpstate,{statistic}"]
        assert numeric in harness.output(*command) and name not in harness.output(*command)
        assert name in harness.output(*command, *named) and numeric not in harness.output(*command, *named)
        assert "example" not in harness.output(*command[:-1], f"tcpstate,{statistic},json", *named).replace("alpha.example (client of beta.example:80)", "")


def test_hosts_of_a_connection_come_first():
    printed = harness.output("-q", "-r", crowd.CROWD, "-z", "tcpstate,netstat,connection=128").splitlines()
    hosts = [line for line in printed if line.startswith("Host ")]
    assert set(hosts[:2]) != {"Host 10.1.1.1", "Host 10.1.1.2"} and "Host 10.2.2.3" in hosts[:2]
    plain = harness.output("-q", "-r", crowd.CROWD, "-z", "tcpstate,netstat").splitlines()
    assert sorted(plain) == sorted(printed) and plain != printed
