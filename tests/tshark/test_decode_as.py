"""TCP wherever "Decode As", a preference, a script or a user's link type puts it, and what Wireshark says of its tables of dissectors."""
import os

import pytest
from scapy.all import ICMP, IP, UDP, ICMPv6DestUnreach, IPv6, raw

import harness
from alike import without_our_lines
from packets import EXCHANGE, WLAN, aggregate, exchange, ip4, ip6, tcp, write

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
PORT = 40100
USER_0 = 147


def plain():
    return write("decode-as", exchange(ip4))


def in_udp():
    """TCP headers in UDP datagrams, which Wireshark shows as data."""
    return write("decode-as-udp", exchange(lambda segment, back: ip4(UDP(sport=PORT, dport=PORT) / raw(segment), back)))


def bare():
    """TCP headers with nothing before them: without addresses."""
    return write("decode-as-user", exchange(lambda segment, back: segment), link=USER_0)


def headed():
    """TCP headers after IP headers that are all of their packet, and name no TCP."""
    return write("decode-as-headed", exchange(lambda segment, back: ip4(segment, back, proto=253, len=20)), link=USER_0)


def user_dlt(dissector, header="0"):
    return ["-o", f'uat:user_dlts:"User 0 (DLT={USER_0})","{dissector}","{header}","{"ip" if header != "0" else ""}","0",""']


def lua(name, text):
    script = harness.workplace() / "home" / f"{name}.lua"
    script.write_text(text)
    script.chmod(0o644)
    return ["-X", f"lua_script:{script}"]


def details(*arguments, plugin=True):
    return without_our_lines(harness.output("-n", "-V", *arguments, plugin=plugin))


def test_the_list_of_decodes_is_the_same():
    ours, theirs = (sorted(harness.output("-G", "decodes", plugin=plugin).splitlines()) for plugin in (True, False))
    assert "ip.proto\t6\ttcp" in ours and ours == theirs


def test_a_script_sees_the_same_dissectors():
    script = lua("sees", """
        local by_number = DissectorTable.get("ip.proto")
        print(by_number:get_dissector(6), by_number:get_dissector(1), by_number:get_dissector(58))
        """)
    shown, bare_shown = (harness.output(*script, "-r", write("none", []), plugin=plugin) for plugin in (True, False))
    assert shown == bare_shown == "TCP\tICMP\tICMPv6\n"


@PASSES
def test_decoded_as_tcp_as_before(passes):
    assert harness.states(plain(), *passes, "-d", "ip.proto==6,tcp") == EXCHANGE


@pytest.mark.parametrize("other", ["sctp", "udp"])
def test_decoded_as_something_else(other):
    decoded = ["-r", plain(), "-d", f"ip.proto==6,{other}"]
    assert "TCP State" not in harness.output("-n", "-V", *decoded)
    assert details(*decoded) == details(*decoded, plugin=False)


@pytest.mark.parametrize("decoded", ["ip.proto==1,icmp", "ip.proto==58,icmpv6"])
def test_icmp_decoded_as_itself(decoded):
    known = tcp("S", 100)
    errors = [IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=1) / raw(ip4(known)),
              IPv6(src="2001:db8::fe", dst="2001:db8::1") / ICMPv6DestUnreach(code=3) / raw(ip6(known))]
    capture, told = write("decode-as-icmp", [ip4(known), ip6(known), *errors]), ["tcpstate.finding", "_ws.expert.message"]
    shown = harness.rows(capture, told, "-d", decoded)
    assert [finding for finding, _ in shown] == [[], [], ["icmp_unreachable"], ["icmp_unreachable"]]
    assert shown == harness.rows(capture, told)


WAYS = {
    "decode as": ["-d", f"udp.port=={PORT},tcp"],
    "preference": ["-o", f"tcp.udp.port:{PORT}"],
}


@PASSES
@pytest.mark.parametrize("way", WAYS)
def test_in_udp(way, passes):
    assert set(harness.states(in_udp(), *passes)) == {""}
    assert harness.states(in_udp(), *passes, *WAYS[way]) == EXCHANGE
    shown = ["-r", in_udp(), *passes, *WAYS[way]]
    assert "TCP State" in harness.output("-n", "-V", *shown)
    assert details(*shown) == details(*shown, plugin=False)


def test_in_udp_with_tcp_disabled():
    shown = ["-r", in_udp(), *WAYS["decode as"], "--disable-protocol", "tcp"]
    assert harness.output("-n", "-V", *shown) == harness.output("-n", "-V", *shown, plugin=False)


@PASSES
@pytest.mark.parametrize("how", ["set", "add"])
def test_a_script_sets_tcp(how, passes):
    script = lua("sets", f'DissectorTable.get("ip.proto"):{how}(6, Dissector.get("tcp"))')
    assert harness.states(plain(), *passes, *script) == EXCHANGE


@PASSES
def test_several_headers_in_one_frame(passes):
    """Reached in different ways, side by side and one in the other."""
    first, second, third = (tcp("S", 100, ports=(port, 80)) for port in (40000, 40001, 40002))
    within = {segment.sport: ip4(UDP(sport=PORT, dport=PORT) / raw(segment), id=0) for segment in (first, second)}
    side_by_side = write("decode-as-both", [aggregate(packets) for packets in (
        [ip4(first, id=0), within[second.sport], ip4(third, id=0)], [within[first.sport], ip4(second, id=0), ip4(third, id=0)], [within[first.sport], within[second.sport]])],
                         link=WLAN)
    fields, opened = ["tcpstate.connection", "tcpstate.transition", "tcpstate.retry"], "client CLOSED -> SYN_SENT"
    assert harness.rows(side_by_side, fields, *passes, *WAYS["decode as"]) == [
        [["0", "1", "2"], 3 * [opened], []], [["0", "1", "2"], [], 3 * ["1"]], [["0", "1"], [], 2 * ["2"]]]
    protocols = [harness.rows(side_by_side, ["frame.protocols"], *passes, *WAYS["decode as"], plugin=plugin) for plugin in (True, False)]
    assert protocols[0] == protocols[1]
    inside = write("decode-as-inside", [ip4(tcp("S", 100, data=raw(second)))])
    script = lua("inside", 'DissectorTable.get("tcp.port"):add(80, Dissector.get("tcp"))')
    assert harness.rows(inside, ["frame.protocols", *fields], *passes, *script) == [[["raw:ip:tcp:tcp"], ["0", "1"], 2 * [opened], []]]


def test_a_script_adds_tcp_elsewhere():
    script = lua("adds", f'DissectorTable.get("udp.port"):add({PORT}, Dissector.get("tcp"))')
    assert harness.states(in_udp(), *script) == EXCHANGE


@pytest.mark.parametrize("called, states", [("tcpstate", EXCHANGE), ("tcp", 7 * [""])])
def test_a_script_sets_its_own(called, states):
    """Its dissector is not replaced. Nothing tells of its call of TCP's: a limit; it can call ours."""
    script = lua(f"calls-{called}", f"""
        local by_number = DissectorTable.get("ip.proto")
        local tcp = Dissector.get("{called}")
        local own = Proto("own", "Own")
        function own.dissector(buffer, pinfo, tree)
            tree:add(own, buffer(0, 1))
            tcp:call(buffer, pinfo, tree)
        end
        by_number:add(6, own)
        """)
    assert harness.states(plain(), *script) == states
    assert harness.rows(plain(), ["frame.protocols"], *script) == 7 * [[["raw:ip:own:tcp"]]]


def test_entries_that_were_saved():
    """What Wireshark's window saves: the table, the number, the names of the initial and the present dissector."""
    home = harness.workplace() / "home" / "decode-as"
    folder = home / ".config" / "wireshark"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "decode_as_entries").write_text(f"decode_as_entry: udp.port,{PORT},(none),TCP\ndecode_as_entry: ip.proto,6,TCP,TCP\n")
    for path in [*home.rglob("*"), home]:
        path.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(path, harness.NOBODY, harness.NOBODY)
    saved = {"environment": {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}}
    assert harness.states(in_udp(), **saved) == EXCHANGE
    assert harness.states(plain(), **saved) == EXCHANGE


@PASSES
def test_a_users_link_type(passes):
    assert harness.states(headed(), *passes, *user_dlt("tcpstate", "20")) == EXCHANGE


def test_a_users_link_type_with_tcp():
    """Nothing tells of that call: a limit."""
    shown = ["-r", headed(), *user_dlt("tcp", "20")]
    assert "Transmission Control Protocol" in harness.output("-n", "-V", *shown)
    assert harness.output("-n", "-V", *shown) == harness.output("-n", "-V", *shown, plugin=False)


@pytest.mark.skipif(harness.version() >= (4, 6), reason="its TCP takes no segment without addresses")
@pytest.mark.parametrize("statistic", ["tcpstate,connections", "tcpstate,netstat", "tcpstate,timeline"])
def test_statistics_without_addresses(statistic):
    shown = harness.output("-n", "-q", "-r", bare(), *user_dlt("tcpstate"), "-z", statistic)
    assert "TIME_WAIT" in shown


def test_ends_with_addresses_of_different_kinds():
    """A script may set anything."""
    script = lua("kinds", """
        local tcp = Dissector.get("tcpstate")
        local own = Proto("own", "Own")
        function own.dissector(buffer, pinfo, tree)
            pinfo.src = Address.ip("10.0.0.1")
            tcp:call(buffer, pinfo, tree)
        end
        DissectorTable.get("wtap_encap"):add(wtap.USER0, own)
        """)
    shown = harness.output("-n", "-q", "-r", bare(), *script, "-z", "tcpstate,connections")
    assert "40000" in shown and "80" in shown


def test_exported_from_esp_with_the_same_name():
    """Wireshark reads by that name what was exported."""
    segment = raw(tcp("S", 100))
    padding = bytes(range(1, -(len(segment) + 2) % 4 + 1))
    esp = b"\x00\x00\x01\x00\x00\x00\x00\x01" + segment + padding + bytes([len(padding), 6]) + 12 * b"\xaa"
    capture = write("esp", [IP(src="10.0.0.1", dst="10.0.0.2", proto=50) / esp])
    export = ["-o", "esp.enable_null_encryption_decode_heuristic:TRUE", "-U", "OSI layer 3"]
    for plugin in (True, False):
        file = harness.workplace() / "home" / f"exported-{plugin}.pcapng"
        harness.output("-n", "-r", capture, *export, "-w", str(file), plugin=plugin)
        assert harness.rows(file, ["frame.protocols"], plugin=False) == [[["exported_pdu:tcp"]]]
