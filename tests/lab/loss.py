#!/usr/bin/env python3
"""What a frame that the capture missed costs: deletes each frame of each recording, one at a time, and counts the frames of the rest whose
sender is then shown in a state that it was not in.

    loss.py [-v] [FOLDER...]   prints the counts by the kind of frame that was missed; -v: each wrong frame; the folders: of recordings over
                               IPv4 (captures)

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


def recordings(folders):
    """(name, [(time, packet)], [truth]) of each recording over IPv4 whose frames are told."""
    for capture in sorted(capture for folder in folders for capture in folder.glob("*.pcapng")):
        if capture.name.startswith("loopback_"):
            continue
        packets, truth = list(pcapng.read(capture)), truth_of(capture)
        if len(packets) <= LONGEST and packets[0][1][0] >> 4 == 4:
            yield harness.name_of(capture), packets, truth


def variants(folders):
    """(name, number of the frame missed, or 0 for none, [(time, packet)], [(frame number, truth)])"""
    for name, packets, truth in recordings(folders):
        for missed in range(-1, len(packets)):
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


def measure(verbose=False, folders=(harness.CAPTURES,)):
    """(frames looked at, Counter of wrong frames by the kind missed, Counter of the variants of each kind). A frame that is wrong in the whole
    recording too does not count."""
    every = list(variants(folders))
    whole = harness.workplace() / "captures" / f"loss-{'-'.join(folder.name for folder in folders)}.pcapng"
    pcapng.write(whole, [(time, moved(packet, number), "") for number, (_, _, packets, _) in enumerate(every) for time, packet in packets])
    rows = iter(harness.rows(whole, ["tcpstate.sender", "tcpstate.client", "tcpstate.server"]))
    looked, wrong, kinds = 0, collections.Counter(), collections.Counter()
    for name, missed, packets, truth in every:
        if missed == 0:
            original, known = packets, set()
        else:
            kinds[kind_of(original[missed - 1][1])] += 1
        for number, row in truth:
            sender, client, server = next(rows)
            shown = (client if sender == ["client"] else server)[0]  # without the first SYN, another end may be the client
            right = row["why"] != "-" or shown in row["sent"].split("|")
            if missed == 0 and not right:
                known.add(number)
            if missed == 0 or row["why"] != "-" or number in known:
                continue
            looked += 1
            if right:
                continue
            kind = kind_of(original[missed - 1][1])
            wrong[kind] += 1
            if verbose:
                print(f"{name} without {missed} ({kind}): frame {number}: {row['sender']} sent it in {row['sent']}, shown {shown}")
    return looked, wrong, kinds


def main():
    folders = [pathlib.Path(name) for name in sys.argv[1:] if name != "-v"] or [harness.CAPTURES]
    looked, wrong, kinds = measure("-v" in sys.argv[1:], folders)
    print(f"{sum(kinds.values())} frames deleted, one at a time; {looked} frames of the rest looked at, {sum(wrong.values())} senders wrong")
    print(f"{'missed':24} {'times':>6} {'wrong':>6}")
    for kind, count in kinds.most_common():
        print(f"{kind:24} {count:6} {wrong[kind]:6}")


if __name__ == "__main__":
    main()
