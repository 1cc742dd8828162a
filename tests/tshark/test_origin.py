"""Who sent that RST: a middlebox of the lab is found where two marks are there, and no stack's own reset is."""
import os
import pathlib
import subprocess
import sys

import pytest

import harness
import variants
from harness import name_of
from test_truth import truth_of

HERE = pathlib.Path(__file__).resolve().parent
FROZEN = HERE / "origin"
NOTE, WARNING = 2, 3

# scenario: the severity of foreign_origin; None where nobody can tell.
EXPECTED = {"middlebox_all_marks": WARNING, "middlebox_two_marks": WARNING, "middlebox_fin": WARNING, "middlebox_one_mark": NOTE,
            "middlebox_one_hop": None, "middlebox_faithful": None, "own_reset": None, "reset_without_a_socket": None}
OTHERS = [harness.CAPTURES, HERE / "faults", HERE / "random", HERE / "random-loss", HERE / "random-wide", *sorted((HERE / "stacks").iterdir())]


def severities(capture):
    rows = harness.rows(capture, ["tcpstate.finding", "tcpstate.finding.severity"], "-Y", "tcpstate.foreign_origin")
    return [int(severity) for names, numbers in rows for name, severity in zip(names, numbers) if name == "foreign_origin"]


def check(folder, stack):
    found = {name: severities(folder / f"{name}.pcapng") for name in EXPECTED}
    expected = {name: [severity] if severity else [] for name, severity in EXPECTED.items()}
    if stack in ("linux-lwip", "linux-slirp"):  # they send no timestamps by themselves, so that one mark is left of two
        expected["middlebox_two_marks"] = [NOTE]
    assert found == expected


def test_frozen():
    check(FROZEN, "linux")


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.skipif(os.getuid() != 0, reason="the lab needs root")
@pytest.mark.parametrize("stack", ["linux", "linux-lwip", "linux-slirp", "netstack"])
def test_recorded_now(stack, tmp_path):
    done = subprocess.run([sys.executable, harness.ROOT / "tests" / "lab" / "record", *EXPECTED, "--stack", stack, "--into", tmp_path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tmp_path.chmod(0o755)
    check(tmp_path, stack)


@pytest.mark.parametrize("folder", OTHERS, ids=lambda folder: folder.name)
def test_no_stack_is_accused(folder):
    """Of all RSTs, FINs and SYN,ACKs of real stacks."""
    captures = [capture for capture in sorted(folder.glob("*.pcapng")) if not capture.name.startswith("loopback_")]
    assert captures
    own = [row["why"] != "forged" for capture in captures for row in truth_of(capture)]
    rows = harness.rows(variants.merged(tuple(captures)), ["tcpstate.finding"])
    assert len(rows) == len(own)
    assert [number for number, ((names,), is_own) in enumerate(zip(rows, own)) if is_own and "foreign_origin" in names] == []
