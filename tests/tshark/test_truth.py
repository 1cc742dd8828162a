"""The plugin's states against the kernels', frame by frame: of the sender exactly, of the receiver one of the two that are shown.

A recording says what state the two sockets were in, in each frame's comment or in a table beside it. Where that cannot be known from the
wire, it says why not (`why` for the sender, `why_receiver`), and the end is not counted. What else is wrong is listed here.
"""
import csv
import os
import pathlib
import re

import pytest

import harness
import variants
from harness import name_of

HERE = harness.ROOT / "tests" / "tshark"
FRESH = os.environ.get("TCPSTATE_FRESH")  # a folder of recordings made on this machine, just now

# What the wire cannot tell either, though the recording does not say so: frame by frame, with the reason.
KNOWN = {
    ("r055", 7, "sender"): "Fast Open: data behind a SYN,ACK that was held back, so that its sender seems to be in SYN_RCVD again",
    ("r519", 23, "receiver"): "the RST is at its sender's own number; the client had missed 100 bytes before, and challenges it in frame 24",
    ("r522", 6, "receiver"): "the listener was closed without a word",
    ("stale_rst_clears_pending", 14, "receiver"): "the server ignored the ACK of the handshake in frame 13, and gives up",
    ("synack_again_after_bare_ack", 14, "receiver"): "the server ignored the ACK of the handshake in frame 9",
    ("fin_again_after_new_syn", 8, "receiver"): "the ACK of the FIN in frame 7 was held back",
    ("fin_again_after_new_syn", 11, "receiver"): "the RST in frame 10 was held back",
    ("fin_again_after_new_syn", 15, "receiver"): "the client gave up without a word",
    ("linux_synack_again_after_challenge_ack", 4, "receiver"): "the ACK of the handshake in frame 3 was lost",
    ("lwip_close_wait_ignores_rst_at_fin_number", 7, "receiver"): "a RST was forged in its name, at a number that its own stack may use",
    ("bsd_accepts_rst_out_of_window", 4, "receiver"): "4.4BSD accepts a RST outside the window",
    ("bsd_accepts_rst_out_of_window", 5, "receiver"): "the same",
    ("netstack_simultaneous_open_stays_syn_rcvd", 3, "receiver"): "Linux goes on to ESTABLISHED here",
    ("lwip_time_wait_ignores_rst", 11, "receiver"): "the RST in frame 10 asks to be let in, and lwIP ignores it",
    ("lwip_time_wait_120s_reuse", 8, "receiver"): "2MSL is longer than the preference says",
    ("lwip_time_wait_120s_reuse", 9, "sender"): "the same",
    ("lwip_reboot_old_connection_not_captured", 1, "receiver"): "the old connection was not captured",
    ("lwip_syn_sent_rejects_ack_with_rst_ack", 2, "receiver"): "a forged ACK of more than the SYN: as if handshake and data had been missed",
    ("lwip_syn_sent_rejects_ack_with_rst_ack", 3, "receiver"): "the listener in whose name it was forged has no connection",
    ("netstack_last_ack_becomes_fin_wait_1", 8, "sender"): "netstack sends its FIN again in FIN_WAIT_1, against RFC 9293",
    ("netstack_last_ack_becomes_fin_wait_1", 10, "sender"): "the same",
    ("netstack_last_ack_becomes_fin_wait_1", 11, "receiver"): "the same",
    ("ack_in_syn_sent", 2, "receiver"): "a forged ACK of more than the SYN: as if handshake and data had been missed",
    ("ack_in_syn_sent_ipv6", 2, "receiver"): "the same",
}


def recordings():
    captures = [c for c in harness.every_capture() if not c.name.startswith("loopback_")]
    if FRESH:
        captures += sorted(pathlib.Path(FRESH).rglob("*.pcapng*"))
    return [pytest.param(c, id=f"{c.parent.name}-{name_of(c)}") for c in captures]


def truth_of(capture):
    """A dict for each frame: sender, sent, client, server, why, why_receiver."""
    for suffix in (".truth.tsv", ".tsv"):
        table = capture.with_name(name_of(capture) + suffix)
        if table.exists():
            return list(csv.DictReader(table.open(), delimiter="\t"))
    comments = harness.rows(capture, ["frame.comment"])
    return [{"why": "-", "why_receiver": "-", **dict(re.findall(r"(\w+)=(\S+)", comment[0]))} for (comment,) in comments]


def shown(capture, *arguments):
    """For each frame: the state that is shown for its sender, and the two that are offered for its receiver."""
    fields = ["tcpstate.sender", "tcpstate.client", "tcpstate.server", "tcpstate.client.pending", "tcpstate.server.pending"]
    frames = []
    for (sender,), client, server, client_pending, server_pending in harness.rows(capture, fields, *arguments):
        ends = (client + client_pending, server + server_pending)
        frames.append({"sender": ends[sender == "server"][:1], "receiver": ends[sender == "client"]})
    return frames


def ends_of(capture):
    """(frame, sender or receiver, its states by the kernel, those that are shown, why nobody can know) for each end of each frame."""
    truth, states = truth_of(capture), shown(capture)
    assert len(truth) == len(states) > 0
    for frame, (row, state) in enumerate(zip(truth, states), 1):
        receiver = "server" if row["sender"] == "client" else "client"
        yield frame, "sender", row["sent"], state["sender"], row["why"]
        if row[receiver]:
            yield frame, "receiver", row[receiver], state["receiver"], row["why_receiver"]


def wrong_ends(capture):
    return [(name_of(capture), frame, end) for frame, end, truth, shown_states, why in ends_of(capture)
            if why == "-" and not set(truth.split("|")) & set(shown_states)]


@pytest.mark.parametrize("capture", recordings())
def test_states_are_the_kernels(capture):
    expected = [key for key in KNOWN if key[0] == name_of(capture)]
    assert wrong_ends(capture) == expected


@pytest.mark.parametrize("passes", [["-2"], ["-2", "-R", "tcp"]], ids=" ".join)
def test_two_passes_show_the_same(passes):
    """Of every recording, all fields but those that are known only later."""
    capture = variants.merged(tuple(recording.values[0] for recording in recordings()))
    fields = (line.split("\t")[2] for line in harness.output("-G", "fields").splitlines() if line.startswith("F\t"))
    ours = [name for name in dict.fromkeys(fields) if name.startswith("tcpstate.") and name not in harness.LATER]
    assert len(ours) > 90
    once = harness.rows(capture, ours)
    assert len(once) > 10000
    assert harness.rows(capture, ours, *passes) == once


SHARE = {"sender": 0.03, "receiver": 0.12}
"""How much of the frames a recording may excuse."""

REASONS = {"-", "forged", "crossing", "fin-queued", "syn-queued", "no-socket", "syn-cookie", "gone", "lost", "not-accepted", "missed",
           "syn-missed", "ack-missed", "fin-missed", "challenge", "copied"}


@pytest.mark.slow
def test_what_is_excused_has_a_reason_and_is_the_smaller_part(capsys):
    counts = {}
    for recording in recordings():
        for row in truth_of(recording.values[0]):
            assert {row["why"], row["why_receiver"]} <= REASONS
            for key in (("sender", row["why"]), ("receiver", row["why_receiver"])):
                counts[key] = counts.get(key, 0) + 1
    for end in ("sender", "receiver"):
        told = counts[end, "-"]
        rest = sum(count for (which, reason), count in counts.items() if which == end and reason != "-")
        assert rest <= SHARE[end] * (rest + told)
    with capsys.disabled():
        print("\nframes by what can be known of an end:", ", ".join(f"{end} {why} {n}" for (end, why), n in sorted(counts.items())))


def path_of(capture):
    """The pairs of states that the two sockets passed through; timers decide how many frames there are in each."""
    path = []
    for row in truth_of(capture):
        if path[-1:] != [(row["client"], row["server"])]:
            path.append((row["client"], row["server"]))
    return path


if FRESH:
    def test_another_run_passes_through_the_same_states():
        """The recordings made just now, beside the frozen ones."""
        fresh = [c for c in pathlib.Path(FRESH).rglob("*.pcapng") if (harness.CAPTURES / c.name).exists()]
        assert len(fresh) > 100
        assert [c.name for c in fresh if path_of(c) != path_of(harness.CAPTURES / c.name)] == []


LOOPBACK = sorted(c for c in harness.CAPTURES.glob("loopback_*.pcapng"))


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("capture", LOOPBACK, ids=name_of)
def test_ss_said_the_same_each_second(capture, passes):
    """While the wire can tell: a stack that gives up says nothing."""
    frames = harness.rows(capture, ["frame.time_relative", "tcpstate.client", "tcpstate.server"], *passes)
    said = list(csv.DictReader(capture.with_suffix("").with_suffix(".ss.tsv").open(), delimiter="\t"))
    given_up = next((float(row["second"]) for row in said if row["client"] == "CLOSED"), float("inf"))
    compared = 0
    for row in said:
        second = float(row["second"])
        before = [f for f in frames if float(f[0][0]) <= second]
        if second >= given_up or min(abs(float(f[0][0]) - second) for f in frames) < 0.02:
            continue  # a frame may have been on its way while ss was asked
        assert (before[-1][1][0], before[-1][2][0]) == (row["client"], row["server"]), f"at second {second}"
        compared += 1
    assert compared > 50


@pytest.mark.parametrize("name, gaps", [("loopback_syn_sent", [1, 2, 4, 8, 16, 32]), ("loopback_syn_sent_linear", [1, 1, 1, 1, 1, 2])])
def test_retry_gaps(name, gaps):
    """As the findings report them: doubling, and Linux's linear first ones."""
    messages = harness.rows(harness.CAPTURES / f"{name}.pcapng", ["_ws.expert.message"], "-Y", "tcpstate.syn_retransmitted")
    told = [float(re.search(r"retry \d+, ([0-9.]+) s", " ".join(m))[1]) for (m,) in messages]
    assert told[: len(gaps)] == pytest.approx(gaps, rel=0.05)
