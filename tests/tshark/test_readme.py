"""The README's excerpts are what the plugin prints."""
import re
import shlex

import pytest

import findings_doc
import harness

README = (harness.ROOT / "README.md").read_text(encoding="utf-8")


def test_first_excerpt():
    lines = re.findall(r"^ +\d+ +\d+\.\d+ +0  .{36} ([A-Z_0-9]+(?: \[[A-Z_0-9]+\])?) +(\S.*)$", README, re.MULTILINE)
    assert [f"{client} / {server}" for client, server in lines] == harness.states(harness.CAPTURES / "fin_dropped.pcapng")


PROBLEMS = (harness.ROOT / "doc" / "problems.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ tshark ([^|\n]*)\n((?:(?![`$]).*\n)*)", README + PROBLEMS, re.MULTILINE)


@pytest.mark.parametrize("command, shown", COMMANDS, ids=[command for command, _ in COMMANDS])
def test_what_a_command_prints(command, shown):
    if "flow,tcpstate" in command and not harness.has_flow_graph():
        pytest.skip(harness.NO_FLOW_GRAPH)
    words = [harness.ROOT / word if word.startswith(("captures/", "tests/")) else word for word in shlex.split(command)]
    printed = re.sub(" +$", "", harness.output(*words), flags=re.MULTILINE)
    comparable = str if harness.version() == (4, 0) else harness.without_streams
    assert comparable(printed.strip("\n")) == comparable(shown.strip("\n"))


def test_every_statistic_is_shown():
    assert len(COMMANDS) >= 15
    for name in re.findall(r"`-z (tcpstate,\w+)", README):
        assert f" -z {name}" in README.replace(f"`-z {name}", ""), name


def test_every_field_is_told():
    fields = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    for _, _, name, kind, *_ in (f for f in fields if f[0] == "F" and f[2].startswith("tcpstate.")):
        told = name.replace("tcpstate.server", "tcpstate.client")
        assert kind == "FT_NONE" or f"`{told}`" in README, name


def test_every_preference_is_told():
    preferences = re.findall(r"^#?(tcpstate\.\S+): ", harness.output("-G", "currentprefs"), re.MULTILINE)
    assert len(preferences) == 16
    for name in preferences:
        assert f"`{name}`" in README, name


@pytest.mark.slow
def test_findings_are_told():
    """Their page is what the source and the captures say, and the README's table names none that is not there."""
    page = findings_doc.PAGE.read_text(encoding="utf-8")
    assert page == findings_doc.text()
    kinds = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert f"{len(kinds)} kinds" in README
    table = README[README.index("| to find | filter |"):README.index("**A false alarm")]
    assert set(re.findall(r"`tcpstate\.(\w+)`", table)) <= set(kinds)


def test_the_excerpt_of_two_captures():
    """As far as it is shown."""
    shown = README.split("$ packaging/demo captures/two_points_at_client.pcapng captures/two_points_at_server.pcapng\n")[1].split("```")[0]
    assert len(shown.splitlines()) > 5
    assert re.sub(r" +$", "", shown, flags=re.MULTILINE) in re.sub(
        " +$", "", harness.output("-q", "-r", harness.ROOT / "tests" / "tshark" / "points" / "two_points.pcapng", "-z", "tcpstate,timeline"), flags=re.MULTILINE)
