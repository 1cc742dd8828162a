"""What a person sees in Wireshark's window, and can do there."""
import re
import subprocess

import pytest

import harness
from conftest import OTHERS, SOCKETS, STUCK, TWO_POINTS
from harness import CAPTURES
from window import children, click, find, find_all, is_showing, press, rows, text_of, titles_and_rows, type_keys, until, write

FRAME_THAT_SET = {"client": 4, "server": 3}
"""Of fin_dropped, at frame 6: the client's first FIN, and the ACK that opened the server."""


def printed(*arguments):
    """What tshark prints, without the line ends."""
    return harness.output("-n", "-q", *arguments).rstrip("\n")


def told_by_tshark(name, *arguments):
    """The columns of the profile, from tshark's fields."""
    fields = {"No.": "frame.number", "Conn": "tcpstate.connection", "Client": "tcpstate.client", "Server": "tcpstate.server",
              "Finding": "tcpstate.finding"}
    return [dict(zip(fields, (",".join(cell) for cell in row))) for row in harness.rows(CAPTURES / name, fields.values(), *arguments)]


def columns_of(listed, names):
    return [{name: row[name] for name in names} for row in listed]


@pytest.mark.parametrize("name", STUCK + OTHERS)
def test_columns(wireshark, name):
    """Of each file opened in the same window: the states that tshark has, from connection 0 on."""
    wireshark.open(name)
    expected = told_by_tshark(name)
    until(lambda: columns_of(wireshark.listed(), expected[0]) == expected)
    assert wireshark.packets() == (len(expected), len(expected))


def without_frame(name, frame):
    """The columns of tshark for the capture without that frame, with the frames' own numbers."""
    path = harness.workplace() / "captures" / f"without-{frame}-{name}"
    subprocess.run(["editcap", CAPTURES / name, path, str(frame)], check=True, capture_output=True)
    path.chmod(0o644)
    expected = told_by_tshark(path)
    for row in expected:
        row["No."] = str(int(row["No."]) + (int(row["No."]) >= frame))
    return expected


def ignores(wireshark):
    """The name of an entry that versions call differently: Packet(s), or Selected."""
    [entry] = [entry for entry in wireshark.entries("Edit") if entry.startswith("Ignore/Unignore")]
    return entry


@pytest.mark.parametrize("name, frame", [("normal.pcapng", 8), ("tw_reuse.pcapng", 2), ("fin_dropped.pcapng", 4)])
def test_ignored_frame(wireshark, name, frame):
    """It has no state, and the others are as if it had not been captured; all is as before when it is looked at again."""
    wireshark.open(name)
    whole, expected = told_by_tshark(name), without_frame(name, frame)
    wireshark.go_to(frame)
    wireshark.choose("Edit", ignores(wireshark))
    until(lambda: columns_of([row for row in wireshark.listed() if row["No."] != str(frame)], expected[0]) == expected)
    [ignored] = [row for row in wireshark.listed() if row["No."] == str(frame)]
    assert not ignored["Client"] and not ignored["Server"]
    wireshark.choose("Edit", ignores(wireshark))
    until(lambda: columns_of(wireshark.listed(), whole[0]) == whole)


def test_reloaded_again_and_again(wireshark):
    wireshark.open("tw_reuse.pcapng")
    expected = told_by_tshark("tw_reuse.pcapng")
    for _ in range(20):
        wireshark.choose("View", "Reload")
    until(lambda: columns_of(wireshark.listed(), expected[0]) == expected)


def stop(wireshark, *path):
    """Begins what an entry of the menus does, and stops it with the button that comes up in the status bar."""
    [button] = [button for button in find_all(wireshark.status_bar, "button") if not is_showing(button)]
    wireshark.choose(*path)
    until(is_showing, button)
    press(button)


def test_interrupted(wireshark):
    """While the capture is dissected again: what was read is as it was, and what a statistic then has read is as if it had been read at once."""
    wireshark.open("long.pcap")
    whole = wireshark.packets()[0]
    wireshark.go_to(whole)
    wireshark.choose("Edit", ignores(wireshark))
    until(lambda: wireshark.packets() == (whole, whole) and "Ignored: 1 " in " ".join(wireshark.status()))
    stop(wireshark, "Edit", ignores(wireshark))
    read = until(lambda: wireshark.packets()[1])
    assert 0 < read < whole
    path, some = wireshark.captures["long.pcap"], [1, read // 2, read]
    told = re.findall(r"^(TCP State.*)\n *\[Connection: (\d+)\]$", printed("-r", path, "-V", "-Y", f"frame.number in {{{str(some)[1:-1]}}}"), re.MULTILINE)
    for frame, (line, _) in zip(some, told, strict=True):
        wireshark.go_to(frame)
        assert ours(wireshark)[0] == line
    with wireshark.dialog("Wireshark · TCP State timeline", "Analyze", "TCP State", "Timeline") as dialog:
        shown = until(lambda: text_of(find(dialog, "text")))
    assert shown == printed("-r", path, "-z", f"tcpstate,timeline,connection={told[-1][1]}")


@pytest.mark.parametrize("name, client, server, pending", [
    ("syn_dropped.pcapng", "SYN_SENT", "LISTEN", "SYN_RCVD"),
    ("synack_dropped.pcapng", "SYN_SENT", "SYN_RCVD", "ESTABLISHED"),
    ("fin_dropped.pcapng", "FIN_WAIT_1", "ESTABLISHED", "CLOSE_WAIT"),
    ("loopback_fin_wait_1.pcapng", "FIN_WAIT_1", "ESTABLISHED", "CLOSE_WAIT"),
])
def test_what_is_stuck(wireshark, name, client, server, pending):
    wireshark.open(name)
    warned = until(lambda: [row for row in wireshark.listed() if "_stuck" in row["Finding"]])
    assert {(row["Client"], row["Server"], row["Pending"]) for row in warned} == {(client, server, pending)}


DETAILS = """\
TCP State, client FIN_WAIT_1, server ESTABLISHED, awaiting CLOSE_WAIT
[Connection: 0]
[Sender: client]
[Client: FIN_WAIT_1]
[Client (code): FIN_WAIT_1 (5)]
[Client basis: observed, it sent what proves it]
[Client since frame: 4, 0.414766 s before]
[Client until frame: 11]
[Server: ESTABLISHED]
[Server (code): ESTABLISHED (4)]
[Server basis: presumed, unless the segment that led to it was lost]
[Server awaiting: CLOSE_WAIT, if what is on its way to it arrives]
[Server since frame: 3, 0.534131 s before]
[Server until frame: 11]
[Retry: 2]
[Finding: fin_wait_1_stuck]
[Expert Info (Warning/Sequence): The client is stuck in FIN_WAIT_1: 2 retries of FIN (SEQ 1, absolute 797399676), no ACK captured: the server \
may still be ESTABLISHED; gaps 0.207, 0.208 s: next in 0.4 s, Linux gives up in 106 s]
[The client is stuck in FIN_WAIT_1: 2 retries of FIN (SEQ 1, absolute 797399676), no ACK captured: the server may still be ESTABLISHED; gaps \
0.207, 0.208 s: next in 0.4 s, Linux gives up in 106 s]
[Severity level: Warning]
[Group: Sequence]
[Severity: Warning (3)]
[Outcome: left it in frame 11, 6.3 s later, for CLOSED]
[Finding: fin_retransmitted]
[Expert Info (Note/Sequence): The client sent its FIN again (SEQ 1, absolute 797399676): retry 2, 0.208 s after the one before (1.0 times the \
gap before)]
[The client sent its FIN again (SEQ 1, absolute 797399676): retry 2, 0.208 s after the one before (1.0 times the gap before)]
[Severity level: Note]
[Group: Sequence]
[Severity: Note (2)]
[Related frame: 5]
[Zeek conn_state: S2]
[Zeek history: ShAF]"""


def ours(wireshark):
    """The part of the packet details that is of our protocol: the last."""
    lines = wireshark.details()
    return lines[next((i for i, line in enumerate(lines) if line.startswith("TCP State")), len(lines)):]


def test_details(wireshark):
    wireshark.open("fin_dropped.pcapng")
    wireshark.go_to(6)
    wireshark.choose("View", "Expand All")
    until(lambda: ours(wireshark) == DETAILS.splitlines())
    wireshark.choose("View", "Collapse All")
    until(lambda: ours(wireshark) == DETAILS.splitlines()[:1])


@pytest.mark.parametrize("expression, displayed", [
    ('tcpstate.client == "FIN_WAIT_1"', 7), ("tcpstate.client.code in {5..9}", 7), ("tcpstate.retry", 5), ("tcpstate.server == \"LISTEN\"", 1),
    ("tcpstate.fin_wait_1_stuck", 1), ("tcpstate.client.until == 11", 7)])
def test_filter(wireshark, expression, displayed):
    wireshark.open("fin_dropped.pcapng")
    wireshark.apply_filter(expression)
    until(lambda: wireshark.packets() == (11, displayed))
    until(lambda: len(wireshark.listed()) == displayed)


@pytest.mark.parametrize("expression, error", [
    ('tcpstate.clinet == "FIN_WAIT_1"', r".*tcpstate\.clinet.*"),
    ("tcpstate.client.code == FIN_WAT_1", r'.*"FIN_WAT_1" cannot be found among the possible values for tcpstate\.client\.code\.')])
def test_misspelt_filter(wireshark, expression, error):
    wireshark.open("fin_dropped.pcapng")
    wireshark.filter(expression)
    until(lambda: [line for line in wireshark.complaints() if re.fullmatch(error, line)])
    wireshark.filter("tcpstate")


@pytest.mark.parametrize("button, displayed", [("Changes", 5), ("Warnings", 1), ("Retries", 5)])
def test_filter_button(wireshark, button, displayed):
    wireshark.open("fin_dropped.pcapng")
    press(find(wireshark.filter_bar, "button", button))
    until(lambda: wireshark.packets() == (11, displayed))


def test_expert_information(wireshark):
    wireshark.open("fin_dropped.pcapng")
    with wireshark.dialog(".*Expert Information.*", "Analyze", "Expert Information") as dialog:
        table = find(dialog, "tree")
        found = until(lambda: [tuple(row[:1] + row[1:2] + row[4:]) for row in rows(table) if row[3] == "TCP State"])
    assert found == [("Warning", "Stuck in FIN_WAIT_1", "1"), ("Note", "RST after a FIN", "1"), ("Note", "FIN sent again", "5")]


def test_tree(wireshark):
    wireshark.open("fin_dropped.pcapng")
    with wireshark.dialog(r"Wireshark · TCP State · .*", "Statistics", "TCP State") as dialog:
        counts = until(lambda: {row[0]: row[1] for row in rows(find(dialog, "tree"))})
        wireshark.screenshot("test_tree-dialog")
    lines = (re.fullmatch(r" ?(\S.*?)  +(\d+) .*", line) for line in printed("-r", CAPTURES / "fin_dropped.pcapng", "-z", "tcpstate,tree").splitlines())
    assert counts == {line[1]: line[2] for line in lines if line}
    assert counts["CLOSED / CLOSED"] == "1" and counts["fin_retransmitted"] == "5"


def squeezed(lines):
    return [re.sub(" +", " ", line).strip() for line in lines]


@pytest.mark.parametrize("name", ["fin_dropped.pcapng", "tw_reuse.pcapng"])
def test_connections(wireshark, name):
    wireshark.open(name)
    with wireshark.dialog(r"Wireshark · TCP State Connections · .*", "Statistics", "TCP State Connections") as dialog:
        titles, cells = until(lambda: (lambda table: table if table[1] else None)(titles_and_rows(find(dialog, "tree"))))
        wireshark.screenshot(f"test_connections-dialog-{name}")
    assert squeezed(" ".join(row) for row in [titles, *cells]) == squeezed(printed("-r", CAPTURES / name, "-z", "tcpstate,connections").splitlines())


def test_connections_with_a_filter(wireshark):
    wireshark.open("two_connections.pcapng")
    with wireshark.dialog(r"Wireshark · TCP State Connections · .*", "Statistics", "TCP State Connections") as dialog:
        until(lambda: len(rows(find(dialog, "tree"))) == 2)
        entry = find(dialog, "text", "Display filter entry")
        write(entry, "tcpstate.connection == 1")
        press(find(dialog, "button", "Apply"))
        until(lambda: [row[0] for row in rows(find(dialog, "tree"))] == ["1"])


@pytest.mark.skipif(not harness.has_flow_graph(), reason=harness.NO_FLOW_GRAPH)
def test_flow_graph(wireshark):
    wireshark.open("fin_dropped.pcapng")
    with wireshark.dialog(r"Wireshark · Flow · .*", "Statistics", "Flow Graph") as dialog:
        kinds = find(dialog, "combo box", "All Flows")
        press(kinds)
        click(next(item for item in children(children(kinds)[0]) if item.get_name() == "TCP State"))
        until(lambda: find_all(dialog, "label", r"2 node\(s\), 10 item\(s\) "))
        wireshark.screenshot("test_flow_graph-dialog")


def test_menu(wireshark):
    assert wireshark.entries("Analyze", "TCP State") == ["Filter Connection", "Filter Changes", "Filter TCP Streams",
                                                         "Go to Frame That Set Client State", "Go to Frame That Set Server State", "Timeline", "Netstat Here", "Capture Points",
                                                         "Diagram"]


@pytest.mark.parametrize("path, expression, displayed", [
    (("Analyze", "TCP State", "Filter Connection"), "tcpstate.connection == 1", 9),
    (("Analyze", "TCP State", "Filter Changes"), "tcpstate.connection == 1 && tcpstate.transition", 7),
    (("Analyze", "TCP State", "Filter TCP Streams"), "tcp.stream == 1", 9),
    (("Analyze", "Conversation Filter", "TCP State"), "tcpstate.connection == 1", 9)])
def test_menu_filters(wireshark, path, expression, displayed):
    wireshark.open("tw_reuse.pcapng")
    wireshark.go_to(10)
    wireshark.choose(*path)
    until(lambda: wireshark.packets() == (16, displayed))
    assert wireshark.filter_text() == expression


@pytest.mark.parametrize("end", ["client", "server"])
def test_menu_goes_to_the_frame_that_set_a_state(wireshark, end):
    wireshark.open("fin_dropped.pcapng")
    wireshark.go_to(6)
    wireshark.choose("Analyze", "TCP State", f"Go to Frame That Set {end.title()} State")
    until(lambda: wireshark.selected_frame() == FRAME_THAT_SET[end])


@pytest.mark.parametrize("entry, command", [("Timeline", "timeline,connection=1"), ("Netstat Here", "netstat,frame=10,connection=1"),
                                            ("Diagram", "diagram,connection=1,format=text")])
def test_menu_shows_text(wireshark, entry, command):
    """The same that tshark prints."""
    wireshark.open("tw_reuse.pcapng")
    wireshark.go_to(10)
    with wireshark.dialog(f"Wireshark · TCP State {command.split(',')[0]}", "Analyze", "TCP State", entry) as dialog:
        shown = until(lambda: text_of(find(dialog, "text")))
        wireshark.screenshot(f"test_menu_shows_text-dialog-{command.split(',')[0]}")
    assert shown == printed("-r", CAPTURES / "tw_reuse.pcapng", "-z", f"tcpstate,{command}")


@pytest.mark.parametrize("entry, command", [("Timeline", "timeline,connection=0"), ("Netstat Here", "netstat,frame=14,connection=0"), ("Capture Points", "points")])
def test_menu_shows_text_of_two_points(wireshark, entry, command):
    wireshark.open(TWO_POINTS.name)
    wireshark.go_to(14)
    with wireshark.dialog(f"Wireshark · TCP State {command.split(',')[0]}", "Analyze", "TCP State", entry) as dialog:
        shown = until(lambda: text_of(find(dialog, "text")))
        wireshark.screenshot(f"test_menu_shows_text_of_two_points-dialog-{command.split(',')[0]}")
    assert shown == printed("-r", TWO_POINTS, "-z", f"tcpstate,{command}")


def test_lost_between_two_points(wireshark):
    """Known once the capture has been read: each frame is then shown anew."""
    wireshark.open(TWO_POINTS.name)
    expected = [",".join([*point, *between]) for point, between in harness.rows(TWO_POINTS, ["tcpstate.point", "tcpstate.between"], "-2")]
    assert expected.count("1,lost") == 3
    wireshark.apply_filter("tcpstate")
    until(lambda: [row["Point"] for row in wireshark.listed()] == expected)
    wireshark.screenshot("test_lost_between_two_points-list")
    wireshark.apply_filter('tcpstate.between == "lost"')
    until(lambda: [row["No."] for row in wireshark.listed()] == ["11", "12", "13"])


def test_connections_of_two_points(wireshark):
    wireshark.open(TWO_POINTS.name)
    with wireshark.dialog(r"Wireshark · TCP State Connections · .*", "Statistics", "TCP State Connections") as dialog:
        titles, cells = until(lambda: (lambda table: table if table[1] else None)(titles_and_rows(find(dialog, "tree"))))
        wireshark.screenshot("test_connections_of_two_points-dialog")
    assert squeezed(" ".join(row) for row in [titles, *cells]) == squeezed(printed("-r", TWO_POINTS, "-z", "tcpstate,connections").splitlines())


def test_text_of_a_command_line(started):
    """wireshark -z opens what the menu opens."""
    assert started.at_start == printed("-r", CAPTURES / STUCK[0], "-z", "tcpstate,connections")


def test_report(wireshark):
    """The same that tshark prints, with a button for the filter of each group."""
    wireshark.open("fin_dropped.pcapng")
    with wireshark.dialog("Wireshark · TCP State report", "Statistics", "TCP State Report") as dialog:
        shown = until(lambda: text_of(find(dialog, "text")))
        wireshark.screenshot("test_report-dialog")
        click(find(dialog, "push button", "Filter 1"))
        until(lambda: wireshark.filter_text() == "tcpstate.connection == 0")
    assert shown == printed("-r", CAPTURES / "fin_dropped.pcapng", "-z", "tcpstate,report")


def test_a_wrong_argument_of_a_command_line(started):
    """It is told, and Wireshark stays open."""
    assert started.alert_at_start == "tcpstate,timeline: no option conn; there are connection=NUMBER, seq=absolute, all, json"


def test_menu_cuts_what_is_very_long(wireshark):
    """And says so: a window of text holds 10,000 lines well, but not a million."""
    wireshark.open("many-sockets.pcap")
    wireshark.go_to(SOCKETS)
    with wireshark.dialog("Wireshark · TCP State netstat", "Analyze", "TCP State", "Netstat Here") as dialog:
        lines = until(lambda: text_of(find(dialog, "text"))).splitlines()
    whole = 2 + 2 + SOCKETS + 1  # headings, two hosts, and the listener
    assert len(lines) == 10001 and lines[9999].split()[3].startswith("10.0.0.1:")
    assert lines[-1] == f"... {whole - 10000} more lines: tshark -z tcpstate,netstat,frame={SOCKETS},connection={SOCKETS - 1} prints them all"


def test_menu_without_a_segment(wireshark):
    wireshark.open("no-tcp.pcap")
    wireshark.choose("Analyze", "TCP State", "Timeline")
    alert = find(wireshark.application, "alert")
    assert find(alert, "label", "Select a frame with a TCP segment first.")
    wireshark.close_dialog(alert)


def test_profile_is_in_the_list(wireshark):
    with wireshark.dialog(".*Configuration Profiles", "Edit", "Configuration Profiles…") as dialog:
        assert ["TCP State", "Global"] in [row[:2] for row in rows(find(dialog, "tree"))]


def preferences(wireshark):
    """The page of our preferences."""
    dialog = wireshark.opened(".*Preferences", "Edit", "Preferences…")
    pages = next(tree for tree in find_all(dialog, "tree") if "Appearance" in [cell.get_name() for cell in children(tree)[:3]])
    click(next(cell for cell in children(pages) if cell.get_name() == "Protocols"))
    type_keys(0xFF53)  # to the right: unfolds
    until(lambda: pages.get_child_count() > 100)
    type_keys("tcp state")
    find(dialog, "label", "TCP State")
    return dialog


def toggle_assume_delivery(wireshark):
    dialog = preferences(wireshark)
    press(find(dialog, "check box", "Assume that every segment arrives"))
    wireshark.screenshot("test_preference-dialog")
    press(find(dialog, "button", "OK"))


def test_preference(wireshark):
    """It changes what it should, and back again."""
    wireshark.open("fin_dropped.pcapng")
    wireshark.go_to(6)
    before = wireshark.listed()
    toggle_assume_delivery(wireshark)
    until(lambda: ours(wireshark)[:1] == ["TCP State (delivery assumed), client FIN_WAIT_1, server CLOSE_WAIT"])
    assumed = told_by_tshark("fin_dropped.pcapng", "-o", "tcpstate.assume_delivery:TRUE")
    until(lambda: columns_of(wireshark.listed(), assumed[0]) == assumed)
    assert assumed != columns_of(before, assumed[0])
    toggle_assume_delivery(wireshark)
    until(lambda: wireshark.listed() == before)


def test_every_preference_has_a_sentence(wireshark):
    dialog = preferences(wireshark)
    said = [re.fullmatch(r"<span>(.+\.)</span><br/><br/>(tcpstate\.[a-z_.]+)", node.get_description(), re.DOTALL)
            for role in ("label", "check box", "combo box", "text") for node in find_all(dialog, role) if "tcpstate." in node.get_description()]
    wireshark.close_dialog(dialog)
    names = set(re.findall(r"^#?(tcpstate\.[a-z_.]+):", harness.output("-G", "defaultprefs"), re.MULTILINE))
    assert {match[2] for match in said} == names and len({match[1] for match in said}) == len(names)
