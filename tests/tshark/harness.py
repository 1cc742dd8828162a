"""Runs tshark with the plugin that was built, and without it.

Wireshark ignores WIRESHARK_PLUGIN_DIR when run by root; then it is run as nobody, in a folder that nobody can read.
"""
import atexit
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = ROOT / "captures"
PLUGINS = pathlib.Path(os.environ.get("TCPSTATE_PLUGINS", ROOT / "build" / "plugins"))
PROFILE = ROOT / "packaging" / "profile" / "TCP State"
NOBODY = 65534


@functools.cache
def workplace():
    """A folder for this run that is open to the user that tshark runs as, with the plugin in `plugins`."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="tcpstate-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    if not list(PLUGINS.glob("*/epan/tcpstate.so")):
        raise SystemExit(f"no plugin in {PLUGINS}: build it first, or set TCPSTATE_PLUGINS")
    shutil.copytree(PLUGINS, place / "plugins")
    (place / "none").mkdir()
    (place / "home").mkdir()
    (place / "captures").mkdir()
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(place / "home", NOBODY, NOBODY)
    return place


@functools.cache
def version():
    """(4, 0), of the tshark that runs."""
    printed = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in re.match(r"TShark \(Wireshark\) (\d+)\.(\d+)", printed).groups())


@functools.cache
def has_flow_graph():
    """Above 4.6, only a plugin that was built in Wireshark's source has it."""
    return version() <= (4, 6) or "flow,tcpstate" in (done := run("-z", "help")).stdout + done.stderr


NO_FLOW_GRAPH = "built without the flow graph: the layout of Wireshark's arrows is not known"


def without_streams(text):
    """Each version of Wireshark begins streams elsewhere."""
    text = re.sub(r"(onnection \d+) \(tcp\.stream [-\d,]+\)", r"\1", text)
    return re.sub(r"^( *(?:No|\d+)) +(?:Stream|[-\d,]+) +", r"\1 ", text, flags=re.MULTILINE)


@functools.cache
def readable(capture):
    """A copy of the capture that nobody can read too; its name stays unique."""
    capture = pathlib.Path(capture).resolve()
    copy = workplace() / "captures" / str(capture).replace("/", "+")
    shutil.copyfile(capture, copy)
    copy.chmod(0o644)
    return copy


def install_profile():
    """As a personal one of the user that tshark runs as."""
    personal = workplace() / "home" / ".config" / "wireshark" / "profiles" / PROFILE.name
    if personal.exists():
        return
    shutil.copytree(PROFILE, personal)
    for path in [personal, *personal.parents][:4]:
        path.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)


def unprivileged(command):
    """The command as nobody runs it, where root would."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]


def variables(plugins):
    """The environment of a program that is to find the plugins of that folder of the workplace, and none of the user's own."""
    place = workplace()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        "XDG_RUNTIME_DIR": str(place / "home"),
        "WIRESHARK_PLUGIN_DIR": str(place / plugins),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }


def run(*arguments, plugin=True, program="tshark", stdin=None, environment=None):
    """Runs tshark; the captures among the arguments are paths. Returns the finished process, with output as text."""
    command = [program, *(str(readable(a)) if isinstance(a, pathlib.Path) else a for a in arguments)]
    return subprocess.run(unprivileged(command), capture_output=True, text=True, errors="replace", cwd=workplace() / "home", input=stdin,
                          env=variables("plugins" if plugin else "none") | (environment or {}))


def output(*arguments, **options):
    """What tshark prints; it must end well and complain of nothing."""
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout


def rows(capture, fields, *arguments, **options):
    """The fields of each frame, as a list of lists of lists: a field may occur more than once in a frame."""
    command = ["-n", "-r", capture, *arguments, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"]
    for field in fields:
        command += ["-e", field]
    lines = output(*command, **options).splitlines()
    return [[cell.split("|") if cell else [] for cell in line.split("\t")] for line in lines]


def states(capture, *arguments, **options):
    """Per frame: 'SYN_SENT / LISTEN [SYN_RCVD]', client before server, what is awaited in brackets; '' without TCP."""
    names = ["tcpstate.client", "tcpstate.client.pending", "tcpstate.server", "tcpstate.server.pending"]
    shown = []
    for client, client_pending, server, server_pending in rows(capture, names, *arguments, **options):
        brackets = ["".join(f" [{p}]" for p in pending) for pending in (client_pending, server_pending)]
        shown.append(f"{client[0]}{brackets[0]} / {server[0]}{brackets[1]}" if client else "")
    return shown


def every_capture():
    """All recordings of the project."""
    folders = [CAPTURES, *(ROOT / "tests" / "tshark" / name for name in ("random", "random-loss", "faults"))]
    return [capture for folder in folders for capture in sorted(folder.glob("*.pcapng*"))]


NAMED = [c for c in every_capture() if c.parent == CAPTURES and "_ipv6" not in c.name and not c.name.startswith("random")]
"""The named scenarios over IPv4; those over IPv6 show the same."""


def name_of(capture):
    return capture.name.split(".")[0]


LATER = {f"tcpstate.{end}.{name}" for end in ("client", "server") for name in ("until", "answered", "lost")} | {
    "tcpstate.finding.outcome", "tcpstate.sighting", "tcpstate.between", "tcpstate.between.changed", "tcpstate.between.delay", "tcpstate.point.near",
    "tcpstate.verdict"}
"""Fields that are known only when the capture has been read: not in tshark's first pass."""


def data_folder():
    """Wireshark's own data."""
    folders = re.search(r"^Global configuration:\s+(.+)$", output("-G", "folders"), re.MULTILINE)
    return pathlib.Path(folders[1].strip())
