"""The network between two hosts: carries one packet at a time, injects faults, and writes down what both kernels were in.

Every frame passes three moments: it leaves its sender, it is captured, it arrives or is lost. The truth of a frame is the state its
sender was in when it left, and the states of both ends once it had arrived or been lost.
"""
import dataclasses
import heapq
import itertools
import select
import socket

from agent import AgentHost
from clock import RealClock, VirtualClock
from host import Host, Unplayable
from segment import ACK, FIN, RST, SYN, Segment

CLIENT, SERVER = "client", "server"
OTHER = {CLIENT: SERVER, SERVER: CLIENT}
OWN_FIN = ("FIN_WAIT_1", "LAST_ACK", "CLOSING")
QUIET = 0.06  # seconds without a packet after which nothing more is on its way; a delayed ACK takes 0.04
QUIET_FOREIGN = 0.3  # of other stacks, 0.25
MOST_STEPS = 3000  # of hosts that go on sending; 4.4BSD answers a RST with a RST
KERNEL = "linux"
ADDRESSES = {CLIENT: ("10.9.0.1", "fd00:9::1"), SERVER: ("10.9.0.2", "fd00:9::2")}


def make_host(name, stack):
    """A host with the TCP of this machine's kernel, or with that of an agent."""
    if stack == KERNEL:
        return Host(name, *ADDRESSES[name])
    return AgentHost(name, stack, ADDRESSES[name][0], ADDRESSES[OTHER[name]][0])


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
    late_copy: bool = False    # made by the network, and captured again later than a capture makes copies
    own: bytes = None          # the packet as its sender sent it
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

    def __init__(self, ipv6=False, delay=0, points=("middle",), translate=None, stacks=(KERNEL, KERNEL)):
        self.family = socket.AF_INET6 if ipv6 else socket.AF_INET
        self.hosts = {name: make_host(name, stack) for name, stack in zip((CLIENT, SERVER), stacks)}
        self.clock = RealClock() if KERNEL in stacks else VirtualClock()
        foreign = set(stacks) != {KERNEL}
        self.quiet = QUIET_FOREIGN if foreign else QUIET
        self.patience = 1 if not foreign else 4 if KERNEL in stacks else 10
        self.address = {name: host.ipv6 if ipv6 else host.ipv4 for name, host in self.hosts.items()}
        self.rules, self.held, self.lived = [], [], set()
        self.delay, self.translate = delay, translate
        self.captures = {point: [] for point in points}
        self.queue, self.counter = [], itertools.count(1)
        self.poll = select.poll()
        for host in self.hosts.values():
            if host.tun is not None:
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
        return self._as_seen(end, local, remote, self.hosts[end].state(self.family, local, remote))

    def _as_seen(self, end, local, remote, state):
        if state == "SYN_RCVD":
            self.lived.discard((end, local, remote))  # its listener has taken another connection
        elif state not in ("LISTEN", "CLOSED", "SYN_SENT"):
            self.lived.add((end, local, remote))
        return "CLOSED" if state == "LISTEN" and (end, local, remote) in self.lived else state

    def states(self, frame):
        return {end: self.state(frame, end) for end in (CLIENT, SERVER)}

    # ---- a frame's way -----------------------------------------------------------------------------------------------------------

    def _at(self, seconds, action):
        heapq.heappush(self.queue, (self.clock.now() + seconds, next(self.counter), action))

    def _leaves(self, sender, packet, state=None, forged=False):
        segment = Segment.parse(packet)
        if segment is None:
            return
        frame = Frame(segment, packet, sender, "", 0, left=next(self.counter), forged=forged, own=packet)
        if self.translate:
            frame.segment = self.translate.out(sender, segment)
            frame.packet = frame.segment.packet()
        if segment.flags & SYN and not segment.flags & ACK:
            self.lived.discard((OTHER[sender], *self.ends(frame, OTHER[sender])))  # perhaps another connection
        frame.sent = self.state(frame, sender) if state is None else self._as_seen(sender, *self.ends(frame, sender), state)
        if sender in self.captures:
            self._capture(frame, sender)
        self._left(frame)
        if self.delay:
            self._at(self.delay_of(sender), lambda: self._passes(frame))
        else:
            self._passes(frame)

    def delay_of(self, _sender):
        """Seconds from a host to the middle, and from the middle to a host."""
        return self.delay

    def _capture(self, frame, point):
        copy = dataclasses.replace(frame, time=self.clock.stamp(), captured=next(self.counter))
        frame.time, frame.captured = copy.time, copy.captured
        frame_here = frame if point == "middle" else copy
        frame_here.original = frame
        self.captures[point].append(frame_here)

    def fate(self, frame):
        """What happens to the frame: deliver, drop, hold or dup; and the rule that says so, or None."""
        rule = next((rule for rule in self.rules if rule.matches(frame)), None)
        if rule is None:
            return "deliver", None
        rule.times -= 1
        return rule.action, rule

    def _passes(self, frame):
        if "middle" in self.captures:
            self._capture(frame, "middle")
        action, rule = self.fate(frame)
        if action == "drop":
            frame.delivered = "no"
            self._settled(frame)
        elif action == "hold":
            frame.delivered = "later"
            self._settled(frame)
            self.held.append((frame, rule))
        else:
            self._at(self.delay_of(frame.sender), lambda: self._arrives(frame))
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
        packet = segment.packet() if segment else frame.packet
        self.hosts[receiver].receive(packet)
        self._received(frame, receiver, packet)
        if again:
            return
        if receiver in self.captures:
            self._capture(frame, receiver)
        self._settled(frame)

    def _left(self, frame):
        """The frame has left its sender. For a lab that captures beside the hosts; see points.py."""

    def _received(self, frame, receiver, packet):
        """The receiver has got the packet, perhaps once more."""

    def _settled(self, frame):
        """It has arrived or was lost."""
        frame.arrived = next(self.counter)
        frame.after = self.states(frame)
        frame.before = frame.before or frame.after

    def inject(self, sender, flags, seq, ack=0, data=b"", options=b"", **header):
        """A forged segment in the name of `sender`. `header`: its ip_id, ttl, window."""
        like = self.last(sender)
        header = {"window": 1000, "ip_id": 0xF0} | header
        segment = dataclasses.replace(like.segment, flags=flags, seq=seq & 0xFFFFFFFF, ack=ack & 0xFFFFFFFF, data=data, options=options,
                                      **header)
        self._leaves(sender, segment.packet(), forged=True)
        self.settle()

    def forge_reply(self, flags, number):
        """A forged segment in the name of the server, which has sent nothing yet: to the client's SYN, with an ACK of `number` beyond it."""
        syn = self.last(CLIENT).segment
        reply = dataclasses.replace(syn, src=syn.dst, sport=syn.dport, dst=syn.src, dport=syn.sport, flags=flags, seq=1000,
                                    ack=(syn.seq + number) & 0xFFFFFFFF, data=b"", options=b"", window=1000, ip_id=0xF0)
        self._leaves(SERVER, reply.packet(), forged=True)
        self.settle()

    # ---- time ----------------------------------------------------------------------------------------------------------------

    def _drain(self):
        """Takes what both hosts have sent. True where there was something."""
        some = False
        for name, host in self.hosts.items():
            while (sent := host.read()) is not None:
                some = True
                self._leaves(name, *sent)
        return some

    def step(self, longest):
        """Waits for one thing to happen, at most so many seconds. True where something did."""
        if self._drain():
            return True
        end = self.clock.now() + longest
        while True:
            wait = end - self.clock.now()
            if self.queue:
                wait = min(wait, self.queue[0][0] - self.clock.now())
            self.clock.wait(self.poll, min([wait] + [host.advance(self.clock.now()) for host in self.hosts.values()]))
            for host in self.hosts.values():
                host.advance(self.clock.now())
            if self._drain():
                return True
            if self.queue and self.queue[0][0] <= self.clock.now():
                heapq.heappop(self.queue)[2]()
                return True
            if self.clock.now() >= end:
                return bool(self.queue)

    def settle(self):
        """Until nothing is on its way."""
        for _ in range(MOST_STEPS):
            if not self.step(self.quiet):
                return
        raise Unplayable("the hosts answer each other without end")

    def settle_within(self, seconds):
        """The same, but not for longer than that."""
        end = self.clock.now() + seconds
        while self.clock.now() < end and self.step(self.quiet):
            pass

    def run(self, seconds):
        """For that long, and until nothing is on its way then. Where a stack takes part whose timers are slower, for so much longer."""
        end = self.clock.now() + seconds * self.patience
        while (left := end - self.clock.now()) > 0:
            self.step(left)

    def run_until(self, test, longest=20):
        end = self.clock.now() + longest * self.patience
        while not test() and self.clock.now() < end:
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
            host.close()


def _of_pair(frames, frame):
    """The frames between the same two ends."""
    pair = {(frame.segment.src, frame.segment.sport), (frame.segment.dst, frame.segment.dport)}
    return [g for g in frames if {(g.segment.src, g.segment.sport), (g.segment.dst, g.segment.dport)} == pair]


def _last_of(frames, end, moment):
    """The last frame of `end` captured before that moment, or None."""
    return max((g for g in frames if g.sender == end and g.captured < moment), key=lambda g: g.captured, default=None)


def _crossed(frames, frame):
    """A frame of the receiver that had left, in another state, before this one arrived, but was captured after it; and the receiver is not in
    the state that its last frame showed."""
    known = _last_of(frames, OTHER[frame.sender], frame.captured)
    if known is not None and frame.after[OTHER[frame.sender]] == known.sent:
        return False
    return any(g.sender != frame.sender and g.left < frame.arrived and g.captured > frame.captured
               and (known is None or g.sent != known.sent) for g in frames)


def _is_new(frames, frame):
    """It has a SYN or FIN that was not captured before, and so forces a reply."""
    return bool(frame.segment.flags & (SYN | FIN)) and not any(
        g.sender == frame.sender and g.captured < frame.captured and g.segment.flags & (SYN | FIN) and g.segment.end == frame.segment.end
        for g in frames)


def _overtaken(frames, frame):
    """A frame of the other end, captured before this one, changed its sender only after it had left, and forced no reply that would show it."""
    return any(g.sender != frame.sender and g.captured < frame.captured and g.arrived > frame.left and not _is_new(frames, g)
               and g.after[frame.sender] != g.before[frame.sender] for g in frames)


def _late(frames, frame):
    """A later frame of its sender, in another state, was captured before it: the network held this one back, or copied it."""
    return any(g.sender == frame.sender and g.captured < frame.captured and g.left > frame.left and g.sent != frame.sent for g in frames)


def _last_is_syn(frames, end, moment):
    """Whether the last that was seen of the end, but for RSTs, is a SYN."""
    last = _last_of([g for g in frames if not g.segment.flags & RST], end, moment)
    return last is not None and last.segment.kind == "SYN"


def _has_said_rst(frames, frame):
    """The last that was seen of the receiver is a RST, and no SYN comes to it, which a listener may take."""
    last = _last_of(frames, OTHER[frame.sender], frame.captured)
    return last is not None and bool(last.segment.flags & RST) and not frame.segment.flags & SYN


def _answers_copy(frames, frame):
    """A frame of an end in SYN_RCVD, after its SYN,ACK, where a SYN to it arrived twice: it may answer the copy, which was not captured."""
    own = [g for g in frames if g.sender == frame.sender and g.captured < frame.captured and g.segment.kind == "SYN,ACK"]
    copied = any(g.sender != frame.sender and g.captured < frame.captured and g.segment.flags & SYN and g.delivered == "dup" for g in frames)
    return frame.sent == "SYN_RCVD" and bool(own) and copied


def _acked_in_vain(frames, frame):
    """An ACK of an end in SYN_RCVD, after the ACK of its SYN,ACK was captured and lost."""
    opened = max((g.captured for g in frames if g.sender == frame.sender and g.segment.kind == "SYN,ACK" and g.captured < frame.captured),
                 default=None)
    acks = [g for g in frames if opened is not None and g.sender != frame.sender and opened < g.captured < frame.captured
            and g.segment.flags & ACK and not g.segment.flags & (SYN | RST)]
    return frame.sent == "SYN_RCVD" and not frame.segment.flags & SYN and bool(acks) and acks[0].delivered != "yes"


def _revived(frames, end, moment):
    """The end was gone since the last SYN, and has a socket again: data with a SYN cookie's number makes one."""
    since = max((g.captured for g in frames if g.segment.flags & SYN and g.captured < moment), default=0)
    states = [g.after[end] for g in sorted(frames, key=lambda g: g.arrived) if since < g.captured <= moment]
    gone = [number for number, state in enumerate(states) if state in ("CLOSED", "LISTEN")]
    return bool(gone) and any(state == "ESTABLISHED" for state in states[gone[0]:])


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


def _closed_by_forgery(frames, end, moment):
    """A FIN was forged in the name of `end`, and the other end took it; `end` itself has closed nothing since."""
    since = [g for g in frames if g.sender == end and g.captured < moment]
    for g in reversed(since):
        if g.forged and g.segment.flags & FIN and g.after[OTHER[end]] != g.before[OTHER[end]]:
            return True
        if not g.forged and g.segment.flags & (SYN | FIN | RST):
            return False
    return False


def _fin_seen(frames, end, frame):
    """Whether a FIN of `end` was captured by then, since its last SYN."""
    seen = [g for g in frames if g.sender == end and not g.forged and g.captured <= frame.captured]
    for g in reversed(seen):
        if g.segment.flags & FIN:
            return True
        if g.segment.flags & SYN:
            return False
    return False


def _never_accepted(frames, frame, end):
    """The end has sent nothing since its SYN,ACK, and the other end has acknowledged that; but it was in no state beyond SYN_RCVD since."""
    seen = [g for g in frames if g.captured <= frame.captured]
    opened = max((number for number, g in enumerate(seen) if g.sender == end), default=None)
    if opened is None or seen[opened].segment.kind != "SYN,ACK" or frame.after[end] not in ("LISTEN", "SYN_RCVD"):
        return False
    later = seen[opened + 1:]
    return any(g.segment.flags & ACK and not g.segment.flags & SYN for g in later) and all(g.after[end] in ("LISTEN", "SYN_RCVD") for g in later)


def _why_sender(frames, frame):
    if frame.forged or _closed_by_forgery(frames, frame.sender, frame.captured):
        return "forged"
    if _overtaken(frames, frame) or _late(frames, frame):
        return "crossing"
    if frame.sent in OWN_FIN and not _fin_seen(frames, frame.sender, frame):
        return "fin-queued"
    if _revived(frames, frame.sender, frame.captured):
        return "syn-cookie"
    if _acked_in_vain(frames, frame):
        return "lost"
    if frame.late_copy or _answers_copy(frames, frame):
        return "copied"
    if frame.sent == "LISTEN":
        return "no-socket" if frame.segment.flags & RST else "syn-cookie"
    if frame.sent == "SYN_SENT" and not frame.segment.flags & SYN and not _last_is_syn(frames, frame.sender, frame.captured):
        return "syn-queued"
    if frame.sent == "CLOSED" and (not frame.segment.flags & RST or _last_is_syn(frames, frame.sender, frame.captured)):
        return "gone"  # after a SYN: the program has closed the socket
    return "-"


def _why_receiver(frames, frame):
    receiver = OTHER[frame.sender]
    now, before = frame.after[receiver], frame.before[receiver]
    if _spoken_for(frames, frame, receiver) or _closed_by_forgery(frames, receiver, frame.captured):
        return "forged"
    if _lost(frames, frame):
        return "lost"
    if _crossed(frames, frame):
        return "crossing"
    if now in OWN_FIN and not _fin_seen(frames, receiver, frame):
        return "fin-queued"
    if _revived(frames, receiver, frame.captured):
        return "syn-cookie"
    if now == "SYN_SENT" and not _last_is_syn(frames, receiver, frame.captured):
        return "syn-queued"
    if now == "LISTEN" and frame.segment.flags & SYN and frame.delivered != "no":
        return "syn-cookie"
    if now == "SYN_RCVD" and before == "SYN_RCVD" and frame.segment.kind == "ACK" or _never_accepted(frames, frame, receiver):
        return "not-accepted"
    if now == "CLOSED" and not frame.segment.flags & RST and before not in ("LAST_ACK", "CLOSING") and not _has_said_rst(frames, frame):
        return "gone"
    return "-"


def explain(frames):
    """Marks the frames whose truth cannot be known from the wire, with the reason."""
    for frame in frames:
        of_pair = _of_pair(frames, frame)
        frame.why = _why_sender(of_pair, frame)
        frame.why_receiver = _why_receiver(of_pair, frame)
