"""Scenarios with segments that no healthy peer sends: forged, late, at wrong numbers; and closes at odd moments. Stacks differ here most, so
these are for the tests, with every stack. captures/ does not keep their recordings."""
import socket

from scenarios import crash, scenario
from segment import ACK, FIN, RST, SYN
from wire import CLIENT, OTHER, SERVER


def number(lab, end, offset=0):
    """The number that the end sends next, and an offset."""
    return lab.last(end).segment.end + offset


def forge(lab, end, flags, offset=0, ack_offset=0, data=b""):
    """A segment in the name of an end, with its next numbers, and offsets."""
    lab.inject(end, flags, number(lab, end, offset), number(lab, OTHER[end], ack_offset) if flags & ACK else 0, data)


def half_closed(lab):
    """FIN_WAIT_2 and CLOSE_WAIT."""
    client, server = lab.open()
    client.shut()
    return client, server


def closed(lab):
    """The client closes first and is in TIME_WAIT."""
    client, server = lab.open()
    client.close()
    server.close()


def forgery(function):
    """Registers a scenario of this file."""
    return scenario(kept=False)(function)


# ---- opening -----------------------------------------------------------------------------------------------------------------------

@forgery
def close_in_syn_sent(lab):
    """The client's program gives up before the SYN,ACK comes, which meets a closed socket."""
    lab.listen()
    lab.hold("server SYN,ACK", until=lambda frame: False)
    client = lab.connect_now()
    lab.settle()
    client.close_now()
    lab.release()


@forgery
def syn_duplicated(lab):
    """The network delivers the SYN twice."""
    lab.duplicate("client SYN")
    client, server = lab.open()
    client.close()
    server.close()


@forgery
def synack_wrong_ack(lab):
    """A forged SYN,ACK with a wrong ACK in SYN_SENT: a RST, and the client tries again."""
    lab.listen()
    lab.drop("client SYN", 1)
    lab.connect_now()
    lab.settle()
    lab.forge_reply(SYN | ACK, 900)
    lab.run(1.2)


@forgery
def ack_in_syn_sent(lab):
    """A forged ACK with a wrong number in SYN_SENT: a RST."""
    lab.listen()
    lab.drop("client SYN", 1)
    lab.connect_now()
    lab.settle()
    lab.forge_reply(ACK, 900)
    lab.run(1.2)


@forgery
def rst_in_syn_sent_wrong_ack(lab):
    """A forged RST,ACK in SYN_SENT that does not acknowledge the SYN: ignored."""
    lab.listen()
    lab.drop("client SYN", 1)
    lab.connect_now()
    lab.settle()
    lab.forge_reply(RST | ACK, 900)
    lab.run(1.2)


def _syn_rcvd(lab):
    lab.listen()
    lab.drop("client ACK", 1)
    client = lab.connect()
    return client


@forgery
def wrong_ack_in_syn_rcvd(lab):
    """A forged ACK with a wrong number in SYN_RCVD: a RST, and the server stays."""
    client = _syn_rcvd(lab)
    forge(lab, CLIENT, ACK, ack_offset=5000)
    client.send(5)
    lab.run(0.3)


@forgery
def rst_in_syn_rcvd_exact(lab):
    """A forged RST at the exact number in SYN_RCVD: back to LISTEN."""
    _syn_rcvd(lab)
    forge(lab, CLIENT, RST)
    lab.run(0.3)


@forgery
def rst_in_syn_rcvd_in_window(lab):
    """A forged RST in the window in SYN_RCVD: some stacks go back to LISTEN, others challenge it."""
    _syn_rcvd(lab)
    forge(lab, CLIENT, RST, 99)
    lab.run(0.3)


@forgery
def fin_in_syn_rcvd(lab):
    """The server closes before the handshake's ACK comes."""
    lab.listen()
    lab.hold("client ACK", until=lambda frame: frame.segment.flags & FIN)
    client = lab.connect()
    client.close()
    lab.run(0.3)


# ---- in an open connection -----------------------------------------------------------------------------------------------------------

@forgery
def rst_in_window(lab):
    """A forged RST in the window: a stack before RFC 5961 closes, others challenge it."""
    client, _ = lab.open()
    forge(lab, CLIENT, RST, 100)
    client.send(5)


@forgery
def rst_out_of_window(lab):
    """A forged RST far outside the window."""
    client, _ = lab.open()
    forge(lab, CLIENT, RST, -100000)
    client.send(5)


@forgery
def rst_exact(lab):
    """A forged RST at the exact number ends the server; the client learns of it when it sends."""
    client, _ = lab.open()
    forge(lab, CLIENT, RST)
    client.send(5)


@forgery
def rst_ack_wrong(lab):
    """A forged RST at the exact number with a wrong ACK."""
    client, _ = lab.open()
    forge(lab, CLIENT, RST | ACK, ack_offset=5000)
    client.send(5)


@forgery
def syn_in_window(lab):
    """A forged SYN in the window: a challenge ACK, or the connection's end on a stack before RFC 5961."""
    client, _ = lab.open()
    forge(lab, CLIENT, SYN, 1000)
    client.send(5)


@forgery
def old_syn_again(lab):
    """A late copy of the SYN in an open connection."""
    client, server = lab.open()
    lab.inject(CLIENT, SYN, lab.frames[0].segment.seq)
    client.close()
    server.close()


@forgery
def data_out_of_window(lab):
    """Forged data far outside the window: an ACK."""
    client, _ = lab.open()
    forge(lab, CLIENT, ACK, 200000, data=b"x" * 5)
    client.send(5)


@forgery
def ack_of_nothing(lab):
    """A forged ACK of data that was never sent."""
    client, _ = lab.open()
    forge(lab, CLIENT, ACK, ack_offset=5000)
    client.send(5)


@forgery
def data_copied(lab):
    """The network delivers data twice."""
    client, _ = lab.open()
    lab.duplicate("client data")
    client.send(10)


@forgery
def data_dropped_once(lab):
    """Data is dropped once and sent again."""
    client, _ = lab.open()
    lab.drop("client data", 1)
    client.send(10)
    lab.run(0.6)


@forgery
def syn_into_close_wait(lab):
    """The client crashes in FIN_WAIT_2, and connects again from the same port."""
    client, _ = half_closed(lab)
    crash(lab, client)
    lab.connect_now()
    lab.run(1.2)


# ---- closing ---------------------------------------------------------------------------------------------------------------------------

@forgery
def rst_in_fin_wait_2_in_window(lab):
    """A forged RST in the window in FIN_WAIT_2."""
    _, server = half_closed(lab)
    forge(lab, SERVER, RST, 100)
    server.send(5)
    server.close()


@forgery
def rst_in_fin_wait_2_after_close(lab):
    """The same after close(): Linux keeps only a small structure then."""
    client, server = lab.open()
    client.close()
    forge(lab, SERVER, RST, 100)
    lab.run(0.2)
    server.close()


@forgery
def rst_at_fin(lab):
    """A forged RST at the number of the client's FIN in CLOSE_WAIT."""
    _, server = half_closed(lab)
    forge(lab, CLIENT, RST, -1)
    server.send(5)


@forgery
def abort_in_close_wait(lab):
    """The server aborts in CLOSE_WAIT."""
    _, server = half_closed(lab)
    server.abort()


@forgery
def abort_in_fin_wait_2(lab):
    """The client aborts in FIN_WAIT_2."""
    client, _ = half_closed(lab)
    client.abort()


@forgery
def close_with_unread_data(lab):
    """The client closes its direction, and the server closes with its data unread."""
    client, server = lab.open()
    client.send(30)
    client.shut()
    server.close_now()
    lab.settle()


@forgery
def fin_again_in_time_wait(lab):
    """The last ACK is lost, and all but the last FIN: TIME_WAIT answers late."""
    client, server = lab.open()
    client.close()
    lab.drop("client ACK", 2)
    server.close()
    lab.run(1)


# ---- TIME_WAIT -------------------------------------------------------------------------------------------------------------------------

@forgery
def rst_in_time_wait(lab):
    """A forged RST at the exact number in TIME_WAIT: Linux ends it, others ignore the RST. Then the old FIN again."""
    closed(lab)
    forge(lab, SERVER, RST)
    lab.inject(SERVER, FIN | ACK, number(lab, SERVER, -1), number(lab, CLIENT))


@forgery
def data_in_time_wait(lab):
    """Old data in TIME_WAIT: an ACK, which meets a closed socket."""
    closed(lab)
    lab.inject(SERVER, ACK, number(lab, SERVER, -1), number(lab, CLIENT), b"x")


@forgery
def old_syn_in_time_wait(lab):
    """A forged SYN with an old number in TIME_WAIT: an ACK."""
    client, server = lab.open()
    server.close()
    client.close()
    lab.inject(CLIENT, SYN, number(lab, CLIENT, -5000))


@forgery
def new_syn_in_time_wait(lab):
    """A forged SYN with a new number in TIME_WAIT."""
    client, server = lab.open()
    server.close()
    client.close()
    lab.inject(CLIENT, SYN, number(lab, CLIENT, 500000))
    lab.run(0.2)


# ---- probes ----------------------------------------------------------------------------------------------------------------------------

@forgery
def keepalive_answered(lab):
    """Keep-alive probes that are answered."""
    lab.open(options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
                      (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)])
    lab.run(1.3)
