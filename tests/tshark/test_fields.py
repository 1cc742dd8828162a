"""Fields: what each holds, that filters pick the right frames, and that scripts can read them in every format."""
import json
import re

import pytest

import harness
import variants
from cases import BOTH_FINS_LOST, CASES
from harness import CAPTURES
from packets import ip4, tcp, write

FIN_DROPPED = CAPTURES / "fin_dropped.pcapng"

PER_END = {
    "": "FT_STRING", ".code": "FT_UINT8", ".previous": "FT_STRING", ".pending": "FT_STRING", ".basis": "FT_STRING",
    ".since": "FT_FRAMENUM", ".duration": "FT_RELATIVE_TIME", ".until": "FT_FRAMENUM", ".answered": "FT_FRAMENUM",
    ".lost": "FT_FRAMENUM",
}
OTHERS = {
    "verdict": "FT_STRING",
    "connection": "FT_UINT32", "connection.previous": "FT_UINT32", "sender": "FT_STRING", "transition": "FT_STRING",
    "cause": "FT_STRING", "retry": "FT_UINT32", "finding": "FT_STRING", "finding.severity": "FT_UINT8", "finding.frame": "FT_FRAMENUM",
    "finding.outcome": "FT_STRING", "conn_state": "FT_STRING", "history": "FT_STRING", "point": "FT_UINT32", "point.name": "FT_STRING", "point.near": "FT_STRING",
    "sighting": "FT_FRAMENUM", "between": "FT_STRING", "between.changed": "FT_STRING", "between.delay": "FT_RELATIVE_TIME",
}


def registered():
    lines = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    return {fields[2]: (fields[1], fields[3]) for fields in lines if fields[0] == "F" and fields[2].startswith("tcpstate.")}


def test_every_field_has_its_type():
    expected = {f"tcpstate.{end}{name}": kind for end in ("client", "server") for name, kind in PER_END.items()}
    expected |= {f"tcpstate.{name}": kind for name, kind in OTHERS.items()}
    got = {name: kind for name, (_, kind) in registered().items() if kind != "FT_NONE"}  # FT_NONE: the findings
    assert got == expected


def test_titles_are_unique():
    """A title is a column's heading, and must say by itself what it is."""
    titles = [title for title, _ in registered().values()]
    assert len(titles) == len(set(titles))


def column(capture, field, *arguments):
    return [row[0] for row in harness.rows(capture, [field], *arguments)]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_values(passes):
    def column_of(field):
        return column(FIN_DROPPED, field, *passes)

    assert column_of("tcpstate.client.code") == [["2"], ["2"], ["4"]] + 7 * [["5"]] + [["0"]]
    assert column_of("tcpstate.client.previous") == [["CLOSED"], [], ["SYN_SENT"], ["ESTABLISHED"]] + 6 * [[]] + [["FIN_WAIT_1"]]
    assert column_of("tcpstate.server.basis") == [["assumed"], ["observed"]] + 7 * [["presumed"]] + [["observed"], ["presumed"]]
    assert column_of("tcpstate.client.since") == [["1"], ["1"], ["3"]] + 7 * [["4"]] + [["11"]]
    assert column_of("tcpstate.server.since") == [[], ["2"]] + 8 * [["3"]] + [["11"]]
    assert column_of("tcpstate.sender") == [["client"], ["server"]] + 7 * [["client"]] + [["server"], ["client"]]
    assert column_of("tcpstate.retry") == 4 * [[]] + [["1"], ["2"], ["3"], ["4"], ["5"], [], []]
    assert column_of("tcpstate.connection") == 11 * [["0"]]
    assert column_of("tcpstate.connection.previous") == 11 * [[]]
    assert column_of("tcpstate.transition")[2:5] == [
        ["client SYN_SENT -> ESTABLISHED", "server SYN_RCVD -> ESTABLISHED"], ["client ESTABLISHED -> FIN_WAIT_1"], []]
    assert column_of("tcpstate.cause")[2:5] == [["snd ACK of SYN", "rcv ACK of SYN"], ["snd FIN"], []]


def first_later(rows, at, holds):
    """The frame of the first row after that of which it holds."""
    return next(([row["frame.number"][0]] for row in rows[at + 1:] if holds(row)), [])


@pytest.mark.slow
@pytest.mark.parametrize("end", ["client", "server"])
def test_until_and_answered(end):
    """Of every recording, against the states of the frames that follow."""
    names = ["frame.number", "tcpstate.connection", "tcpstate.sender", *(f"tcpstate.{end}{name}" for name in ("", ".pending", ".until", ".answered"))]
    connections = {}
    for row in harness.rows(variants.merged(tuple(harness.every_capture())), names, "-2", "-Y", "tcpstate.client"):
        connections.setdefault(row[1][0], []).append(dict(zip(names, row)))
    kinds = set()
    for rows in connections.values():
        for at, row in enumerate(rows):
            state, pending = row[f"tcpstate.{end}"], row[f"tcpstate.{end}.pending"]
            left = first_later(rows, at, lambda later: later[f"tcpstate.{end}"] != state)
            settled = first_later(rows, at, lambda later: later[f"tcpstate.{end}"] != state or not later[f"tcpstate.{end}.pending"])
            shown = [later for later in rows if [later["frame.number"][0]] == settled and later["tcpstate.sender"] in ([end], [])]
            assert row[f"tcpstate.{end}.until"] == left
            assert row[f"tcpstate.{end}.answered"] == (settled if pending and shown else [])
            kinds.add((bool(left), bool(settled), bool(shown), bool(pending), left == settled))
    assert len(connections) > 300 and len(kinds) > 6


@pytest.mark.parametrize("name", sorted(harness.LATER))
def test_later_fields_are_not_in_the_first_pass(name):
    between = "point" in name or "between" in name or name.endswith(("sighting", ".lost"))
    case = BOTH_FINS_LOST if name.endswith(".lost") else CASES["changed_between" if "changed" in name else "lost_between"][0]
    capture = case.path(f"later-{name}") if between else variants.merged(tuple(harness.NAMED))
    assert not any(row[0] for row in harness.rows(capture, [name]))
    assert any(row[0] for row in harness.rows(capture, [name], "-2"))


def test_duration_is_the_time_in_the_state_that_was_left():
    times = [float(row[0]) for row in column(FIN_DROPPED, "frame.time_relative")]
    durations = column(FIN_DROPPED, "tcpstate.client.duration")
    assert [bool(d) for d in durations] == [False, False, True, True] + 6 * [False] + [True]
    assert float(durations[2][0]) == pytest.approx(times[2] - times[0])
    assert float(durations[3][0]) == pytest.approx(times[3] - times[2])
    assert float(durations[10][0]) == pytest.approx(times[10] - times[3])


def test_previous_connection():
    assert column(CAPTURES / "tw_reuse.pcapng", "tcpstate.connection") == 7 * [["0"]] + 9 * [["1"]]
    assert column(CAPTURES / "tw_reuse.pcapng", "tcpstate.connection.previous") == 7 * [[]] + 9 * [["0"]]


FILTERS = [
    ("fin_dropped", 'tcpstate.client == "FIN_WAIT_1"', [4, 5, 6, 7, 8, 9, 10]),
    ("normal", 'tcpstate.client == "FIN_WAIT_1"', [8]),
    ("simul_close", 'tcpstate.client == "FIN_WAIT_1"', [4, 5]),
    ("server_first", 'tcpstate.client == "FIN_WAIT_1"', []),
    ("server_first", 'tcpstate.server == "FIN_WAIT_1"', [4]),
    ("normal", "tcpstate.client.code in {2..3} || tcpstate.server.code == 3", [1, 2]),
    ("normal", "tcpstate.transition", [1, 2, 3, 8, 9, 10, 11]),
    ("normal", 'tcpstate.server.pending == "CLOSE_WAIT"', [8]),
    ("fin_dropped", "tcpstate.retry >= 2", [6, 7, 8, 9]),
    ("fin_dropped", 'tcpstate.server.basis == "presumed" && tcpstate.sender == "client"', [3, 4, 5, 6, 7, 8, 9, 11]),
    ("rst_lost", "tcpstate.finding.severity >= 3", [5]),
    ("rst_lost", "tcpstate.rst_ignored", [5]),
    ("tw_reuse", "tcpstate.connection == 1 && tcpstate.transition", [8, 9, 10, 13, 14, 15, 16]),
]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("name, display_filter, frames", FILTERS)
def test_filters_pick_exactly_the_right_frames(name, display_filter, frames, passes):
    shown = column(CAPTURES / f"{name}.pcapng", "frame.number", *passes, "-Y", display_filter)
    assert [int(row[0]) for row in shown] == frames


def test_a_misspelt_code_is_an_error():
    done = harness.run("-r", FIN_DROPPED, "-Y", 'tcpstate.client.code == "FIN_WAIT1"')
    assert done.returncode != 0 and "FIN_WAIT1" in done.stderr


def test_no_tcp_no_fields():
    capture = write("mixed", [ip4(tcp("S", 1)), ip4(b"\x00\x50\x00\x50\x00\x08\x00\x00", proto=17)])
    assert [len(row) for row in column(capture, "tcpstate.client")] == [1, 0]
    assert column(capture, "frame.number", "-Y", "tcpstate") == [["1"]]


def test_json():
    packets = json.loads(harness.output("-r", FIN_DROPPED, "-T", "json"))
    shown = packets[3]["_source"]["layers"]["tcpstate"]
    assert shown["tcpstate.client"] == "FIN_WAIT_1"
    assert shown["tcpstate.client_tree"]["tcpstate.client.code"] == "5"
    assert shown["tcpstate.server_tree"]["tcpstate.server.pending"] == "CLOSE_WAIT"


def test_ek():
    lines = harness.output("-r", FIN_DROPPED, "-T", "ek").splitlines()
    shown = json.loads(lines[7])["layers"]["tcpstate"]
    assert shown["tcpstate_tcpstate_client"] == "FIN_WAIT_1"
    assert shown["tcpstate_tcpstate_server_pending"] == "CLOSE_WAIT"


def test_top_line_reads_alone():
    lines = re.findall(r"^TCP State.*", harness.output("-r", FIN_DROPPED, "-V"), re.MULTILINE)
    assert lines[0] == "TCP State, client SYN_SENT (was CLOSED), server LISTEN, awaiting SYN_RCVD"
    assert lines[3] == "TCP State, client FIN_WAIT_1 (was ESTABLISHED), server ESTABLISHED, awaiting CLOSE_WAIT"
    assert lines[4] == "TCP State, client FIN_WAIT_1, server ESTABLISHED, awaiting CLOSE_WAIT"
    assert lines[10] == "TCP State, client CLOSED (was FIN_WAIT_1), server CLOSED (was ESTABLISHED)"


def test_conn_log():
    """What Zeek would write, as of each frame."""
    fields = ["tcpstate.connection", "tcpstate.conn_state", "tcpstate.history"]
    rows = [tuple(cell[0] for cell in row) for row in harness.rows(CAPTURES / "tw_reuse.pcapng", fields)]
    assert rows[:8] == [("0", "S0", "S"), ("0", "S1", "Sh"), ("0", "S1", "ShA"), ("0", "S3", "ShAf"), ("0", "S3", "ShAf"),
                        ("0", "SF", "ShAfF"), ("0", "SF", "ShAfFa"), ("1", "S0", "S")]
    assert rows[-1] == ("1", "SF", "ShADaFf")
    last = {name: tuple(cell[0] for cell in harness.rows(CAPTURES / f"{name}.pcapng", fields[1:])[-1])
            for name in ("syn_dropped", "fin_dropped", "refused")}
    assert last == {"syn_dropped": ("S0", "S"), "fin_dropped": ("RSTO", "ShAFdR"), "refused": ("REJ", "Sr")}
