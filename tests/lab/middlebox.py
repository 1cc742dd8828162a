"""Scenarios with a middlebox that ends connections in an end's name: with all the marks of another machine, with some, with none. They are for
the tests; captures/ does not keep their recordings."""
from scenarios import crash, scenario
from segment import ACK, FIN, RST
from wire import CLIENT, SERVER

DELAY = 0.02  # seconds to each host: the middlebox is nearer
NO_SOCKET = {"ip_id": 0, "window": 0}  # as Linux resets what it does not know


def talking(lab):
    """A connection in which both ends have sent data. Returns its ends; the client's last data waits in the server's socket."""
    client, server = lab.open()
    for _ in range(3):
        client.send(100)
        server.read()
        server.send(300)
        client.read()
    client.send(40)
    return client, server


def ends(lab, flags=RST | ACK, options=b"", **header):
    """The middlebox answers the client's last data in the server's name."""
    data = next(frame.segment for frame in reversed(lab.frames) if frame.sender == CLIENT and frame.segment.data)
    header = {name: getattr(data, name) if value == "copied" else value for name, value in header.items()}
    lab.inject(SERVER, flags, lab.last(SERVER).segment.end, data.end, options=options, **header)


@scenario(kept=False, delay=DELAY)
def middlebox_all_marks(lab):
    """It turns the client's segment round: IP ID and window are the client's, the distance is its own, and there are no timestamps."""
    talking(lab)
    ends(lab, ttl=47, ip_id="copied", window="copied")


@scenario(kept=False, delay=DELAY)
def middlebox_two_marks(lab):
    """It has a distance of its own, and sets no timestamps."""
    talking(lab)
    ends(lab, ttl=47, ip_id=0, window=512)


@scenario(kept=False, delay=DELAY)
def middlebox_fin(lab):
    """It closes with a FIN, from its own distance, and with the client's IP ID."""
    talking(lab)
    ends(lab, flags=FIN | ACK, ttl=47, ip_id="copied")


@scenario(kept=False, delay=DELAY)
def middlebox_one_mark(lab):
    """It has a distance of its own, and resets as a host without a socket does."""
    talking(lab)
    ends(lab, ttl=47, **NO_SOCKET)


@scenario(kept=False, delay=DELAY)
def middlebox_one_hop(lab):
    """It is one hop nearer: as a route that has changed."""
    talking(lab)
    ends(lab, ttl=63, **NO_SOCKET)


@scenario(kept=False, delay=DELAY)
def middlebox_faithful(lab):
    """It has no mark: nobody can tell."""
    talking(lab)
    last = lab.last(SERVER).segment
    ends(lab, ttl=last.ttl, ip_id=last.ip_id + 1, window=last.window, options=last.options)


@scenario(kept=False, delay=DELAY)
def own_reset(lab):
    """The server's program aborts with unread data."""
    _, server = talking(lab)
    server.close()


@scenario(kept=False, delay=DELAY)
def reset_without_a_socket(lab):
    """The server's host has lost its socket, and resets the client's next data."""
    client, server = talking(lab)
    crash(lab, server, SERVER)
    client.send(10)
