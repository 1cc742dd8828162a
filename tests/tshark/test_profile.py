"""The profile `TCP State`: its columns show the fields, and its filters are filters."""
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
    fields = [field for title in titles for field in ("-e", f"_ws.col.{title}")]
    shown = harness.output("-C", PROFILE.name, "-n", "-r", CAPTURES / "fin_dropped.pcapng", "-T", "fields", *fields).splitlines()
    at = {title: i for i, title in enumerate(titles)}
    told = [line.split("\t") for line in shown]
    states = [f"{row[at['Client']]} / {row[at['Server']]}" + (f" [{row[at['Pending']]}]" if row[at["Pending"]] else "") for row in told]
    assert states[0] == "SYN_SENT / LISTEN [SYN_RCVD]" and states[3:9] == ["FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]"] * 6
    assert [row[at["Finding"]] for row in told][4:6] == ["fin_retransmitted", "fin_wait_1_stuck,fin_retransmitted"]


def test_widths_are_those_of_the_columns():
    widths = re.findall(r'"(%[^"]+)", "(\d+)"', (PROFILE / "recent").read_text(encoding="utf-8"))
    assert [re.sub(r":0:R$", "", form) for _, form in columns()] == [form for form, _ in widths]
