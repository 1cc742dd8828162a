"""What Wireshark's window shows of statistics, by way of sharkd: what tshark prints."""
import json
import re

import pytest

import harness
import variants
from harness import CAPTURES, NAMED
from packets import write
from test_flow_graph import arrows, printed

TABLE, GRAPH = "nstat:tcpstate,connections", "seqa:tcpstate"


def asked(*questions):
    """Of one run of sharkd: captures to load, and statistics of the capture loaded last. Returns the statistics."""
    lines = []
    for number, question in enumerate(questions, 1):
        method, parameters = ("tap", {"tap0": question}) if isinstance(question, str) else ("load", {"file": str(harness.readable(question))})
        lines.append(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}))
    done = harness.run("-", program="sharkd", stdin="\n".join(lines) + "\n")
    answers = [json.loads(line)["result"] for line in done.stdout.splitlines()]
    assert len(answers) == len(questions) and "CRITICAL" not in done.stderr
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


@pytest.mark.parametrize("name", ["fin_dropped", "tw_reuse_ipv6", "two_connections", "loopback_syn_rcvd"])
def test_flow_graph(name):
    capture = CAPTURES / f"{name}.pcapng"
    [graph] = asked(capture, GRAPH)
    shown = [(flow["t"], *(f"{graph['nodes'][node]} {port}" for node, port in zip(flow["n"], flow["pn"])), flow["c"]) for flow in graph["flows"]]
    assert shown == [(time, src, dst, comment) for _, time, src, dst, _, comment in arrows(printed(capture))]
