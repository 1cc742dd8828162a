"""Captures made to hurt: what they show is right, and a large one takes not much more time and memory than without the plugin."""
import functools
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tshark"))

import alike  # noqa: E402
import harness  # noqa: E402
import hostile  # noqa: E402
from packets import EXCHANGE  # noqa: E402

LATER = ["client.until", "client.answered", "client.since", "server.until", "server.answered", "finding.outcome", "connection.previous", "cause"]
"""Fields for which records are looked for."""
LOOKS_BACK = {
    "fields": ["-2", "-T", "fields", *(part for field in LATER for part in ("-e", f"tcpstate.{field}"))],
    "assumed": ["-2", "-o", "tcpstate.assume_delivery:TRUE", "-T", "fields", *(part for field in LATER for part in ("-e", f"tcpstate.{field}"))],
    "statistics": ["-q", *(part for name in ("tree", "connections", "netstat", "timeline,all", "timeline,connection=0", "diagram", "points", "report")
                           for part in ("-z", f"tcpstate,{name}"))],
}
COUNT = 3000
"""Frames of those that are read in every way."""
MILLION = 1000000
LARGE = dict.fromkeys(hostile.KINDS, 200000) | {"isns": MILLION, "retries": MILLION, "toggled": MILLION, "half_open": 2 * MILLION}
"""A connection that is half open has two frames."""


@functools.cache
def capture(kind, count):
    path = harness.workplace() / "captures" / f"hostile-{kind}-{count}.pcap"
    hostile.generate(kind, count, path)
    path.chmod(0o644)
    return str(path)


@functools.cache
def shown(kind):
    return harness.states(capture(kind, COUNT))


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_it_is_read_in_any_way(kind):
    alike.assert_details(capture(kind, COUNT))
    assert alike.assert_passes(capture(kind, COUNT)) >= COUNT - 7


@pytest.mark.parametrize("kind", ["wrap", "backwards", "far_times"])
def test_exchanges_stay_what_they_are(kind):
    """Whatever their numbers and times."""
    assert shown(kind) == (COUNT // 7) * EXCHANGE


def test_exchanges_in_tunnels():
    """The pair is the same in all of them; each exchange is a connection, after that which the same end closed."""
    states = shown("tunnels")
    assert states[:7] == EXCHANGE and len(states) % 7 == 0
    assert [states[i:i + 7] for i in range(7, len(states), 7)] == (len(states) // 7 - 1) * [EXCHANGE]


def test_every_syn_of_another_number_is_a_connection():
    assert set(shown("isns")) == {"SYN_SENT / LISTEN [SYN_RCVD]"}
    numbers = [row[0][0] for row in harness.rows(capture("isns", COUNT), ["tcpstate.connection"])]
    assert numbers == [str(number) for number in range(COUNT)]


def test_networks_are_told_apart_up_to_a_number():
    """Each SYN is a connection, the last ones of the flow that had the first."""
    assert set(shown("networks")) == {"SYN_SENT / LISTEN [SYN_RCVD]"}
    rows = harness.rows(capture("networks", COUNT), ["tcpstate.connection", "tcpstate.connection.previous"])
    assert [row[0] for row in rows] == [[str(number)] for number in range(COUNT)]
    assert [row[1] for row in rows] == 16 * [[]] + [["0"]] + [[str(number)] for number in range(16, COUNT - 1)]


def test_retries_are_counted():
    """And the state lasts since the first of them."""
    fields = ["tcpstate.retry", "tcpstate.connection", "tcpstate.client", "tcpstate.client.since"]
    rows = harness.rows(capture("retries", COUNT), fields)
    assert rows == [[[str(number)] if number else [], ["0"], ["SYN_SENT"], ["1"]] for number in range(COUNT)]


def test_what_is_toggled_is_shown():
    """As the evidence goes: the RST counts until its end goes on, the FIN until there is data over it."""
    states = shown("toggled")[3:]
    assert set(states[::4]) == {"CLOSED / CLOSED"}
    assert {state.split(" / ")[0] for state in states[1::4]} == {"ESTABLISHED"}
    assert {state.split(" / ")[0] for state in states[2::4]} == {"FIN_WAIT_1"}
    assert {state.split(" / ")[0] for state in states[3::4]} == {"ESTABLISHED"}


def test_half_open_connections():
    assert shown("half_open") == COUNT // 2 * ["SYN_SENT / LISTEN [SYN_RCVD]", "SYN_SENT [ESTABLISHED] / SYN_RCVD"]


def test_windows_change_no_state():
    assert set(shown("windows")[3:]) == {"ESTABLISHED / ESTABLISHED"}


def after_each_flags():
    """{(way, end, flags): (states before, states after)} of the capture of all flags."""
    states, at, result = shown("flags"), 0, {}
    for name, way in hostile.WAYS.items():
        for end in (hostile.CLIENT, hostile.SERVER):
            for flags in range(64):
                at += len(way) + 1
                result[name, end, flags] = states[at - 2], states[at - 1]
    return result


def test_flags_that_are_no_event_change_nothing():
    """Without SYN, RST and ACK every stack drops a segment."""
    for case, (before, after) in after_each_flags().items():
        if case[2] & (hostile.SYN | hostile.RST | hostile.ACK) == 0:
            assert after == before, case


def test_flags_that_mean_nothing_make_no_difference():
    """PSH and URG never; SYN and FIN with a RST; FIN with a bare SYN (RFC 9293 section 3.10.7)."""
    told = after_each_flags()
    for (name, end, flags), (_, after) in told.items():
        meant = flags & ~(hostile.PSH | hostile.URG)
        if meant & hostile.RST:
            meant &= ~(hostile.SYN | hostile.FIN)
        if meant & (hostile.SYN | hostile.ACK) == hostile.SYN:
            meant &= ~hostile.FIN
        assert after == told[name, end, meant][1], (name, end, flags)


def test_a_reset_at_the_expected_number_closes():
    """Whatever other flags it has."""
    for (name, _, flags), (_, after) in after_each_flags().items():
        if name == "ESTABLISHED" and flags & hostile.RST:
            assert after == "CLOSED / CLOSED"


def cost(path, *arguments, plugin):
    """(seconds, MiB) of tshark, without the kernel's seconds, which vary with what the machine's host does with memory."""
    process = subprocess.Popen(harness.unprivileged(["tshark", "-n", "-r", path, *arguments]), env=harness.variables("plugins" if plugin else "none"),
                               cwd=harness.workplace() / "home", stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime, used.ru_maxrss / 1024


@pytest.mark.slow
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_cost(kind, record_property):
    """No more than half as much again in time, and 500 bytes a frame."""
    path = capture(kind, LARGE[kind])
    (seconds, memory), (seconds_without, memory_without) = cost(path, plugin=True), cost(path, plugin=False)
    os.unlink(path)
    record_property("cost", f"{kind:10} {LARGE[kind]:8} {seconds_without:8.2f} {seconds:8.2f} {memory_without:8.0f} {memory:8.0f}")
    assert seconds < 1.5 * seconds_without + 1
    assert memory - memory_without < 16 + 500 * LARGE[kind] / 2**20


def seconds_added(kind, count, arguments):
    """By the plugin, and by asking: TCP's own analysis may grow faster than the capture."""
    return cost(capture(kind, count), *arguments, plugin=True)[0] - cost(capture(kind, count), plugin=False)[0]


@pytest.mark.slow
@pytest.mark.parametrize("mode", LOOKS_BACK)
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_growth(kind, mode):
    """Eight times the frames take eight times as long, not sixty-four, and not twelve. Where they do, others may have had the machine: then the
    least of three counts."""
    for tries in (1, 3):
        few, many = (min(seconds_added(kind, count, LOOKS_BACK[mode]) for _ in range(tries)) for count in (10000, 80000))
        if many < 12 * few + 1:
            break
    assert many < 12 * few + 1
