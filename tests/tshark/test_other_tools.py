"""The map of other tools' events: each of ours that it names exists, and none of theirs is there twice."""
import re

import pytest

import harness
from cases import CASES

MAP = harness.ROOT / "doc" / "other-tools.md"
LEAST = {"Suricata": 60, "Zeek": 45, "Snort": 19}


def sections():
    """{tool: [(their names, ours, remark)]}"""
    found = {}
    for part in MAP.read_text(encoding="utf-8").split("\n## ")[1:]:
        lines = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| `")]
        found[re.match(r"\w+", part)[0]] = [(re.findall(r"`([^`]+)`", theirs), ours, remark) for theirs, ours, remark in lines]
    return found


@pytest.mark.parametrize("tool", LEAST)
def test_map(tool):
    rows = sections()[tool]
    names = [name for theirs, _, _ in rows for name in theirs]
    assert len(names) >= LEAST[tool]
    assert len(set(names)) == len(names)
    for theirs, ours, remark in rows:
        findings = re.findall(r"`(\w+)`", ours)
        assert set(findings) <= set(CASES), theirs
        assert bool(findings) != (ours.strip() == "—"), theirs
        assert findings or remark.strip(), f"{theirs}: no finding, and no reason"
