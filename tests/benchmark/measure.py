"""What is measured, with which tools, and of what."""
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tshark"))

import generate  # noqa: E402
import harness  # noqa: E402

LUA = "-X lua_script:{place}/tcpstate.lua"
CANDIDATES = {
    "none": ("none", ""),
    "empty": ("empty", ""),
    "tcpstate": ("plugins", ""),
    "TRANSUM": ("transum", "--enable-protocol transum"),
    "Lua": ("none", LUA),
}
"""What stands beside what: a folder of plugins, and options."""

MODES = {
    "-r": "",
    "-2": "-2",
    "-V": "-V",
    "-T fields, two": "-T fields -e {client} -e {server}",
    "-Y, not ours": "-Y tcp.flags.syn==1",
    "-Y, ours": '-Y {client}=="FIN_WAIT_1"',
    "-z, a table": "-q -z {table}",
}
WORDS = {
    "tcpstate": {"client": "tcpstate.client", "server": "tcpstate.server", "table": "tcpstate,connections"},
    "Lua": {"client": "luastate.client", "server": "luastate.server", "table": "conv,tcp"},
    None: {"client": "tcp.flags.str", "server": "tcp.window_size", "table": "conv,tcp"},
}
"""What each mode asks of whom; a candidate without states of its own is asked for two stock fields, or for Wireshark's table."""

CAPTURES = {"connections": (800, 20000), "bulk": (20000, 500000), "flood": (20000, 1000000), "loss": (800, 5000), "recorded": (1, 1)}
"""Kind: how many of it where instructions are counted, and where time and memory are taken. See generate.py; "recorded" is all that the
kernel's recordings hold, one after the other."""


@functools.cache
def place():
    """The harness's folder, with the other candidates in it."""
    there = harness.workplace()
    build = harness.ROOT / "build" / "benchmark"
    for command in (["cmake", "-S", HERE, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], ["cmake", "--build", build]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(build / "plugins", there / "empty")
    version = next((build / "plugins").iterdir()).name
    system = pathlib.Path(subprocess.run(["pkg-config", "--variable=plugindir", "wireshark"], capture_output=True, text=True, check=True).stdout.strip())
    (there / "transum" / version / "epan").mkdir(parents=True)
    shutil.copy(system / "epan" / "transum.so", there / "transum" / version / "epan")
    shutil.copy(build / "steady.so", there)
    shutil.copy(HERE / "tcpstate.lua", there)
    for path in [there / "steady.so", there / "tcpstate.lua", *(there / "empty").rglob("*"), *(there / "transum").rglob("*")]:
        path.chmod(0o755)
    for path in (there / "empty", there / "transum"):
        path.chmod(0o755)
    return there


@functools.cache
def capture(kind, count):
    """The file of a kind, so many of it; 0: one without a frame. `kind` may also be a file."""
    if kind not in CAPTURES and count > 0:
        return harness.readable(kind)
    path = place() / "captures" / f"{pathlib.Path(kind).name}-{count}.pcap"
    if kind == "recorded" and count > 0:
        subprocess.run(["mergecap", "-a", "-F", "pcap", "-w", path, *sorted(harness.CAPTURES.glob("*.pcapng"))], check=True)
    else:
        generate.generate(kind if kind in generate.KINDS else "bulk", count, path)
    path.chmod(0o644)
    return path


@functools.cache
def frames(path):
    told = subprocess.run(["capinfos", "-Mc", path], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"Number of packets:\s+(\d+)", told)[1])


def command(candidate, mode, path):
    """Its words, and its environment."""
    folder, options = CANDIDATES[candidate]
    words = WORDS.get(candidate, WORDS[None])
    arguments = [part.format(**words, place=place()) for part in f"{options} {MODES[mode]}".split()]
    return ["tshark", "-n", "-r", str(path), *arguments], harness.variables(folder)


def run(words, environment):
    done = subprocess.run(harness.unprivileged(words), env=environment, cwd=place() / "home", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, errors="replace", check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stderr


@functools.cache
def count_instructions(candidate, mode, path, seed=1):
    words, environment = command(candidate, mode, path)
    environment = {**environment, "LD_PRELOAD": str(place() / "steady.so"), "BENCHMARK_SEED": str(seed)}
    told = run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *words], environment)
    return int(re.search(r"I\s+refs:\s+([\d,]+)", told)[1].replace(",", ""))


def instructions(candidate, mode, kind, count, seeds=1):
    """Per frame, without the start: the mean of so many seeds."""
    path = capture(kind, count)
    jobs = [(candidate, mode, file, seed) for seed in range(1, seeds + 1) for file in (path, capture(kind, 0))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(lambda job: count_instructions(*job), jobs))
    return (sum(counts[::2]) - sum(counts[1::2])) / seeds / frames(path)


def memory(candidate, mode, path):
    """The most that was resident, KiB."""
    words, environment = command(candidate, mode, path)
    return int(run(["/usr/bin/time", "-f", "%M", *words], environment).split()[-1])


def second(candidate, mode, path):
    words, environment = command(candidate, mode, path)
    result = place() / "home" / "hyperfine.json"
    run(["hyperfine", "--runs", "1", "--shell", "none", "--style", "none", "--export-json", str(result), " ".join(words)], environment)
    return json.loads(result.read_text())["results"][0]["mean"]


def seconds(candidates, mode, path, rounds):
    """{candidate: median without the start}, all of them in each round."""
    taken = {candidate: ([], []) for candidate in candidates}
    for _ in range(rounds):
        for candidate in candidates:
            for times, file in zip(taken[candidate], (path, capture("bulk", 0))):
                times.append(second(candidate, mode, file))
    return {candidate: statistics.median(times) - statistics.median(starts) for candidate, (times, starts) in taken.items()}
