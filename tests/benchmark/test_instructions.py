"""What the plugin adds to tshark, in instructions a frame, is what figures.json says: not more than 2% over it, nor much less, or the figures are
out of date. Counts, not seconds; after a change that was meant: test_instructions.py --write.
"""
import json
import pathlib
import sys

import pytest

import measure

FIGURES = pathlib.Path(__file__).with_name("figures.json")
MOST, LEAST = 1.02, 0.95
MODES = ("-r", "-2")


def added(kind, mode):
    return round(measure.instructions("tcpstate", mode, kind, measure.CAPTURES[kind][0]) - measure.instructions("none", mode, kind, measure.CAPTURES[kind][0]))


FIGURED = [(kind, mode) for kind in measure.CAPTURES for mode in MODES]


@pytest.mark.parametrize("kind,mode", FIGURED)
def test_instructions(kind, mode):
    figure, now = json.loads(FIGURES.read_text())[kind][mode], added(kind, mode)
    assert LEAST * figure <= now <= MOST * figure, f"{kind}, {mode}: {now} instructions a frame, {figure} before"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__.rstrip())
    FIGURES.write_text(json.dumps({kind: {mode: added(kind, mode) for mode in MODES} for kind in measure.CAPTURES}, indent=4) + "\n")
