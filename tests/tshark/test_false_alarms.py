"""A healthy connection raises no warning, whatever the capture did to it: a frame missed, twice, late, cut, one direction, a late start.

And what is not healthy raises what it should, and nothing else.
"""
import pytest

import harness
import variants
from harness import CAPTURES

WARNING = 3

# The recordings of what is worth a warning, and the warnings that they deserve. All others are healthy, or suffer a loss that TCP repairs.
SICK = {
    "accept_queue_overflow": ["syn_sent_stuck"],
    "black_hole": ["retransmission_stuck"],
    "challenge_loop": ["challenge_ack_loop", "syn_in_connection"],
    "close_wait": ["close_wait_stuck"],
    "fin_ack_dropped": ["fin_wait_1_stuck"],
    "fin_dropped": ["fin_wait_1_stuck"],
    "hs_ack_dropped": ["syn_rcvd_stuck"],
    "keepalive": ["keepalive_reset", "keepalive_unanswered"],
    "last_ack_dropped": ["last_ack_stuck"],
    "loopback_fin_wait_1": ["fin_wait_1_stuck"],
    "loopback_syn_rcvd": ["syn_rcvd_stuck", "syn_sent_stuck"],
    "loopback_syn_sent": ["syn_sent_stuck"],
    "loopback_syn_sent_linear": ["syn_sent_stuck"],
    "peer_crashed": ["half_open_found"],
    "rst_bad_seq": ["rst_inexact", "rst_out_of_window"],
    "rst_lost": ["rst_ignored"],
    "syn_dropped": ["syn_sent_stuck"],
    "syn_forged": ["syn_in_connection"],
    "syn_to_established": ["half_open_found", "syn_in_connection"],
    "synack_dropped": ["syn_sent_stuck"],
    "two_points_at_client": ["fin_wait_1_stuck"],
    "user_timeout": ["retransmission_stuck"],
    "zero_window": ["zero_window_stuck"],
}
LONG = ["random_10000"]  # its variants would be a million frames


def scenario(capture):
    return harness.name_of(capture).removesuffix("_ipv6")


RECORDINGS = sorted(CAPTURES.glob("*.pcapng*"))
HEALTHY = [c for c in RECORDINGS if scenario(c) not in [*SICK, *LONG]]


@pytest.mark.parametrize("capture", HEALTHY, ids=harness.name_of)
def test_healthy_in_every_variant(capture, record_property):
    count, findings = variants.findings(capture)
    alarms = [(variant, name, frame) for variant, name, severity, frame in findings if severity >= WARNING]
    record_property("variants", count)
    record_property("alarms", len({variant for variant, *_ in alarms}))
    assert count > 3 * len(harness.rows(capture, ["frame.number"]))
    assert alarms == []


@pytest.mark.parametrize("capture", RECORDINGS, ids=harness.name_of)
def test_warnings_of_a_recording(capture):
    warnings = {name for names, severities in harness.rows(capture, ["tcpstate.finding", "tcpstate.finding.severity"])
                for name, severity in zip(names, severities) if int(severity) >= WARNING}
    assert sorted(warnings) == SICK.get(scenario(capture), [])


def test_the_readme_states_how_many():
    count = sum(1 for capture in HEALTHY for _ in variants.variants(list(variants.pcapng.read(capture))))
    assert f"in {count} such variants" in " ".join((harness.ROOT / "README.md").read_text(encoding="utf-8").split())
