#!/usr/bin/env python3
"""Writes plugin/FINDINGS.md from the findings' one source, include/tcpstate/finding.h, with a sentence of each from its capture.

    findings_doc.py          prints it
    findings_doc.py --write  writes it
"""
import re
import subprocess
import sys

import harness
from cases import CASES

SEVERITIES = {"CHAT": "chat", "NOTE": "note", "WARN": "warning", "ERROR": "error"}
PAGE = harness.ROOT / "plugin" / "FINDINGS.md"
HEAD = """# Findings

What an analyst is told about abnormal transitions. Each is an expert item with a filter of its own, `tcpstate.NAME`, and a value of
`tcpstate.finding`; `tcpstate.finding.severity` is 1 for chat, 2 for note, 3 for warning, 4 for error. Where two severities are given, the
second is for the case that its sentence tells apart.

A false alarm is worse than a miss. What the capture may have missed, copied, cut or put in the wrong order is not reported: where a segment
looks wrong, the finding comes with the segment that proves it, and names the one that it is about. *Not for* says of each what comes close
and is no such case; the tests hold the plugin to both.

Sequence numbers are given relative to the ISN, as Wireshark does, and absolute. Where a sentence says that a stack
gives up, only the gaps of that stack fit. Otherwise the times are those of all known stacks that fit: Linux, lwIP, netstack, libslirp and Windows with
their defaults. Thresholds and whole families are [preferences](../README.md#preferences).

This file is written by `tests/tshark/findings_doc.py --write`.
"""


def source():
    """(families, findings) as the compiler sees them: [(preference, about)], [(name, family, severity, lesser, group, rfc, summary)]."""
    program = '#include "tcpstate/finding.h"\n#define ROW(...) @ROW __VA_ARGS__\nTCPSTATE_FAMILIES(ROW)\n@@\nTCPSTATE_FINDINGS(ROW)\n'
    text = subprocess.run(["cc", "-E", "-P", "-I", harness.ROOT / "include", "-"], input=program, capture_output=True, text=True,
                          check=True).stdout
    families, findings = re.sub(r'"\s+"', "", text[text.index("@ROW"):]).split("@@")
    rows = [[re.findall(r'"((?:[^"\\]|\\.)*)"|(\w+)', row) for row in part.split("@ROW")[1:]] for part in (families, findings)]
    families, findings = ([[quoted or word for quoted, word in row] for row in part] for part in rows)
    return families, [row[:7] for row in findings]


def sentence(name):
    """The sentence of that finding in the capture that raises it. Ours come after those of other dissectors, in the order of
    tcpstate.finding."""
    capture, frame, _, _ = CASES[name]
    found, messages = harness.rows(capture.path(f"finding-{name}"), ["tcpstate.finding", "_ws.expert.message"],
                                   "-2", "-Y", f"frame.number == {frame}")[0]
    return messages[len(messages) - len(found) + found.index(name)]


def text():
    families, findings = source()
    parts = [HEAD]
    for identifier, preference, about in families:
        parts.append(f"## {preference.capitalize()}\n\n{about[0].upper()}{about[1:]}. Preference `tcpstate.findings.{preference}`.\n")
        parts.append("| finding | severity | group | section | for example | not for |\n| --- | --- | --- | --- | --- | --- |")
        for name, family, severity, lesser, group, rfc, _ in findings:
            if family == identifier:
                severities = ", ".join(dict.fromkeys(SEVERITIES[word] for word in (severity, lesser)))
                parts.append(f"| `{name}` | {severities} | {group.lower()} | {rfc} | {sentence(name)} | {CASES[name][3]} |")
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text(), encoding="utf-8")
    else:
        print(text(), end="")
