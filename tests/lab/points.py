"""Random exchanges as they are captured at both hosts at once, each with a clock of its own, and what became of each segment between them.

The lab carries the segments itself, so it knows: which were lost, which came from between, which were changed, and which arrived twice. Each row of the table is a
frame of the merged capture:

    frame     its number in the file, which is in the order of the two clocks
    point     client or server: beside whose host it was captured
    sender    in whose name it is
    fate      both, lost, injected (it came from between), copied (it arrived before), missed (the other point did not capture it), gone (nor did it
              capture anything of the connection after that, so that nothing shows it)
    changed   + where what arrived is not what was sent
    twin      the frame of the same segment at the other point, or -
    state     of the host beside which it was captured: when it sent the segment, or after it got it
    why       the reason if the wire cannot show this state, as in other recordings, or -
    ahead     by how many nanoseconds the server's clock was ahead
"""
import dataclasses
import random

import pcapng
from exchange import Exchange, Network
from scenarios import Shift
from segment import ACK, RST, SYN, Segment
from wire import CLIENT, OTHER, SERVER, explain

POINTS = (CLIENT, SERVER)
SECOND = 10**9
OFFSETS = (0, 0, 0.02, -0.02, 0.3, -0.3, 3, -3, 7200, -7200)  # seconds between the clocks of the points
DRIFTS = (0, 0, 1e-4, -1e-4)
DELAYS = (0.0005, 0.002, 0.004, 0.01, 0.02)  # seconds to the middle and from the middle, by direction
COLUMNS = ("frame", "point", "sender", "fate", "changed", "twin", "state", "why", "ahead")


@dataclasses.dataclass
class Sighting:
    """A packet as it passed a point. `frame`: what the wire knows of it."""
    point: str
    time: int  # nanoseconds, by the clock of the point
    packet: bytes
    frame: object
    state: str
    ahead: int
    captured: bool
    here: object = None  # the frame as it was captured at this point
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


class Translate:
    """A NAT: the server knows the client by another address, and by ports 21000 higher."""
    PORTS, OUTSIDE = 21000, {4: "10.9.0.77", 6: "fd00:9::77"}

    def __init__(self):
        self.inside, self.plain = None, set()  # ports of connections that were opened from outside

    def _outside(self, segment):
        return self.OUTSIDE[6 if ":" in segment.src else 4]

    def out(self, sender, segment):
        outside = self._outside(segment)
        if sender != CLIENT or segment.src == outside or segment.sport in self.plain:
            return segment
        self.inside = segment.src
        return dataclasses.replace(segment, src=outside, sport=segment.sport + self.PORTS)

    def into(self, receiver, segment):
        if receiver == CLIENT and segment.dst not in self.OUTSIDE.values():
            self.plain.add(segment.dport)
            return segment
        if receiver != CLIENT or self.inside is None:
            return segment
        return dataclasses.replace(segment, dst=self.inside, dport=segment.dport - self.PORTS)

    def at_host(self, end, local, remote):
        if end == CLIENT and self.inside is not None and local[0] != self.inside:
            local = (self.inside, local[1] - self.PORTS)
        return local, remote


class Clock:
    """The clock of a point: off by so many seconds, and too fast by a part."""

    def __init__(self, offset, drift):
        self.offset, self.drift, self.start = offset, drift, None

    def stamp(self, time):
        self.start = self.start or time
        return time + round(self.offset * SECOND + (time - self.start) * self.drift)


class Capture:
    """What a point captures: all, or nothing at first, or not while it drops frames."""

    def __init__(self, rng, flaw):
        self.rng, self.late, self.left = rng, rng.randrange(1, 8) if flaw == "late" else 0, 0
        self.drops = 0.05 if flaw == "drops" else 0

    def takes(self):
        if self.late > 0:
            self.late -= 1
            return False
        if self.left == 0 and self.rng.random() < self.drops:
            self.left = self.rng.randrange(2, 12)
        self.left = max(0, self.left - 1)
        return self.left == 0


class TwoPoints(Network):
    """The network, and a capture beside each host. What is forged comes from between, so that the point of its seeming sender does not see it."""

    def __init__(self, rng, **needs):
        self.delays = {end: rng.choice(DELAYS) for end in POINTS}
        needs["delay"] = max(self.delays.values())
        if "translate" not in needs:
            needs["translate"] = rng.choice((None, None, None, None, Renumber(rng), Clamp(), Translate()))
        super().__init__(rng, **needs)
        self.chances["drop"] = rng.choice((0, 0.01, 0.05, 0.2))
        self.copies = 0
        self.sightings, self.is_over = [], False
        self.clocks = {CLIENT: Clock(0, 0), SERVER: Clock(rng.choice(OFFSETS), rng.choice(DRIFTS))}
        flaws = rng.choice(((None, None),) * 6 + ((None, "late"), ("late", None), (None, "drops"), ("drops", None)))
        self.points = {end: Capture(rng, flaw) for end, flaw in zip(POINTS, flaws)}

    def delay_of(self, sender):
        return self.delays[sender]

    def fate(self, frame):
        return ("deliver", None) if self.is_over else super().fate(frame)

    def _see(self, point, frame, packet, state):
        now = self.clock.stamp()
        times = {end: clock.stamp(now) for end, clock in self.clocks.items()}
        here = dataclasses.replace(frame, time=times[point], captured=next(self.counter))
        self.sightings.append(Sighting(point, times[point], packet, frame, state, times[SERVER] - times[CLIENT],
                                       self.is_over or self.points[point].takes(), here))

    def _left(self, frame):
        if not frame.forged:
            self._see(frame.sender, frame, frame.own, frame.sent)

    def _received(self, frame, receiver, packet):
        self._see(receiver, frame, packet, self.state(frame, receiver))

    def finish(self, port):
        """A last connection over a network without faults, so that both captures go on for longer than the exchange."""
        self.is_over = True
        self.settle_within(1)
        listener = self.socket(SERVER, port)
        listener.listen()
        client = self.socket(CLIENT, 40009)
        client.connect_ex((self.address[SERVER], port))
        self.settle_within(1)
        client.close()
        self.settle_within(1)
        listener.close()


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
    for sighting in sorted(sightings, key=lambda sighting: sighting.time):
        (sent if sighting.point == sighting.frame.sender else arrived).setdefault(id(sighting.frame), []).append(sighting)
    for sighting in sightings:
        own, others = sent.get(id(sighting.frame)), arrived.get(id(sighting.frame), [])
        seen = [other for other in others if other.captured]
        if sighting.point == sighting.frame.sender:
            sighting.fate, sighting.twin = ("both", seen[0]) if seen else ("missed" if others else "lost", None)
        elif own is None:
            sighting.fate = "injected"
        elif not own[0].captured:
            sighting.fate = "missed"
        else:
            sighting.fate, sighting.twin = ("both" if not seen or sighting is seen[0] else "copied"), own[0]


def tell_gone(sightings):
    """Of what a point missed: that after which it captured no more of the connection."""
    last = {}
    for sighting in sightings:
        key = (sighting.point, frozenset((sighting.frame.segment.sport, sighting.frame.segment.dport)))
        if sighting.captured:
            last[key] = max(last.get(key, 0), sighting.here.captured)
    for sighting in sightings:
        others = [other for other in sightings if other.frame is sighting.frame and other.point != sighting.point]
        if sighting.fate == "missed" and others:
            key = (others[0].point, frozenset((sighting.frame.segment.sport, sighting.frame.segment.dport)))
            if last.get(key, 0) < others[0].here.captured:
                sighting.fate = "gone"


def is_changed(sighting):
    """Whether what a receiver reads differs between both points: the checksum does not count."""
    return sighting.twin is not None and Segment.parse(sighting.twin.packet) != Segment.parse(sighting.packet)


def tell_reasons(sightings):
    """What the wire cannot show: by what was captured at each point."""
    for point in POINTS:
        frames = []
        for sighting in sightings:
            here, known = sighting.here, sighting.frame
            if sighting.point == point and sighting.captured and known.after is not None:
                here.after, here.before, here.arrived, here.delivered = known.after, known.before, known.arrived, known.delivered
                frames.append(here)
        explain(frames)


def reason(sighting):
    here = sighting.here
    return here.why if sighting.point == here.sender else here.why_receiver


def row(sighting):
    return (sighting.number, sighting.point, sighting.frame.sender, sighting.fate, "+" if is_changed(sighting) else "-",
            sighting.twin.number if sighting.twin else "-", sighting.state, reason(sighting), sighting.ahead)


def record(seed, folder):
    """Plays the exchange of a seed, and writes points_SEED.pcapng and .tsv. Returns how many frames."""
    exchange = TwoPointExchange(seed)
    lab = exchange.run()
    lab.settle_within(1)
    exchange.stop_listening()
    lab.finish(8080)
    lab.close()
    tell_fates(lab.sightings)
    tell_gone(lab.sightings)
    tell_reasons(lab.sightings)
    sightings = sorted((sighting for sighting in lab.sightings if sighting.captured), key=lambda sighting: sighting.time)
    for number, sighting in enumerate(sightings, 1):
        sighting.number = number
    rows = [row(sighting) for sighting in sightings]
    comments = [" ".join(f"{column}={value}" for column, value in zip(COLUMNS[1:], cells[1:])) for cells in rows]
    pcapng.write(folder / f"points_{seed}.pcapng", [(sighting.time, sighting.packet, comment, POINTS.index(sighting.point))
                                                   for sighting, comment in zip(sightings, comments)],
                 f"Random exchange {seed}, captured at both hosts.", interfaces=POINTS)
    table = ["\t".join(COLUMNS)] + ["\t".join(map(str, cells)) for cells in rows]
    (folder / f"points_{seed}.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return len(sightings)
