"""Captures built packet by packet, where no recording has the case."""
import pathlib

from scapy.all import IP, TCP, Ether, IPv6, Raw, raw
from scapy.utils import PcapWriter

import harness


def tcp(flags, seq, ack=0, data=b"", back=False, ports=(40000, 80), **options):
    sport, dport = reversed(ports) if back else ports
    return TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, **options) / Raw(data)


def ip4(segment, back=False, **header):
    src, dst = ("10.0.0.2", "10.0.0.1") if back else ("10.0.0.1", "10.0.0.2")
    return IP(src=src, dst=dst, **header) / segment


def ip6(segment, back=False, *extensions):
    src, dst = ("2001:db8::2", "2001:db8::1") if back else ("2001:db8::1", "2001:db8::2")
    packet = IPv6(src=src, dst=dst)
    for extension in extensions:
        packet /= extension
    return packet / segment


def exchange(wrap):
    """Open and close in seven segments, each as `wrap(segment, back)` makes a packet of it."""
    steps = [("S", 100, 0, False), ("SA", 300, 101, True), ("A", 101, 301, False), ("FA", 101, 301, False), ("A", 301, 102, True),
             ("FA", 301, 102, True), ("A", 102, 302, False)]
    return [wrap(tcp(flags, seq, ack, back=back), back) for flags, seq, ack, back in steps]


EXCHANGE = [
    "SYN_SENT / LISTEN [SYN_RCVD]",
    "SYN_SENT [ESTABLISHED] / SYN_RCVD",
    "ESTABLISHED / ESTABLISHED",
    "FIN_WAIT_1 / ESTABLISHED [CLOSE_WAIT]",
    "FIN_WAIT_2 / CLOSE_WAIT",
    "FIN_WAIT_2 [TIME_WAIT] / LAST_ACK",
    "TIME_WAIT / CLOSED",
]


WLAN = 105


def aggregate(packets):
    """One 802.11 frame that carries several IP packets (A-MSDU)."""
    address = b"\x02\x00\x00\x00\x00\x01"
    frame = b"\x88\x00\x00\x00" + 3 * address + b"\x00\x00" + b"\x80\x00"
    for packet in packets:
        payload = b"\xaa\xaa\x03\x00\x00\x00\x08\x00" + raw(packet)
        frame += 2 * address + len(payload).to_bytes(2, "big") + payload + b"\x00" * (-(14 + len(payload)) % 4)
    return frame


def write(name, packets, times=None, cut=None, link=None):
    """A capture file of raw packets: one each 10 ms, or at `times`; each cut to `cut` bytes, or to a number of its own."""
    path = pathlib.Path(harness.workplace()) / "captures" / f"{name}.pcap"
    ethernet = bool(packets) and isinstance(packets[0], Ether)
    writer = PcapWriter(str(path), linktype=link or (1 if ethernet else 101), nano=True)
    write_header, write_packet = (getattr(writer, name, None) or getattr(writer, "_" + name) for name in ("write_header", "write_packet"))
    write_header(None)
    for number, packet in enumerate(packets):
        time = 1000 + (times[number] if times else number * 0.01)
        data = raw(packet)
        captured = data[:cut[number] if isinstance(cut, list) else cut]
        write_packet(captured, sec=int(time), usec=round(time % 1 * 1e9), caplen=len(captured), wirelen=len(data))
    writer.close()
    return path
