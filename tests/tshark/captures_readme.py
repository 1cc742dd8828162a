#!/usr/bin/env python3
"""Writes captures/README.md from the recordings: their frames, the states that the plugin shows, and those that the kernels were in.

    captures_readme.py          prints it
    captures_readme.py --write  writes it
"""
import re
import sys

import harness

HEAD = """# Recordings

Each was recorded between two real Linux TCP sockets, one frame at a time, with faults injected between them. After every frame the
kernels were asked for both sockets' states; they stand in the frame's comment, and in the tables below beside what the plugin shows.

*client / server* are the states after the frame, with what is awaited in brackets. *kernel* is what the two sockets were in once the
frame had arrived or had been lost. The sender's states are the same. The receiver's is the one in brackets where the frame arrived: a
capture shows what was sent, and its answer shows that it came. Otherwise nobody can tell from the capture: a lost frame that forces no
reply is taken for arrived until a later one contradicts it, and of a socket that times out, is closed or was reset by a forgery in its
name, the wire says nothing.

This file is written by `tests/tshark/captures_readme.py --write`.
"""

STORIES = {
    "normal": "Three-way open, data in both directions, four-way close.",
    "fin_ack_3seg": "Three-segment close: the server closes too before it acknowledges, so its FIN rides on the ACK.",
    "simul_open": "Simultaneous open: both ends connect, their SYNs cross.",
    "simul_close": "Simultaneous close: both ends close, their FINs cross.",
    "server_first": "The server closes first and is the one to wait in TIME_WAIT.",
    "half_close": "The client closes its direction and goes on receiving.",
    "refused": "No listener: the SYN is refused.",
    "syn_dropped": "SYN_SENT held: the client's SYNs are dropped. Linux 6.5 and later retries the first ones at 1 s.",
    "synack_dropped": "SYN_RCVD held: the server's first SYN,ACKs are dropped.",
    "hs_ack_dropped": "The ACK that ends the handshake is dropped once: the server sends its SYN,ACK again.",
    "fin_dropped": "FIN_WAIT_1 held: the client's FINs are dropped until it gives up. The server learns of it only by a RST.",
    "fin_dropped_once": "The FIN is dropped once and sent again.",
    "fin_ack_dropped": "The ACK of the FIN is dropped once: the FIN is sent again.",
    "last_ack_dropped": "The last ACK is dropped twice: LAST_ACK sends its FIN again, TIME_WAIT answers.",
    "fin_crossing_data": "The FIN crosses data that nobody will read: the closed socket answers with a RST.",
    "rst_linger0": "The client aborts: close with a linger time of zero sends a RST.",
    "rst_lost": "That RST is lost: the server goes on until its next data meets another.",
    "rst_bad_seq": "Forged RSTs: at a number in the window and one outside it, both without effect; the exact one ends the server.",
    "syn_to_established": "The client has crashed and connects again from the same port: challenge ACK, RST, and a new connection.",
    "keepalive": "Keep-alive probes that get no answer, and the RST of the end that gives up.",
    "tfo": "TCP Fast Open: a connection that asks for a cookie, then one with data on its SYN.",
    "tw_reuse": "A port in TIME_WAIT on the server is used again.",
}

FIELDS = ["frame.number", "frame.time_relative", "tcp.flags", "tcp.seq", "tcp.ack", "tcp.len", "tcpstate.sender", "tcpstate.finding",
          "frame.comment"]
FLAGS = [("SYN", 0x02), ("FIN", 0x01), ("RST", 0x04), ("ACK", 0x10)]


def segment(flags, seq, ack, length, sender):
    names = ",".join(name for name, bit in FLAGS if int(flags, 16) & bit)
    words = f"{names} seq={seq}" + (f" ack={ack}" if int(flags, 16) & 0x10 else "") + (f" len={length}" if length != "0" else "")
    return f"{words} →" if sender == "client" else f"← {words}"


def table(capture):
    yield "| frame | time | segment | client / server | kernel | finding |"
    yield "| ---: | ---: | --- | --- | --- | --- |"
    for cells, shown in zip(harness.rows(capture, FIELDS), harness.states(capture)):
        number, time, flags, seq, ack, length, sender, findings, comment = ("|".join(cell) for cell in cells)
        truth = dict(re.findall(r"(\w+)=(\w+)", comment))
        lost = "" if truth["delivered"] == "yes" else ", frame lost"
        ack = ack or "0"
        yield (f"| {number} | {float(time):.3f} | {segment(flags, seq, ack, length, sender)} | {shown} "
               f"| {truth['client']} / {truth['server']}{lost} | {findings.replace('|', ', ')} |")


def text():
    parts = [HEAD]
    for name, story in STORIES.items():
        parts += [f"## {name}\n\n{story}\n", "\n".join(table(harness.CAPTURES / f"{name}.pcapng")) + "\n"]
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (harness.CAPTURES / "README.md").write_text(text(), encoding="utf-8")
    else:
        print(text(), end="")
