"""The lab's own word on two capture points: what it says of each segment agrees with the packets that it wrote."""
import csv
import os
import subprocess
import sys
import time

import pytest

import harness
from variants import pcapng

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.skipif(os.getuid() != 0, reason="the lab needs root")]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("points")
    first = time.time_ns() // 1_000_000_000 * 1000
    done = subprocess.run([sys.executable, harness.ROOT / "tests" / "lab" / "record", "points", f"{first}-{first + 29}", "--into", folder, "--jobs", "12"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [(list(csv.DictReader(table.open(), delimiter="\t")), list(pcapng.read(table.with_suffix(".pcapng"))))
            for table in sorted(folder.glob("*.tsv"))]


def test_twins_agree(recordings):
    assert len(recordings) == 30
    for rows, packets in recordings:
        assert len(rows) == len(packets) > 0
        for row, (_, packet) in zip(rows, packets):
            assert (row["twin"] == "-") == (row["fate"] in ("lost", "injected"))
            if row["twin"] == "-":
                continue
            twin = rows[int(row["twin"]) - 1]
            assert twin["point"] != row["point"] and twin["sender"] == row["sender"]
            assert (row["changed"] == "+") == (packets[int(row["twin"]) - 1][1] != packet)
            if row["fate"] == "both":
                assert twin["twin"] == row["frame"]


def test_every_fate_is_there(recordings):
    fates = {row["fate"] for rows, _ in recordings for row in rows}
    assert fates >= {"both", "lost", "injected"}
    assert {row["changed"] for rows, _ in recordings for row in rows} == {"+", "-"}
    assert all(row["sender"] != row["point"] for rows, _ in recordings for row in rows if row["fate"] in ("injected", "copied"))
