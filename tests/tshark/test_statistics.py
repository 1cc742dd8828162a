"""Statistics: what -z tells is what the fields tell, counted."""
import json
import re
import shlex
import subprocess

import pytest

import harness
import variants
from cases import CASES
from harness import CAPTURES, NAMED
from packets import write

TREE = """TCP State:
Topic / Item                Count
Connections                 1
 SYN_SENT / LISTEN          1
Transitions                 1
 client CLOSED -> SYN_SENT  1
Findings                    6
 syn_retransmitted          5
 syn_sent_stuck             1
Retries                     5
 SYN                        5
"""


def tree(capture, *arguments, filter=""):
    """The lines of the tree as (depth, name, count)."""
    printed = harness.output("-q", "-r", capture, "-z", f"tcpstate,tree{filter}", *arguments)
    lines = [re.match(r"( *)(\S.*?)  +(-?\d+)(?: |$)", line) for line in printed.splitlines()]
    return [(len(m[1]), m[2], int(m[3])) for m in lines if m]


def branches(capture, *arguments, **options):
    """{topic: (its count, {item: count})}"""
    found, topic = {}, None
    for depth, name, count in tree(capture, *arguments, **options):
        if depth == 0:
            topic = name
            found[topic] = (count, {})
        else:
            found[topic][1][name] = count
    return found


def test_tree():
    printed = harness.output("-q", "-r", CAPTURES / "syn_dropped.pcapng", "-z", "tcpstate,tree")
    width = TREE.splitlines()[1].index("Count") + len("Count")
    lines = [line[:width].rstrip() for line in printed.splitlines() if line.strip("=-")]
    assert lines == [line[:width].rstrip() for line in TREE.splitlines()]


def close_replaced(last, pairs, shown):
    """A connection is over where the capture ends in another one of the same ports whose SYN was answered: no end of it is open in the table."""
    for connections in pairs.values():
        final = connections[-1]
        for connection in set(connections) - {final}:
            assert last[final][0] == "SYN_SENT" or set(shown[connection]) <= {"CLOSED", "LISTEN", "TIME_WAIT"}
            if all(state in (before, "CLOSED", "LISTEN") for state, before in zip(shown[connection], last[connection])):
                last[connection][:2] = shown[connection]


def counted(capture, last):
    """The same from the fields. Fills `last`: {connection: [client, server, conn_state, history] at its end}."""
    ports = {}
    names = ["ip.addr", "ipv6.addr", "tcp.port", "tcpstate.connection", "tcpstate.client", "tcpstate.server", "tcpstate.conn_state", "tcpstate.history", "tcpstate.transition",
             "tcpstate.finding", "tcpstate.retry", "tcp.flags"]
    transitions, findings, stuck, retries = {}, {}, set(), {}
    for ip, ipv6, port, connection, *ends, changes, names_found, retry, flags in harness.rows(capture, names, "-Y", "tcpstate.client"):
        last[connection[0]] = [cell[0] for cell in ends]
        ports.setdefault(frozenset(zip(ip + ipv6, port)), []).append(connection[0])
        for change in changes:
            transitions[change] = transitions.get(change, 0) + 1
        for name in names_found:
            if re.fullmatch("(syn_sent|syn_rcvd|fin_wait_1|last_ack|closing)_stuck", name):
                if (connection[0], name) in stuck:
                    continue
                stuck.add((connection[0], name))
            findings[name] = findings.get(name, 0) + 1
        if retry:
            bits = int(flags[0], 16)
            kind = ("SYN,ACK" if bits & 0x10 else "SYN") if bits & 0x02 else "FIN"
            retries[kind] = retries.get(kind, 0) + 1
    rows = [json.loads(line) for line in connections(capture, ",json").splitlines()]
    close_replaced(last, ports, {str(row["connection"]): [row["client_state"], row["server_state"]] for row in rows})
    pairs = [f"{client} / {server}" for client, server, *_ in last.values()]
    states = {pair: pairs.count(pair) for pair in pairs}
    return {"Connections": states, "Transitions": transitions, "Findings": findings, "Retries": retries}


@pytest.mark.parametrize("capture", [*NAMED, None], ids=lambda c: harness.name_of(c) if c else "all of them")
def test_counts_are_those_of_the_fields(capture):
    """The sums of the tree, the connections in the table, and what a display filter finds."""
    capture = capture or variants.merged(tuple(harness.every_capture()))
    found, last = branches(capture), {}
    assert {topic: {name: count for name, count in items.items() if count} for topic, (_, items) in found.items()} == counted(capture, last)
    for count, items in found.values():
        assert count == sum(items.values())
    rows = [json.loads(line) for line in connections(capture, ",json").splitlines()]
    assert {str(row["connection"]): [row["client_state"], row["server_state"], row["zeek_state"], row["zeek_history"]] for row in rows} == last
    assert found["Connections"][0] == len(last)


filtered_trees = pytest.mark.skipif(harness.version() < (3, 6), reason="no tree took a filter")


@pytest.mark.parametrize("name", ["tw_reuse", "loopback_syn_rcvd", "two_connections"])
def test_tree_in_two_passes(name):
    capture = CAPTURES / f"{name}.pcapng"
    assert tree(capture, "-2") == tree(capture)


@filtered_trees
@pytest.mark.parametrize("name", ["tw_reuse", "loopback_syn_rcvd", "two_connections"])
def test_tree_with_a_filter(name):
    capture = CAPTURES / f"{name}.pcapng"
    assert tree(capture, filter=",tcp.port == 1") == [(0, topic, 0) for topic in ("Connections", "Transitions", "Findings", "Retries")]
    assert branches(capture, filter=",tcpstate.connection == 0")["Connections"][0] == 1


def test_tree_counts_findings_of_icmp_errors():
    capture = CASES["icmp_unreachable"][0].path("tree-icmp")
    assert branches(capture) == {"Connections": (1, {"SYN_SENT / LISTEN": 1}), "Transitions": (1, {"client CLOSED -> SYN_SENT": 1}),
                                 "Findings": (1, {"icmp_unreachable": 1}), "Retries": (0, {})}


@filtered_trees
def test_two_trees_at_once():
    capture = CAPTURES / "tw_reuse.pcapng"
    printed = harness.output("-q", "-r", capture, "-z", "tcpstate,tree", "-z", "tcpstate,tree,tcpstate.connection == 0")
    assert sorted(re.findall(r"^Connections +(\d+)", printed, re.MULTILINE)) == ["1", "2"]


@filtered_trees
def test_a_wrong_filter_is_told():
    done = harness.run("-q", "-r", CAPTURES / "normal.pcapng", "-z", "tcpstate,tree,no.such")
    assert 'Filter "no.such" is invalid' in done.stderr


# ---- connections



def connections(capture, options="", *arguments):
    return harness.output("-q", "-r", capture, "-z", f"tcpstate,connections{options}", *arguments)


@pytest.mark.parametrize("name", ["tw_reuse", "loopback_syn_rcvd", "syn_to_established", "refused"])
def test_connections_in_two_passes(name):
    capture = CAPTURES / f"{name}.pcapng"
    assert connections(capture, "", "-2") == connections(capture)


@pytest.mark.parametrize("name", ["fin_dropped", "synack_dropped", "simul_open_syn_lost"])
def test_connections_with_delivery_assumed(name):
    """As the fields and the tree: states as in the RFC's figures."""
    capture, option = CAPTURES / f"{name}.pcapng", ["-o", "tcpstate.assume_delivery:TRUE"]
    rows = [json.loads(line) for line in connections(capture, ",json", *option).splitlines()]
    states = [f"{row['client_state']} / {row['server_state']}" for row in rows]
    assert states == harness.states(capture, *option)[-1:]
    assert {state: 1 for state in states} == {pair: count for pair, count in branches(capture, *option)["Connections"][1].items() if count}


def test_connections_as_json():
    capture = CAPTURES / "tw_reuse.pcapng"
    rows = [json.loads(line) for line in connections(capture, ",json").splitlines()]
    assert rows[1] == {
        "connection": 1, "tcp_streams": [1], "community_id": "1:yUNan987qPsvRrWYa25qTp6TpaA=",
        "client": "10.9.0.1", "client_port": 40000, "client_state": "TIME_WAIT", "client_isn": 859455491, "client_next": 859455503,
        "client_segments": 5, "client_bytes": 10, "client_unique_bytes": 10, "client_missed_bytes": 0,
        "server": "10.9.0.2", "server_port": 80, "server_state": "CLOSED", "server_isn": 799402345, "server_next": 799402347,
        "server_segments": 4, "server_bytes": 0, "server_unique_bytes": 0, "server_missed_bytes": 0,
        "verdict": "closed", "verdict_severity": 0, "first_frame": 8, "last_frame": 16, "began_before": False, "goes_on": False,
        "start": 1.420699732, "duration": 0.351137637, "closed": "client", "retry_syn": 0, "retry_synack": 0, "retry_fin": 0, "rtt": 0.001758363,
        "points": [{"point": 1, "near": None, "client": "10.9.0.1", "client_port": 40000, "server": "10.9.0.2", "server_port": 80}],
        "zeek_state": "SF", "zeek_history": "ShADaFf", "findings": ["time_wait_reuse"]}
    open_end = json.loads(connections(CAPTURES / "syn_dropped.pcapng", ",json"))
    assert open_end["closed"] is None and open_end["rtt"] is None and open_end["retry_syn"] == 5
    assert open_end["findings"] == ["syn_retransmitted"] + ["syn_sent_stuck"] + ["syn_retransmitted"] * 4


def test_connections_of_a_filter():
    """One matching frame is enough, and the connection is shown whole."""
    capture = CAPTURES / "tw_reuse.pcapng"
    whole = connections(capture).splitlines()
    assert connections(capture, ",frame.number == 9").splitlines() == [whole[0], whole[2]]
    assert [json.loads(line)["connection"] for line in connections(capture, ",json,tcpstate.time_wait_reuse").splitlines()] == [1]
    assert connections(capture, ",tcp.port == 1").splitlines() == [
        "No Stream Client Server Client state Server state Verdict Start Duration Closed Retries RTT ms Segments Bytes Unique Missed Frames Seen Near "
        "Client ISN Server ISN Zeek History Community ID Worst finding"]
    assert connections(capture, ",json,tcp.port == 1") == ""


def test_an_empty_capture():
    empty = write("empty", [])
    assert connections(empty).startswith("No Stream Client Server")
    assert [count for _, _, count in tree(empty)] == [0, 0, 0, 0]


# ---- diagram

def diagram(capture, options=""):
    return harness.output("-q", "-r", capture, "-z", f"tcpstate,diagram{options}")


def arrows_of(capture, connection):
    """What a diagram has to tell: the first time that an end took a transition, with its cause and frame."""
    fields = ["frame.number", "tcpstate.connection", "tcpstate.transition", "tcpstate.cause"]
    told = {}
    for frame, number, transitions, causes in harness.rows(capture, fields, "-Y", "tcpstate.transition"):
        for transition, cause in zip(transitions, causes) if number == [connection] else []:
            role, left, _, entered = transition.split()
            told.setdefault((role, left, entered), (cause, frame[0]))
    return {f"    {left} --> {entered}: {role} {cause}, frame {frame}" for (role, left, entered), (cause, frame) in told.items()}


@pytest.mark.slow
@pytest.mark.parametrize("capture", NAMED, ids=harness.name_of)
def test_diagram_tells_the_transitions(capture):
    printed = diagram(capture, ",connection=0,format=mermaid").splitlines()
    assert printed[0] == "stateDiagram-v2"
    assert set(printed[1:]) == arrows_of(capture, "0") and len(printed) == len(set(printed))


def drawn(capture, options=""):
    """The picture as graphviz draws it: {node: (label, x, y, width, height)} in inches, and its edges."""
    plain = subprocess.run(["dot", "-Tplain"], input=diagram(capture, options), capture_output=True, text=True, check=True)
    assert plain.stderr == ""
    lines = [shlex.split(line) for line in plain.stdout.splitlines()]
    return ({line[1]: (line[6], *map(float, line[2:6])) for line in lines if line[0] == "node"},
            {(line[1], line[2]) for line in lines if line[0] == "edge"})


def test_diagram_is_drawn():
    """The layout of RFC 9293 figure 5; what was visited, how, and where the ends are stuck."""
    nodes, edges = drawn(CAPTURES / "normal.pcapng")
    assert nodes["CLOSED"][1] == nodes["LISTEN"][1] == nodes["ESTABLISHED"][1] == nodes["TIME_WAIT"][1]
    assert nodes["SYN_RCVD"][1] == nodes["FIN_WAIT_2"][1] < nodes["CLOSED"][1] < nodes["LAST_ACK"][1] == nodes["END"][1]
    assert nodes["END"][0] == "CLOSED"
    assert {("CLOSED", "LISTEN"), ("LAST_ACK", "END"), ("SYN_RCVD", "ESTABLISHED")} <= edges and len(edges) == 17
    labels = [label.replace("\\n", " ") for label, *_ in nodes.values()]
    assert {"snd SYN #1", "snd SYN,ACK #2", "rcv ACK of FIN #9", "snd FIN #10"} <= set(labels)
    assert len({place[1:3] for place in nodes.values()}) == len(nodes)
    stuck = sorted(label for label, *_ in drawn(CAPTURES / "synack_dropped.pcapng")[0].values() if "retries" in label)
    assert stuck == ["SYN_SENT\\n3 retries"]
    assert "FIN_WAIT_1\\n5 retries" in [label for label, *_ in drawn(CAPTURES / "fin_dropped.pcapng")[0].values()]


@pytest.mark.slow
@pytest.mark.parametrize("capture", [*NAMED, None], ids=lambda c: harness.name_of(c) if c else "all of them")
def test_nothing_collides_in_the_diagram(capture):
    """Boxes and labels with the white around them; 0.05 inches of that may be shared."""
    boxes = list(drawn(capture or variants.merged(tuple(NAMED)))[0].values())
    for i, (label, x, y, width, height) in enumerate(boxes):
        for other, x2, y2, width2, height2 in boxes[:i]:
            assert min((width + width2) / 2 - abs(x - x2), (height + height2) / 2 - abs(y - y2)) < 0.05, (label, other)


def test_diagram_of_many():
    nodes, _ = drawn(variants.merged(tuple(NAMED)))
    assert any(label.endswith(" times") for label, *_ in nodes.values())
    for options in ("", ",connection=1", ",tcp.port == 80"):
        assert drawn(CAPTURES / "two_connections.pcapng", options)[0]


def test_nothing_to_draw():
    assert diagram(CAPTURES / "normal.pcapng", ",tcp.port == 1") == ""


@pytest.mark.parametrize("name", [*map(harness.name_of, NAMED), None])
def test_diagram_as_text(name):
    """In 72 columns, with the states and the transitions of the other formats."""
    capture = CAPTURES / f"{name}.pcapng" if name else variants.merged(tuple(harness.every_capture()))
    drawn = harness.output("-q", "-r", capture, "-z", "tcpstate,diagram,format=text")
    figure, steps = drawn.split("\n\n")[1:3] if "\n\n" in drawn else ("", "")
    assert max(map(len, figure.splitlines())) <= 72
    mermaid = harness.output("-q", "-r", capture, "-z", "tcpstate,diagram,format=mermaid").splitlines()[1:]
    expected = [(role, before, after, event.strip()) for before, after, role, event in
                (re.match(r" +(\w+) --> (\w+): (\w+) (.*), (?:frame \d+|\d+ times?)$", line).groups() for line in mermaid)]
    listed = [re.match(r"(\w+) (\w+) +-> (\w+) +(.*?) +(?:#\d+|\d+ times?)$", line).groups() for line in steps.splitlines() if " -> " in line]
    assert sorted(listed) == sorted(expected) and expected
    for role, _, state, _ in expected:
        assert re.search(rf"\| +{state} +\|", figure) and re.search(role, figure, re.IGNORECASE)
