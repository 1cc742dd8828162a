"""Two captures for each finding: one that raises it, and a near miss that must not. Recordings of real kernels where they have the case,
else built packet by packet."""
import pathlib
import sys

from scapy.all import ICMP, IP, raw

import harness
from packets import ip4, tcp, write

sys.path.insert(0, str(harness.ROOT / "tests" / "lab"))
import pcapng  # noqa: E402

RST = tcp("RA", 101, 301)
SYN, SYN_ACK, ACK = tcp("S", 100), tcp("SA", 300, 101, back=True), tcp("A", 101, 301)


class Built:
    """A capture of steps: (seconds since the one before, segment, from the server or not)."""

    def __init__(self, *steps, same_id=False):
        self.steps, self.same_id = steps, same_id

    def path(self, name):
        times = [sum(step[0] for step in self.steps[: i + 1]) for i in range(len(self.steps))]
        packets = [segment if isinstance(segment, IP) else ip4(segment, back, id=1 if self.same_id else n + 1)
                   for n, (_, segment, back) in enumerate(self.steps)]
        return write(name, packets, times)


class AtTwoPoints:
    """The steps as they were captured near the client and near the server: (seconds, near the client, near the server, from the server or not), with None
    for what a point did not see. It takes 10 ms from one point to the other."""

    def __init__(self, *steps):
        self.steps = steps

    def path(self, name):
        frames, at = [], 1000.0
        for number, (seconds, *segments, back) in enumerate(self.steps, 1):
            at += seconds
            frames += [(at + (0.01 if point != back else 0), point, raw(ip4(segment, back, id=number if segments[0] else 0x7777)))
                       for point, segment in enumerate(segments) if segment is not None]
        path = pathlib.Path(harness.workplace()) / "captures" / f"{name}.pcapng"
        pcapng.write(path, [(round(time * 1e9), packet, None, point) for time, point, packet in sorted(frames, key=lambda frame: frame[:2])],
                     interfaces=("client", "server"))
        path.chmod(0o644)
        return path


class Recorded:
    """A recording of the lab."""

    def __init__(self, recording):
        self.recording = recording

    def path(self, _):
        return harness.CAPTURES / f"{self.recording}.pcapng"


def began(*more, syn=SYN, answer=SYN_ACK):
    return Built((0, syn, False), (0.01, answer, True), *more)


def opened(*more, ack=0.02, **options):
    return began((ack, ACK, False), *more, **options)


def client(flags, seq, ack=301, data=b"", **options):
    return tcp(flags, seq, ack, data, **options)


def server(flags, seq, ack=101, data=b"", **options):
    return tcp(flags, seq, ack, data, back=True, **options)


def data(back=False, seq=None, ack=None, flags="PA"):
    return tcp(flags, seq or (301 if back else 101), ack or (101 if back else 301), data=b"data" if "P" in flags else b"", back=back)


def both(seconds, segment, back=False):
    """A step that both points saw."""
    return (seconds, segment, segment, back)


def at_two_points(*more, syn=None):
    """An open connection at two points, and its close after what happens."""
    return AtTwoPoints((0, SYN, syn or SYN, False), both(0.05, SYN_ACK, True), both(0.05, ACK), *more, both(0.3, client("FA", 105)), both(0.1, server("FA", 301, 106), True),
                       both(0.1, client("A", 106, 302)))


def icmp(kind, code, quoted, length=28):
    """From a router: an error that quotes the first bytes of a packet."""
    return IP(src="10.0.0.254", dst=quoted.src) / ICMP(type=kind, code=code) / raw(quoted)[:length]


def stamped(flags, seq, ack, value, back=False, text=b""):
    return tcp(flags, seq, ack, text, back=back, options=[("Timestamp", (value, 0))])


def translated(segment, back=False):
    """Between the client and another server."""
    return IP(src="10.0.0.9", dst="10.0.0.1") / segment if back else IP(src="10.0.0.1", dst="10.0.0.9") / segment


def stuck(behind):
    """1400 bytes are sent again and again; the peer has the bytes from behind them."""
    large = (client("PA", 101, 301, b"x" * 1400), False)
    return opened((0.1, *large), (0.001, client("PA", 1501, 301, b"y" * behind), False),
                  (0.02, server("A", 301, 101, options=[("SAck", (1501, 1501 + behind))]), True), (0.3, *large), (0.6, *large), (1.2, *large))


def reset_with(**header):
    """A RST in the server's name, after data of the client whose IP ID is 4."""
    return opened((0.1, data(), False), (0.02, ip4(server("RA", 301, 105), True, **header), True))


def two_hosts(value):
    """A connection of one host is answered; 5 s later, another host behind the same address has no answer. Its timestamps begin at `value`."""
    other = [tcp("S", 7000, ports=(31000, 80), options=[("Timestamp", (value + 10 * n, 0))]) for n in range(4)]
    return began((5, other[0], False), (1, other[1], False), (2, other[2], False), **TIMES)


TIMES = dict(syn=stamped("S", 100, 0, 1000), answer=stamped("SA", 300, 101, 9000, back=True))
CLOSED_BY_SERVER = [(0.1, server("FA", 301), True), (0.01, client("A", 101, 302), False), (0.1, client("FA", 101, 302), False),
                    (0.01, server("A", 302, 102), True)]
CLOSED_BY_CLIENT = [(0.1, client("FA", 101), False), (0.01, server("A", 301, 102), True), (0.1, server("FA", 301, 102), True),
                    (0.01, client("A", 102, 302), False)]
TFO = [(34, b"12345678")]

# finding: (the capture that raises it, in which frame, the near miss, what that is)
CASES = {
    "syn_retransmitted": (Recorded("syn_dropped_once"), 2, Built((0, SYN, False), (0.0005, SYN, False), same_id=True), "a mirror's copy"),
    "synack_retransmitted": (Recorded("synack_dropped_once"), 4, Built((0, SYN, False), (0.01, SYN_ACK, True), (0.0005, SYN_ACK, True),
                                                                       same_id=True), "a mirror's copy"),
    "syn_sent_stuck": (Recorded("syn_dropped"), 3, Recorded("syn_dropped_once"), "one retry"),
    "syn_rcvd_stuck": (Recorded("hs_ack_dropped"), 6, Recorded("hs_ack_dropped_once"), "one retry"),
    "handshake_ack_lost": (Recorded("hs_ack_dropped_once"), 4, opened((0.1, data(back=True), True), (1, SYN_ACK, True)),
                           "a SYN,ACK again after its sender has shown that the ACK came"),
    "refused": (Recorded("refused"), 2, began((0.01, server("RA", 0, 100), True)), "a RST that does not cover the SYN"),
    "refused_bad_ack": (Built((0, SYN, False), (0.01, server("RA", 0, 100), True)), 2,
                        Built((0, SYN, False), (0.01, server("RA", 0, 101), True)), "a RST that covers the SYN"),
    "syn_aborted": (Built((0, SYN, False), (0.01, client("R", 101, 0), False)), 2, began((0.01, client("R", 101, 0), False)),
                    "a RST after the SYN,ACK"),
    "half_open_scan": (began((0.01, client("R", 101, 0), False)), 3, opened((0.01, client("R", 101, 0), False)),
                       "a RST after the handshake"),
    "synack_wrong_address": (Built((0, SYN, False), (0.0001, translated(SYN), False), (0.0001, translated(SYN_ACK, True), True),
                                   (0.0001, translated(client("R", 101, 0)), False)), 4, began((0.01, client("R", 101, 0), False)),
                             "a half-open scan"),
    "synack_unasked": (Built((0, SYN_ACK, True), (0.01, client("R", 101, 0), False)), 2, began((0.01, client("R", 101, 0), False)),
                       "a SYN that is in the capture"),
    "icmp_unreachable": (Built((0, SYN, False), (0.01, icmp(3, 1, ip4(SYN)), True)), 2,
                         opened((0.1, data(), False), (0.01, icmp(3, 4, ip4(data())), True)), "path MTU discovery"),
    "synack_bad_ack": (Built((0, SYN, False), (0.01, server("SA", 300, 91), True), (0.01, client("R", 91, 0), False)), 3,
                       Built((0, SYN, False), (1, server("SA", 300, 9001), True), (0.01, client("A", 9001, 301), False)),
                       "the answer to a SYN that the capture missed"),
    "synack_changed_seq": (began((1, server("SA", 500, 101), True)), 3, began((1, SYN_ACK, True)), "the same SYN,ACK again"),
    "synack_changed_ack": (began((1, server("SA", 300, 95), True)), 3,
                           began((1, server("SA", 300, 111), True), syn=tcp("S", 100, data=b"0123456789", options=TFO)),
                           "Fast Open: the data is acknowledged later"),
    "syn_changed_seq": (Built((0, SYN, False), (1, tcp("S", 5000), False)), 2, Built((0, SYN, False), (200, tcp("S", 5000), False)),
                        "another attempt after the first was given up"),
    "syn_older_timestamp": (two_hosts(900), 5, two_hosts(9000), "a timestamp that is newer"),
    "synack_wrong_direction": (Built((0, SYN, False), (0.01, client("SA", 100, 301), False), (0.01, server("R", 301, 0), True)), 3,
                               Recorded("simul_open"), "a simultaneous open"),
    "simultaneous_open": (Recorded("simul_open"), 2, Built((0, SYN_ACK, True), (0.001, SYN, False)), "captured in the wrong order"),
    "split_handshake": (Built((0, SYN, False), (0.01, server("A", 200), True), (0.01, server("S", 300, 0), True)), 3,
                        Recorded("simul_open"), "a simultaneous open"),
    "handshake_bad_ack": (began((0.01, client("A", 101, 200), False)), 3, began((0.01, client("A", 101, 401), False)),
                          "an ACK of data that the capture missed"),
    "data_before_established": (Built((0, SYN, False), (0.01, client("P", 101, 0, b"data"), False)), 2,
                                Built((0, SYN, False), (0.01, data(), False)), "data with an ACK: the capture missed the SYN,ACK"),
    "syn_with_data": (Built((0, tcp("S", 100, data=b"data"), False)), 1, Recorded("tfo"), "Fast Open"),
    "tfo_data_ignored": (Built((0, tcp("S", 100, data=b"data", options=TFO), False), (0.01, SYN_ACK, True)), 2, Recorded("tfo"),
                         "data that was taken"),
    "picked_up": (Built((0, data(), False)), 1, Built((0, SYN, False), (0.01, data(), False)), "a connection whose SYN,ACK was missed"),
    "one_direction": (Built((0, SYN, False), (0.02, ACK, False), (0.1, client("A", 101, 305), False), (0.1, client("FA", 101, 305), False)), 4,
                      opened((0.1, client("A", 101, 305), False), (0.1, server("A", 305), True), (0.1, client("FA", 101, 305), False)),
                      "a single segment of the server that was missed"),
    "syn_in_connection": (Recorded("syn_forged"), 5, Recorded("tw_refused"), "a SYN of an end that had closed"),
    "challenge_ack": (Recorded("rst_bad_seq"), 5, opened((0.1, server("A", 301), True), (0.1, server("A", 301), True)),
                      "an ACK again that nothing provoked"),
    "challenge_ack_loop": (Recorded("challenge_loop"), 13,
                           opened(*[(0.3, tcp("S", 900), False), (0.01, server("A", 301), True)] * 4), "four rounds"),
    "half_open_found": (Recorded("peer_crashed"), 5, Recorded("rst_linger0"), "a RST with an ACK, sent by an application"),
    "synack_in_connection": (opened((0.1, data(), False), (0.1, server("A", 301, 105), True), (0.1, server("SA", 7000, 9001), True),
                                    (0.01, client("A", 105, 301), False)), 7,
                             opened((0.1, data(), False), (0.1, server("A", 301, 105), True), (0.1, server("SA", 7000, 9001), True),
                                    (0.01, client("A", 9001, 7001), False)), "a new connection whose SYN was missed"),
    "ack_unsent_data": (opened((0.1, client("A", 101, 401), False), (0.01, server("A", 301), True)), 5,
                        opened((0.1, client("A", 101, 401), False), (0.01, server("A", 401), True)), "data that the capture missed"),
    "segment_out_of_window": (
        opened((0.1, server("A", 301), True), (0.1, client("PA", 90000, data=b"data"), False), (2, server("A", 301), True)), 6,
        opened((0.1, server("A", 301), True), (0.1, client("PA", 90000, data=b"data"), False), (2, server("A", 301, 90004), True)),
        "data that is acknowledged: the capture missed a window update"),
    "ack_not_acceptable": (opened((0.1, client("A", 90000), False), (0.01, server("A", 301), True)), 5,
                           opened((0.1, client("A", 90000), False), (0.01, server("A", 301, 90000), True)), "data in front of it that the capture missed"),
    "ack_too_old": (opened((0.1, data(back=True), True), (0.1, client("A", 101, 305), False), (0.1, client("A", 101, 290), False),
                           (0.01, server("A", 305), True)), 7,
                    opened((0.1, data(back=True), True), (0.1, client("A", 101, 305), False), (0.1, client("A", 101, 301), False),
                           (0.01, server("A", 305), True)), "a late ACK of the window before"),
    "segments_missed": (opened((0.1, client("PA", 105, data=b"more"), False), (0.01, server("A", 301, 109), True)), 5,
                        opened((0.1, client("PA", 105, data=b"more"), False), (0.01, data(), False), (0.01, server("A", 301, 109), True)),
                        "segments in the wrong order"),
    "no_timestamp": (began((0.01, stamped("A", 101, 301, 1001), False), (0.1, data(), False), **TIMES), 4,
                     began((0.01, stamped("A", 101, 301, 1001), False), (0.1, RST, False), **TIMES), "a RST"),
    "window_shrunk": (opened((0.1, server("A", 301), True), (0.1, server("A", 301, window=1000), True)), 5,
                      opened((0.1, server("A", 301), True), (0.1, data(), False), (0.1, server("A", 301, 105, window=8188), True)),
                      "a window that is used up"),
    "zero_window_stuck": (
        Recorded("zero_window"), 21,
        opened((0.1, server("A", 301, window=0), True), *[(11, client("A", 101, data=b"x"), False), (0.01, server("A", 301, window=0), True)] * 2,
               (5, server("A", 301), True), (6, client("A", 101, data=b"x"), False)), "a window that opens in time"),
    "paws_reject": (
        began((0.01, stamped("A", 101, 301, 1001), False), (0.1, stamped("PA", 101, 301, 1200, text=b"data"), False),
              (0.01, stamped("A", 301, 105, 9100, back=True), True), (0.1, stamped("PA", 105, 301, 7, text=b"data"), False),
              (0.01, stamped("A", 301, 105, 9200, back=True), True), **TIMES), 7,
        began((0.01, stamped("A", 101, 301, 1001), False), (0.1, stamped("PA", 101, 301, 1200, text=b"data"), False),
              (0.01, stamped("A", 301, 105, 9100, back=True), True), (0.1, stamped("PA", 105, 301, 7, text=b"data"), False),
              (0.01, stamped("A", 301, 109, 9200, back=True), True), **TIMES), "data that was taken"),
    "overlap_conflict": (opened((0.1, client("PA", 101, data=b"good"), False), (0.1, client("PA", 101, data=b"evil"), False)), 5,
                         opened((0.1, client("PA", 101, data=b"good"), False), (0.1, client("PA", 101, data=b"go" + b"od"), False)),
                         "a retransmission"),
    "keepalive_unanswered": (Recorded("keepalive"), 8,
                             opened((0.1, server("A", 301), True), *[(75, client("A", 100), False), (0.1, server("A", 301), True)] * 3),
                             "probes that are answered"),
    "keepalive_reset": (Recorded("keepalive"), 9,
                        opened((0.1, server("A", 301), True), *[(75, client("A", 100), False), (0.1, server("A", 301), True)] * 3,
                               (1, RST, False)), "probes that were answered"),
    "retransmission_stuck": (Recorded("black_hole"), 7, Recorded("hs_ack_lost_then_data"), "data that is acknowledged"),
    "pmtu_black_hole": (stuck(400), 9, stuck(1400), "a lost segment with others of its size from behind it"),
    "idle_then_reset": (opened((400, data(), False), (0.01, server("R", 301, 0), True)), 5,
                        opened((200, data(), False), (0.01, server("R", 301, 0), True)), "a silence of 200 s"),
    "fin_retransmitted": (Recorded("fin_dropped_once"), 5, Recorded("fin_duplicated"), "a copy that the network made"),
    "fin_wait_1_stuck": (Recorded("fin_dropped"), 6, Recorded("fin_dropped_once"), "one retry"),
    "fin_wait_2_long": (Recorded("close_wait"), 8,
                        opened((0.1, client("FA", 101), False), (0.01, server("A", 301, 102), True), (40, data(back=True, ack=102), True),
                               (40, client("A", 102, 305), False)), "data meanwhile"),
    "close_wait_stuck": (Recorded("close_wait"), 8,
                         opened((0.1, client("FA", 101), False), (0.01, server("A", 301, 102), True), (75, server("FA", 301, 102), True)),
                         "a server that works for 75 s, and then closes"),
    "last_ack_stuck": (Recorded("last_ack_dropped"), 10, Recorded("last_ack_dropped_once"), "one retry"),
    "closing_stuck": (
        opened((0.1, client("FA", 101), False), (0.001, server("FA", 301), True), (0.01, client("A", 102, 302), False),
               (0.2, client("FA", 101, 302), False), (0.4, client("FA", 101, 302), False)), 8,
        opened((0.1, client("FA", 101), False), (0.001, server("FA", 301), True), (0.01, client("A", 102, 302), False),
               (0.2, client("FA", 101, 302), False), (0.01, server("A", 302, 102), True)), "one retry"),
    "last_ack_lost": (Recorded("last_ack_dropped_once"), 8, Recorded("fin_dropped_once"), "a FIN that was never acknowledged"),
    "simultaneous_close": (Recorded("simul_close"), 5, Recorded("fin_ack_3seg"), "a FIN that acknowledges the other one"),
    "half_close_data": (Recorded("half_close"), 6, Recorded("normal"), "data before the close"),
    "data_after_fin": (opened((0.1, client("FA", 101), False), (0.1, client("PA", 102, data=b"data"), False)), 5,
                       opened((0.1, data(), False), (0.1, client("FA", 105), False), (0.2, data(), False)), "data in front of it, again"),
    "fin_moved": (opened((0.1, data(), False), (0.1, client("FA", 105), False), (0.2, client("FA", 120), False)), 6,
                  opened((0.1, data(), False), (0.1, client("FA", 105), False), (0.2, client("FPA", 101, data=b"data"), False)),
                  "the FIN again, merged with the data in front of it"),
    "fin_not_acceptable": (opened((0.1, client("FA", 90000), False), (0.01, server("A", 301), True)), 5,
                           opened((0.1, client("FA", 90000), False), (0.01, server("A", 301, 90001), True)), "a FIN that is acknowledged"),
    "ack_beyond_fin": (opened((0.1, client("FA", 101), False), (0.01, server("A", 301, 150), True)), 5,
                       opened((0.1, client("FA", 101), False), (0.01, server("A", 301, 102), True)), "an ACK of the FIN"),
    "fin_before_established": (Built((0, SYN, False), (0.01, client("F", 101, 0), False)), 2,
                               Built((0, SYN, False), (0.01, client("FA", 101), False)), "a FIN with an ACK: the capture missed the SYN,ACK"),
    "fin_unknown": (Built((0, client("FA", 101), False)), 1, Built((0, data(), False)), "data of an unknown connection"),
    "time_wait_reuse": (Recorded("tw_reuse"), 8, opened((0.1, RST, False), (1, tcp("S", 900), False)), "reuse after a RST"),
    "reuse_too_soon": (opened(*CLOSED_BY_SERVER, (0.5, tcp("S", 90), False), (0.01, server("A", 302, 102), True)), 9,
                       opened(*CLOSED_BY_SERVER, (0.5, tcp("S", 90), False), (0.01, server("SA", 9000, 91), True)), "a SYN that is taken all the same"),
    "time_wait_assassinated": (
        opened((0.1, data(back=True), True), (0.1, client("A", 101, 305), False), (0.1, client("FA", 101, 305), False),
               (0.01, server("FA", 305, 102), True), (0.01, client("A", 102, 306), False), (0.5, data(back=True), True),
               (0.01, client("A", 102, 306), False), (0.01, server("R", 306, 0), True)), 11,
        opened(*CLOSED_BY_CLIENT, (0.5, server("FA", 301, 102), True), (0.01, client("A", 102, 302), False), (0.01, server("R", 302, 0), True)),
        "a RST that answers the ACK of its FIN"),
    "reset": (Recorded("rst_linger0"), 4, opened((0.1, client("RA", 150), False)), "a RST in the window, but not exact"),
    "rst_inexact": (Recorded("rst_bad_seq"), 5, opened((0.1, client("RA", 150), False), (1, server("A", 301, 150), True)),
                    "data in front of it that the capture missed"),
    "rst_out_of_window": (Recorded("rst_bad_seq"), 6,
                          opened((0.1, data(), False), (0.1, server("A", 301, 105), True), (0.1, client("R", 101, 0), False)),
                          "a RST that answers an older segment"),
    "rst_ignored": (Recorded("rst_lost"), 5, opened((0.1, RST, False), (0.2, data(back=True), True)), "data that queues may have held back"),
    "foreign_origin": (reset_with(ttl=40, id=4), 5, reset_with(ttl=128, id=4), "a RST with another initial TTL from the same distance"),
    "refusal_contradicted": (Built((0, SYN, False), (0.01, server("RA", 0, 101), True), (0.2, SYN_ACK, True)), 3,
                             Built((0, SYN, False), (0.01, server("RA", 0, 101), True), (1, SYN, False), (0.01, SYN_ACK, True)),
                             "a listener that opens between two SYNs"),
    "rst_after_fin": (Recorded("rst_after_fin"), 6, Recorded("rst_linger0"), "a RST before any FIN"),
    "data_after_rst": (opened((0.1, RST, False), (0.01, data(back=True), True)), 5,
                       opened((0.1, RST, False), (0.01, server("A", 301), True)), "an ACK"),
    "rst_unknown": (Built((0, client("R", 101, 0), False)), 1, Recorded("refused"), "a refusal"),
    "rst_with_text": (opened((0.1, client("RA", 101, data=b"go away"), False)), 4, Recorded("rst_linger0"), "a RST without data"),
    "storm": (Built(*[(0.05, SYN, False)] * 11), 11, Built(*[(0.05, SYN, False)] * 10), "fewer of them"),
    "flags_syn_fin": (Built((0, tcp("SF", 100), False)), 1, Built((0, tcp("SEC", 100), False)), "ECN"),
    "flags_syn_rst": (Built((0, tcp("SR", 100), False)), 1, began((0.01, client("R", 101, 0), False)), "a SYN and a RST of their own"),
    "flags_syn_urg": (Built((0, tcp("SU", 100), False)), 1, opened((0.1, client("PAU", 101, data=b"!"), False)), "urgent data"),
    "flags_fin_rst": (opened((0.1, client("FRA", 101), False)), 4, opened((0.1, client("FA", 101), False), (0.1, client("R", 102, 0), False)),
                      "a FIN and a RST of their own"),
    "flags_null": (Built((0, tcp("", 100), False)), 1, opened((0.1, client("A", 101), False)), "an ACK"),
    "flags_xmas": (Built((0, tcp("FPU", 100), False)), 1, opened((0.1, client("FPUA", 101), False)), "with an ACK"),
    "no_ack_flag": (opened((0.1, client("P", 101, 0, b"data"), False)), 4, opened((0.1, client("R", 101, 0), False)), "a RST"),
    "wscale_over_14": (Built((0, tcp("S", 100, options=[("WScale", 15)]), False)), 1,
                       Built((0, tcp("S", 100, options=[("WScale", 14)]), False)), "a scale of 14"),
    "option_bad_length": (Built((0, tcp("S", 100, options=[(2, b"\x05")]), False)), 1,
                          Built((0, tcp("S", 100, options=[("MSS", 1460), (253, b"\x05")]), False)), "an option that is not known"),
    "option_repeated": (Built((0, tcp("S", 100, options=[("MSS", 1460), ("MSS", 1460)]), False)), 1,
                        Built((0, tcp("S", 100, options=[(30, b"12345678"), (30, b"12345678")]), False)), "Multipath TCP, which has several"),
    "lost_between": (at_two_points((0.1, data(), None, False), both(0.3, data())), 7, at_two_points(both(0.1, data())), "a segment that both saw"),
    "injected_between": (at_two_points(both(0.1, data()), (0.1, None, client("R", 105, 0), False)), 9,
                         at_two_points(both(0.1, data()), both(0.1, client("R", 105, 0))), "a RST that its sender's point saw, too"),
    "changed_between": (at_two_points(both(0.1, data()), syn=tcp("S", 100, options=[("MSS", 1200)])), 2, at_two_points(both(0.1, data())), "nothing that was changed"),
    "port_zero": (Built((0, tcp("S", 100, ports=(40000, 0)), False)), 1, Built((0, tcp("S", 100, ports=(40000, 1)), False)), "port 1"),
}

LATER = ("lost_between", "injected_between", "changed_between")
"""The findings that are known only when the capture has been read."""

BOTH_FINS_LOST = AtTwoPoints(both(0, SYN), both(0.05, SYN_ACK, True), both(0.05, ACK), (0.1, client("FA", 101), None, False), (0.005, None, server("FA", 301), True),
                             both(0.3, client("FA", 101)), both(0.1, server("FA", 301, 102), True), both(0.1, client("A", 102, 302)))
