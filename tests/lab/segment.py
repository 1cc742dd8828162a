"""IP packets that carry TCP: read, told apart, rewritten, forged."""
import dataclasses
import socket
import struct

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
NAMES = (("SYN", SYN), ("FIN", FIN), ("RST", RST), ("ACK", ACK))


def _sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@dataclasses.dataclass
class Segment:
    """One packet. `header` is the IP header with its options and extensions, `options` TCP's options as bytes."""
    family: int
    src: str
    dst: str
    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    window: int = 65535
    options: bytes = b""
    data: bytes = b""
    ip_id: int = 0
    ttl: int = 64  # or hop limit
    traffic: int = 0  # type of service; over IPv6 the traffic class and the flow label

    @property
    def kind(self):
        """'SYN,ACK', 'FIN,ACK', 'ACK'."""
        return ",".join(name for name, bit in NAMES if self.flags & bit)

    @property
    def end(self):
        return (self.seq + len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF

    @classmethod
    def parse(cls, packet):
        """None where it is no TCP."""
        if packet[0] >> 4 == 4:
            family, size, protocol = socket.AF_INET, (packet[0] & 15) * 4, packet[9]
            src, dst, ip_id, ttl = packet[12:16], packet[16:20], int.from_bytes(packet[4:6], "big"), packet[8]
            traffic = packet[1]
            packet = packet[:int.from_bytes(packet[2:4], "big")]
        else:
            family, size, protocol = socket.AF_INET6, 40, packet[6]
            src, dst, ip_id, ttl = packet[8:24], packet[24:40], 0, packet[7]
            traffic = int.from_bytes(packet[:4], "big") & 0xFFFFFFF
        if protocol != socket.IPPROTO_TCP:
            return None
        tcp = packet[size:]
        sport, dport, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", tcp)
        offset = (offset >> 4) * 4
        return cls(family, socket.inet_ntop(family, src), socket.inet_ntop(family, dst), sport, dport, seq, ack, flags, window,
                   tcp[20:offset], tcp[offset:], ip_id, ttl, traffic)

    def packet(self):
        src, dst = (socket.inet_pton(self.family, address) for address in (self.src, self.dst))
        length = 20 + len(self.options) + len(self.data)
        tcp = struct.pack("!HHIIBBHHH", self.sport, self.dport, self.seq & 0xFFFFFFFF, self.ack & 0xFFFFFFFF,
                          (20 + len(self.options)) // 4 << 4, self.flags, self.window, 0, 0) + self.options + self.data
        checksum = ~_sum(src + dst + struct.pack("!II", length, socket.IPPROTO_TCP) + tcp) & 0xFFFF
        tcp = tcp[:16] + checksum.to_bytes(2, "big") + tcp[18:]
        if self.family == socket.AF_INET6:
            return struct.pack("!IHBB", 6 << 28 | self.traffic, length, socket.IPPROTO_TCP, self.ttl) + src + dst + tcp
        header = struct.pack("!BBHHHBBH", 0x45, self.traffic, 20 + length, self.ip_id, 0x4000, self.ttl, socket.IPPROTO_TCP, 0) + src + dst
        checksum = ~_sum(header) & 0xFFFF
        return header[:10] + checksum.to_bytes(2, "big") + header[12:] + tcp

    def sacks_moved(self, offset):
        """TCP's options with the SACK edges moved."""
        options, at = bytearray(self.options), 0
        while at < len(options):
            kind = options[at]
            if kind == 0:
                break
            if kind == 1:
                at += 1
                continue
            if kind == 5:
                for edge in range(at + 2, at + options[at + 1], 4):
                    moved = (int.from_bytes(options[edge:edge + 4], "big") + offset) & 0xFFFFFFFF
                    options[edge:edge + 4] = moved.to_bytes(4, "big")
            at += options[at + 1]
        return bytes(options)
