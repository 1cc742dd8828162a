"""Wireshark without its window, by way of sharkd: statistics as the window has them, frames asked for in any order, and their colours."""
import json
import random
import re

import pytest

import harness
import variants
from harness import CAPTURES, NAMED, PROFILE, install_profile
from packets import write
from test_flow_graph import arrows, printed
from test_profile import colors

pytestmark = pytest.mark.skipif(harness.version() < (3, 6), reason="sharkd spoke another language")

TABLE, GRAPH = "nstat:tcpstate,connections", "seqa:tcpstate"


def ask(questions, arguments=("-",)):
    """The results of (method, parameters), asked one after the other in one run."""
    lines = [json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
             for number, (method, parameters) in enumerate(questions, 1)]
    done = harness.run(*arguments, program="sharkd", stdin="\n".join(lines) + "\n")
    answers = [json.loads(line)["result"] for line in done.stdout.splitlines()]
    assert len(answers) == len(lines) and "CRITICAL" not in done.stderr
    return answers


def load(capture):
    return "load", {"file": str(harness.readable(capture))}


def asked(*questions):
    """Of captures to load, and statistics of the capture loaded last: the statistics."""
    answers = ask([("tap", {"tap0": question}) if isinstance(question, str) else load(question) for question in questions])
    return [answer["taps"][0] for answer in answers if "taps" in answer]


def text_of(table):
    """The table as -z tcpstate,connections prints it, a space between cells."""
    rows = [[field["c"] for field in table["fields"]]]
    for row in table["tables"][0]["i"]:
        rows.append([f"{cell:.6f}" if isinstance(cell, float) else str(cell).strip() for cell in row])
    return [" ".join(row) for row in rows]


def connections(capture):
    return [re.sub(" +", " ", line).strip() for line in harness.output("-q", "-r", capture, "-z", "tcpstate,connections").splitlines()]


@pytest.mark.parametrize("capture", [CAPTURES / "tw_reuse.pcapng", CAPTURES / "refused_ipv6.pcapng", None],
                         ids=lambda c: harness.name_of(c) if c else "all of them")
def test_connections(capture):
    capture = capture or variants.merged(tuple(NAMED))
    [table] = asked(capture, TABLE)
    assert table["tables"][0]["t"] == "TCP State Connections"
    assert text_of(table) == connections(capture)


def test_connections_sort_as_numbers():
    """Numbers are numbers; a round trip, which may be unknown, is text of one width."""
    [table] = asked(variants.merged(tuple(NAMED)), TABLE)
    titles = [field["c"] for field in table["fields"]]
    for row in table["tables"][0]["i"]:
        cells = dict(zip(titles, row))
        assert [type(cells[title]) for title in ("No", "Start", "Duration")] == [int, float, float]
        assert len(cells["RTT ms"]) == 12
    assert len({row[titles.index("RTT ms")].strip() == "-" for row in table["tables"][0]["i"]}) == 2


def test_connections_again_and_of_another_capture():
    """Nothing is left of what was shown before."""
    many, one, empty = variants.merged(tuple(NAMED)), CAPTURES / "normal.pcapng", write("window-empty", [])
    tables = asked(many, TABLE, TABLE, one, TABLE, empty, TABLE, one, TABLE)
    assert tables[0] == tables[1] and tables[2] == tables[4]
    assert [text_of(table) for table in tables[2:4]] == [connections(one), connections(empty)]


@pytest.mark.skipif(not harness.has_flow_graph(), reason=harness.NO_FLOW_GRAPH)
@pytest.mark.parametrize("name", ["fin_dropped", "tw_reuse_ipv6", "two_connections", "loopback_syn_rcvd"])
def test_flow_graph(name):
    capture = CAPTURES / f"{name}.pcapng"
    [graph] = asked(capture, GRAPH)
    shown = [(flow["t"], *(f"{graph['nodes'][node]} {port}" for node, port in zip(flow["n"], flow["pn"])), flow["c"]) for flow in graph["flows"]]
    assert shown == [(time, src, dst, comment) for _, time, src, dst, _, comment in arrows(printed(capture))]


SHOWN = ["connection", "sender", "transition", "cause", "retry", "finding",
         *(f"{end}{name}" for end in ("client", "server") for name in ("", ".code", ".previous", ".pending", ".basis", ".since"))]
"""Fields whose value is told by the filter that the window would make of them."""


def shown_in(tree):
    """The fields of a frame's tree, each with its values."""
    values = {}
    for node in tree:
        match = re.fullmatch(r'tcpstate\.(\S+) == "?(.*?)"?', node.get("f", ""))
        if match:
            values.setdefault(match[1], []).append(match[2])
        for field, more in shown_in(node.get("n", [])).items():
            values.setdefault(field, []).extend(more)
    return values


def numbered(capture):
    """Per frame: what one pass of tshark shows."""
    return {int(row[0][0]): row[1:] for row in harness.rows(capture, ["frame.number", *(f"tcpstate.{name}" for name in SHOWN)])}


@pytest.mark.slow
@pytest.mark.parametrize("order", [lambda frames: frames[::-1], lambda frames: random.Random(1).sample(frames, len(frames))],
                         ids=["reverse", "random"])
def test_frames_in_any_order(order):
    """Of every recording, asked for after the capture was read."""
    capture = variants.merged(tuple(harness.every_capture()))
    told = numbered(capture)
    frames = order(list(told))
    _, *answers = ask([load(capture), *(("frame", {"frame": frame, "proto": True}) for frame in frames)])
    assert len(answers) > 10000
    shown = {frame: shown_in(answer["tree"]) for frame, answer in zip(frames, answers)}
    assert [(frame, name) for frame in frames for name, value in zip(SHOWN, told[frame]) if shown[frame].get(name, []) != value] == []


def test_order_is_looked_at():
    """What is compared is there."""
    told = numbered(CAPTURES / "fin_dropped.pcapng")
    seen = {name for row in told.values() for name, value in zip(SHOWN, row) if value}
    assert seen == set(SHOWN)
    [_, answer] = ask([load(CAPTURES / "fin_dropped.pcapng"), ("frame", {"frame": 6, "proto": True})])
    assert shown_in(answer["tree"])["client"] == ["FIN_WAIT_1"]


COLORS = {
    "fin_dropped": ["Opening"] * 2 + [None, "Closing", "Note", "Warning"] + ["Note"] * 3 + ["Closing", "Note"],
    "refused": ["Opening", "Note"],
    "normal": ["Opening"] * 2 + [None] * 5 + ["Closing"] * 3 + ["Over"],
    "tw_reuse": ["Opening"] * 2 + [None] + ["Closing"] * 3 + ["Over"] + ["Opening"] * 2 + [None] * 3 + ["Closing"] * 3 + ["Over"],
}


def number(color):
    red, green, blue = color
    return red << 16 | green << 8 | blue


@pytest.mark.parametrize("name", COLORS)
def test_colors_of_rows(name):
    """With our profile."""
    install_profile()
    _, frames = ask([load(CAPTURES / f"{name}.pcapng"), ("frames", {})], arguments=("-C", PROFILE.name))
    names = {(number(background), number(text)): rule for rule, (background, text) in colors().items()}
    assert [names[int(frame["bg"], 16), int(frame["fg"], 16)] if "bg" in frame else None for frame in frames] == COLORS[name]


POINTS = harness.ROOT / "tests" / "tshark" / "points" / "two_points.pcapng"


def test_frames_of_two_points_in_any_order():
    """What is known of both points when the capture was read, as two passes of tshark show it; and the same of a capture that is opened again."""
    names = ["point", "sighting", "between", "between.delay", "client", "server", "finding"]
    told = {int(row[0][0]): row[1:] for row in harness.rows(POINTS, ["frame.number", *(f"tcpstate.{name}" for name in names)], "-2")}
    frames = random.Random(1).sample(list(told), len(told))
    questions = [load(POINTS), *(("frame", {"frame": frame, "proto": True}) for frame in frames)]
    answers = ask([*questions, load(CAPTURES / "normal.pcapng"), *questions])
    first, again = answers[1:len(questions)], answers[len(questions) + 2:]
    assert first == again
    shown = {frame: shown_in(answer["tree"]) for frame, answer in zip(frames, first)}
    assert [(frame, name) for frame in frames for name, value in zip(names, told[frame]) if shown[frame].get(name, []) != value] == []
    assert {name for row in told.values() for name, value in zip(names, row) if value} == set(names)
