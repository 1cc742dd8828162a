"""Captures opened one after another, and the same again and again, in one process."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tshark"))

import harness  # noqa: E402
from harness import CAPTURES  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.skipif(harness.version() < (3, 6), reason="sharkd spoke another language")]

OPENED = [CAPTURES / f"{name}.pcapng" for name in ("fin_dropped", "tw_reuse", "syn_forged", "normal_ipv6", "rst_lost")]
TIMES = 1000
"""How often a capture is dissected anew: as by a redissection, all of it is forgotten and read again."""


def questions(times):
    """To open a capture, to show a frame, to make a table; again and again."""
    for number in range(times):
        for method, parameters in (("load", {"file": str(harness.readable(OPENED[number % len(OPENED)]))}), ("frame", {"frame": 3, "proto": True}),
                                   ("tap", {"tap0": "nstat:tcpstate,connections"})):
            yield json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})


def run(times, plugin=True, before=()):
    """sharkd's answers, and the most memory that it had, MiB."""
    asked = harness.workplace() / "home" / f"questions-{times}"
    asked.write_text("\n".join(questions(times)) + "\n")
    with open(asked) as questions_, open(asked.with_suffix(".answers"), "w+") as answers:
        process = subprocess.Popen([*harness.unprivileged([*before, "sharkd", "-"])], stdin=questions_, stdout=answers, stderr=subprocess.DEVNULL,
                                   env=harness.variables("plugins" if plugin else "none") | {"G_SLICE": "always-malloc"}, cwd=asked.parent)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        answers.seek(0)
        return [json.loads(line) for line in answers], used.ru_maxrss / 1024


def test_a_thousand_times():
    """The same is shown each time, and no memory is kept that would not be kept without the plugin."""
    answers, memory = run(TIMES)
    assert len(answers) == 3 * TIMES and all("result" in answer for answer in answers)
    trees = [answer["result"] for answer in answers[1::3]]
    assert "tcpstate.client" in json.dumps(trees[0])
    assert all(tree == trees[number % len(OPENED)] for number, tree in enumerate(trees))
    grown = memory - run(TIMES // 10)[1]
    grown_without = run(TIMES, plugin=False)[1] - run(TIMES // 10, plugin=False)[1]
    assert grown < grown_without + 2


def test_no_leak():
    """valgrind names no function of ours, neither in a leak nor in an error."""
    told = harness.workplace() / "home" / "valgrind-again.log"
    run(10, before=["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", f"--log-file={told}"])
    text = told.read_text()
    assert "ERROR SUMMARY" in text
    assert [block for block in re.split(r"\n==\d+== \n", text) if "tcpstate.so" in block] == []
