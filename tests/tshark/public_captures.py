#!/usr/bin/env python3
"""Holds the findings above chat in captures that other projects test themselves with to public_captures.tsv, where each was checked by hand.

    public_captures.py DIR            compares; exit status 1 where they differ
    public_captures.py DIR --write    writes the table anew, keeping its notes; read the difference

DIR has the captures as PROJECT__FOLDER__NAME, of Zeek, suricata-verify, Arkime, tcpdump and nDPI. They are other people's, and not here.
"""
import csv
import pathlib
import sys

import harness

TABLE = pathlib.Path(__file__).with_name("public_captures.tsv")
COLUMNS = ["capture", "frame", "severity", "finding", "tshark says", "who is right"]
SEVERITIES = {"2": "note", "3": "warning", "4": "error"}


def read_table():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {tuple(row[column] for column in COLUMNS[:4]): (row[COLUMNS[4]], row[COLUMNS[5]])
                for row in csv.DictReader(file, delimiter="\t")}


def found(capture):
    for frame, names, severities in harness.rows(capture, ["frame.number", "tcpstate.finding", "tcpstate.finding.severity"],
                                                 "-Y", "tcpstate.finding.severity >= 2"):
        for name, severity in zip(names, severities):
            if severity in SEVERITIES:
                yield capture.name, frame[0], SEVERITIES[severity], name


def main():
    captures = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if ".pcap" in path.suffix)
    table = read_table() if TABLE.exists() else {}
    rows = [row for capture in captures for row in found(capture)]
    if sys.argv[2:] == ["--write"]:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([*row, *table.get(row, ("", ""))] for row in rows)
        return 0
    for row in sorted(set(rows) ^ set(table)):
        print("+" if row in rows else "-", *row)
    print(f"{len(captures)} captures, {len(rows)} findings above chat, {len(set(rows) ^ set(table))} differences")
    return 0 if rows == list(table) else 1


if __name__ == "__main__":
    sys.exit(main())
