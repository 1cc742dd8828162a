"""What must be so of any capture: the plugin changes nothing of Wireshark's, and says the same in one pass and in two, and of the same frames
on evidence and with delivery assumed."""
import re

import harness

FIELDS = [f"tcpstate.{name}" for name in ("connection", "client", "server", "client.pending", "server.pending", "client.basis", "server.basis",
                                          "transition", "cause", "retry", "finding", "finding.severity")]
"""Those that are known in the first pass. Only what the capture points prove is not, and is left out."""


def without_our_lines(text):
    """Details as they are without our subtree: a line that begins with its name, and those indented below it."""
    return re.sub(r"^TCP State.*\n(?: .*\n)*", "", text, flags=re.MULTILINE)


def complaints(done):
    """What it said besides, of dissectors with errors too, without its number and the time."""
    return re.sub(r"\(tshark:\d+\) [\d:.]+", "", done.stderr)


def first_difference(one, other):
    pairs = zip(one.splitlines() + [None], other.splitlines() + [None])
    return next((f"{a!r} and {b!r}" for a, b in pairs if a != b), "")


def assert_same(one, other, what):
    assert one == other, f"{what}: {first_difference(one, other)}"


def assert_details(capture, *arguments, run=harness.run):
    """Details, complaints and exit status are the same without the plugin."""
    stock = [part for option in zip(arguments[::2], arguments[1::2]) if "tcpstate" not in option[1] for part in option]
    for mode in (["-V"], ["-2", "-V", "-x"]):
        ours, theirs = run("-n", "-r", capture, *mode, *arguments), harness.run("-n", "-r", capture, *mode, *stock, plugin=False)
        assert "TCP State" in ours.stdout, "nothing is shown of ours"
        assert_same(str(ours.returncode), str(theirs.returncode), f"exit status of {mode}")
        assert_same(complaints(ours), complaints(theirs), f"complaints of {mode}")
        assert_same(without_our_lines(ours.stdout), theirs.stdout, f"details of {mode}")


def fields(capture, *arguments, run=harness.run):
    return run("-n", "-r", capture, *arguments, "-o", "tcpstate.findings.points:FALSE", "-T", "fields", "-e", "frame.number", *(part for field in FIELDS for part in ("-e", field))).stdout


def assert_passes(capture, *arguments, run=harness.run):
    """Returns how many frames there are."""
    one, two = fields(capture, *arguments, run=run), fields(capture, "-2", *arguments, run=run)
    assumed = fields(capture, "-o", "tcpstate.assume_delivery:TRUE", *arguments, run=run)
    assert_same(one, two, "one pass and two")
    of = [[line.split("\t")[:2] for line in text.splitlines()] for text in (one, assumed)]
    assert of[0] == of[1], "other frames or connections with delivery assumed"
    return len(of[0])
