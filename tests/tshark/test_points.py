"""Several capture points in one file: the states at each are those of its own segments, and both show one connection."""
import collections
import functools
import json
import pathlib
import subprocess

import pytest
from scapy.all import GRE, IP, Ether, Raw

import harness
import variants
from packets import EXCHANGE, exchange, ip4, write
from test_statistics import branches
from variants import pcapng

SECOND = 10**9
SHIFTS = [-3, -0.3, -0.02, 0, 0.02, 0.3, 3]
LEGS_AND_ALONE = ["tcpstate.connection", "tcpstate.connection.previous", "tcpstate.retry", "tcpstate.transition", "tcpstate.finding", "tcpstate.finding.severity",
                  *(f"tcpstate.{end}{name}" for end in ("client", "server") for name in ("", ".pending", ".basis", ".duration"))]
EVERY = harness.every_capture()


def in_workplace(name, frames, interfaces):
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-{name}.pcapng"
    pcapng.write(path, frames, interfaces=interfaces)
    path.chmod(0o644)
    return path


def merge(first, second):
    """As mergecap does: the earlier of both heads. (point, index) of each frame."""
    order, i, j = [], 0, 0
    while i < len(first) or j < len(second):
        if j == len(second) or (i < len(first) and first[i] <= second[j]):
            order.append((0, i))
            i += 1
        else:
            order.append((1, j))
            j += 1
    return order


def at_two_points(capture, shift):
    """The capture merged with itself as it would be captured at another point, by a clock that is off by `shift` seconds."""
    packets = list(pcapng.read(capture))
    times = [time for time, _ in packets]
    order = merge(times, [time + round(shift * SECOND) for time in times])
    path = in_workplace(f"{harness.name_of(capture)}-{shift}", [(times[i] + point * round(shift * SECOND), packets[i][1], None, point) for point, i in order],
                        ("near", "far"))
    return path, order


@functools.cache
def alone(capture):
    return harness.rows(capture, LEGS_AND_ALONE)


def check_two_points(capture, shift):
    path, order = at_two_points(capture, shift)
    shown = harness.rows(path, LEGS_AND_ALONE)
    wrong = [(frame, point, i + 1, a, b) for frame, ((point, i), b) in enumerate(zip(order, shown), 1) if (a := alone(capture)[i]) != b]
    assert len(shown) == 2 * len(alone(capture))
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EVERY)), ids=[harness.name_of(c) for c in EVERY])
def test_a_recording_at_two_points(number):
    check_two_points(EVERY[number], SHIFTS[number % len(SHIFTS)])


@pytest.mark.parametrize("shift", SHIFTS)
def test_all_recordings_at_two_points(shift):
    check_two_points(variants.merged(tuple(EVERY)), shift)


def objects(capture, statistic):
    return [json.loads(line) for line in harness.output("-q", "-r", capture, "-z", f"tcpstate,{statistic},json").splitlines() if line.startswith("{")]


def without(rows, names):
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


@pytest.mark.parametrize("shift", [-3, *(pytest.param(shift, marks=pytest.mark.slow) for shift in SHIFTS[1:])])
def test_statistics_count_a_connection_once(shift):
    """Rows as in the capture alone. A stuck end is counted once for each connection, and other findings at each point."""
    capture = variants.merged(tuple(EVERY))
    path, _ = at_two_points(capture, shift)
    for statistic in ("connections", "netstat"):
        names = {"points", "tcp_streams", "findings", "at", "frame", "since", "first_frame", "last_frame"}
        assert without(objects(path, statistic), names) == without(objects(capture, statistic), names)
    assert [row["findings"] for row in objects(path, "connections")] == [2 * row["findings"] for row in objects(capture, "connections")]
    tree, tree_alone = branches(path), branches(capture)
    for topic in ("Connections", "Transitions", "Retries"):
        assert tree[topic] == tree_alone[topic]
    assert tree["Findings"][1] == {name: count * (1 if name.endswith("_stuck") and count == tree["Findings"][1][name] else 2)
                                   for name, count in tree_alone["Findings"][1].items()}


def legs(packets):
    """The leg of a tap that each packet is on: one for each direction, by the addresses and ports."""
    def ends(data):
        at, size = (12, 4) if data[0] >> 4 == 4 else (8, 16)
        header = (data[0] & 15) * 4 if size == 4 else 40
        return (data[at:at + size], data[header:header + 2]), (data[at + size:at + 2 * size], data[header + 2:header + 4])
    return [int(source > destination) for source, destination in (ends(data) for _, data in packets)]


def split_on_interfaces(capture):
    packets = list(pcapng.read(capture))
    return in_workplace(f"{harness.name_of(capture)}-legs", [(time, data, None, leg) for (time, data), leg in zip(packets, legs(packets))], ("a", "b"))


def split_on_vlans(capture):
    packets = list(pcapng.read(capture))
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-{harness.name_of(capture)}-vlans.pcapng"
    frames = [(time, bytes(12) + b"\x81\x00" + (10 + leg).to_bytes(2, "big") + (b"\x08\x00" if data[0] >> 4 == 4 else b"\x86\xdd") + data, None)
              for (time, data), leg in zip(packets, legs(packets))]
    pcapng.write(path, frames, link=1)
    path.chmod(0o644)
    return path


SPLITS = pytest.mark.parametrize("split", [split_on_interfaces, split_on_vlans], ids=["interfaces", "vlans"])


@SPLITS
def test_all_recordings_by_direction(split):
    """A tap or a mirror port that gives each direction an interface or a VLAN of its own."""
    capture = variants.merged(tuple(EVERY))
    assert harness.rows(split(capture), LEGS_AND_ALONE) == alone(capture)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EVERY)), ids=[harness.name_of(c) for c in EVERY])
def test_a_recording_by_direction(number):
    """Alone in its file: before the first connection shows that there are legs."""
    capture = EVERY[number]
    assert harness.rows((split_on_interfaces, split_on_vlans)[number % 2](capture), LEGS_AND_ALONE) == alone(capture)


MERGED = pathlib.Path(__file__).with_name("points")
THREE = [harness.CAPTURES / f"three_points_at_{point}{version}.pcapng" for version in ("", "_ipv6") for point in ("client", "middle", "server")]
NOTE = 2


def findings(capture):
    return [(name, int(severity)) for names, severities in harness.rows(capture, ["tcpstate.finding", "tcpstate.finding.severity"])
            for name, severity in zip(names, severities)]


@pytest.mark.parametrize("name, expected", [
    ("healthy", []),
    ("fin_wait_1_stuck", [("last_ack_lost", NOTE), ("fin_retransmitted", NOTE)]),  # the FIN was sent again: it has another IP ID; the ACK was late
    ("paws_reject", []),
])
def test_two_captures_that_became_one_interface(name, expected):
    """As mergecap makes them if the interfaces are alike: 8 ms of way between both hosts, and each segment there twice."""
    assert findings(MERGED / f"merged_8ms_{name}.pcapng") == expected


def merged_by_mergecap(captures, *options):
    path = pathlib.Path(harness.workplace()) / "captures" / f"points-mergecap{''.join(options)}-{harness.name_of(captures[0])}.pcapng"
    subprocess.run(["mergecap", *options, "-w", path, *captures], check=True)
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("captures", [THREE[:3], THREE[3:]], ids=["ipv4", "ipv6"])
def test_three_captures_of_a_connection(captures):
    """With the interfaces kept apart, each point has the findings that it has alone; as one interface, the same kinds and no others."""
    expected = [found for capture in captures for found in findings(capture)]
    apart, together = merged_by_mergecap(captures, "-I", "none"), merged_by_mergecap(captures)
    assert sorted(findings(apart)) == sorted(expected)
    assert set(findings(together)) <= set(expected)
    for capture in (apart, together):
        assert len(harness.output("-q", "-r", capture, "-z", "tcpstate,connections").splitlines()) == 2


def cooked(packet, device):
    """With the header of LINUX_SLL2, which has the interface index."""
    return b"\x08\x00\x00\x00" + device.to_bytes(4, "big") + b"\x00\x01\x00\x06" + bytes(8) + packet


def cooked_older(packet, going_out):
    """With the header of LINUX_SLL: the packet type, and no interface."""
    return b"\x00\x04" * going_out + b"\x00\x00" * (not going_out) + b"\x00\x01\x00\x06" + bytes(8) + b"\x08\x00" + packet


def forwarded(packet):
    routed = IP(packet)
    routed.ttl -= 1
    del routed.chksum
    return bytes(routed)


def test_a_router_on_the_device_any():
    """Each segment comes in at one interface and goes out at another one. With their index, they are two points; without it, the second sight within a
    second is a copy."""
    capture = harness.CAPTURES / "normal.pcapng"
    packets, states = list(pcapng.read(capture)), harness.states(capture)
    for name, link, header in (("any", pcapng.LINUX_SLL2, lambda data, out: cooked(data, 2 + out)), ("any-older", 113, cooked_older)):
        frames = sorted((time + out * 900_000_000, out, i, header(forwarded(data) if out else data, out)) for i, (time, data) in enumerate(packets)
                        for out in (0, 1))
        path = pathlib.Path(harness.workplace()) / "captures" / f"points-{name}.pcapng"
        pcapng.write(path, [(time, data, None) for time, _, _, data in frames], link=link)
        path.chmod(0o644)
        shown = harness.states(path)
        assert findings(path) == []
        assert [state for state, frame in zip(shown, frames) if frame[1] == 0] == states
        if link == pcapng.LINUX_SLL2:
            assert [state for state, frame in zip(shown, frames) if frame[1] == 1] == states


def nvgre(packet, vsid, flow):
    return Ether() / IP(src="192.0.2.1", dst="192.0.2.2") / GRE(proto=0x6558, key_present=1, key=vsid << 8 | flow) / Ether() / packet


def test_nvgre_has_its_network_in_three_bytes():
    """The fourth byte of the key is for load balancing, and may differ by direction."""
    capture = write("points-nvgre", [nvgre(packet, 7, packet[IP].src == "10.0.0.2") for packet in exchange(ip4)])
    assert harness.states(capture) == EXCHANGE and findings(capture) == []


def test_what_reads_the_file_does_not_move_a_segment():
    """A read filter dissects each frame twice."""
    capture, order = at_two_points(harness.CAPTURES / "normal.pcapng", 0.02)
    plain = harness.rows(capture, LEGS_AND_ALONE)
    assert len(order) == len(plain)
    for passes in ([], ["-2"]):
        assert harness.rows(capture, LEGS_AND_ALONE, "-R" if passes else "-Y", "tcp", *passes) == plain


# ---- what happened between the points ----------------------------------------------------------------------------------------------------

BETWEEN = ["tcpstate.point", "tcpstate.between", "tcpstate.sighting", "tcpstate.between.changed"]


def far(packets, change=lambda i, data: [data], delay=20_000_000):
    """What a point near the other end captures of the packets: each later, or as `change` says: a list of packets."""
    return [(time + delay if source_of(data) == CLIENT else time - delay, other) for i, (time, data) in enumerate(packets) for other in change(i, data)]


CLIENT = bytes([10, 9, 0, 1])


def source_of(data):
    return data[12:16]


def two_points(name, near, other):
    frames = sorted([(time, 0, data) for time, data in near] + [(time, 1, data) for time, data in other], key=lambda frame: frame[:2])
    return in_workplace(name, [(time, data, None, point) for time, point, data in frames], ("near", "far"))


def flags_of(data):
    return data[33]


def told(capture, kind):
    """[(frame, severity, sentence)] of the findings of a kind."""
    rows = harness.rows(capture, ["frame.number", "tcpstate.finding", "tcpstate.finding.severity", "_ws.expert.message"], "-2", "-Y",
                        f'tcpstate.finding == "{kind}"')
    return [(int(frame[0]), int(severities[names.index(kind)]), messages[len(messages) - len(names) + names.index(kind)])
            for frame, names, severities, messages in rows]


def test_all_of_a_healthy_connection_was_seen_at_both():
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    capture = two_points("healthy", packets, far(packets))
    rows = harness.rows(capture, BETWEEN, "-2")
    assert [row[1] for row in rows] == [["both"]] * 2 * len(packets)
    assert all(rows[int(row[2][0]) - 1][2] == [str(number)] for number, row in enumerate(rows, 1))
    assert harness.rows(capture, ["tcpstate.between", "tcpstate.sighting"]) == [[[], []]] * 2 * len(packets)  # nothing is known on the first pass
    assert findings(capture) == []


def test_a_fin_that_never_arrives():
    """A stuck end, explained: none of its FINs came to the point near the server. What is pending for the server is not pending."""
    packets = list(pcapng.read(harness.CAPTURES / "fin_dropped.pcapng"))
    capture = two_points("fin", packets, far(packets, lambda i, data: [] if flags_of(data) & 1 and source_of(data) == CLIENT else [data]))
    lost = told(capture, "lost_between")
    assert {severity for _, severity, _ in lost} == {2, 3}
    assert any("so was each of its" in sentence for _, severity, sentence in lost if severity == 3)
    fins = [frame for frame, _, _ in lost]
    rows = harness.rows(capture, ["tcpstate.server.pending", "tcpstate.server.lost", "tcpstate.between"], "-2")
    assert all(rows[frame - 1][1] == [str(frame)] and rows[frame - 1][2] == ["lost"] for frame in fins)


def reset_like(data, **numbers):
    """A RST with the addresses, ports and numbers of a segment, or other ones: of IP "id" and "ttl", of TCP the rest."""
    packet = IP(data)
    packet.payload.flags, packet.payload.options, packet.id = "R", [], 0x7777
    for name, number in numbers.items():
        setattr(packet if name in ("id", "ttl") else packet.payload, name, number)
    packet.payload.remove_payload()
    for layer, member in ((packet, "len"), (packet, "chksum"), (packet.payload, "chksum"), (packet.payload, "dataofs")):
        delattr(layer, member)
    return bytes(packet)


def test_a_reset_from_between():
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    last = [data for _, data in packets if source_of(data) == CLIENT][3]
    capture = two_points("reset", packets, [*far(packets), (packets[5][0] + 25_000_000, reset_like(last))])
    assert [(severity, "came from" in sentence or "did not send it" in sentence) for _, severity, sentence in told(capture, "injected_between")] == [(3, True)]
    assert told(capture, "lost_between") == []


@pytest.mark.parametrize("ttl, count", [(None, 0), (61, 1)], ids=["of its sender", "of another host"])
def test_a_reset_that_answers_what_the_point_lacks(ttl, count):
    """The client's capture has neither the server's FIN nor the client's RST in answer. Both may have been dropped there, or a firewall has answered:
    this is known only if the RST comes from another distance."""
    packets = []
    for time, data in pcapng.read(harness.CAPTURES / "fin_wait_2_timeout.pcapng"):
        packet = IP(data)
        packet.id = 0  # no gap shows that a segment is missing
        packet.ttl = ttl if ttl is not None and packet.payload.flags == "R" else packet.ttl
        del packet.chksum
        packets.append((time, bytes(packet)))
    more = [(packets[0][0] + (100 + i) * SECOND, data) for i, (_, data) in enumerate(pcapng.read(harness.CAPTURES / "normal.pcapng"))]
    capture = two_points(f"answer-{count}", packets[:5] + more, far(packets + more))
    assert [frame for frame, _, _ in told(capture, "lost_between")] != []
    assert len(told(capture, "injected_between")) == count


def test_a_reset_that_is_in_another_connection_at_the_other_point():
    """A device between has changed the port, of which only the RST is known."""
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    last = [data for _, data in packets if source_of(data) == CLIENT][3]
    reset, time = reset_like(last), packets[5][0]
    other = reset_like(last, sport=61000)
    at_far = [*far(packets), (time + 25_000_000, reset)]
    assert len(told(two_points("there", packets, at_far), "injected_between")) == 1
    assert told(two_points("elsewhere", sorted([*packets, (time + 5_000_000, other)]), at_far), "injected_between") == []


def test_an_mss_that_is_clamped():
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))

    def clamp(_, data):
        at = data.find(b"\x02\x04", 40)
        return [data[:at + 2] + b"\x04\xb0" + data[at + 4:] if flags_of(data) & 2 else data]

    capture = two_points("clamp", packets, far(packets, clamp))
    changed = told(capture, "changed_between")
    words = sorted((severity, sentence.split(": ")[-1]) for _, severity, sentence in changed)
    assert words == [(2, "MSS from 1200 to 1460"), (2, "MSS from 1460 to 1200")]
    assert [row[3] for row in harness.rows(capture, BETWEEN, "-2") if row[1] == ["changed"]] == [["MSS"]] * 4


def test_an_option_that_is_removed_from_one_syn():
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    scale = packets[0][1].find(b"\x03\x03", 40)
    assert scale > 0
    capture = two_points("strip", packets, far(packets, lambda i, data: [data[:scale] + b"\x01\x01\x01" + data[scale + 3:] if i == 0 else data]))
    assert [(severity, sentence.split(": ")[-1]) for _, severity, sentence in told(capture, "changed_between")] == [(3, "options")]


def test_data_that_is_changed():
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    with_data = next(i for i, (_, data) in enumerate(packets) if len(data) > 40 + (data[32] >> 4) * 4 - 20)
    capture = two_points("data", packets, far(packets, lambda i, data: [data[:-1] + bytes([data[-1] ^ 1]) if i == with_data else data]))
    assert [(severity, sentence.split(": ")[-1]) for _, severity, sentence in told(capture, "changed_between")] == [(3, "data")]


def test_a_segment_that_offload_has_split():
    """At the sender's host, segments are larger than on the wire: the bytes were all seen."""
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    with_data = next(i for i, (_, data) in enumerate(packets) if len(data) > 40 + (data[32] >> 4) * 4)

    def split(i, data):
        if i != with_data:
            return [data]
        whole = IP(data)
        content = bytes(whole.payload.payload)
        parts = []
        for at in (0, len(content) // 2):
            part = IP(data)
            part.payload.remove_payload()
            part.payload.seq, part.id = whole.payload.seq + at, whole.id + (at > 0)
            for layer, member in ((part, "len"), (part, "chksum"), (part.payload, "chksum")):
                delattr(layer, member)
            parts.append(bytes(part / Raw(content[at:len(content) // 2 if at == 0 else None])))
        return parts

    capture = two_points("split", packets, far(packets, split))
    assert {tuple(row[1]) for row in harness.rows(capture, BETWEEN, "-2")} == {("both",)}
    assert findings(capture) == []


def test_a_simultaneous_open_of_which_each_point_sees_another_syn_first():
    """Each host's own capture begins with the SYN of that host. They are one connection once the numbers have shown it. A connection before it
    shows that there are two points."""
    earlier = [(time - 1000 * SECOND, data) for time, data in pcapng.read(harness.CAPTURES / "fin_ack_3seg.pcapng")]
    packets = list(pcapng.read(harness.CAPTURES / "simul_open.pcapng"))
    way = 300_000  # from the middle to each host
    capture = two_points("simul", *([(time + (way if (source_of(data) == CLIENT) == is_far else -way), data) for time, data in [*earlier, *packets]]
                                    for is_far in (False, True)))
    row = objects(capture, "connections")[1:]
    assert [(shown["connection"], shown["client"], shown["client_state"], shown["server_state"]) for shown in row] == [(1, "10.9.0.1", "TIME_WAIT", "CLOSED")]
    assert [(point["point"], point["near"], point["client"]) for point in row[0]["points"]] == [(1, "client", "10.9.0.1"), (2, "server", "10.9.0.1")]
    assert [(socket["local"], socket["state"]) for socket in objects(capture, "netstat") if socket["foreign"]] == [("10.9.0.1", "TIME_WAIT")]
    rungs = objects(capture, "timeline,connection=1,all")
    assert [(rung["sender"] == "client", rung["between"]) for rung in rungs] == [(source_of(data) == CLIENT, "both") for _, data in packets]
    assert harness.output("-q", "-r", capture, "-z", "tcpstate,timeline").count("Connection ") == 2


def translated(data, old, new):
    """The address and port `old` in place of `new`."""
    packet = IP(data)
    for layer, address, port in ((packet, "src", "sport"), (packet, "dst", "dport")):
        if getattr(layer, address) == old[0]:
            setattr(layer, address, new[0])
            setattr(layer.payload, port, new[1])
    for layer in (packet, packet.payload):
        del layer.chksum
    return bytes(packet)


def test_a_client_whose_address_is_translated():
    """One row, with both names of the client."""
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    inside, outside = ("10.9.0.1", 40000), ("192.0.2.7", 61000)
    capture = two_points("nat", packets, far(packets, lambda i, data: [translated(data, inside, outside)], 200_000))
    [row] = objects(capture, "connections")
    assert [(point["near"], point["client"], point["client_port"], point["server"]) for point in row["points"]] == [
        ("client", *inside, "10.9.0.2"), ("server", *outside, "10.9.0.2")]
    assert "10.9.0.1:40000 (192.0.2.7:61000 at 2)" in harness.output("-q", "-r", capture, "-z", "tcpstate,connections")
    assert [(socket["local"], socket["foreign"]) for socket in objects(capture, "netstat") if socket["foreign"]] == [("10.9.0.1", "10.9.0.2")]
    assert {(*row[1], *row[3]) for row in harness.rows(capture, BETWEEN, "-2")} == {("changed", "address or port")}


def renumbered(data, number):
    """The client's sequence numbers are higher by so much."""
    packet = IP(data)
    name = "seq" if packet.src == "10.9.0.1" else "ack"
    setattr(packet.payload, name, (getattr(packet.payload, name) + number) & 0xFFFFFFFF)
    del packet.payload.chksum
    return bytes(packet)


def test_a_lost_syn_of_a_connection_that_is_renumbered():
    """The far point's clock is behind, so its SYN is read first; at the near one the connection begins with a SYN that was lost, and only the second one
    shows that both are the same connection."""
    packets = list(pcapng.read(harness.CAPTURES / "normal.pcapng"))
    syn = IP(packets[0][1])
    syn.id = (syn.id - 1) & 0xFFFF
    syn.payload.options = [(name, (value[0] - 1000, value[1]) if name == "Timestamp" else value) for name, value in syn.payload.options]
    del syn.chksum, syn.payload.chksum
    other = [(time - 10 * SECOND, data) for time, data in far(packets, lambda i, data: [renumbered(data, 1_000_000)], 200_000)]
    earlier = [(time - 1000 * SECOND, data) for time, data in pcapng.read(harness.CAPTURES / "fin_ack_3seg.pcapng")]
    capture = two_points("again", [*earlier, (packets[0][0] - SECOND, bytes(syn)), *packets], [*far(earlier), *other])
    between = [row[1][0] for row in harness.rows(capture, BETWEEN, "-2")]
    counts = collections.Counter(between)
    assert counts == {"both": 2 * len(earlier), "changed": 2 * len(packets), "lost": 1}
    rows = [row for row in objects(capture, "points") if "connection" in row]
    assert [(row["lost"], row["changed"]) for row in rows] == [(1, len(packets))]
    of_the_syn = f"tcpstate,connections,json,frame.number == {between.index('lost') + 1}"
    assert len(harness.output("-q", "-r", capture, "-z", of_the_syn).splitlines()) == 1
