"""The report: what it says of a capture is what the table counts, and its filters show exactly that."""
import collections
import json

import pytest

import crowd
import harness
from packets import ip4, ip6, tcp, write
from test_verdicts import expected


def report(capture, *options):
    """The head, and the groups."""
    printed = harness.output("-q", "-r", capture, "-z", ",".join(["tcpstate,report,json", *options]))
    head, *groups = [json.loads(line) for line in printed.splitlines()]
    return head, groups


def connections(capture):
    return [json.loads(line) for line in harness.output("-q", "-r", capture, "-z", "tcpstate,connections,json").splitlines()]


def selected(capture, display_filter):
    """The connections of the frames that a display filter shows."""
    return {int(number[0]) for (number,) in harness.rows(capture, ["tcpstate.connection"], "-2", "-Y", display_filter)}


def of_group(group, rows):
    """The connections that a group is about."""
    return {row["connection"] for row in rows if row["verdict"] == group["verdict"] and
            (group["verdict"] == "probe" or (row["server"], row["server_port"]) == (group["server"], group["server_port"]))}


def check(capture):
    """Every number of the report is one of the table, and each filter shows the connections of its group. Returns the groups."""
    (head, groups), rows = report(capture), connections(capture)
    assert head["connections"] == len(rows)
    assert head["verdicts"] == dict(collections.Counter(row["verdict"] for row in rows))
    assert (head["began_before"], head["goes_on"]) == tuple(sum(row[name] for row in rows) for name in ("began_before", "goes_on"))
    for name in ("segments", "bytes", "missed_bytes"):
        assert head[name] == sum(row[f"{end}_{name}"] for row in rows for end in ("client", "server"))
    wrong = {row["connection"] for row in rows if row["verdict_severity"] > 0}
    assert set().union(*(of_group(group, rows) for group in groups)) == wrong
    for group in groups:
        members = of_group(group, rows)
        of_members = [row for row in rows if row["connection"] in members]
        assert group["connections"] == len(members) > 0
        assert group["clients"] == len({row["client"] for row in of_members})
        assert group["severity"] == max(row["verdict_severity"] for row in of_members)
        assert group["worst_connection"] in members and group["shortest"] <= group["longest"]
        assert selected(capture, group["filter"]) == members
    return groups


@pytest.mark.parametrize("capture", harness.NAMED, ids=harness.name_of)
def test_of_a_recording(capture):
    check(capture)


def test_of_a_crowd():
    """Each trouble that is in it, with the right count, and no other."""
    groups = check(crowd.CROWD)
    found = {(group["verdict"], group["server"], group["server_port"]): (group["connections"], group["clients"]) for group in groups}
    address = {crowd.SERVER: "10.2.2.2", crowd.SECOND: "10.2.2.3"}
    assert found == {(expected(name, "captures"), address[server], port): (count, clients) for name, count, (server, port), clients in crowd.TROUBLES}
    assert [group["severity"] for group in groups] == sorted((group["severity"] for group in groups), reverse=True)


def test_the_crowd_is_as_written():
    assert [(time, packet) for time, packet, _ in crowd.crowd()] == list(crowd.pcapng.read(crowd.CROWD))


def lines(capture, *options):
    return harness.output("-q", "-r", capture, "-z", ",".join(["tcpstate,report", *options])).splitlines()


def test_ten_groups_and_more():
    """Without `all`, the ten worst."""
    numbered = [line.split(".")[0] for line in lines(crowd.CROWD) if line[:1].isdigit() and ". " in line[:4]]
    assert numbered == [str(number) for number in range(1, 11)]
    assert lines(crowd.CROWD)[-1] == "And 1 more: -z tcpstate,report,all prints them."
    assert not any("more:" in line for line in lines(crowd.CROWD, "all"))


def test_a_healthy_capture_fits_a_screen():
    printed = lines(harness.CAPTURES / "normal.pcapng")
    assert printed[-1] == "Nothing is wrong with the connections, as far as the capture shows." and len(printed) < 24


def test_a_filter_picks_connections():
    head, groups = report(crowd.CROWD, "tcp.port == 8080 && tcpstate.server == \"CLOSE_WAIT\"")
    picked = selected(crowd.CROWD, "tcp.port == 8080 && tcpstate.server == \"CLOSE_WAIT\"")
    assert head["connections"] == len(picked) > 9 and [group["verdict"] for group in groups] == ["server_not_closing"]


def test_without_tcp():
    empty = write("report-empty", [])
    assert lines(empty) == ["0 frames in 0.000 s: 0 connections, 0 segments, 0 bytes"]
    assert report(empty)[1] == []


@pytest.mark.parametrize("wrap", [ip4, ip6], ids=["ipv4", "ipv6"])
def test_the_filter_of_a_large_group(wrap):
    """It would have too many numbers: then it goes by verdict and address. Another service with the same addresses is not in it."""
    packets, times = [], []
    for number in range(60):
        for moment in (0, 1, 3, 7):
            packets.append(wrap(tcp("S", 1000 + number, ports=(40000 + number, 80 if number % 3 else 81))))
            times.append(number / 100 + moment)
    order = sorted(range(len(packets)), key=lambda i: times[i])
    capture = write(f"report-large-{wrap.__name__}", [packets[i] for i in order], [times[i] for i in order])
    groups = check(capture)
    assert [(group["verdict"], group["server_port"], group["connections"]) for group in groups] == [("syn_unanswered", 80, 40), ("syn_unanswered", 81, 20)]
    assert all("tcpstate.verdict ==" in group["filter"] for group in groups)
