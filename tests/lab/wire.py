"""The network between two hosts: carries one packet at a time, injects faults, and writes down what both kernels were in.

Every frame passes three moments: it leaves its sender, it is captured, it arrives or is lost. The truth of a frame is the state its
sender was in when it left, and the states of both ends once it had arrived or been lost.
"""
import dataclasses
import heapq
import itertools
import os
import select
import socket
import time

from host import Host
from segment import ACK, FIN, RST, SYN, Segment

CLIENT, SERVER = "client", "server"
OTHER = {CLIENT: SERVER, SERVER: CLIENT}
OWN_FIN = ("FIN_WAIT_1", "LAST_ACK", "CLOSING")
QUIET = 0.06  # seconds without a packet after which nothing more is on its way; a delayed ACK takes 0.04


@dataclasses.dataclass
class Frame:
    segment: Segment
    packet: bytes
    sender: str
    sent: str                  # state of the sender when it left
    time: int                  # nanoseconds, when it was captured
    left: int = 0              # these three: the order of all moments
    captured: int = None
    arrived: int = None
    delivered: str = "yes"     # no, later, dup (it arrives twice)
    forged: bool = False
    after: dict = None         # states of both ends once it arrived or was lost
    before: dict = None        # and when it was about to
    why: str = "-"
    why_receiver: str = "-"


@dataclasses.dataclass
class Rule:
    """What happens to frames. `where`: sender and kind, as 'client FIN,ACK'; `test`: a further test of the segment."""
    where: str
    action: str                # drop, hold, dup
    times: int                 # how often; -1 for always
    test: callable = None
    until: callable = None     # of a held frame: whether a later frame lets it go after it has passed

    def matches(self, frame):
        sender, kind = self.where.split()
        if self.times == 0 or frame.sender != sender or frame.forged:
            return False
        if kind not in ("*", frame.segment.kind) and not (kind == "data" and frame.segment.data):
            return False
        return self.test is None or self.test(frame.segment)


class Wire:
    """Two hosts and what is between them. `points`: where captures are taken; `delay`: seconds from each host to the middle."""

    def __init__(self, ipv6=False, delay=0, points=("middle",), translate=None):
        self.family = socket.AF_INET6 if ipv6 else socket.AF_INET
        self.hosts = {CLIENT: Host(CLIENT, "10.9.0.1", "fd00:9::1"), SERVER: Host(SERVER, "10.9.0.2", "fd00:9::2")}
        self.address = {name: host.ipv6 if ipv6 else host.ipv4 for name, host in self.hosts.items()}
        self.rules, self.held, self.lived = [], [], set()
        self.delay, self.translate = delay, translate
        self.captures = {point: [] for point in points}
        self.queue, self.counter = [], itertools.count(1)
        self.poll = select.poll()
        for host in self.hosts.values():
            self.poll.register(host.tun, select.POLLIN)

    # ---- states ----------------------------------------------------------------------------------------------------------------

    def ends(self, frame, end):
        """(local, remote) as the host `end` knows them."""
        mine, theirs = (frame.segment.src, frame.segment.sport), (frame.segment.dst, frame.segment.dport)
        if frame.sender != end:
            mine, theirs = theirs, mine
        return self.translate.at_host(end, mine, theirs) if self.translate else (mine, theirs)

    def state(self, frame, end):
        """The state of an end of the frame's connection. Where the host has no socket for it, that is CLOSED once it had one, and LISTEN
        while only its listener has known of the connection."""
        local, remote = self.ends(frame, end)
        state = self.hosts[end].state(self.family, local, remote)
        if state not in ("LISTEN", "CLOSED", "SYN_SENT", "SYN_RCVD"):
            self.lived.add((end, local, remote))
        return "CLOSED" if state == "LISTEN" and (end, local, remote) in self.lived else state

    def states(self, frame):
        return {end: self.state(frame, end) for end in (CLIENT, SERVER)}

    # ---- a frame's way -----------------------------------------------------------------------------------------------------------

    def _at(self, seconds, action):
        heapq.heappush(self.queue, (time.monotonic() + seconds, next(self.counter), action))

    def _leaves(self, sender, packet, forged=False):
        segment = Segment.parse(packet)
        if segment is None:
            return
        frame = Frame(segment, packet, sender, "", 0, left=next(self.counter), forged=forged)
        if self.translate:
            frame.segment = self.translate.out(sender, segment)
            frame.packet = frame.segment.packet()
        if segment.flags & SYN and not segment.flags & ACK:
            self.lived.discard((OTHER[sender], *self.ends(frame, OTHER[sender])))  # perhaps another connection
        frame.sent = self.state(frame, sender)
        if sender in self.captures:
            self._capture(frame, sender)
        if self.delay:
            self._at(self.delay, lambda: self._passes(frame))
        else:
            self._passes(frame)

    def _capture(self, frame, point):
        copy = dataclasses.replace(frame, time=time.time_ns(), captured=next(self.counter))
        frame.time, frame.captured = copy.time, copy.captured
        frame_here = frame if point == "middle" else copy
        frame_here.original = frame
        self.captures[point].append(frame_here)

    def _passes(self, frame):
        if "middle" in self.captures:
            self._capture(frame, "middle")
        rule = next((rule for rule in self.rules if rule.matches(frame)), None)
        action = "deliver"
        if rule is not None:
            rule.times -= 1
            action = rule.action
        if action == "drop":
            frame.delivered = "no"
            self._settled(frame)
        elif action == "hold":
            frame.delivered = "later"
            self._settled(frame)
            self.held.append((frame, rule))
        else:
            self._at(self.delay, lambda: self._arrives(frame))
            if action == "dup":
                frame.delivered = "dup"
                self._at(self.delay + 0.002, lambda: self._arrives(frame, again=True))
        if action != "hold":
            self._release_after(frame)

    def _release_after(self, frame):
        for entry in list(self.held):
            held, rule = entry
            if rule.until(frame):
                self.held.remove(entry)
                self._at(self.delay + 0.003, lambda held=held: self._arrives(held, again=True))

    def release(self):
        """Lets go of all that is held."""
        for held, _ in self.held:
            self._at(0, lambda held=held: self._arrives(held, again=True))
        self.held = []
        self.settle()

    def _arrives(self, frame, again=False):
        receiver = OTHER[frame.sender]
        if not again:
            frame.before = self.states(frame)
        segment = self.translate.into(receiver, frame.segment) if self.translate else None
        self.hosts[receiver].receive(segment.packet() if segment else frame.packet)
        if again:
            return
        if receiver in self.captures:
            self._capture(frame, receiver)
        self._settled(frame)

    def _settled(self, frame):
        """It has arrived or was lost."""
        frame.arrived = next(self.counter)
        frame.after = self.states(frame)
        frame.before = frame.before or frame.after

    def inject(self, sender, flags, seq, ack=0, data=b"", options=b""):
        """A forged segment in the name of `sender`."""
        like = self.last(sender)
        segment = dataclasses.replace(like.segment, flags=flags, seq=seq & 0xFFFFFFFF, ack=ack & 0xFFFFFFFF, data=data, options=options,
                                      window=1000, ip_id=0xF0)
        self._leaves(sender, segment.packet(), forged=True)
        self.settle()

    # ---- time ----------------------------------------------------------------------------------------------------------------

    def _drain(self):
        """Takes what both hosts have sent. True where there was something."""
        some = False
        for name, host in self.hosts.items():
            while (packet := host.read()) is not None:
                some = True
                self._leaves(name, packet)
        return some

    def step(self, longest):
        """Waits for one thing to happen, at most so many seconds. True where something did."""
        if self._drain():
            return True
        wait = longest
        if self.queue:
            wait = min(wait, max(0, self.queue[0][0] - time.monotonic()))
        self.poll.poll(wait * 1000)
        if self._drain():
            return True
        if self.queue and self.queue[0][0] <= time.monotonic():
            heapq.heappop(self.queue)[2]()
            return True
        return bool(self.queue)

    def settle(self):
        """Until nothing is on its way."""
        while self.step(QUIET):
            pass

    def run(self, seconds):
        """For that long, and until nothing is on its way then."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.step(left)

    def run_until(self, test, longest=20):
        end = time.monotonic() + longest
        while not test() and time.monotonic() < end:
            self.step(0.02)
        self.settle()

    # ---- faults ----------------------------------------------------------------------------------------------------------------

    def drop(self, where, times=-1, test=None):
        self.rules.append(Rule(where, "drop", times, test))

    def duplicate(self, where, times=1, test=None):
        self.rules.append(Rule(where, "dup", times, test))

    def hold(self, where, until, times=1, test=None):
        """Keeps a frame back until another has passed."""
        self.rules.append(Rule(where, "hold", times, test, until))

    def heal(self):
        self.rules = []

    # ---- what was seen ---------------------------------------------------------------------------------------------------------

    @property
    def frames(self):
        return next(iter(self.captures.values()))

    def last(self, sender):
        return next(frame for frame in reversed(self.frames) if frame.sender == sender and not frame.forged)

    def close(self):
        for host in self.hosts.values():
            os.close(host.tun)
            host.diag.close()
            os.close(host.namespace)
            os.close(host.home)


def _last_of(frames, end, moment):
    """The last frame of `end` captured before that moment, or None."""
    return max((g for g in frames if g.sender == end and g.captured < moment), key=lambda g: g.captured, default=None)


def _crossed(frames, frame):
    """A frame of the receiver that had left, in another state, before this one arrived, but was captured after it."""
    known = _last_of(frames, OTHER[frame.sender], frame.captured)
    return any(g.sender != frame.sender and g.left < frame.arrived and g.captured > frame.captured
               and (known is None or g.sent != known.sent) for g in frames)


def _overtaken(frames, frame):
    """A frame of the other end, captured before this one, changed its sender only after it had left."""
    return any(g.sender != frame.sender and g.captured < frame.captured and g.arrived > frame.left
               and g.after[frame.sender] != g.before[frame.sender] for g in frames)


def _forces_reply(segment):
    return bool(segment.flags & (SYN | FIN) or segment.data)


def _lost(frames, frame):
    """This frame, or an earlier one since the receiver was last seen, was lost and forces no reply, so that nobody misses it."""
    seen = _last_of(frames, OTHER[frame.sender], frame.captured)
    return any(g.sender == frame.sender and g.delivered in ("no", "later") and not _forces_reply(g.segment)
               and (seen is None or g.captured > seen.captured) and g.captured <= frame.captured for g in frames)


def _spoken_for(frames, frame, end):
    """Whether a forgery in the name of `end` is the last that was seen of it."""
    seen = [g for g in frames if g.sender == end and g.captured <= frame.captured]
    return bool(seen) and seen[-1].forged


def _fin_left(frames, frame, end, moment):
    """Whether a FIN of `end` left by then, since its last SYN."""
    left = [g for g in frames if g.sender == end and not g.forged and g.left <= moment
            and (g.segment.sport, g.segment.dport) in ((frame.segment.sport, frame.segment.dport), (frame.segment.dport, frame.segment.sport))]
    for g in reversed(left):
        if g.segment.flags & FIN:
            return True
        if g.segment.flags & SYN:
            return False
    return False


def _why_sender(frames, frame):
    if frame.forged:
        return "forged"
    if _overtaken(frames, frame):
        return "crossing"
    if frame.sent in OWN_FIN and not _fin_left(frames, frame, frame.sender, frame.left):
        return "fin-queued"
    if frame.sent == "LISTEN":
        return "no-socket" if frame.segment.flags & RST else "syn-cookie"
    if frame.sent == "CLOSED" and not frame.segment.flags & RST:
        return "gone"
    return "-"


def _why_receiver(frames, frame):
    receiver = OTHER[frame.sender]
    now, before = frame.after[receiver], frame.before[receiver]
    if _spoken_for(frames, frame, receiver):
        return "forged"
    if _lost(frames, frame):
        return "lost"
    if _crossed(frames, frame):
        return "crossing"
    if now in OWN_FIN and not _fin_left(frames, frame, receiver, frame.arrived):
        return "fin-queued"
    if now == "LISTEN" and frame.segment.flags & SYN and frame.delivered != "no":
        return "syn-cookie"
    if now == "SYN_RCVD" and before == "SYN_RCVD" and frame.segment.kind == "ACK":
        return "not-accepted"
    if now == "CLOSED" and not frame.segment.flags & RST and before not in ("LAST_ACK", "CLOSING"):
        return "gone"
    return "-"


def explain(frames):
    """Marks the frames whose truth cannot be known from the wire, with the reason."""
    for frame in frames:
        frame.why = _why_sender(frames, frame)
        frame.why_receiver = _why_receiver(frames, frame)
