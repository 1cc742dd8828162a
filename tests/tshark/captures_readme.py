#!/usr/bin/env python3
"""Writes captures/README.md from the recordings: their frames, the states that the plugin shows, and those that the kernels were in.

    captures_readme.py          prints it
    captures_readme.py --write  writes it
"""
import csv
import json
import re
import sys

import harness

HEAD = """# Recordings

Each was recorded by [the lab](../tests/lab/README.md) between two real Linux TCP sockets, one frame at a time, with faults injected
between them. After every frame the kernels were asked for both sockets' states; they stand in the frame's comment, and in the tables
below beside what the plugin shows. `NAME_ipv6` is the same over IPv6. Those named `loopback` were recorded in real time on the loopback of
one machine: there *kernel* is what `ss -tan` said next, and `NAME.ss.tsv` holds what it said each second.

*client / server* are the states after the frame, with what is awaited in brackets. *kernel* is what the two sockets were in once the
frame had arrived or had been lost. The sender's states are the same. The receiver's is the one in brackets where the frame arrived: a
capture shows what was sent, and its answer shows that it came. Otherwise nobody can tell from the capture, and the comment says why: a
lost frame that forces no reply is taken for arrived until a later one contradicts it, and of a socket that times out, is closed or was
reset by a forgery in its name, the wire says nothing.

What lwIP, 4.4BSD and netstack do otherwise is in [recordings of the tests](../tests/tshark/stacks), the same scenarios with these stacks at one end
or both. The engine's [README](../plugin/engine/README.md#what-stacks-do-otherwise) lists it.

This file is written by `tests/tshark/captures_readme.py --write`.
"""

sys.path.insert(0, str(harness.ROOT / "tests" / "lab"))
import scenarios  # noqa: E402

POINTS = ("client", "middle", "server")
LONGEST = 30  # frames; longer ones are told in a line


def segment(row):
    """A row of the timeline, as "SYN,ACK seq=0 ack=1"."""
    words = f"{row['flags']} seq={row['seq']}" + (f" ack={row['ack']}" if row["ack"] is not None else "") + (f" len={row['len']}" if row["len"] else "")
    return f"{words} →" if row["sender"] == "client" else f"← {words}"


def said_by_ss(capture):
    """[(second, 'client / server')] of an experiment on the loopback; [] of other recordings."""
    table = capture.with_name(f"{harness.name_of(capture)}.ss.tsv")
    rows = csv.DictReader(table.open(encoding="utf-8"), delimiter="\t") if table.exists() else []
    return [(float(row["second"]), f"{row['client']} / {row['server']}") for row in rows]


def table(capture):
    ss = said_by_ss(capture)
    yield "| frame | time | segment | client / server | kernel | finding |"
    yield "| ---: | ---: | --- | --- | --- | --- |"
    told = [json.loads(line) for line in harness.output("-q", "-r", capture, "-z", "tcpstate,timeline,all,json").splitlines()]
    comments = harness.rows(capture, ["frame.comment"])
    for row, [comment], shown in zip(sorted(told, key=lambda row: row["frame"]), comments, harness.states(capture)):
        comment = "|".join(comment)
        truth = {"client": "", "server": "", "delivered": "yes", **dict(re.findall(r"(\w+)=(\S+)", comment))}
        notes = {"no": ", frame lost", "later": ", frame held back", "dup": ", frame arrives twice", "yes": ""}[truth["delivered"]]
        notes += ", forged" if truth.get("why") == "forged" else ""
        kernel = f"{truth['client']} / {truth['server']}{notes}" if comment else ""
        kernel = next((said for second, said in ss if second > row["time"]), kernel)
        yield f"| {row['frame']} | {row['time']:.3f} | {segment(row)} | {shown} | {kernel} | {', '.join(row['findings'])} |"


def captures_of(name):
    """The recordings of a scenario over IPv4; those over IPv6 show the same states."""
    return sorted(c for c in harness.CAPTURES.glob(f"{name}*.pcapng*") if harness.name_of(c) in (name, *(f"{name}_at_{p}" for p in POINTS)))


def text():
    parts = [HEAD]
    for name, run in scenarios.SCENARIOS.items():
        parts.append(f"## {name}\n\n{run.__doc__.splitlines()[0]}\n")
        for capture in captures_of(name):
            lines = list(table(capture))
            if len(captures_of(name)) > 1:
                parts.append(f"`{capture.name}`\n")
            parts.append("\n".join(lines) + "\n" if len(lines) <= LONGEST + 2 else f"{len(lines) - 2} frames, in `{capture.name}`.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (harness.CAPTURES / "README.md").write_text(text(), encoding="utf-8")
    else:
        print(text(), end="")
