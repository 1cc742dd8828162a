#!/usr/bin/env python3
"""Writes the parts of the manual page that repeat the source: fields and preferences as tshark lists them, findings as finding.h does.

Verdicts as verdict.h does. And the README's pictures: state diagrams of recordings.

    manual.py          prints the parts of the page
    manual.py --write  writes doc/fields.adoc, doc/findings.adoc, doc/preferences.adoc, doc/verdicts.adoc, and doc/NAME.svg
"""
import re
import subprocess
import sys

import findings_doc
import harness

FOLDER = harness.ROOT / "doc"
KINDS = {"FT_STRING": "string", "FT_UINT8": "number", "FT_UINT32": "number", "FT_FRAMENUM": "frame", "FT_RELATIVE_TIME": "time"}


def escaped(text):
    """AsciiDoc reads pairs of these as markup."""
    return re.sub(r"([_*`^#])", r"{empty}\1", text) if re.search(r"[_*`^#]", text) else text


def fields():
    rows = [line.split("\t") for line in harness.output("-G", "fields").splitlines()]
    rows = [row for row in rows if row[0] == "F" and row[2].startswith("tcpstate.") and row[3] != "FT_NONE"]
    for _, _, name, kind, *_, about in rows:
        if name.startswith("tcpstate.client"):
            yield f"*{name}*, *{name.replace('client', 'server', 1)}* ({KINDS[kind]})::\n  {escaped(about)}.\n"
        elif not name.startswith("tcpstate.server"):
            yield f"*{name}* ({KINDS[kind]})::\n  {escaped(about)}.\n"


def findings():
    families, kinds = findings_doc.source()
    for identifier, _, about in families:
        yield f"=== {about[0].upper()}{about[1:]}\n"
        for name, family, severity, lesser, _, rfc, summary in kinds:
            if family == identifier:
                severities = " or ".join(dict.fromkeys(findings_doc.SEVERITIES[word] for word in (severity, lesser)))
                yield f"*{name}* ({severities})::\n  {escaped(summary)}. {rfc}.\n"


def preferences():
    listed = harness.output("-G", "currentprefs")
    for about, name, value in re.findall(r"^# (.*)\n(?:# .*\n)*#(tcpstate\.\S+): (.*)$", listed, re.MULTILINE):
        yield f"*{name}*:__{value}__::\n  {escaped(about)}\n"


def verdicts():
    """As verdict.h has them, worst first."""
    source = (harness.ROOT / "plugin" / "verdict" / "verdict.h").read_text(encoding="utf-8").replace("\\\n", "\n")
    listed = source[source.index("#define TCPSTATE_VERDICTS(X)"):source.index("enum { TCPSTATE_NONE")]
    for severity, lesser, whose, arguments in re.findall(r"X\(\w+, (\w+), (\w+),\s*(OF_END|OF_ALL)\((.*?)\)(?=\s*(?:X\(|$))", listed, re.DOTALL):
        name, summary, _, text, look = re.findall(r'"((?:\\.|[^"])*)"', re.sub(r'"\s+"', "", arguments))
        names = [f"client_{name}", f"server_{name}"] if whose == "OF_END" else [name]
        severities = " or ".join(dict.fromkeys(findings_doc.SEVERITIES[word] for word in (severity, lesser) if word != "NONE")) or "healthy"
        said = re.sub(r",? for \{times\}", "", text).replace("{many}", "a connection").replace("{end}", "end").replace("{peer}", "other end")
        about = f"{summary}: {said}. Look at {look.replace('{end}', 'end').replace('{peer}', 'other end')}." if text else f"{summary}."
        yield f"{', '.join(f'*{each}*' for each in names)} ({severities})::\n  {escaped(about)}\n"


PARTS = {"fields": fields, "findings": findings, "preferences": preferences, "verdicts": verdicts}


PICTURES = ["normal", "fin_dropped"]


def picture(name):
    drawing = harness.output("-q", "-r", harness.CAPTURES / f"{name}.pcapng", "-z", "tcpstate,diagram")
    return subprocess.run(["dot", "-Tsvg"], input=drawing, capture_output=True, text=True, check=True).stdout


def text(part):
    return "// Written by tests/tshark/manual.py --write.\n\n" + "\n".join(PARTS[part]())


if __name__ == "__main__":
    for each in PICTURES if sys.argv[1:] == ["--write"] else []:
        (FOLDER / f"{each}.svg").write_text(picture(each), encoding="utf-8")
    for each in PARTS:
        if sys.argv[1:] == ["--write"]:
            (FOLDER / f"{each}.adoc").write_text(text(each), encoding="utf-8")
        else:
            print(text(each))
