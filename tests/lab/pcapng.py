"""A pcapng file of IP packets with a comment each."""
import gzip
import struct

RAW_IP, LINUX_SLL2 = 101, 276


def _option(code, value):
    return struct.pack("=HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def _block(kind, body):
    length = 12 + len(body)
    return struct.pack("=II", kind, length) + body + struct.pack("=I", length)


def write(path, packets, comment="", link=RAW_IP, interfaces=("",)):
    """`packets`: (nanoseconds since the epoch, bytes, comment, or the length that they are cut to; and the number of the interface, where there are
    several). `link`: the type of their headers; `interfaces`: names. Compressed where the name ends in .gz."""
    section = struct.pack("=IHHq", 0x1A2B3C4D, 1, 0, -1)
    if comment:
        section += _option(1, comment.encode()) + _option(0, b"")
    blocks = [_block(0x0A0D0D0A, section)]
    for name in interfaces:
        named = _option(2, name.encode()) if name else b""
        blocks.append(_block(1, struct.pack("=HHI", link, 0, 0) + named + _option(9, b"\x09") + _option(0, b"")))
    for time, data, text, *interface in packets:
        whole = len(data)
        data = data[:text] if isinstance(text, int) else data
        body = struct.pack("=IIIII", *(interface or [0]), time >> 32, time & 0xFFFFFFFF, len(data), whole) + data + b"\0" * (-len(data) % 4)
        if isinstance(text, str) and text:
            body += _option(1, text.encode()) + _option(0, b"")
        blocks.append(_block(6, body))
    content = b"".join(blocks)
    with open(path, "wb") as file:
        file.write(gzip.compress(content, mtime=0) if str(path).endswith(".gz") else content)


def read(path):
    """The packets of a file written here: (nanoseconds, bytes)."""
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("=II", data, at)
        if kind == 6:
            high, low, captured = struct.unpack_from("=III", data, at + 12)
            yield high << 32 | low, data[at + 28:at + 28 + captured]
        at += length
