"""One Wireshark for all tests; each begins with a capture, no filter and no dialog. What the screen showed at its end is kept."""
import pathlib
import re
import sys

import pytest
from scapy.all import UDP, raw

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("tshark", "benchmark")]

import generate  # noqa: E402
import harness  # noqa: E402
import packets  # noqa: E402
from window import Wireshark, children, find, text_of, until  # noqa: E402

STUCK = ["fin_dropped.pcapng", "syn_dropped.pcapng", "synack_dropped.pcapng", "loopback_fin_wait_1.pcapng"]
TWO_POINTS = harness.ROOT / "tests" / "tshark" / "points" / "two_points.pcapng"
OTHERS = ["normal.pcapng", "two_connections.pcapng", "tw_reuse.pcapng"]


@pytest.fixture(scope="session")
def started():
    wireshark = Wireshark([*(harness.CAPTURES / name for name in STUCK + OTHERS), TWO_POINTS, no_tcp(), many_sockets(), long()],
                          ["-z", "tcpstate,connections", "-z", "tcpstate,timeline,conn=0"])
    alert = find(wireshark.application, "alert")
    wireshark.alert_at_start = find(alert, "label", "tcpstate.*").get_name()
    wireshark.close_dialog(alert)
    wireshark.at_start = until(lambda: text_of(find(find(wireshark.application, "dialog"), "text")))
    yield wireshark
    wireshark.close()


def no_tcp():
    """A capture with nothing for us."""
    return packets.write("no-tcp", [packets.ip4(UDP(sport=53, dport=53))])


SOCKETS = 10050


def many_sockets():
    """A SYN from each of many ports."""
    syn = raw(packets.ip4(packets.tcp("S", 100, ports=(1, 80))))
    return packets.write("many-sockets", [syn[:20] + port.to_bytes(2, "big") + syn[22:] for port in range(1, SOCKETS + 1)])


def long():
    """Half a million frames, which take a while: Wireshark looks for a button only every 0.15 s, and shows it after as long."""
    path = harness.workplace() / "captures" / "long.pcap"
    generate.generate("connections", 20000, path)
    return path


@pytest.fixture
def wireshark(started, request):
    for dialog in children(started.application):
        if dialog.get_role_name() in ("dialog", "alert"):
            started.close_dialog(dialog)
    if started.filter_text():
        started.apply_filter("")
    yield started
    started.screenshot(re.sub(r"[^\w.]+", "-", request.node.name).strip("-"))
