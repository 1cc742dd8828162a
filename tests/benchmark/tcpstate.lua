-- The states of both ends as a Lua post-dissector tells them with what Wireshark has dissected: what is sent is taken to arrive, one connection a
-- tcp.stream, no findings. The work is that of the plugin's table and no more; it is here to be measured beside it.
local proto = Proto("luastate", "TCP State in Lua")
local client_field, server_field = ProtoField.string("luastate.client", "Client"), ProtoField.string("luastate.server", "Server")
proto.fields = { client_field, server_field }

local get_stream, get_flags, get_seq, get_ack, get_len, get_port =
    Field.new("tcp.stream"), Field.new("tcp.flags"), Field.new("tcp.seq_raw"), Field.new("tcp.ack_raw"), Field.new("tcp.len"), Field.new("tcp.srcport")
local FIN, SYN, RST, ACK = 1, 2, 4, 16
local band = bit.band

local streams, shown

function proto.init() streams, shown = {}, {} end

local on_fin = { ESTABLISHED = "FIN_WAIT_1", SYN_RCVD = "FIN_WAIT_1", CLOSE_WAIT = "LAST_ACK" }
local on_peers_fin = { ESTABLISHED = "CLOSE_WAIT", SYN_RCVD = "CLOSE_WAIT", FIN_WAIT_1 = "CLOSING", FIN_WAIT_2 = "TIME_WAIT" }
local on_ack_of_fin = { FIN_WAIT_1 = "FIN_WAIT_2", CLOSING = "TIME_WAIT", LAST_ACK = "CLOSED" }

local function open(stream, flags, port)
    local opened = { client = "ESTABLISHED", server = "ESTABLISHED", port = port, fin = {} }
    if band(flags, SYN) ~= 0 then opened.client, opened.server = "CLOSED", "LISTEN" end
    streams[stream] = opened
    return opened
end

local function step(c, flags, seq, ack, len, port)
    local snd, rcv = "client", "server"
    if port ~= c.port then snd, rcv = rcv, snd end
    if band(flags, RST) ~= 0 then
        c[snd], c[rcv] = "CLOSED", "CLOSED"
    elseif band(flags, SYN) ~= 0 then
        c[snd] = band(flags, ACK) ~= 0 and "SYN_RCVD" or "SYN_SENT"
    else
        if c[snd] == "SYN_SENT" then c[snd] = "ESTABLISHED" end
        if c[rcv] == "SYN_RCVD" and band(flags, ACK) ~= 0 then c[rcv] = "ESTABLISHED" end
        if c.fin[rcv] and band(flags, ACK) ~= 0 and ack == c.fin[rcv] then c[rcv] = on_ack_of_fin[c[rcv]] or c[rcv] end
        if band(flags, FIN) ~= 0 and not c.fin[snd] then
            c.fin[snd] = (seq + len + 1) % 4294967296
            c[snd] = on_fin[c[snd]] or c[snd]
            c[rcv] = on_peers_fin[c[rcv]] or c[rcv]
        end
    end
end

function proto.dissector(tvb, pinfo, tree)
    local stream = get_stream()
    if not stream then return end
    local number = pinfo.number
    if not pinfo.visited then
        local flags, port = get_flags().value, get_port().value
        local c = streams[stream.value] or open(stream.value, flags, port)
        local client, server = c.client, c.server
        step(c, flags, get_seq().value, get_ack().value, get_len().value, port)
        shown[number] = { c.client, c.server }
    end
    local states = shown[number]
    local item = tree:add(proto)
    item:add(client_field, states[1])
    item:add(server_field, states[2])
end

register_postdissector(proto)
