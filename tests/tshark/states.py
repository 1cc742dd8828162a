#!/usr/bin/env python3
"""Prints what the plugin says of every frame and connection of all recordings, for versions of Wireshark to be compared."""
import harness
import variants

FIELDS = ["frame.number", *(f"tcpstate.{name}" for name in (
    "connection", "connection.previous", "sender", "transition", "cause", "retry", "conn_state", "history", "finding", "finding.severity",
    "finding.frame", "finding.outcome", *(f"{end}{name}" for end in ("client", "server") for name in (
        "", ".code", ".previous", ".pending", ".basis", ".since", ".until", ".answered"))))]
STATISTICS = ["tree", "connections", "netstat", "timeline,all", "diagram"]

capture = variants.merged(tuple(harness.every_capture()))
for row in harness.rows(capture, FIELDS, "-2"):
    print("\t".join("|".join(cell) for cell in row))
for statistic in STATISTICS:
    print(harness.without_streams(harness.output("-q", "-r", capture, "-z", f"tcpstate,{statistic}")), end="")
