"""The README's excerpts are what the plugin prints."""
import re

import findings_doc
import harness

README = (harness.ROOT / "README.md").read_text(encoding="utf-8")


def test_first_excerpt():
    lines = re.findall(r"^ +\d+ +\d+\.\d+ +0  .{36} ([A-Z_0-9]+(?: \[[A-Z_0-9]+\])?) +(\S.*)$", README, re.MULTILINE)
    assert [f"{client} / {server}" for client, server in lines] == harness.states(harness.CAPTURES / "fin_dropped.pcapng")


def test_table_of_transitions():
    command = ["-r", harness.CAPTURES / "tw_reuse.pcapng", "-Y", "tcpstate.transition", "-T", "fields", "-e", "frame.number", "-e",
               "tcpstate.connection", "-e", "tcpstate.transition"]
    assert harness.output(*command) in README


def test_expert_table():
    printed = harness.output("-q", "-r", harness.CAPTURES / "fin_dropped.pcapng", "-z", "expert,warn")
    assert printed.strip("\n") in README


def test_connections_table():
    assert harness.output("-q", "-r", harness.CAPTURES / "tw_reuse.pcapng", "-z", "tcpstate,connections") in README


def test_every_field_is_told():
    fields = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    for _, _, name, kind, *_ in (f for f in fields if f[0] == "F" and f[2].startswith("tcpstate.")):
        told = name.replace("tcpstate.server", "tcpstate.client")
        assert kind == "FT_NONE" or f"`{told}`" in README, name


def test_every_preference_is_told():
    preferences = re.findall(r"^#?(tcpstate\.\S+): ", harness.output("-G", "currentprefs"), re.MULTILINE)
    assert len(preferences) == 14
    for name in preferences:
        assert f"`{name}`" in README, name


def test_findings_are_told():
    """Their page is what the source and the captures say, and the README's table names none that is not there."""
    page = findings_doc.PAGE.read_text(encoding="utf-8")
    assert page == findings_doc.text()
    kinds = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert f"{len(kinds)} kinds" in README
    table = README[README.index("| to find | filter |"):README.index("**A false alarm")]
    assert set(re.findall(r"`tcpstate\.(\w+)`", table)) <= set(kinds)
