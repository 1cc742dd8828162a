"""The verdict on each connection, against what the lab did and against the stacks' own sockets."""
import functools
import json
import pathlib
import re

import pytest

import harness
import variants
from harness import name_of
from test_truth import truth_of

STACKS = harness.ROOT / "tests" / "tshark" / "stacks"

# By scenario, the verdicts on its connections; and where a pairing of stacks behaves otherwise, on those ("" for all others).
VERDICTS = {
    "abort": "client_aborted",
    "abort_in_close_wait": "server_aborted",
    "abort_in_fin_wait_2": "client_aborted",
    "abort_in_last_ack": {"": "server_aborted_with_data", "lwip-linux": "closing"},
    "abort_in_syn_rcvd": "client_aborted",
    "abort_in_syn_sent": "client_aborted",
    "abort_server": "server_aborted",
    "accept_queue_abort": "open opening",
    "accept_queue_overflow": {"": "open open",
        "linux-netstack": "syn_unanswered syn_unanswered",
        "netstack-netstack": "syn_unanswered syn_unanswered"},
    "ack_in_syn_sent": "open",
    "ack_of_nothing": "open",
    "ack_syn_rcvd_bad": {"": "open", "slirp-lwip": "client_lost_connection"},
    "ack_to_listen": {"": "server_aborted client_aborted", "slirp-lwip": "server_aborted probe"},
    "ack_unsent": "open",
    "backlog_full": "open open open",
    "black_hole": "server_vanished",
    "challenge_loop": "closed stale_syn",
    "close_in_syn_sent": {"": "probe", "lwip-linux": "client_aborted", "lwip-lwip": "client_aborted", "slirp-lwip": "closing"},
    "close_unread": "server_aborted",
    "close_unread_after_fin": "server_aborted",
    "close_wait": "server_not_closing",
    "close_with_unread_data": "server_aborted",
    "closing_ack_lost": "closed",
    "data_after_close": {"": "client_aborted_with_data", "slirp-lwip": "client_aborted"},
    "data_copied": "open",
    "data_dropped_once": "open",
    "data_dup": "closed",
    "data_in_time_wait": "closed",
    "data_on_closed": "server_aborted refused",
    "data_out_of_window": "open",
    "data_reordered": "closed",
    "deferred_accept": "closed",
    "fin_ack_3seg": "closed",
    "fin_ack_dropped": {"": "client_fin_ack_lost", "lwip-linux": "closed", "lwip-lwip": "closed", "slirp-lwip": "closed"},
    "fin_ack_dropped_once": "closed",
    "fin_again_in_time_wait": "closed",
    "fin_behind_cwnd": "closed",
    "fin_behind_zero_window": "closed",
    "fin_crossing_data": {"": "client_aborted_with_data", "slirp-lwip": "closed"},
    "fin_crossing_data_shut": "closed",
    "fin_dropped": "client_fin_lost",
    "fin_dropped_once": "closed",
    "fin_dup": "closed",
    "fin_duplicated": "closed",
    "fin_in_syn_rcvd": "closing",
    "fin_in_syn_rcvd_server": "closed",
    "fin_out_of_order": "closed",
    "fin_reordered": "closed",
    "fin_wait_2_timeout": {"": "server_closed_late", "netstack-netstack": "closed"},
    "fin_with_data": "closed",
    "half_close": "closed",
    "half_open_crash": "server_aborted_with_data",
    "hs_ack_all_dropped": "handshake_ack_lost",
    "hs_ack_dropped": {"": "handshake_ack_lost", "lwip-linux": "closed", "lwip-lwip": "closed", "slirp-lwip": "closed"},
    "hs_ack_dropped_once": "closed",
    "hs_ack_dropped_then_data": "server_aborted",
    "hs_ack_dropped_then_fin": "closed",
    "hs_ack_lost_then_data": "closed",
    "hs_ack_lost_then_fin": "closed",
    "keepalive": {"": "server_vanished", "netstack-netstack": "open"},
    "keepalive_answered": "open",
    "last_ack_all_dropped": "server_fin_ack_lost",
    "last_ack_dropped": {"": "server_fin_ack_lost", "lwip-linux": "closed", "lwip-lwip": "closed", "slirp-lwip": "closed"},
    "last_ack_dropped_once": "closed",
    "listener_closed": "server_aborted",
    "listener_gone": "server_aborted_with_data",
    "loopback_fin_wait_1": "client_fin_lost",
    "loopback_syn_rcvd": "synack_lost",
    "loopback_syn_sent": "syn_unanswered",
    "loopback_syn_sent_linear": "syn_unanswered",
    "mptcp_fallback": "closed",
    "nat": "closed",
    "new_syn_in_time_wait": "closed probe",
    "normal": "closed",
    "old_handshake_ack": "closed",
    "old_syn_again": "closed",
    "old_syn_in_established": "open",
    "old_syn_in_time_wait": "closed opening",
    "out_of_window_data": "open",
    "peer_crashed": "client_lost_connection",
    "refused": "refused",
    "retransmission": "closed",
    "retransmission_give_up": "server_vanished",
    "rst_ack_bad": "client_aborted",
    "rst_ack_wrong": "reset_from_outside",
    "rst_after_fin": "client_aborted",
    "rst_at_fin": "reset_from_outside",
    "rst_bad_seq": "client_aborted",
    "rst_exact": {"": "client_aborted", "linux-netstack": "reset_from_outside", "netstack-netstack": "reset_from_outside"},
    "rst_in_fin_wait_2": {"": "closed", "slirp-lwip": "reset_from_outside"},
    "rst_in_fin_wait_2_after_close": "reset_from_outside",
    "rst_in_fin_wait_2_closed": {"": "closed", "slirp-lwip": "reset_from_outside"},
    "rst_in_fin_wait_2_in_window": {"": "closed", "netstack-netstack": "reset_from_outside"},
    "rst_in_syn_rcvd": "client_aborted",
    "rst_in_syn_rcvd_exact": "client_aborted",
    "rst_in_syn_rcvd_in_window": "open",
    "rst_in_syn_sent_wrong_ack": "open",
    "rst_in_time_wait": "closed",
    "rst_in_window": {"": "open", "linux-netstack": "server_aborted_with_data", "netstack-netstack": "server_aborted_with_data"},
    "rst_linger0": "client_aborted",
    "rst_lost": "client_aborted",
    "rst_of_fin_number": {"": "reset_from_outside", "lwip-linux": "client_aborted"},
    "rst_out_of_window": "open",
    "rst_syn_rcvd_exact": "reset_from_outside",
    "rst_syn_rcvd_in_window": "open",
    "rst_syn_sent_bad_ack": "refused",
    "rst_unread_data": "server_aborted",
    "server_first": "closed",
    "simul_close": "closed",
    "simul_close_ack_lost": "closed",
    "simul_close_full": "closed",
    "simul_open": {"": "closed", "lwip-lwip": "opening"},
    "simul_open_syn_lost": {"": "closed", "lwip-lwip": "opening"},
    "syn_cookies": "closed",
    "syn_dropped": "syn_unanswered",
    "syn_dropped_once": {"": "open", "lwip-linux": "closed", "lwip-lwip": "closed", "slirp-lwip": "closed"},
    "syn_dup": "closed",
    "syn_duplicated": "closed",
    "syn_forged": "closed stale_syn",
    "syn_forged_established": {"": "open stale_syn", "slirp-lwip": "client_aborted stale_syn"},
    "syn_in_window": "open stale_syn",
    "syn_into_close_wait": "replaced open",
    "syn_to_close_wait": {"": "closing opening", "lwip-lwip": "closing syn_challenged", "slirp-lwip": "closing replaced"},
    "syn_to_established": "client_lost_connection open",
    "synack_bad_ack": "open",
    "synack_dropped": {"": "synack_lost", "lwip-linux": "closed", "lwip-lwip": "closed", "slirp-lwip": "closed"},
    "synack_dropped_all": "synack_lost",
    "synack_dropped_once": "open",
    "synack_wrong_ack": "open",
    "tfo": "client_aborted closed",
    "three_points_at_client": "client_aborted_with_data",
    "three_points_at_middle": "server_aborted_with_data",
    "three_points_at_server": "server_aborted",
    "three_segment": "closed",
    "time_wait_2msl": "closed client_aborted",
    "tw_data": {"": "closed", "slirp-lwip": "client_aborted_with_data"},
    "tw_new_syn": {"": "closed opening", "lwip-linux": "closed client_aborted"},
    "tw_old_syn": "closed port_reused",
    "tw_refused": {"": "closed refused", "linux-netstack": "closed opening", "netstack-netstack": "closed opening"},
    "tw_reuse": {"": "closed closed", "lwip-linux": "closed closing", "lwip-lwip": "closed refused", "slirp-lwip": "closed opening"},
    "tw_rst": "closed",
    "two_connections": "closed client_aborted",
    "two_points_at_client": "closed",
    "two_points_at_server": "closed",
    "user_timeout": {"": "server_vanished", "linux-netstack": "open"},
    "wrap": "closed",
    "wrong_ack_in_syn_rcvd": {"": "open", "netstack-netstack": "client_aborted"},
    "zero_window": {"": "server_not_reading", "lwip-linux": "closed", "lwip-lwip": "closed"},
}


@functools.cache
def asked(capture):
    """In one run: the connection and the ports of each frame, and the rows of the table."""
    fields = [word for name in ("tcpstate.connection", "tcp.srcport", "tcp.dstport") for word in ("-e", name)]
    lines = harness.output("-n", "-r", capture, "-T", "fields", *fields, "-z", "tcpstate,connections,json").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("{")], [json.loads(line) for line in lines if line.startswith("{")]


def objects(capture):
    return asked(capture)[1]


def verdicts(capture):
    return " ".join(row["verdict"] for row in objects(capture))


def expected(scenario, pairing):
    of_scenario = VERDICTS[scenario]
    return of_scenario if isinstance(of_scenario, str) else of_scenario.get(pairing, of_scenario[""])


RECORDED = [*sorted(harness.CAPTURES.glob("*.pcapng")), *sorted(STACKS.glob("*/*.pcapng"))]


@pytest.mark.parametrize("capture", [capture for capture in RECORDED if not capture.is_relative_to(STACKS)], ids=name_of)
def test_of_what_the_lab_did(capture):
    assert verdicts(capture) == expected(name_of(capture).removesuffix("_ipv6"), capture.parent.name)


def test_every_scenario_has_its_verdicts():
    assert set(VERDICTS) == {name_of(capture).removesuffix("_ipv6") for capture in RECORDED}


def test_the_field_is_in_the_last_frame():
    """Of each connection, as in the table; not on the first pass."""
    capture = variants.merged(tuple(harness.every_capture()))
    fields = ["frame.number", "tcpstate.connection", "tcpstate.verdict"]
    shown = [(int(frame[0]), int(number[0]), verdict[0]) for frame, number, verdict in harness.rows(capture, fields, "-2") if verdict]
    assert len(shown) > 500
    assert sorted(shown) == sorted((row["last_frame"], row["connection"], row["verdict"]) for row in objects(capture))
    assert not any(verdict for (verdict,) in harness.rows(capture, ["tcpstate.verdict"]))


OVER, GONE, UNACKNOWLEDGED = {"CLOSED", "TIME_WAIT", "LISTEN"}, {"CLOSED", "LISTEN"}, {"FIN_WAIT_1", "CLOSING", "LAST_ACK", "CLOSED", "LISTEN"}
BEFORE_A_FIN = {"ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSED", "LISTEN"}
EITHER = {"client": None, "server": None}

# By verdict without its end: the states that the sockets of that end and of the other one may be in, None for any. Before an
# underscore stands the end.
POSSIBLE = {
    "closed": (OVER, OVER),
    "open": ({"ESTABLISHED"}, {"ESTABLISHED"}),
    "refused": (GONE, None),
    "syn_unanswered": ({"SYN_SENT", *GONE}, None),
    "probe": (GONE, None),
    "_aborted": (GONE, None),
    "_aborted_with_data": (GONE, None),
    "_closed_late": (GONE, GONE),
    "_not_closing": ({"CLOSE_WAIT"}, None),
    "_fin_lost": (UNACKNOWLEDGED, BEFORE_A_FIN),
    "_fin_ack_lost": (UNACKNOWLEDGED, None),
}


def possible(verdict):
    """{end: the states that its socket may be in}"""
    for end, other in (("client", "server"), ("server", "client")):
        if verdict.removeprefix(end) in POSSIBLE:
            own, others = POSSIBLE[verdict.removeprefix(end)]
            return {end: own, other: others}
    return EITHER


def contradictions(capture):
    """(connection, verdict, end, state of its socket) after the last frame of each connection, if the next one has not taken its ports by then,
    and the recording does not say that nobody could know."""
    truth, (frames, rows) = truth_of(capture), asked(capture)
    last_of_ports = {frozenset(ports): int(number) for number, *ports in frames if number}
    for row in rows:
        frame = truth[row["last_frame"] - 1]
        if last_of_ports[frozenset((str(row["client_port"]), str(row["server_port"])))] != row["connection"]:
            continue
        for end, states in possible(row["verdict"]).items():
            socket = end if row["client"].endswith("1") else {"client": "server", "server": "client"}[end]
            excuse = frame["why"] if socket == frame["sender"] else frame["why_receiver"]
            if "netstack" in str(capture) and frame[socket] == "FIN_WAIT_2" and "CLOSED" in (states or ()):
                continue  # it leaves LAST_ACK for FIN_WAIT_1 when it sends its FIN again
            if states is not None and excuse == "-" and not set(frame[socket].split("|")) & states:
                yield row["connection"], row["verdict"], end, frame[socket]


HERE = pathlib.Path(__file__).parent
FOLDERS = [HERE / name for name in ("random", "random-loss", "random-wide", "random-wide-loss", "faults")] + sorted(STACKS.iterdir()) + [harness.CAPTURES]


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_socket_contradicts(folder):
    """Of the named recordings, those that have the states of the sockets. Those of other stacks have the verdicts of their scenarios, too."""
    captures = [capture for capture in sorted(folder.glob("*.pcapng")) if not re.match("loopback|two_points|three_points", capture.name)]
    assert captures
    assert [(name_of(capture), *each) for capture in captures for each in contradictions(capture)] == []
    if folder.parent == STACKS:
        scenarios = sorted(folder.glob("*.pcapng"))
        assert {name_of(capture): verdicts(capture) for capture in scenarios} == {
            name_of(capture): expected(name_of(capture), folder.name) for capture in scenarios}
