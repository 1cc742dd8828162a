#!/usr/bin/python3
"""tshark.py MINUTES [--from SEED] [--keep FOLDER] [CAPTURE...]: reads captures with random errors in tshark, with a plugin built with sanitizers.
Half of them have several capture points, which differ in errors, in time, and in what each of them has captured.

Without captures it takes all recordings of the project. TCPSTATE_PLUGINS is the folder of the plugin with sanitizers, TCPSTATE_PLAIN that of a
plugin without. Each capture must pass the checks of tests/tshark/alike.py, no sanitizer may report anything, and each statistic must end
without an error. The last capture is also read under valgrind. A capture that fails is kept in FOLDER, and the exit status is 1.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tshark"))

import alike  # noqa: E402
import harness  # noqa: E402

RATES = ["0.0005", "0.002", "0.01", "0.05"]
"""The fraction of bytes with an error. With few errors the connections are still valid; many errors test the parsing of headers."""
TOGETHER = 12
"""The number of captures in one file: to start tshark takes longer than to read most of them."""
POINTS_AT_MOST = 4
SHIFTS = [-3, -0.3, -0.02, 0, 0.0001, 0.02, 0.3, 3]
"""Seconds from the clock of one point to that of another."""
LOSSES = [0, 0, 0.01, 0.1, 0.5]
"""The fraction of the frames that a point does not have."""
MOST_LOST = 500
"""Frames that editcap takes."""
STATISTICS = ["report,all", "report,json", "diagram,format=text", "points", "points,json", "tree", "connections", "connections,json", "netstat", "netstat,json", "timeline,all", "timeline,connection=0,json", "diagram",
              "diagram,connection=0,format=mermaid"]
PREFERENCES = [[], ["-o", "tcpstate.check_checksum:TRUE"], ["-o", "tcpstate.assume_delivery:TRUE"], ["-o", "ip.defragment:FALSE"],
               ["-o", "tcp.desegment_tcp_streams:FALSE"], ["-o", "tcp.reassemble_out_of_order:TRUE"], ["-o", "tcp.check_checksum:TRUE"]]


def library(name):
    return subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()


SANITIZERS = {
    "LD_PRELOAD": f"{library('libasan.so')}:{library('libubsan.so')}",
    "ASAN_OPTIONS": "detect_leaks=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple",
    "G_SLICE": "always-malloc",
}
"""malloc() replaces the allocators of Wireshark, which would hide writes beyond the end of a block. Leaks are not reported here, because most of
them are in Wireshark: run_valgrind() reports those of the plugin."""


def run(*arguments, **options):
    """Runs a program with the sanitizers. Fails if one of them reports anything."""
    done = harness.run(*map(str, arguments), environment=SANITIZERS, **options)
    assert not re.search(r"Sanitizer|runtime error|CRITICAL", done.stderr), f"{' '.join(map(str, arguments))}: {done.stderr[:4000]}"
    return done


def try_all(capture, preferences):
    """Runs all checks with a capture. Returns its number of frames."""
    alike.assert_details(capture, *preferences, run=run)
    done = run("-n", "-r", capture, "-q", *preferences, *(part for name in STATISTICS for part in ("-z", f"tcpstate,{name}")))
    assert done.returncode == 0, "exit status of the statistics"
    return alike.assert_passes(capture, *preferences, run=run)


def spoil(chance, whole, broken):
    subprocess.run(["editcap", "-E", chance.choice(RATES), "--seed", str(chance.randrange(1, 1 << 31)), whole, broken], check=True, capture_output=True)


def frames_of(capture):
    told = subprocess.run(["capinfos", "-Mc", capture], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"Number of packets:\s+(\d+)", told)[1])


def at_a_point(chance, whole, point):
    """What one more capture point has of a capture: errors of its own, another clock, and not all of its frames."""
    count = frames_of(whole)
    lost = chance.sample(range(1, count + 1), min(int(chance.choice(LOSSES) * count), MOST_LOST))
    some = point.with_suffix(".some")
    spoil(chance, whole, some)
    subprocess.run(["editcap", "-t", str(chance.choice(SHIFTS)), some, point, *map(str, lost)], check=True, capture_output=True)


def at_points(chance, whole, broken):
    """The capture at several points, in one file with an interface for each."""
    points = [broken.with_name(f"point-{number}.pcapng") for number in range(chance.randint(2, POINTS_AT_MOST))]
    for point in points:
        at_a_point(chance, whole, point)
    subprocess.run(["mergecap", "-I", "none", "-w", broken, *points], check=True, stderr=subprocess.DEVNULL)


def with_errors(captures, seed, folder):
    """Writes a file of some captures, with errors. The same seed gives the same file. Returns its path and the preferences to read it with."""
    chance = random.Random(seed)
    whole, broken = folder / "whole.pcapng", folder / f"seed-{seed}.pcapng"
    chosen = chance.sample(captures, min(TOGETHER, len(captures)))
    subprocess.run(["mergecap", "-a", "-w", whole, *chosen], check=True, stderr=subprocess.DEVNULL)
    if seed % 2:
        spoil(chance, whole, broken)
    else:
        at_points(chance, whole, broken)
    broken.chmod(0o644)
    return broken, chance.choice(PREFERENCES)


def run_valgrind(capture):
    """Fails if valgrind reports an error or a leak in a function of the plugin."""
    plain, log = harness.workplace() / "plain", harness.workplace() / "home" / "valgrind.log"
    shutil.copytree(os.environ["TCPSTATE_PLAIN"], plain)
    command = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", f"--log-file={log}", "tshark", "-n", "-2", "-V", "-x",
               "-r", str(capture)]
    environment = harness.variables("plain") | {"WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple", "G_SLICE": "always-malloc"}
    subprocess.run(harness.unprivileged(command), env=environment, cwd=log.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    ours = [block for block in re.split(r"\n==\d+== \n", log.read_text()) if "tcpstate.so" in block]
    assert not ours, "valgrind: " + "\n".join(ours)[:4000]


class Tally:
    """Counts the files and frames that were read, and the failures."""

    def __init__(self, keep):
        self.keep, self.files, self.frames, self.failures = keep, 0, 0, 0

    def fail(self, capture, failure, words=()):
        self.failures += 1
        self.keep.mkdir(parents=True, exist_ok=True)
        kept = shutil.copy(capture, self.keep)
        print(f"{' '.join(words)} {failure}\nkept as {kept}", flush=True)


def main(minutes, seed, keep, captures):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tcpstate-fuzz-"))
    folder.chmod(0o755)
    end, first, last, tally = time.monotonic() + 60 * minutes, seed, None, Tally(keep)
    while time.monotonic() < end or last is None:
        if last is not None:
            last.unlink()
        capture, preferences = with_errors(captures, seed, folder)
        try:
            tally.frames += try_all(str(capture), preferences)
        except AssertionError as failure:
            tally.fail(capture, failure, preferences)
        last, seed, tally.files = capture, seed + 1, tally.files + 1
    try:
        run_valgrind(last)
    except AssertionError as failure:
        tally.fail(last, failure)
    shutil.rmtree(folder)
    print(f"tshark: {tally.files} captures with errors (seeds {first} to {seed - 1}), {tally.frames} frames, each read seven times; "
          f"{tally.failures} failures")
    return tally.failures > 0


def arguments(words):
    parser = argparse.ArgumentParser(usage=__doc__.split(":")[0])
    parser.add_argument("minutes", type=int)
    parser.add_argument("--from", type=int, default=1, dest="seed")
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("found"))
    parser.add_argument("captures", nargs="*", type=pathlib.Path)
    return parser.parse_intermixed_args(words)


if __name__ == "__main__":
    given = arguments(sys.argv[1:])
    sys.exit(main(given.minutes, given.seed, given.keep, [capture.resolve() for capture in given.captures] or harness.every_capture()))
