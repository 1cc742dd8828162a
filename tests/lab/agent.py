"""A host of the lab whose TCP is not this machine's kernel: an agent, a process on pipes. stacks/agent.h has the commands."""
import collections
import itertools
import pathlib
import socket
import subprocess

from host import Unable, Unplayable

HERE = pathlib.Path(__file__).resolve().parent
BUILT = HERE.parent.parent / "build" / "lab"

# stack: the file of its agent, the packages of Debian that have what it is built with
STACKS = {"lwip": ("lwip.c", "gcc pkg-config libc6-dev liblwip-dev"),
          "slirp": ("slirp.c", "gcc pkg-config libc6-dev libslirp-dev libglib2.0-dev"),
          "netstack": ("netstack.go", "golang-go golang-gvisor-gvisor-dev")}

# These only shorten what a kernel waits for; a stack that does not know them waits as long as it does.
WAITS = ("tcp_orphan_retries", "tcp_retries2", "tcp_fin_timeout", "tcp_syn_retries", "tcp_synack_retries")


def go_command(program, source):
    """Compiles with Debian's packages of Go sources alone."""
    return ["env", "GO111MODULE=off", "GOPATH=/usr/share/gocode", f"GOCACHE={BUILT / 'go'}", "go", "build", "-o", program, source]


def c_command(program, source):
    done = subprocess.run(["pkg-config", "--cflags", "--libs", source.stem], capture_output=True, text=True, check=True)
    flags = [flag.replace("-I", "-isystem") for flag in done.stdout.split()]
    return ["cc", "-std=gnu11", "-O1", "-o", program, source.with_name("agent.c"), source, *flags]


def build(stack):
    """The program of the stack's agent; it is compiled if need be."""
    name, packages = STACKS[stack]
    program, source = BUILT / stack, HERE / "stacks" / name
    newest = max(path.stat().st_mtime for path in [source, source.with_name("agent.c"), source.with_name("agent.h")])
    if program.exists() and program.stat().st_mtime >= newest:
        return program
    BUILT.mkdir(parents=True, exist_ok=True)
    try:
        command = (go_command if source.suffix == ".go" else c_command)(program, source)
        subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]
        raise Unable(f"the agent for {stack} cannot be built: on Debian, apt-get install {packages} ({why})") from error
    return program


class Refused(OSError):
    """The stack does not do what a program asks for, in the state that it is in."""


class AgentHost:
    """`ipv4`: its address. It knows no IPv6."""

    FAMILIES = (socket.AF_INET,)
    tun = None

    def __init__(self, name, stack, ipv4, peer):
        self.name, self.stack, self.ipv4, self.ipv6 = name, stack, ipv4, None
        self.process = subprocess.Popen([build(stack), ipv4, peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.packets = collections.deque()
        self.ids = itertools.count()
        self.due = 0  # when its timers want to run, ms of the lab's clock
        self.began = None

    def ask(self, *words):
        """A command; its answer, or Refused."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        while True:
            line = self.process.stdout.readline().split(maxsplit=1)
            if not line:
                raise Unable(f"the agent for {self.stack} has ended.")
            if line[0] == "out":
                state, packet = line[1].split()
                self.packets.append((bytes.fromhex(packet), state))
            elif line[0] == "err":
                raise Refused(line[1].strip())
            else:
                return line[1].strip()

    def advance(self, seconds):
        """Time passes, up to that of the lab's clock. Returns in how many seconds the host wants to be called again."""
        self.began = seconds if self.began is None else self.began
        now = round((seconds - self.began) * 1000)
        wait = int(self.ask("now", now))
        return wait / 1000 if wait >= 0 else 3600

    def read(self):
        """The next packet that this host sends, and the state of its end as it left; or None."""
        return self.packets.popleft() if self.packets else None

    def receive(self, packet):
        self.ask("in", packet.hex())

    def state(self, _family, local, remote):
        return self.ask("state", local[1], remote[1])

    def sysctl(self, name, _value):
        if name.rsplit(".", 1)[-1] not in WAITS:
            raise Unplayable(f"{self.stack} has no {name}")

    def socket(self, _family, protocol=0):
        if protocol:
            raise Unplayable(f"{self.stack} has plain TCP only")
        return AgentSocket(self)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class AgentSocket:
    """As much of a socket as the scenarios need."""

    IGNORED = {(socket.SOL_SOCKET, socket.SO_REUSEADDR), (socket.IPPROTO_TCP, socket.TCP_NODELAY)}
    KEEPALIVE = {(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 0, (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 1,
                 (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 2}

    def __init__(self, host, number=None):
        self.host = host
        self.number = next(host.ids) if number is None else number
        self.port = 0
        self.linger = False
        self.keepalive = [7200, 75, 9]
        self.keeps_alive = False

    def setblocking(self, _flag):
        pass

    def setsockopt(self, level, name, value):
        if (level, name) == (socket.SOL_SOCKET, socket.SO_LINGER):
            self.linger = True
        elif (level, name) == (socket.SOL_SOCKET, socket.SO_KEEPALIVE):
            self.keeps_alive = True
        elif (level, name) in self.KEEPALIVE:
            self.keepalive[self.KEEPALIVE[level, name]] = value
        elif (level, name) not in self.IGNORED:
            raise Unplayable(f"a socket of {self.host.stack} has no option {level}, {name}")

    def bind(self, address):
        self.port = address[1]

    def listen(self, backlog):
        self.host.ask("listen", self.number, self.port, backlog)

    def connect_ex(self, address):
        self.host.ask("connect", self.number, self.port, address[1])
        if self.keeps_alive:
            idle, interval, count = self.keepalive
            self.host.ask("keepalive", self.number, idle * 1000, interval * 1000, count)

    def accept(self):
        taken = AgentSocket(self.host)
        self.host.ask("accept", self.number, taken.number)
        return taken, None

    def send(self, data, _flags=0):
        return int(self.host.ask("send", self.number, len(data)))

    def sendto(self, *_):
        raise Unplayable(f"{self.host.stack} has no Fast Open")

    def recv(self, _size):
        return b"x" * int(self.host.ask("recv", self.number))

    def shutdown(self, _how):
        self.host.ask("shut", self.number)

    def close(self):
        try:
            self.host.ask("abort" if self.linger else "close", self.number)
        except OSError:
            pass  # it is gone
