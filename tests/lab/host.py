"""A host of the lab: a network namespace of its own with a TUN device, and the kernel's word on what its TCP sockets are in.

Linux, root. Only the standard library.
"""
import ctypes
import errno
import fcntl
import os
import socket
import struct
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8916, 0x8914, 0x891C, 0x8933
IFF_UP_RUNNING = 0x41
IFA_F_TENTATIVE = 0x40
SOCK_DESTROY, NLM_F_REQUEST_ACK = 21, 0x5
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST_DUMP, NLMSG_DONE, NLMSG_ERROR = 4, 20, 0x301, 3, 2

# The numbers of include/net/tcp_states.h. NEW_SYN_RECV is a request that has no socket yet.
STATES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RCVD", 4: "FIN_WAIT_1", 5: "FIN_WAIT_2", 6: "TIME_WAIT", 7: "CLOSED", 8: "CLOSE_WAIT",
          9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN_RCVD"}
# All but BOUND_INACTIVE: with that bit, TIME_WAIT entries of sockets that are still open vanish from the answer.
ALL_STATES = 0xFFFFFFFF & ~(1 << 13)

libc = ctypes.CDLL(None, use_errno=True)


class Unable(Exception):
    """The lab cannot work here; the text says why."""


class Unplayable(Exception):
    """A stack has not what the scenario needs; the text says what."""


def _call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def check():
    """Raises Unable, in a sentence, where the lab cannot work."""
    if os.geteuid() != 0:
        raise Unable("the lab needs root: it makes network namespaces.")
    if not os.path.exists("/dev/net/tun"):
        raise Unable("the lab needs TUN devices, and there is no /dev/net/tun here.")
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        raise Unable(f"the lab needs TUN devices, and /dev/net/tun cannot be opened: {error.strerror}.") from error


class Host:
    """`ipv4`, `ipv6`: its addresses. Sockets made `with host:` belong to it."""

    def __init__(self, name, ipv4, ipv6, tun=True):
        self.name, self.ipv4, self.ipv6 = name, ipv4, ipv6
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            try:
                _call("unshare", CLONE_NEWNET)
            except OSError as error:
                raise Unable(f"the lab cannot make a network namespace here: {error.strerror}.") from error
            self.namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
            self.home = home
            self._up("lo")
            self.tun = self._open_tun() if tun else None
            self.diag = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
            self.sysctl("net.ipv4.tcp_congestion_control", "reno")  # the default may pace
        finally:
            _call("setns", home, CLONE_NEWNET)

    def __enter__(self):
        _call("setns", self.namespace, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        _call("setns", self.home, CLONE_NEWNET)

    def socket(self, family, protocol=0):
        """A TCP socket of this host."""
        with self:
            return socket.socket(family, socket.SOCK_STREAM, protocol)

    def close(self):
        self.diag.close()
        for file in (self.tun, self.namespace, self.home):
            if file is not None:
                os.close(file)

    def sysctl(self, name, value):
        with self:
            try:
                with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
                    file.write(str(value))
            except FileNotFoundError as error:
                raise Unable(f"this kernel has no {name}.") from error

    def _up(self, device):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", device.encode(), IFF_UP_RUNNING))

    def _open_tun(self):
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", b"tun0", IFF_TUN | IFF_NO_PI))
        for name, value in (("accept_dad", 0), ("dad_transmits", 0), ("router_solicitations", 0), ("addr_gen_mode", 1)):
            with open(f"/proc/sys/net/ipv6/conf/tun0/{name}", "w", encoding="ascii") as file:
                file.write(str(value))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            for request, address in ((SIOCSIFADDR, self.ipv4), (SIOCSIFNETMASK, "255.255.255.0")):
                sockaddr = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(control, request, struct.pack("16s16s", b"tun0", sockaddr))
            self._up("tun0")
            index = struct.unpack("16sI", fcntl.ioctl(control, SIOCGIFINDEX, struct.pack("16sI", b"tun0", 0)))[1]
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, self.ipv6), 64, index))
        self._wait_for_ipv6()
        return tun

    @staticmethod
    def _wait_for_ipv6():
        """A new address cannot be used while it is tentative."""
        for _ in range(200):
            with open("/proc/net/if_inet6", encoding="ascii") as file:
                if not any(int(line.split()[4], 16) & IFA_F_TENTATIVE for line in file):
                    return
            time.sleep(0.01)

    @staticmethod
    def advance(_seconds):
        """A kernel's time passes by itself. Returns after how many seconds it must be looked at, at the latest."""
        return 3600

    def read(self):
        """The next packet that this host sends, and None: the state of its end is to be asked for. Or None alone."""
        try:
            return os.read(self.tun, 65536), None
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return None
            raise

    def receive(self, packet):
        """Gives it a packet, which its kernel has processed when this returns."""
        os.write(self.tun, packet)

    def sockets(self, family):
        """(state, local address, local port, remote address, remote port) of each, as `ss -tan` lists them."""
        request = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 0, 0, ALL_STATES)
        self.diag.send(struct.pack("=IHHII", 16 + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST_DUMP, 0, 0) + request)
        size = 4 if family == socket.AF_INET else 16
        found = []
        while True:
            data = self.diag.recv(1 << 20)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == NLMSG_DONE:
                    return found
                if kind == NLMSG_ERROR:
                    raise Unable("this kernel does not tell the states of its sockets (NETLINK_SOCK_DIAG).")
                body = data[16:length]
                sport, dport = struct.unpack_from("!HH", body, 4)
                src, dst = body[8:8 + size], body[24:24 + size]
                found.append((STATES[body[1]], socket.inet_ntop(family, src), sport, socket.inet_ntop(family, dst), dport))
                data = data[(length + 3) & ~3:]

    def destroy(self, family, local, remote):
        """Ends a socket without a word from its program, as `ss -K` does."""
        ends = struct.pack("!HH", local[1], remote[1]) + b"".join(socket.inet_pton(family, end[0]).ljust(16, b"\0") for end in (local, remote))
        request = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, ALL_STATES) + ends + struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
        self.diag.send(struct.pack("=IHHII", 16 + len(request), SOCK_DESTROY, NLM_F_REQUEST_ACK, 0, 0) + request)
        self.diag.recv(1 << 16)

    def state(self, family, local, remote):
        """The state of its end of a connection: (address, port) of both. Without a socket of its own that is LISTEN or CLOSED."""
        ends, listening = [], False
        for state, src, sport, dst, dport in self.sockets(family):
            if state == "LISTEN":
                listening |= sport == local[1]
            elif (src, sport, dst, dport) == (*local, *remote):
                ends.append(state)
        living = [state for state in ends if state not in ("TIME_WAIT", "CLOSED")] or ends
        return living[0] if living else "LISTEN" if listening else "CLOSED"
