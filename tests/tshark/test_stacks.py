"""States against those of other stacks: lwIP, 4.4BSD's in libslirp, and gVisor's netstack, with each other and with Linux.

stacks/CLIENT-SERVER has frozen recordings. lwIP needs no kernel, so its exchanges are recorded anew each time; those with a kernel or with
libslirp need root, and those with another stack than lwIP take longer.
"""
import concurrent.futures
import os
import subprocess
import sys

import pytest

import harness
import variants
from harness import name_of
from test_truth import shown, truth_of

FROZEN = harness.ROOT / "tests" / "tshark" / "stacks"
RECORD = harness.ROOT / "tests" / "lab" / "record"

# What the wire cannot tell, though the recording does not say so: by scenario, with the reason.
KNOWN = {
    ("ack_in_syn_sent", 2, "receiver"): "a forged ACK of more than the SYN: as if the handshake and data had been missed",
    ("ack_in_syn_sent", 3, "receiver"): "the listener in whose name that ACK was forged has no connection that the RST could end",
    ("ack_to_listen", 1, "receiver"): "a forged ACK is all that was captured: as if the capture began inside a connection",
    ("ack_to_listen", 3, "receiver"): "the same",
    ("data_on_closed", 5, "receiver"): "a SYN to a port on which nobody listens: the RST comes later",
    ("data_on_closed", 7, "receiver"): "the same",
    ("abort_in_last_ack", 7, "receiver"): "a RST that is not accepted, because the FIN before it was lost",
    ("rst_of_fin_number", 7, "receiver"): "a RST was forged in its name, at a number that its own stack may use",
    ("rst_syn_rcvd_in_window", 4, "receiver"): "the ACK of the handshake was lost",
    ("ack_syn_rcvd_bad", 5, "receiver"): "4.4BSD accepts a RST outside the window",
    ("ack_syn_rcvd_bad", 6, "receiver"): "the same",
    ("tw_refused", 11, "receiver"): "the RST before asks TIME_WAIT to let the next SYN in, and lwIP ignores it",
    ("tw_reuse", 11, "receiver"): "the same",
    ("tw_new_syn", 10, "receiver"): "a listener that is counted as closed after its TIME_WAIT",
    ("rst_out_of_window", 4, "receiver"): "4.4BSD accepts a RST outside the window",
    ("rst_bad_seq", 4, "receiver"): "the same",
    ("rst_bad_seq", 6, "sender"): "the same, and answers the next RST with a RST",
    ("tw_refused", 9, "sender"): "libslirp's TIME_WAIT ends after 10 s",
    ("simul_open", 5, "sender"): "netstack stays in SYN_RCVD when the SYN,ACK crosses its own",
    ("backlog_full", 4, "sender"): "a fault of this recording: the client had connected, and a SYN is what it sends",
    ("backlog_full", 7, "sender"): "the same",
}

# netstack leaves LAST_ACK and CLOSING for FIN_WAIT_1 when it sends its FIN again, against RFC 9293, and goes on from there: (its state, the
# one that is shown).
OF_NETSTACK = {("FIN_WAIT_1", "LAST_ACK"), ("FIN_WAIT_1", "CLOSING"), ("FIN_WAIT_2", "CLOSED"), ("FIN_WAIT_2", "TIME_WAIT")}

# Pairings that are recorded in each run of the slow tests. netstack with Linux takes five minutes, because its timers are slow.
RECORDED_NOW = ["lwip-linux", "linux-lwip", "slirp-lwip", "lwip-slirp", "slirp-slirp", "slirp-linux", "linux-slirp", "netstack-netstack",
                "netstack-lwip", "lwip-netstack"]


def ends_of(captures):
    """(recording, frame, sender or receiver, its state by its stack, those that are shown) of all ends that can be known."""
    frames = iter(shown(variants.merged(tuple(captures))))
    for capture in captures:
        for frame, (row, state) in enumerate(zip(truth_of(capture), frames, strict=False), 1):
            for end, known, told in (("sender", row["why"], row["sent"]),
                                     ("receiver", row["why_receiver"], row["server" if row["sender"] == "client" else "client"])):
                if known == "-":
                    yield name_of(capture), frame, end, told, state[end]


def wrong_ends(captures, capsys, title):
    """{(recording, frame, end): (its state, those that are shown)}; prints the counts."""
    ends = list(ends_of(captures))
    assert len(ends) > 500
    wrong = {(name, frame, end): (told, states) for name, frame, end, told, states in ends if told not in states}
    counts = {end: [sum(1 for entry in source if entry[2] == end) for source in (wrong, ends)] for end in ("sender", "receiver")}
    with capsys.disabled():
        print(f"\n{title}: senders: {counts['sender'][0]} wrong of {counts['sender'][1]}; "
              f"receivers: {counts['receiver'][0]} outside of {counts['receiver'][1]}")
    return wrong


def unknown(wrong, stack):
    return {key: (told, states) for key, (told, states) in wrong.items()
            if key not in KNOWN and not ("netstack" in stack and (told, states[0]) in OF_NETSTACK)}


@pytest.mark.parametrize("folder", sorted(path.name for path in FROZEN.iterdir()))
def test_frozen(folder, capsys):
    wrong = wrong_ends(sorted((FROZEN / folder).glob("*.pcapng")), capsys, folder)
    assert unknown(wrong, folder) == {}


def record(stack, folder):
    """Records all quick scenarios with the stack; returns the recordings."""
    done = subprocess.run([sys.executable, RECORD, "quick", "--stack", stack, "--into", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder.chmod(0o755)
    return sorted(folder.glob("*.pcapng"))


def test_lwip_recorded_now(tmp_path, capsys):
    """And recorded twice: the same bytes, since lwIP has no clock of its own."""
    captures, again = record("lwip", tmp_path / "one"), record("lwip", tmp_path / "two")
    assert len(captures) > 70
    assert [path.read_bytes() for path in captures] == [path.read_bytes() for path in again]
    assert unknown(wrong_ends(captures, capsys, "lwip-lwip, recorded now"), "lwip") == {}


@pytest.fixture(scope="module")
def recording_now(tmp_path_factory):
    """The recordings of each pairing, to come: three are made at a time, since they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        yield {stack: pool.submit(record, stack, tmp_path_factory.mktemp(stack)) for stack in RECORDED_NOW}


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.skipif(os.getuid() != 0, reason="the lab needs root")
@pytest.mark.parametrize("stack", RECORDED_NOW)
def test_recorded_now(stack, recording_now, capsys):
    assert unknown(wrong_ends(recording_now[stack].result(), capsys, f"{stack}, recorded now"), stack) == {}
