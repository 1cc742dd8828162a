"""The scenarios: each a few lines that say who connects, what is dropped and who closes. The first sentence is its story.

A scenario gets a Lab (below) and runs it; `@scenario` registers it by its name. `needs` are options of the wire.
"""
import random
import socket
import struct

import article
from segment import ACK, FIN, RST, SYN
from wire import CLIENT, SERVER, Wire

SCENARIOS = {}
IPPROTO_MPTCP = 262
TCP_DEFER_ACCEPT, TCP_USER_TIMEOUT, TCP_FASTOPEN = 9, 18, 23
MSG_FASTOPEN = 0x20000000


def scenario(function=None, **needs):
    """Registers a scenario. `slow`: not among the quick ones; `kept`: captures/ has its recording."""
    def register(function):
        function.slow, function.kept = needs.pop("slow", False), needs.pop("kept", True)
        function.needs = needs
        SCENARIOS[function.__name__] = function
        return function
    return register(function) if function else register


class End:
    """A TCP socket of one of the hosts."""

    def __init__(self, lab, sock):
        self.lab, self.socket = lab, sock
        lab.sockets.append(sock)  # one that is forgotten would be closed

    def send(self, count):
        try:
            self.socket.send(b"x" * count)
        except OSError:
            pass  # reset or closed in the meantime; the wire shows it
        self.lab.settle()

    def send_now(self, count):
        """Without waiting for what comes of it."""
        self.socket.send(b"x" * count)

    def read(self):
        try:
            self.socket.recv(1 << 20)
        except OSError:
            pass
        self.lab.settle()

    def close(self):
        self.read()
        self.close_now()
        self.lab.settle()

    def close_now(self):
        """At once, with what came unread."""
        self.socket.close()

    def shut(self):
        """Closes its direction only."""
        self.socket.shutdown(socket.SHUT_WR)
        self.lab.settle()

    def abort(self):
        """Closes with a linger time of zero: a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_now()
        self.lab.settle()


class Lab(Wire):
    """The wire, and sockets to use it."""

    PORT = {CLIENT: 40000, SERVER: 80}

    def __init__(self, **needs):
        super().__init__(**needs)
        self.sockets = []

    def socket(self, host, port=None, protocol=0, options=()):
        sock = self.hosts[host].socket(self.family, protocol)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for level, name, value in options:
            sock.setsockopt(level, name, value)
        if port is not None:
            sock.bind((self.address[host], port))
        return sock

    def listen(self, backlog=8, options=()):
        listener = self.socket(SERVER, self.PORT[SERVER], options=options)
        listener.listen(backlog)
        self.listener = listener
        return listener

    def connect_now(self, port=None, options=(), protocol=0, host=CLIENT, to=None):
        sock = self.socket(host, port or self.PORT[host], protocol, options)
        other = SERVER if host == CLIENT else CLIENT
        sock.connect_ex((self.address[other], to or self.PORT[other]))
        return End(self, sock)

    def connect(self, **arguments):
        end = self.connect_now(**arguments)
        self.settle()
        return end

    def accept(self):
        sock = self.listener.accept()[0]
        sock.setblocking(False)
        return End(self, sock)

    def open(self, **arguments):
        """A listener, a client that connects, and the server's end of it."""
        self.listen()
        client = self.connect(**arguments)
        return client, self.accept()

    def state_of(self, end):
        """The state of an end of the connection between the usual ports."""
        ends = {name: (self.address[name], self.PORT[name]) for name in self.hosts}
        return self.hosts[end].state(self.family, ends[end], ends[SERVER if end == CLIENT else CLIENT])

    def sysctl(self, host, **values):
        for name, value in values.items():
            self.hosts[host].sysctl("net.ipv4." + name, value)


# ---- opening and closing as they should be -------------------------------------------------------------------------------------

@scenario
def normal(lab):
    """Three-way open, data in both directions, four-way close."""
    client, server = lab.open()
    client.send(100)
    server.send(50)
    client.close()
    server.close()


@scenario
def server_first(lab):
    """The server closes first and is the one to wait in TIME_WAIT."""
    client, server = lab.open()
    server.close()
    client.close()


@scenario
def fin_ack_3seg(lab):
    """Three-segment close: the server closes too before it acknowledges, so its FIN rides on the ACK."""
    client, server = lab.open()
    client.send(10)
    server.read()
    client.close_now()
    while not lab.last(CLIENT).segment.flags & FIN or not lab.last(CLIENT).arrived:
        lab.step(0.001)
    server.close_now()
    lab.settle()


@scenario
def fin_with_data(lab):
    """The FIN rides on the last data."""
    client, server = lab.open()
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    client.send_now(30)
    client.close()
    server.close()


@scenario
def half_close(lab):
    """The client closes its direction and goes on receiving."""
    client, server = lab.open()
    client.shut()
    server.send(500)
    client.read()
    server.close()


@scenario
def simul_open(lab):
    """Simultaneous open: both ends connect, their SYNs cross."""
    client, server = lab.connect_now(), lab.connect_now(host=SERVER)
    lab.settle()
    client.close()
    server.close()


@scenario
def simul_open_syn_lost(lab):
    """Simultaneous open, and one of the SYNs is lost."""
    lab.drop("server SYN", 1)
    client, server = lab.connect_now(), lab.connect_now(host=SERVER)
    lab.run(1.2)
    client.close()
    server.close()


@scenario
def simul_close(lab):
    """Simultaneous close: both ends close, their FINs cross."""
    client, server = lab.open()
    client.close_now()
    server.close_now()
    lab.settle()


@scenario
def simul_close_ack_lost(lab):
    """Simultaneous close, and the ACK of one of the FINs is lost."""
    client, server = lab.open()
    lab.drop("client ACK", 1)
    client.close_now()
    server.close_now()
    lab.run(0.5)


# ---- refused and lost while opening ----------------------------------------------------------------------------------------------

@scenario
def refused(lab):
    """No listener: the SYN is refused."""
    lab.connect()


@scenario
def syn_dropped_once(lab):
    """The first SYN is dropped; the second opens the connection."""
    lab.drop("client SYN", 1)
    lab.listen()
    lab.connect_now()
    lab.run(1.2)


@scenario
def syn_dropped(lab):
    """SYN_SENT held: the client's SYNs are dropped. Linux 6.5 and later retries the first ones each second."""
    lab.drop("client SYN")
    lab.listen()
    lab.connect_now()
    lab.run(5.4)


@scenario
def synack_dropped_once(lab):
    """The first SYN,ACK is dropped."""
    lab.drop("server SYN,ACK", 1)
    lab.listen()
    lab.connect_now()
    lab.run(1.2)


@scenario
def synack_dropped(lab):
    """SYN_RCVD held: the server's SYN,ACKs are dropped."""
    lab.drop("server SYN,ACK")
    lab.listen()
    lab.connect_now()
    lab.run(3.3)


@scenario
def hs_ack_dropped_once(lab):
    """The ACK that ends the handshake is dropped once: the server sends its SYN,ACK again."""
    lab.drop("client ACK", 1)
    lab.listen()
    client = lab.connect_now()
    lab.run(1.3)
    client.close()
    lab.accept().close()


@scenario
def hs_ack_dropped(lab):
    """The ACK that ends the handshake is dropped always."""
    lab.drop("client ACK")
    lab.listen()
    lab.connect_now()
    lab.run(3.3)


@scenario
def hs_ack_lost_then_data(lab):
    """The ACK that ends the handshake is lost, and the client's data does its work."""
    lab.drop("client ACK", 1)
    lab.listen()
    client = lab.connect()
    client.send(20)
    server = lab.accept()
    client.close()
    server.close()


@scenario
def hs_ack_lost_then_fin(lab):
    """The ACK that ends the handshake is lost, and the client's FIN does its work."""
    lab.drop("client ACK", 1)
    lab.listen()
    client = lab.connect()
    client.close()
    lab.accept().close()


# ---- lost while closing ------------------------------------------------------------------------------------------------------------

@scenario
def fin_dropped_once(lab):
    """The FIN is dropped once and sent again."""
    client, server = lab.open()
    lab.drop("client FIN,ACK", 1)
    client.close()
    lab.run(0.4)
    server.close()


@scenario
def fin_dropped(lab):
    """FIN_WAIT_1 held: the client's FINs are dropped until it gives up. The server learns of it only by a RST."""
    client, server = lab.open()
    lab.drop("client FIN,ACK")
    lab.sysctl(CLIENT, tcp_orphan_retries=4)
    client.close_now()
    lab.run_until(lambda: lab.state_of(CLIENT) == "CLOSED", 12)
    server.send(10)


@scenario
def fin_ack_dropped_once(lab):
    """The ACK of the FIN is dropped once: the FIN is sent again."""
    client, server = lab.open()
    lab.drop("server ACK", 1)
    client.close()
    lab.run(0.4)
    server.close()


@scenario
def fin_ack_dropped(lab):
    """The ACKs of the FIN are dropped always."""
    client, server = lab.open()
    lab.drop("server ACK")
    client.close()
    lab.run(1.2)


@scenario
def last_ack_dropped_once(lab):
    """The last ACK is dropped once: LAST_ACK sends its FIN again, TIME_WAIT answers."""
    client, server = lab.open()
    client.close()
    lab.drop("client ACK", 1)
    server.close()
    lab.run(0.4)


@scenario
def last_ack_dropped(lab):
    """LAST_ACK held: the last ACK is dropped always."""
    client, server = lab.open()
    client.close()
    lab.drop("client ACK")
    server.close()
    lab.run(1.2)


@scenario
def fin_reordered(lab):
    """The FIN overtakes the data in front of it."""
    client, server = lab.open()
    lab.hold("client data", until=lambda frame: frame.segment.flags & FIN)
    client.send_now(10)
    client.close()
    lab.run(0.1)
    server.close()


@scenario
def fin_duplicated(lab):
    """The network delivers the FIN twice."""
    client, server = lab.open()
    lab.duplicate("client FIN,ACK")
    client.close()
    server.close()


@scenario
def fin_crossing_data(lab):
    """The FIN crosses data that nobody will read: the closed socket answers with a RST."""
    client, server = lab.open()
    server.send_now(10)
    client.close_now()
    lab.settle()


@scenario
def fin_behind_zero_window(lab):
    """The FIN waits in the kernel behind data that the server has no room for."""
    lab.listen(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)])
    client = lab.connect()
    server = lab.accept()
    client.send_now(20000)
    client.close()
    lab.run(0.5)
    for _ in range(40):
        server.read()
    lab.run(0.5)
    server.close()


@scenario
def fin_behind_cwnd(lab):
    """The FIN waits in the kernel behind data that the congestion window holds back."""
    client, server = lab.open()
    lab.drop("server ACK", 3)
    client.send_now(40000)
    client.close()
    lab.run(0.5)
    server.read()
    server.close()


# ---- reset -----------------------------------------------------------------------------------------------------------------------

@scenario
def rst_linger0(lab):
    """The client aborts: close with a linger time of zero sends a RST."""
    client, _ = lab.open()
    client.abort()


@scenario
def rst_unread_data(lab):
    """The server closes with data unread: a RST instead of a FIN."""
    client, server = lab.open()
    client.send(30)
    server.close_now()
    lab.settle()


@scenario
def rst_lost(lab):
    """A RST is lost: the server goes on until its next data, after a while, meets another."""
    client, server = lab.open()
    lab.drop("client RST,ACK", 1)
    client.abort()
    lab.run(1.2)
    server.send(10)


@scenario
def rst_bad_seq(lab):
    """Forged RSTs: at a number in the window and one outside it, both without effect; the exact one ends the server."""
    lab.open()
    number = lab.last(CLIENT).segment.end
    lab.inject(CLIENT, RST, number + 100)
    lab.inject(CLIENT, RST, number - 100000)
    lab.inject(CLIENT, RST, number)


@scenario
def rst_in_syn_rcvd(lab):
    """The client aborts while the server is in SYN_RCVD."""
    lab.drop("client ACK", 1)
    lab.listen()
    lab.connect().abort()


@scenario
def rst_after_fin(lab):
    """The client closes its direction, then aborts."""
    client, _ = lab.open()
    client.shut()
    client.abort()


@scenario
def data_after_close(lab):
    """Data meets a socket that has closed: a RST."""
    client, server = lab.open()
    client.close()
    server.send(10)


# ---- time-outs, TIME_WAIT --------------------------------------------------------------------------------------------------------

@scenario
def fin_wait_2_timeout(lab):
    """FIN_WAIT_2 is given up after its time; the server's FIN finds nobody."""
    lab.sysctl(CLIENT, tcp_fin_timeout=1)
    client, server = lab.open()
    client.close()
    lab.run(2.5)
    server.close()


@scenario
def tw_reuse(lab):
    """A port in TIME_WAIT on the server is used again."""
    client, server = lab.open()
    server.close()
    client.close()
    lab.run(1.1)
    client = lab.connect()
    server = lab.accept()
    client.send(10)
    client.close()
    server.close()


@scenario
def tw_refused(lab):
    """A port in TIME_WAIT on the server is used again, but nobody listens any more."""
    client, server = lab.open()
    server.close()
    client.close()
    lab.listener.close()
    lab.run(1.1)
    lab.connect()


@scenario
def tw_rst(lab):
    """A RST, forged at the right number, meets TIME_WAIT, which Linux ends by it."""
    client, server = lab.open()
    client.close()
    server.close()
    lab.inject(SERVER, RST, lab.last(SERVER).segment.end)


# ---- a SYN into an open connection -------------------------------------------------------------------------------------------------

@scenario
def syn_to_established(lab):
    """The client has crashed and connects again from the same port: challenge ACK, RST, and a new connection."""
    client, _ = lab.open()
    crash(lab, client)
    lab.connect_now()
    lab.run(1.3)


@scenario
def syn_forged(lab):
    """A forged SYN into an open connection, which answers it and goes on."""
    client, server = lab.open()
    number = lab.last(CLIENT).segment.end
    lab.inject(CLIENT, SYN, number + 100000)
    client.send(10)
    client.close()
    server.close()


@scenario
def challenge_loop(lab):
    """Five forged SYNs into an open connection, and a challenge ACK for each."""
    client, server = lab.open()
    number = lab.last(CLIENT).segment.end
    for _ in range(5):
        lab.inject(CLIENT, SYN, number + 100000)
        lab.run(0.6)
    client.send(10)
    client.close()
    server.close()


def crash(lab, end, host=CLIENT):
    """The host loses its socket, and no word of it gets out."""
    frames = len(lab.frames)
    lab.drop(f"{host} *")
    end.abort()
    lab.heal()
    del lab.frames[frames:]


@scenario
def peer_crashed(lab):
    """The client's host has lost its socket: the server's data meets a RST."""
    client, server = lab.open()
    crash(lab, client)
    lab.run(1.5)
    server.send(10)


@scenario
def black_hole(lab):
    """Nothing gets through any more: the client's data is sent again until it gives up."""
    client, _ = lab.open()
    lab.sysctl(CLIENT, tcp_retries2=2)
    lab.drop("client *")
    client.send_now(10)
    lab.run(2.5)


@scenario
def user_timeout(lab):
    """The same, and the user's time-out ends it."""
    client, _ = lab.open()
    client.socket.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 700)
    lab.drop("client *")
    client.send_now(10)
    lab.run(2)


@scenario
def keepalive(lab):
    """Keep-alive probes: the first is answered, the next ones are lost, and the client gives up with a RST."""
    client, _ = lab.open(options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
                                  (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)])
    lab.run(1.2)
    lab.drop("client ACK")
    lab.run(4.2)


@scenario(slow=True)
def zero_window(lab):
    """The server's application does not read: its window closes, and half a minute of probes does not open it."""
    lab.listen(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)])
    client = lab.connect()
    server = lab.accept()
    client.send_now(20000)
    lab.run(60)
    client.abort()
    server.abort()


@scenario(slow=True)
def close_wait(lab):
    """The client closes its direction, and the server's application forgets the connection: keep-alive probes find it in CLOSE_WAIT."""
    client, _ = lab.open(options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 33),
                                  (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 33)])
    client.shut()
    lab.run(70)


# ---- Fast Open, deferred accept, a full queue, cookies -----------------------------------------------------------------------------

@scenario
def tfo(lab):
    """TCP Fast Open: a connection that asks for a cookie, then one with data on its SYN, answered before the handshake is over."""
    for host in (CLIENT, SERVER):
        lab.sysctl(host, tcp_fastopen=3)
    lab.listen(options=[(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)])

    def fast():
        sock = lab.socket(CLIENT, lab.PORT[CLIENT])
        try:
            sock.sendto(b"x" * 20, MSG_FASTOPEN, (lab.address[SERVER], lab.PORT[SERVER]))
        except BlockingIOError:
            pass
        return End(lab, sock)

    client = fast()
    lab.settle()
    lab.accept().close()
    client.abort()
    client = fast()
    while not lab.last(CLIENT).segment.flags & SYN or not lab.last(CLIENT).arrived:
        lab.step(0.001)
    server = lab.accept()
    server.send_now(30)
    lab.settle()
    client.close()
    server.close()


@scenario
def deferred_accept(lab):
    """Deferred accept: the server ignores the handshake's ACK until there is data."""
    lab.listen(options=[(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 3)])
    client = lab.connect()
    lab.run(1.2)
    client.send(20)
    server = lab.accept()
    client.close()
    server.close()


@scenario
def accept_queue_overflow(lab):
    """The accept queue is full: the server ignores the handshake's ACK of a second connection."""
    lab.listen(backlog=0)
    lab.connect()
    lab.connect(port=40001)
    lab.run(1.3)
    lab.accept()
    lab.run(2.3)


@scenario
def accept_queue_abort(lab):
    """The accept queue is full, and the server is set to abort: a RST."""
    lab.sysctl(SERVER, tcp_abort_on_overflow=1)
    lab.listen(backlog=0)
    lab.connect()
    lab.connect(port=40001)


@scenario
def syn_cookies(lab):
    """SYN cookies: the kernel stays in LISTEN though it answers."""
    lab.sysctl(SERVER, tcp_syncookies=2)
    client, server = lab.open()
    client.send(10)
    client.close()
    server.close()


@scenario
def listener_closed(lab):
    """The listener is closed while a connection waits for accept."""
    lab.listen()
    client = lab.connect()
    lab.listener.close()
    lab.settle()
    client.send(10)


# ---- more than one, elsewhere, larger ------------------------------------------------------------------------------------------------

@scenario
def mptcp_fallback(lab):
    """The client offers MPTCP, the server knows plain TCP only."""
    lab.hosts[CLIENT].sysctl("net.mptcp.enabled", 1)
    client, server = lab.open(protocol=IPPROTO_MPTCP)
    client.send(10)
    client.close()
    server.close()


@scenario
def two_connections(lab):
    """Two connections, interleaved; one is closed, the other aborted."""
    lab.listen()
    one, two = lab.connect_now(), lab.connect_now(port=40001)
    lab.settle()
    ends = [lab.accept(), lab.accept()]
    one.send_now(10)
    two.send_now(10)
    lab.settle()
    one.close_now()
    two.abort()
    for end in ends:
        end.close()


class Shift:
    """Moves the sequence numbers of both ends on the wire, so that they wrap inside the exchange."""

    def __init__(self, before_wrap=60):
        self.offset, self.before_wrap = {}, before_wrap

    def out(self, sender, segment):
        other = SERVER if sender == CLIENT else CLIENT
        if segment.flags & SYN:
            self.offset.setdefault(sender, (-self.before_wrap - segment.seq) & 0xFFFFFFFF)
        return self._moved(segment, self.offset.get(sender, 0), self.offset.get(other, 0))

    def into(self, receiver, segment):
        other = SERVER if receiver == CLIENT else CLIENT
        return self._moved(segment, -self.offset.get(other, 0), -self.offset.get(receiver, 0))

    @staticmethod
    def _moved(segment, seq, ack):
        return type(segment)(**{**vars(segment), "seq": (segment.seq + seq) & 0xFFFFFFFF,
                                "ack": (segment.ack + ack) & 0xFFFFFFFF if segment.flags & ACK else 0,
                                "options": segment.sacks_moved(ack)})

    @staticmethod
    def at_host(_end, local, remote):
        return local, remote


@scenario(translate=Shift)
def wrap(lab):
    """The sequence numbers of both ends wrap inside the exchange."""
    client, server = lab.open()
    for _ in range(5):
        client.send(30)
        server.send(40)
    client.close()
    server.close()


class Nat:
    """The server knows the client by another address and port; captures are taken behind it."""

    def __init__(self):
        self.inside = self.outside = None

    def _addresses(self, segment):
        self.inside = self.inside or (segment.src, segment.sport)
        self.outside = self.outside or ("10.9.0.77" if ":" not in segment.src else "fd00:9::77", 61000)

    def out(self, sender, segment):
        if sender == CLIENT:
            self._addresses(segment)
            return type(segment)(**{**vars(segment), "src": self.outside[0], "sport": self.outside[1]})
        return segment

    def into(self, receiver, segment):
        if receiver == CLIENT:
            return type(segment)(**{**vars(segment), "dst": self.inside[0], "dport": self.inside[1]})
        return segment

    def at_host(self, end, local, remote):
        return (self.inside if end == CLIENT else local), remote


@scenario(translate=Nat)
def nat(lab):
    """A NAT between the two, and the capture taken behind it."""
    normal(lab)


@scenario(delay=0.01, points=("client", "server"))
def two_points(lab):
    """The client's FINs are lost on the way, and captured beside the client only; the captures beside both hosts are 20 ms apart."""
    client, server = lab.open()
    client.send(100)
    lab.drop("client FIN,ACK", 3)
    client.close_now()
    lab.run(0.9)
    lab.heal()
    lab.run(3)
    server.close()
    lab.run(0.5)


@scenario(delay=0.02, points=("client", "middle", "server"))
def three_points(lab):
    """The same exchange, captured beside the client, in the middle and beside the server, 20 ms apart: FINs cross on the way."""
    client, server = lab.open()
    client.send(100)
    server.send_now(50)
    client.close_now()
    server.close_now()
    lab.settle()
    lab.run(0.2)


@scenario(slow=True)
def random_10000(lab):
    """A connection of 10,000 segments over a network that loses, copies and reorders at random (seeded)."""
    client, server = lab.open()
    for end in (client, server):
        end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    dice = random.Random(9293)
    lab.rules.append(RandomRule(dice))
    end = lab.clock.now() + 150
    while len(lab.frames) < 9990 and lab.clock.now() < end:
        for sender, receiver in ((client, server), (server, client)):
            try:
                sender.send_now(dice.randrange(1, 40))
            except BlockingIOError:
                pass
            lab.step(0)
            try:
                receiver.socket.recv(1 << 16)
            except BlockingIOError:
                pass
    lab.heal()
    lab.release()
    lab.run(2)
    client.close()
    server.close()


class RandomRule:
    """Two in a hundred are lost, two copied, two kept back behind the next."""

    def __init__(self, dice):
        self.dice, self.times, self.until = dice, -1, lambda frame: True

    def matches(self, _frame):
        draw = self.dice.random()
        self.action = "drop" if draw < 0.02 else "dup" if draw < 0.04 else "hold" if draw < 0.06 else "deliver"
        return self.action != "deliver"


# ---- on the loopback, with iptables and ss, in real time -------------------------------------------------------------------------------

def experiment(steps, **sysctls):
    """Registers an experiment on the loopback; its sysctls are those of its machine."""
    def register(function):
        function.slow, function.kept, function.needs, function.steps = True, True, sysctls, steps
        SCENARIOS[function.__name__] = function
        return function
    return register


@experiment(article.syn_sent, tcp_syn_linear_timeouts=0, tcp_syn_retries=6)
def loopback_syn_sent():
    """SYN_SENT held: the client's packets to the server are dropped on INPUT. Six retries, each after twice the time."""


@experiment(article.syn_sent, tcp_syn_retries=6)
def loopback_syn_sent_linear():
    """The same as this machine does it by default: Linux 6.5 and later retries a SYN four times each second first."""


@experiment(article.syn_rcvd, tcp_syn_linear_timeouts=0, tcp_syn_retries=6)
def loopback_syn_rcvd():
    """SYN_RCVD held: the server's packets to the client are dropped on INPUT."""


@experiment(article.fin_wait_1)
def loopback_fin_wait_1():
    """FIN_WAIT_1 held: after the open, the client's packets to the server are dropped on INPUT, and the client closes."""
