"""The README's excerpts are what the plugin prints."""
import re

import harness

README = (harness.ROOT / "README.md").read_text(encoding="utf-8")


def test_first_excerpt():
    lines = re.findall(r"^ +\d+ +\d+\.\d+ +0  .{36} ([A-Z_0-9]+(?: \[[A-Z_0-9]+\])?) +(\S.*)$", README, re.MULTILINE)
    assert [f"{client} / {server}" for client, server in lines] == harness.states(harness.CAPTURES / "fin_dropped.pcapng")


def test_table_of_transitions():
    command = ["-r", harness.CAPTURES / "tw_reuse.pcapng", "-Y", "tcpstate.transition", "-T", "fields", "-e", "frame.number", "-e",
               "tcpstate.connection", "-e", "tcpstate.transition"]
    assert harness.output(*command) in README


def test_every_field_and_finding_is_told():
    fields = (line.split("\t") for line in harness.output("-G", "fields").splitlines())
    for _, _, name, kind, *_ in (f for f in fields if f[0] == "F" and f[2].startswith("tcpstate.")):
        told = name.replace("tcpstate.server", "tcpstate.client")
        assert f"`{told}`" in README or (kind == "FT_NONE" and f"`{name.split('.')[1]}`" in README), name
