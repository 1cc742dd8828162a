"""The manual page and the README's pictures repeat the source; the page builds without a warning, and tells the same options."""
import re
import subprocess

import pytest

import harness
import manual

PAGE = harness.ROOT / "doc" / "tcpstate.adoc"


@pytest.mark.parametrize("part", manual.PARTS)
def test_part(part):
    assert (manual.FOLDER / f"{part}.adoc").read_text(encoding="utf-8") == manual.text(part)


def test_page(tmp_path):
    page = tmp_path / "tcpstate.7"
    subprocess.run(["asciidoctor", "-b", "manpage", "--failure-level", "WARN", "-a", "version=1", "-o", page, PAGE], check=True)
    # a usage cannot be broken: 112 columns
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-rLL=112n", page], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = re.sub(r".\x08|\x1b\[[\d;]*m", "", done.stdout)
    assert "tcpstate.client.pending, tcpstate.server.pending (string)" in shown and "syn_sent_stuck (warning)" in shown
    assert not re.search(r"(^|\s)[*_`]\w|\{\w+\}", shown), "markup that was not read"


@pytest.mark.parametrize("name", manual.PICTURES)
def test_picture(name):
    """Another graphviz may put the same words down in another way."""
    def words(svg):
        return re.findall(r"<text[^>]*>(.*?)</text>", svg)
    assert words((manual.FOLDER / f"{name}.svg").read_text(encoding="utf-8")) == words(manual.picture(name)) != []


def usages(text):
    """{statistic: its options}, whatever marks the words to be replaced."""
    found = re.findall(r"-z\*? ((?:tcpstate|flow,tcpstate),\w+[^\s:]*\[[^\s:`]*)", text)
    return {usage.split("[")[0]: usage.replace("_", "").lower() for usage in found}


def test_usages():
    told = usages(PAGE.read_text(encoding="utf-8"))
    assert len(told) == 8 and told == usages((harness.ROOT / "README.md").read_text(encoding="utf-8"))
    in_sources = {}
    for source in (harness.ROOT / "plugin" / "statistics").glob("*.c"):
        in_sources |= usages(" ".join(source.read_text(encoding="utf-8").split("*/")[0].replace("\n *", "").split()))
    assert in_sources == told
