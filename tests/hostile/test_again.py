"""Captures opened one after another, and the same again and again, in one process."""
import json
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
    """sharkd's answers, and the memory that it had of its own after the last, MiB. Pages of files do not count: the kernel drops them as it likes."""
    with subprocess.Popen([*harness.unprivileged([*before, "sharkd", "-"])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=harness.variables("plugins" if plugin else "none") | {"G_SLICE": "always-malloc"}, cwd=harness.workplace() / "home",
                          text=True, bufsize=1) as process:
        answers = []
        for question in questions(times):
            process.stdin.write(question + "\n")
            answers.append(json.loads(process.stdout.readline()))
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
    assert process.returncode == 0
    return answers, int(re.search(r"^RssAnon:\s*(\d+) kB$", status, re.MULTILINE)[1]) / 1024


def test_a_thousand_times():
    """The same is shown each time, and no memory is kept that would not be kept without the plugin. Where Wireshark itself keeps memory of each
    capture, as Debian's 4.0.17 with 11 MiB does, it lies between what the plugin frees, so that half a per cent more of it stays."""
    answers, memory = run(TIMES)
    assert len(answers) == 3 * TIMES and all("result" in answer for answer in answers)
    trees = [answer["result"] for answer in answers[1::3]]
    assert "tcpstate.client" in json.dumps(trees[0])
    assert all(tree == trees[number % len(OPENED)] for number, tree in enumerate(trees))
    grown = memory - run(TIMES // 10)[1]
    grown_without = run(TIMES, plugin=False)[1] - run(TIMES // 10, plugin=False)[1]
    assert grown < 1.005 * grown_without + 1


OURS = re.compile(r"tcpstate|plugin/(engine|wireshark|statistics)/")


def blocks_at_exit(times, kinds):
    """What valgrind says of memory that is not freed: a block of text for each place that allocated some."""
    told = harness.workplace() / "home" / f"valgrind-{times}.log"
    run(times, before=["valgrind", "--leak-check=full", f"--show-leak-kinds={kinds}", "--num-callers=40", "--fullpath-after=",
                       f"--log-file={told}"])
    text = told.read_text()
    assert "ERROR SUMMARY" in text
    return [block for block in re.split(r"\n==\d+== \n", text) if OURS.search(block)]


def test_no_leak():
    """valgrind names no function of ours, neither in a leak nor in an error."""
    assert blocks_at_exit(10, "definite") == []


def test_nothing_grows():
    """Nor does what we keep on purpose, from the start to the end, depend on how many captures were opened."""
    few, many = ([int(size.replace(",", "")) for block in blocks_at_exit(times, "all") for size in re.findall(r"([\d,]+)(?: \([^)]*\))? bytes in", block)]
                 for times in (4, 9))
    assert few
    assert sorted(few) == sorted(many)
