"""What the plugin says of two capture points, held to what the lab knows of each segment between them: in recordings made now."""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

import harness
from variants import pcapng

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.skipif(os.getuid() != 0, reason="the lab needs root")]

RECORDINGS = int(os.environ.get("TCPSTATE_POINTS", "100"))
MOST_WRONG = 1 / 1000
MOST_ALIKE = 2 / 1000
MOST_WRONG_STATES = {"senders": 1 / 1000, "receivers": 5 / 1000}
"""As in the recordings at one point: nobody sees what a receiver dropped."""
MOST_UNKNOWN = 1 / 100
MISSED = ("missed", "gone")
WAY = 100_000_000
"""Nanoseconds: more than a segment takes from one point to the other, mostly."""


class Recording:
    """The rows of the lab's table, with what the plugin shows of each frame."""

    def __init__(self, table):
        self.name, self.capture = table.stem, table.with_suffix(".pcapng")
        self.rows = list(csv.DictReader(table.open(), delimiter="\t"))
        self.times, self.packets = zip(*pcapng.read(self.capture))
        fields = ["tcpstate.between", "tcpstate.sighting", "tcpstate.sender", "tcpstate.client", "tcpstate.client.pending", "tcpstate.server",
                  "tcpstate.server.pending", "tcp.flags.reset", "ip.id", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.flags",
                  "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.srcport", "tcp.dstport"]
        shown = harness.rows(self.capture, fields, "-2")
        assert len(shown) == len(self.rows) == len(self.packets)
        for row, cells in zip(self.rows, shown):
            row.update(shown=(cells[0] or [""])[0], links=[int(frame) for frame in cells[1]], sender_role=cells[2][0], ends={"client": cells[3] + cells[4],
                                                                                                                     "server": cells[5] + cells[6]},
                       is_rst=cells[7] == ["1"], marked=cells[8] not in ([], ["0x0000"]) or cells[9] != [])
            if row["fate"] == "both" and row["changed"] == "+":
                row["fate"] = "changed"
        self.has_flaw = any(row["fate"] in MISSED for row in self.rows)
        self.hides_numbers = any(row["changed"] == "+" and not row["marked"] for row in self.rows)
        self._find_alike([tuple(map(tuple, cells[8:])) for cells in shown])
        self._find_alone([frozenset(map(tuple, cells[-2:])) for cells in shown])
        captured = {point: [time for time, row in zip(self.times, self.rows) if row["point"] == point] for point in ("client", "server")}
        for time, row in zip(self.times, self.rows):
            other, ahead = ("server", int(row["ahead"])) if row["point"] == "client" else ("client", -int(row["ahead"]))
            row["at_edge"] = not captured[other] or not captured[other][0] + WAY < time + ahead < captured[other][-1] - WAY

    def _find_alike(self, headers):
        """Segments that are equal in all that is compared: they can only be paired in their order."""
        segments = collections.defaultdict(set)
        for row, header in zip(self.rows, headers):
            segments[header].add(row["frame"] if row["point"] == row["sender"] or row["twin"] == "-" else row["twin"])
        for row, header in zip(self.rows, headers):
            row["is_alike"] = len(segments[header]) > 1

    def _find_alone(self, ports):
        """Where no segment of the same addresses and ports was seen at both points, nothing tells that both saw the same connection."""
        linked = {(row["point"], pair) for row, pair in zip(self.rows, ports) if row["twin"] != "-"}
        for row, pair in zip(self.rows, ports):
            row["is_alone"] = (row["point"], pair) not in linked

    def is_wrong(self, row):
        """Another fate; or a link to a segment that is not like the twin."""
        if row["shown"] == "" or row["fate"] == "gone":
            return False
        if row["shown"] != row["fate"]:
            return True
        twin = row["twin"] != "-" and self.packets[int(row["twin"]) - 1]
        return bool(twin and row["links"] and twin not in [self.packets[frame - 1] for frame in row["links"]])

    def may_be_unknown(self, row):
        """A point did not capture the segment, does not capture all, had not begun or had ended; or both points have nothing in common of the
        connection; or a device changed its numbers or addresses, and no timestamp or IP ID is left."""
        return self.has_flaw or row["at_edge"] or row["is_alone"] or (row["changed"] == "+" and not row["marked"])


@pytest.fixture(scope="module", name="recordings")
def fixture_recordings(tmp_path_factory):
    if "TCPSTATE_POINTS_IN" in os.environ:  # recordings made before
        folder = pathlib.Path(os.environ["TCPSTATE_POINTS_IN"])
    else:
        folder = tmp_path_factory.mktemp("points")
        first = time.time_ns() // 1_000_000_000 * 1000
        done = subprocess.run([sys.executable, harness.ROOT / "tests" / "lab" / "record", "points", f"{first}-{first + RECORDINGS - 1}", "--into", folder,
                               "--jobs", "12"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return [Recording(table) for table in sorted(folder.glob("*.tsv"))]


def tell(capsys, what, wrong, count):
    """Prints each that is wrong, and how many of how many."""
    with capsys.disabled():
        print(f"\n{what}: {len(wrong)} of {count}")
        for each in wrong:
            print("  ", *each)


def test_the_fate_of_each_segment(recordings, capsys):
    rows = [(recording, row) for recording in recordings for row in recording.rows]
    differing = [(recording, row) for recording, row in rows if recording.is_wrong(row)]
    wrong, alike = ([(recording.name, row["frame"], row["fate"], "shown as", row["shown"], row["links"]) for recording, row in differing
                     if row["is_alike"] is is_alike] for is_alike in (False, True))
    unknown = [(recording.name, row["frame"], row["fate"]) for recording, row in rows
               if row["shown"] == "" and row["fate"] not in MISSED and not recording.may_be_unknown(row)]
    assert {row["fate"] for _, row in rows} >= {"both", "lost", "injected", "changed", "copied", "missed"}
    tell(capsys, "fates that are wrong", wrong, len(rows))
    tell(capsys, "fates that are wrong of segments that are alike in all that is compared", alike, len(rows))
    tell(capsys, "fates that are not known", unknown, len(rows))
    assert len(wrong) <= MOST_WRONG * len(rows)
    assert len(alike) <= MOST_ALIKE * len(rows)
    assert len(unknown) <= MOST_UNKNOWN * len(rows)


def test_forged_resets(recordings, capsys):
    """Each is told as one that came from between, and a genuine one never."""
    resets = [(recording, row) for recording in recordings for row in recording.rows if row["is_rst"] and row["fate"] != "gone"]
    forged = [(recording, row) for recording, row in resets if row["fate"] == "injected" and not (recording.has_flaw or recording.hides_numbers) and
              not row["at_edge"] and not row["is_alone"]]
    missed = [(recording.name, row["frame"]) for recording, row in forged if row["shown"] != "injected"]
    alarms = [(recording.name, row["frame"], row["fate"]) for recording, row in resets if row["fate"] != "injected" and row["shown"] == "injected"]
    assert forged
    tell(capsys, "forged resets that are not told", missed, len(forged))
    tell(capsys, "genuine resets that are told as forged", alarms, len(resets))
    assert missed == []
    assert alarms == []


def test_the_clocks(recordings, capsys):
    """Their difference, at the first and the last segment that both points saw, is within its uncertainty."""
    wrong, count = [], 0
    for recording in recordings:
        objects = [json.loads(line) for line in harness.output("-q", "-r", recording.capture, "-z", "tcpstate,points,json").splitlines()]
        names = {each["point"]: each["name"] for each in objects if "point" in each}
        for clocks in (each for each in objects if "clock_of" in each):
            known = [int(row["ahead"]) for row in recording.rows if row["twin"] != "-" and row["point"] == names[clocks["against"]]]
            sign = 1 if names[clocks["clock_of"]] == "server" else -1
            for when, truth in (("first", known[0]), ("last", known[-1])):
                count += 1
                off = sign * clocks[f"ahead_{when}"] * 1e9 - truth
                if abs(off) > clocks[f"uncertainty_{when}"] * 1e9 + 1:
                    wrong.append((recording.name, when, f"{off / 1e6} ms"))
    tell(capsys, "clocks beyond their uncertainty", wrong, count)
    assert count > len(recordings) and wrong == []


def test_states_beside_the_hosts(recordings, capsys):
    """At each host's own point, its state is that of its socket, as in other recordings: where it sends, that is shown; where it receives, shown or
    pending."""
    wrong, count = {"senders": [], "receivers": []}, {"senders": 0, "receivers": 0}
    for recording in (each for each in recordings if not each.has_flaw):
        for row in recording.rows:
            sends = row["sender"] == row["point"]
            which, other = ("senders" if sends else "receivers"), {"client": "server", "server": "client"}
            shown = row["ends"][row["sender_role"] if sends else other[row["sender_role"]]]
            count[which] += row["why"] == "-"
            if row["why"] == "-" and row["state"] not in (shown[:1] if sends else shown):
                wrong[which].append((recording.name, row["frame"], row["state"], "shown as", shown))
    for which, names in wrong.items():
        tell(capsys, f"{which} beside their host that are wrong", names, count[which])
        assert len(names) <= MOST_WRONG_STATES[which] * count[which] + 2
