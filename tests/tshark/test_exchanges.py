"""The article's exchanges, frame by frame, as they must read."""
import pytest

import captures_readme
import harness

OPEN = [
    "SYN_SENT / LISTEN [SYN_RCVD]",
    "SYN_SENT [ESTABLISHED] / SYN_RCVD",
    "ESTABLISHED / ESTABLISHED",
]
CLOSE = [
    "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]",
    "FIN_WAIT_2 / CLOSE_WAIT",
    "FIN_WAIT_2 [TIME_WAIT] / LAST_ACK",
    "TIME_WAIT / CLOSED",
]
SYN_RCVD_HELD = "SYN_SENT [ESTABLISHED] / SYN_RCVD"

EXCHANGES = {
    "normal": OPEN + 4 * ["ESTABLISHED / ESTABLISHED"] + CLOSE,
    "fin_ack_3seg": OPEN + 2 * ["ESTABLISHED / ESTABLISHED"] + [
        "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]",
        "FIN_WAIT_1 [TIME_WAIT] / LAST_ACK",
        "TIME_WAIT / CLOSED",
    ],
    "simul_open": [
        "SYN_SENT / LISTEN [SYN_RCVD]",
        "SYN_SENT [SYN_RCVD] / SYN_SENT [SYN_RCVD]",
        "SYN_SENT [ESTABLISHED] / SYN_RCVD",
        "SYN_RCVD [ESTABLISHED] / SYN_RCVD [ESTABLISHED]",
        "ESTABLISHED / ESTABLISHED",
        "ESTABLISHED / ESTABLISHED",
    ] + CLOSE,
    "simul_close": OPEN + [
        "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]",
        "FIN_WAIT_1 [CLOSING] / FIN_WAIT_1 [CLOSING]",
        "CLOSING [TIME_WAIT] / CLOSING",
        "TIME_WAIT / TIME_WAIT",
    ],
    "refused": ["SYN_SENT / LISTEN [SYN_RCVD]", "CLOSED / CLOSED"],
    "syn_dropped": 6 * ["SYN_SENT / LISTEN [SYN_RCVD]"],
    "synack_dropped": ["SYN_SENT / LISTEN [SYN_RCVD]"] + 8 * [SYN_RCVD_HELD],
    "fin_dropped": OPEN + 7 * ["FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]"] + ["CLOSED / CLOSED"],
}


@pytest.mark.parametrize("passes", [[], ["-2"], ["-2", "-R", "tcp"]], ids=["one-pass", "two-passes", "read-filter"])
@pytest.mark.parametrize("name", EXCHANGES)
def test_exchange(name, passes):
    assert harness.states(harness.CAPTURES / f"{name}.pcapng", *passes) == EXCHANGES[name]


def test_every_recording_is_told_in_the_readme():
    told = {capture for name in captures_readme.scenarios.SCENARIOS for capture in captures_readme.captures_of(name)}
    assert told == {capture for capture in harness.CAPTURES.glob("*.pcapng*") if "_ipv6" not in capture.name}


@pytest.mark.slow
def test_ipv6_shows_the_same():
    """Where both recordings have the same frames; a delayed ACK may be there or not."""
    same = 0
    for capture in harness.CAPTURES.glob("*_ipv6.pcapng"):
        shown, twin = harness.states(capture), harness.states(capture.with_name(capture.name.replace("_ipv6", "")))
        if len(shown) == len(twin):
            assert shown == twin, capture.name
            same += 1
    assert same > 45


@pytest.mark.slow
def test_readme_of_the_captures_is_up_to_date():
    assert (harness.CAPTURES / "README.md").read_text(encoding="utf-8") == captures_readme.text()
