"""What -z tcpstate,netstat says is what the fields say of that moment, and what ss said of the kernel's sockets."""
import csv
import json

import pytest

import harness
from harness import CAPTURES, NAMED
from packets import exchange, ip4, ip6, tcp, write

LOOPBACK = [c for c in NAMED if c.name.startswith("loopback_")]


def netstat(capture, *options, arguments=()):
    """One run for several moments."""
    asked = [word for option in options or [""] for word in ("-z", f"tcpstate,netstat{option}")]
    return harness.output("-q", "-r", capture, *asked, *arguments)


def sockets(capture, *options, **more):
    """The rows of all these moments."""
    return [json.loads(line) for line in netstat(capture, *(f",json{option}" for option in options or [""]), **more).splitlines()]


# ---- the kernel's word

@pytest.mark.parametrize("capture", LOOPBACK, ids=harness.name_of)
def test_ss_said_the_same_each_second(capture):
    """All sockets of the host with their Send-Q, while the wire can tell: a stack that gives up says nothing. Of a listener ss shows the
    length of its queue instead, and a socket listens before anybody asks it."""
    said = list(csv.DictReader(capture.with_suffix(".ss.tsv").open(encoding="utf-8"), delimiter="\t"))
    times = [float(row[0][0]) for row in harness.rows(capture, ["frame.time_relative"])]
    given_up = next((float(row["second"]) for row in said if row["client"] == "CLOSED"), float("inf"))
    moments = {row["second"]: row["sockets"] for row in said
               if float(row["second"]) < given_up and min(abs(time - float(row["second"])) for time in times) > 0.02}
    assert len(moments) > 50
    told = {second: set() for second in moments}
    for row in sockets(capture, *(f",names=ss,at={second}" for second in moments)):
        foreign = f"{row['foreign']}:{row['foreign_port']}" if row["foreign"] else "0.0.0.0:*"
        told[f"{row['at']:.3f}"].add(f"{row['state']} {row['send_q']} {row['local']}:{row['local_port']} {foreign}")
    assert told == {second: {line.replace("LISTEN 8", "LISTEN 0") for line in lines.split("; ")} for second, lines in moments.items()}


# ---- the fields' word

FIELDS = ["frame.number", "tcpstate.connection", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcpstate.sender"]
END_FIELDS = ["tcpstate.{}", "tcpstate.{}.pending", "tcpstate.{}.basis"]
MORE = ["tcpstate.transition", "tcpstate.cause"]


def segments(capture):
    """(frame, connection, {role: (address, port, state, pending, basis)}, [(transition, cause)]) of each."""
    names = FIELDS + [field.format(role) for role in ("client", "server") for field in END_FIELDS] + MORE
    for frame, number, src, sport, dst, dport, sender, *rest in harness.rows(capture, names, "-Y", "tcpstate.client"):
        ends = [(src[0], int(sport[0])), (dst[0], int(dport[0]))]
        if sender and sender[0] == "server":
            ends.reverse()
        states = [(rest[i][0], rest[i + 1][0] if rest[i + 1] else None, rest[i + 2][0]) for i in (0, 3)]
        yield int(frame[0]), number[0], {role: (end, *state) for role, end, state in zip(("client", "server"), ends, states)}, \
            list(zip(rest[6], rest[7]))


def expected(capture):
    """{frame: the rows}: of each pair of endpoints the latest connection in which an end is more than a listener counts."""
    latest, answered, told = {}, {}, {}
    for frame, number, ends, changes in segments(capture):
        latest.pop(number, None)
        latest[number] = (frame, ends)
        for transition, cause in changes:
            role, left, _, entered = transition.split()
            if cause == "snd SYN,ACK" and left != "SYN_SENT" or (cause, left) == ("snd RST", "LISTEN"):
                answered[ends[role][0]] = (frame, entered == "SYN_RCVD")
        rows, taken = set(), set()
        for since, each in reversed(latest.values()):
            for role, other in (("client", "server"), ("server", "client")):
                local, state, pending, basis = each[role]
                foreign = each[other][0]
                if state == "LISTEN":
                    last_answer, listens = answered.get(local, (0, False))
                    if not listens and since > last_answer:
                        rows.add((local, None, "LISTEN", None, "assumed"))
                elif (local, foreign) not in taken:
                    taken.add((local, foreign))
                    if state != "CLOSED":
                        rows.add((local, foreign, state, pending, basis))
        rows |= {(local, None, "LISTEN", None, "observed") for local, (_, listens) in answered.items() if listens}
        told[frame] = rows
    return told


@pytest.mark.parametrize("capture", NAMED, ids=harness.name_of)
def test_every_frame_as_the_fields_say(capture):
    frames = expected(capture)
    told = {frame: set() for frame in frames}
    for row in sockets(capture, *(f",frame={frame}" for frame in frames)):
        foreign = (row["foreign"], row["foreign_port"]) if row["foreign"] else None
        told[row["frame"]].add(((row["local"], row["local_port"]), foreign, row["state"], row["pending"], row["basis"]))
    assert told == frames


# ---- the table

def test_a_moment():
    """The client has closed, its FINs are lost; the server does not know."""
    assert netstat(CAPTURES / "fin_dropped.pcapng", ",at=2") == (
        "At 2.000000 s, after frame 8\n"
        "Proto Recv-Q Send-Q Local Address  Foreign Address State       Pending    Since    Basis\n"
        "Host 10.9.0.1\n"
        "tcp        -      1 10.9.0.1:40000 10.9.0.2:80     FIN_WAIT_1  -          0.121127 observed\n"
        "Host 10.9.0.2\n"
        "tcp        -      0 10.9.0.2:80    0.0.0.0:*       LISTEN      -                 - observed\n"
        "tcp        -      0 10.9.0.2:80    10.9.0.1:40000  ESTABLISHED CLOSE_WAIT 0.001762 presumed\n")


def test_ipv6():
    rows = [line.split() for line in netstat(CAPTURES / "fin_dropped_ipv6.pcapng", ",at=2").splitlines()[2:]]
    client, server = rows[0][1], rows[2][1]
    assert ":" in client and [row[:6] for row in rows if row[0] != "Host"] == [
        ["tcp6", "-", "1", f"[{client}]:40000", f"[{server}]:80", "FIN_WAIT_1"], ["tcp6", "-", "0", f"[{server}]:80", "[::]:*", "LISTEN"],
        ["tcp6", "-", "0", f"[{server}]:80", f"[{client}]:40000", "ESTABLISHED"]]


def states_of(rows):
    return sorted((row["local"], row["state"]) for row in rows)


@pytest.mark.parametrize("option, preference", [("rfc", ()), ("netstat", ("-o", "tcpstate.netstat_names:netstat")),
                                                ("ss", ("-o", "tcpstate.netstat_names:ss"))])
def test_names(option, preference):
    capture = CAPTURES / "synack_dropped.pcapng"
    names = {"rfc": ("SYN_SENT", "SYN_RCVD"), "netstat": ("SYN_SENT", "SYN_RECV"), "ss": ("SYN-SENT", "SYN-RECV")}[option]
    expect = [("10.9.0.1", names[0]), ("10.9.0.2", "LISTEN"), ("10.9.0.2", names[1])]
    assert states_of(sockets(capture, f",names={option},frame=2")) == expect
    assert states_of(sockets(capture, ",frame=2", arguments=preference)) == expect


def test_time_wait_goes_after_2msl():
    """Long after the capture's end, too."""
    capture = CAPTURES / "normal.pcapng"
    state = ("10.9.0.1", "TIME_WAIT")
    assert state in states_of(sockets(capture)) and state in states_of(sockets(capture, ",at=60"))
    assert state not in states_of(sockets(capture, ",at=61"))
    assert state in states_of(sockets(capture, ",at=61", arguments=("-o", "tcpstate.time_wait:240")))
    assert state in states_of(sockets(capture, ",at=1000000", arguments=("-o", "tcpstate.time_wait:0")))


def test_time_wait_begins_anew_with_the_fin():
    """The last ACK is lost, and the FIN comes again."""
    capture = CAPTURES / "last_ack_dropped_once.pcapng"
    entered, again = (float(harness.rows(capture, ["frame.time_relative"], "-Y", expression)[0][0][0]) for expression in
                      ('tcpstate.transition == "client FIN_WAIT_2 -> TIME_WAIT"', "tcpstate.retry && tcp.flags.fin == 1"))
    assert again - entered > 0.1
    assert ("10.9.0.1", "TIME_WAIT") in states_of(sockets(capture, f",at={again + 59.99:.6f}"))
    assert ("10.9.0.1", "TIME_WAIT") not in states_of(sockets(capture, f",at={again + 60.01:.6f}"))


def test_send_q():
    """Bytes that nobody has acknowledged; an ACK of half of them; a FIN counts one."""
    steps = [("S", 100, 0, b"", False), ("SA", 300, 101, b"", True), ("A", 101, 301, b"", False), ("A", 101, 301, b"x" * 1000, False),
             ("A", 1101, 301, b"x" * 500, False), ("A", 301, 601, b"", True), ("A", 101, 301, b"x" * 1000, False),
             ("FA", 1601, 301, b"", False), ("A", 301, 1602, b"", True)]
    capture = write("send_q", [ip4(tcp(flags, seq, ack, data, back=back), back) for flags, seq, ack, data, back in steps])
    queues = {row["frame"]: row["send_q"] for row in sockets(capture, *(f",frame={frame}" for frame in range(1, 10)))
              if (row["local"], row["foreign"]) == ("10.0.0.1", "10.0.0.2")}
    assert queues == {1: 1, 2: 1, 3: 0, 4: 1000, 5: 1500, 6: 1000, 7: 1000, 8: 1001, 9: 0}


def test_send_q_of_an_end_that_has_sent_nothing():
    capture = write("one_way", [ip4(tcp("A", 500, 900, b"x" * 10))])
    assert {(row["local"], row["state"], row["send_q"]) for row in sockets(capture)} == {("10.0.0.1", "ESTABLISHED", 10),
                                                                                         ("10.0.0.2", "ESTABLISHED", None)}


def test_a_listener_that_is_gone():
    """A RST answers a SYN: nobody listens any more, until a SYN,ACK says so."""
    def attempt(port, answer):
        return [ip4(tcp("S", 100, ports=(port, 80))), ip4(tcp(answer, 0 if "R" in answer else 300, 101, ports=(port, 80), back=True), True)]
    capture = write("listener_gone", attempt(1, "SA") + attempt(2, "RA") + attempt(3, "SA") + [ip4(tcp("S", 100, ports=(4, 81)))])
    rows = sockets(capture, *(f",frame={frame}" for frame in range(1, 8)))
    listens = {frame: [(row["local_port"], row["basis"]) for row in rows if row["frame"] == frame and row["state"] == "LISTEN"]
               for frame in range(1, 8)}
    assert listens == {1: [(80, "assumed")], 2: [(80, "observed")], 3: [(80, "observed")], 4: [], 5: [(80, "assumed")],
                       6: [(80, "observed")], 7: [(80, "observed"), (81, "assumed")]}


def test_order():
    """By host, listeners first, then by address and port, as numbers."""
    def opened(client, server_port, v6=False):
        wrap = ip6 if v6 else ip4
        return [wrap(tcp("S", 100, ports=(client, server_port))), wrap(tcp("SA", 300, 101, ports=(client, server_port), back=True), True)]
    capture = write("order", opened(9000, 443) + opened(10000, 80) + opened(10000, 80, v6=True))
    rows = [line.split() for line in netstat(capture).splitlines()[2:]]
    assert [row[1] if row[0] == "Host" else f"{row[3]} {row[4]}" for row in rows] == [
        "10.0.0.1", "10.0.0.1:9000 10.0.0.2:443", "10.0.0.1:10000 10.0.0.2:80",
        "10.0.0.2", "10.0.0.2:80 0.0.0.0:*", "10.0.0.2:443 0.0.0.0:*", "10.0.0.2:80 10.0.0.1:10000", "10.0.0.2:443 10.0.0.1:9000",
        "2001:db8::1", "[2001:db8::1]:10000 [2001:db8::2]:80",
        "2001:db8::2", "[2001:db8::2]:80 [::]:*", "[2001:db8::2]:80 [2001:db8::1]:10000"]


def test_a_filter_picks_connections():
    capture = CAPTURES / "two_connections.pcapng"
    ports = {row["foreign_port"] for row in sockets(capture, ",at=0.1,tcpstate.connection == 1") if row["local"] == "10.9.0.2"}
    client, = (int(row[0][0]) for row in harness.rows(capture, ["tcp.srcport"], "-Y", "tcpstate.connection == 1 && tcp.flags == 2"))
    assert ports == {client, None}


@pytest.mark.parametrize("capture", [c for c in NAMED if harness.name_of(c) in ("tw_reuse", "simul_close", "fin_dropped", "nat")],
                         ids=harness.name_of)
def test_in_two_passes(capture):
    moments = ["", ",at=0.1", ",frame=5"]
    assert netstat(capture, *moments, arguments=("-2",)) == netstat(capture, *moments)


def test_delivery_assumed():
    """States as in the RFC's figures: what is sent arrives."""
    rows = sockets(CAPTURES / "fin_dropped.pcapng", ",frame=4", arguments=("-o", "tcpstate.assume_delivery:TRUE"))
    assert {(row["local"], row["state"], row["pending"], row["basis"]) for row in rows if row["foreign"]} == {
        ("10.9.0.1", "FIN_WAIT_1", None, "observed"), ("10.9.0.2", "CLOSE_WAIT", None, "presumed")}


# ---- what is asked wrongly, and nothing to tell

TITLES = "Proto Recv-Q Send-Q Local Address Foreign Address State Pending Since Basis\n"


def test_nothing_to_tell():
    assert netstat(CAPTURES / "normal.pcapng", ",at=0,tcp.port == 1") == "At 0.000000 s, after frame 1\n" + TITLES
    assert netstat(write("empty", [])) == "At 0.000000 s, after frame 0\n" + TITLES
    assert sockets(write("empty", [])) == []
    assert states_of(sockets(write("exchange", exchange(ip4)))) == [("10.0.0.1", "TIME_WAIT"), ("10.0.0.2", "LISTEN")]
