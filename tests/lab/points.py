"""Random exchanges as they are captured at both hosts at once, each with a clock of its own, and what became of each segment between them.

The lab carries the segments itself, so it knows: which were lost, which came from between, which were changed, and which arrived twice. Each row of the table is a
frame of the merged capture:

    frame     its number in the file, which is in the order of the two clocks
    point     client or server: beside whose host it was captured
    sender    in whose name it is
    fate      both, lost, injected (it came from between) or copied (it arrived before)
    changed   + where what arrived is not what was sent
    twin      the frame of the same segment at the other point, or -
"""
import dataclasses
import random

import pcapng
from exchange import Exchange, Network
from scenarios import Shift
from segment import ACK, RST, SYN
from wire import CLIENT, OTHER, SERVER

POINTS = (CLIENT, SERVER)
SECOND = 10**9
OFFSETS = (0, 0, 0.02, -0.02, 0.3, -0.3, 3, -3, 7200, -7200)  # seconds between the clocks of the points
DRIFTS = (0, 0, 1e-4, -1e-4)
COLUMNS = ("frame", "point", "sender", "fate", "changed", "twin")


@dataclasses.dataclass
class Sighting:
    """A packet as it was captured at a point. `frame`: what the wire knows of it."""
    point: str
    time: int  # nanoseconds, by the clock of the point
    packet: bytes
    frame: object
    fate: str = ""
    twin: object = None
    number: int = 0


class Renumber(Shift):
    """A middlebox that gives each end's sequence numbers a random offset: each host sees its own numbers as they are."""

    def __init__(self, rng):
        super().__init__()
        self.rng = rng

    def out(self, sender, segment):
        if segment.flags & SYN:
            self.offset.setdefault(sender, self.rng.getrandbits(32))
        return segment

    def into(self, receiver, segment):
        return self._moved(segment, self.offset.get(OTHER[receiver], 0), -self.offset.get(receiver, 0))


class Clamp:
    """A middlebox that lowers the MSS in SYNs."""
    MSS = b"\x02\x04"

    @staticmethod
    def out(_sender, segment):
        return segment

    def into(self, _receiver, segment):
        at = segment.options.find(self.MSS)
        if not segment.flags & SYN or at < 0:
            return segment
        return dataclasses.replace(segment, options=segment.options[:at + 2] + (1200).to_bytes(2, "big") + segment.options[at + 4:])

    @staticmethod
    def at_host(_end, local, remote):
        return local, remote


class Clock:
    """The clock of a point: off by so many seconds, and too fast by a part."""

    def __init__(self, offset, drift):
        self.offset, self.drift, self.start = offset, drift, None

    def stamp(self, time):
        self.start = self.start or time
        return time + round(self.offset * SECOND + (time - self.start) * self.drift)


class TwoPoints(Network):
    """The network, and a capture beside each host. What is forged comes from between, so that the point of its seeming sender does not see it."""

    def __init__(self, rng, **needs):
        needs["delay"] = rng.choice((0.0005, 0.004, 0.02))
        if "translate" not in needs:
            needs["translate"] = rng.choice((None, None, None, None, Renumber(rng), Clamp()))
        super().__init__(rng, **needs)
        self.chances["drop"] = rng.choice((0, 0.01, 0.05, 0.2))
        self.copies = 0
        self.sightings = []
        self.clocks = {CLIENT: Clock(0, 0), SERVER: Clock(rng.choice(OFFSETS), rng.choice(DRIFTS))}

    def _see(self, point, frame, packet):
        self.sightings.append(Sighting(point, self.clocks[point].stamp(self.clock.stamp()), packet, frame))

    def _left(self, frame):
        if not frame.forged:
            self._see(frame.sender, frame, frame.own)

    def _received(self, frame, receiver, packet):
        self._see(receiver, frame, packet)


class TwoPointExchange(Exchange):
    """The programs, and now and then a RST that is forged between the points, with the right number or another one."""
    network = TwoPoints

    def forge(self):
        lab, end = self.lab, self.rng.choice(POINTS)
        try:
            last = lab.last(end).segment
        except StopIteration:
            return
        ack = self.rng.random() < 0.5
        lab.inject(end, RST | (ACK if ack else 0), last.end + self.rng.choice((0, 0, 100, 70000)), last.ack if ack else 0)

    WEIGHTS = (*Exchange.WEIGHTS, (forge, 0.5))


def tell_fates(sightings):
    """Fills in fate and twin of each, from what the wire knows."""
    sent, arrived = {}, {}
    for sighting in sightings:
        (sent if sighting.point == sighting.frame.sender else arrived).setdefault(id(sighting.frame), []).append(sighting)
    for sighting in sightings:
        own, others = sent.get(id(sighting.frame)), arrived.get(id(sighting.frame), [])
        if sighting.point == sighting.frame.sender:
            sighting.fate, sighting.twin = ("both", others[0]) if others else ("lost", None)
        elif own is None:
            sighting.fate = "injected"
        else:
            sighting.fate, sighting.twin = ("both" if sighting is others[0] else "copied"), own[0]


def is_changed(sighting):
    """Whether the packets of both points differ."""
    return sighting.twin is not None and sighting.twin.packet != sighting.packet


def row(sighting):
    return (sighting.number, sighting.point, sighting.frame.sender, sighting.fate, "+" if is_changed(sighting) else "-",
            sighting.twin.number if sighting.twin else "-")


def record(seed, folder):
    """Plays the exchange of a seed, and writes points_SEED.pcapng and .tsv. Returns how many frames."""
    lab = TwoPointExchange(seed).run()
    lab.settle_within(1)
    lab.close()
    sightings = sorted(lab.sightings, key=lambda sighting: sighting.time)
    for number, sighting in enumerate(sightings, 1):
        sighting.number = number
    tell_fates(sightings)
    rows = [row(sighting) for sighting in sightings]
    comments = [" ".join(f"{column}={value}" for column, value in zip(COLUMNS[1:], cells[1:])) for cells in rows]
    pcapng.write(folder / f"points_{seed}.pcapng", [(sighting.time, sighting.packet, comment, POINTS.index(sighting.point))
                                                   for sighting, comment in zip(sightings, comments)],
                 f"Random exchange {seed}, captured at both hosts.", interfaces=POINTS)
    table = ["\t".join(COLUMNS)] + ["\t".join(map(str, cells)) for cells in rows]
    (folder / f"points_{seed}.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return len(sightings)
