"""The profile `TCP State`: its columns show the fields, and its filters are filters."""
import itertools
import math
import re

import pytest

import harness
from harness import CAPTURES, PROFILE, install_profile


def lines(name):
    return [line for line in (PROFILE / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


FILTERS = sorted({*(line.split("@")[2] for line in lines("colorfilters")), *(line.split('"')[5] for line in lines("dfilter_buttons")),
                  *(line.split('" ', 1)[1] for line in lines("dfilters"))})


@pytest.mark.parametrize("expression", FILTERS)
def test_filter(expression):
    harness.output("-r", CAPTURES / "fin_dropped.pcapng", "-Y", expression)


def columns():
    """[(title, format)]"""
    listed = (PROFILE / "preferences").read_text(encoding="utf-8").split("gui.column.format:")[1]
    return re.findall(r'"([^"]+)", "([^"]+)"', listed)


def test_columns():
    install_profile()
    titles = [title for title, _ in columns()]
    shown = harness.output("-C", PROFILE.name, "-n", "-r", CAPTURES / "fin_dropped.pcapng", "-T", "tabs").splitlines()
    at = {title: i for i, title in enumerate(titles)}
    told = [[cell for cell in line.split("\t") if cell.strip() != "→"] for line in shown]
    states = [f"{row[at['Client']]} / {row[at['Server']]}" + (f" [{row[at['Pending']]}]" if row[at["Pending"]] else "") for row in told]
    assert states[0] == "SYN_SENT / LISTEN [SYN_RCVD]" and states[3:9] == ["FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]"] * 6
    assert [row[at["Finding"]] for row in told][4:6] == ["fin_retransmitted", "fin_wait_1_stuck,fin_retransmitted"]


def test_widths_are_those_of_the_columns():
    widths = re.findall(r'"(%[^"]+)", "(\d+)"', (PROFILE / "recent").read_text(encoding="utf-8"))
    assert [re.sub(r":0:R$", "", form) for _, form in columns()] == [form for form, _ in widths]


def colors():
    """{rule: (background, text)}, each red, green and blue from 0 to 255."""
    listed = {}
    for line in lines("colorfilters"):
        name, parts = re.fullmatch(r"@(.+?)@.+@\[(.+)\]", line).groups()
        listed[name] = tuple(tuple(int(number) >> 8 for number in part.split(",")) for part in parts.split("]["))
    return listed


def linear(color):
    return [((c / 255 + .055) / 1.055) ** 2.4 if c > 10 else c / 255 / 12.92 for c in color]


def lab(light):
    """CIE 1976, of linear light."""
    def root(t):
        return t ** (1 / 3) if t > .008856 else 7.787 * t + 16 / 116

    matrix = ((.4124 / .9505, .3576 / .9505, .1805 / .9505), (.2126, .7152, .0722), (.0193 / 1.089, .1192 / 1.089, .9505 / 1.089))
    x, y, z = (root(sum(a * c for a, c in zip(row, light))) for row in matrix)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


SEEN = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((.152286, 1.052583, -.204868), (.114503, .786281, .099216), (-.003882, -.048116, 1.051998)),
    "no green": ((.367322, .860646, -.227968), (.280085, .672501, .047413), (-.011820, .042940, .968881)),
    "no blue": ((1.255528, -.076749, -.178779), (-.078411, .930809, .147602), (.004733, .691367, .303900)),
}
"""What who lacks a kind of cone sees of linear light: Machado, Oliveira and Fernandes (2009)."""


@pytest.mark.parametrize("seen", SEEN)
def test_colors_can_be_told_apart(seen):
    """Those of rules, and that of rows without one. A difference of 2 can just be seen, with both side by side."""
    rows = {name: background for name, (background, _) in colors().items()} | {"none": (255, 255, 255)}
    assert len(rows) == 8
    labs = {name: lab([min(1, max(0, sum(a * c for a, c in zip(row, linear(color))))) for row in SEEN[seen]]) for name, color in rows.items()}
    assert {pair: math.dist(labs[pair[0]], labs[pair[1]]) for pair in itertools.combinations(labs, 2)
            if math.dist(labs[pair[0]], labs[pair[1]]) < 15} == {}


def test_text_can_be_read():
    """The contrast that WCAG asks of small text."""
    for background, text in colors().values():
        dark, light = sorted(sum(a * c for a, c in zip((.2126, .7152, .0722), linear(color))) for color in (background, text))
        assert (light + .05) / (dark + .05) > 4.5
