#!/usr/bin/env python3
"""What a frame that the capture missed costs: deletes each frame of each recording, one at a time, and counts the frames of the rest whose
sender is then shown in a state that it was not in.

    loss.py [-v]     prints the counts by the kind of frame that was missed; -v: each wrong frame

All variants go into one capture, each between addresses of its own, so that one run of tshark reads them all.
"""
import collections
import pathlib
import socket
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tshark")]
import harness  # noqa: E402
import pcapng  # noqa: E402
from segment import Segment  # noqa: E402
from test_truth import truth_of  # noqa: E402

LONGEST = 60  # frames of a recording; the long ones say nothing new


def recordings():
    """(name, [(time, packet)], [truth]) of each recording over IPv4 whose frames are told."""
    for capture in sorted(harness.CAPTURES.glob("*.pcapng")):
        if capture.name.startswith("loopback_") or "_ipv6" in capture.name:
            continue
        packets, truth = list(pcapng.read(capture)), truth_of(capture)
        if len(packets) <= LONGEST:
            yield harness.name_of(capture), packets, truth


def variants():
    """(name, number of the frame missed, [(time, packet)], [(frame number, truth)])"""
    for name, packets, truth in recordings():
        for missed in range(len(packets)):
            rest = [n for n in range(len(packets)) if n != missed]
            yield name, missed + 1, [packets[n] for n in rest], [(n + 1, truth[n]) for n in rest]


def moved(packet, number):
    """The packet between addresses of this variant's own."""
    segment = Segment.parse(packet)
    for end in ("src", "dst"):
        old = socket.inet_aton(getattr(segment, end))
        setattr(segment, end, socket.inet_ntoa(struct.pack("!BHB", 10, number, old[3])))
    return segment.packet()


def kind_of(packet):
    segment = Segment.parse(packet)
    return segment.kind + (" with data" if segment.data else "")


def measure(verbose=False):
    """(frames looked at, Counter of wrong frames by the kind missed, Counter of the variants of each kind)"""
    every = list(variants())
    whole = harness.workplace() / "captures" / "loss.pcapng"
    pcapng.write(whole, [(time, moved(packet, number), "") for number, (_, _, packets, _) in enumerate(every) for time, packet in packets])
    rows = iter(harness.rows(whole, ["tcpstate.sender", "tcpstate.client", "tcpstate.server"]))
    originals = {name: packets for name, packets, _ in recordings()}
    looked, wrong, kinds = 0, collections.Counter(), collections.Counter()
    for name, missed, _, truth in every:
        kind = kind_of(originals[name][missed - 1][1])
        kinds[kind] += 1
        for number, row in truth:
            sender, client, server = next(rows)
            if row["why"] != "-":
                continue
            looked += 1
            shown = (client if sender == ["client"] else server)[0]  # without the first SYN, another end may be the client
            if shown not in row["sent"].split("|"):
                wrong[kind] += 1
                if verbose:
                    print(f"{name} without {missed} ({kind}): frame {number}: {row['sender']} sent it in {row['sent']}, shown {shown}")
    return looked, wrong, kinds


def main():
    looked, wrong, kinds = measure("-v" in sys.argv[1:])
    print(f"{sum(kinds.values())} frames deleted, one at a time; {looked} frames of the rest looked at, {sum(wrong.values())} senders wrong")
    print(f"{'missed':24} {'times':>6} {'wrong':>6}")
    for kind, count in kinds.most_common():
        print(f"{kind:24} {count:6} {wrong[kind]:6}")


if __name__ == "__main__":
    main()
