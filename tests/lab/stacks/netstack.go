// gVisor's netstack as a host of the lab. agent.h has the commands. Its time is the lab's; its goroutines run until none has work left before a
// command is answered.
//
// SPDX-License-Identifier: GPL-2.0-or-later
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/bufferv2"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/faketime"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const (
	nic     = 1
	yields  = 500 // that often each goroutine may run before a command is answered
	pollMS  = 10  // netstack does not tell when its next timer is due
	packets = 256
)

var names = map[tcp.EndpointState]string{
	tcp.StateSynSent: "SYN_SENT", tcp.StateSynRecv: "SYN_RCVD", tcp.StateEstablished: "ESTABLISHED", tcp.StateFinWait1: "FIN_WAIT_1",
	tcp.StateFinWait2: "FIN_WAIT_2", tcp.StateCloseWait: "CLOSE_WAIT", tcp.StateClosing: "CLOSING", tcp.StateLastAck: "LAST_ACK",
	tcp.StateTimeWait: "TIME_WAIT", tcp.StateListen: "LISTEN",
}

// Of the host.
var (
	clock   = faketime.NewManualClock()
	link    = channel.New(packets, 1500, "")
	host    *stack.Stack
	peer    tcpip.Address
	now     int64 // ms
	sockets = map[int]tcpip.Endpoint{}
)

// The numbers of netstack are the same in each run.
type fixed struct{ *rand.Rand }

func address(text string) tcpip.Address {
	return tcpip.Address(net.ParseIP(text).To4())
}

func begin(own, other string) error {
	source := rand.New(rand.NewSource(int64(len(own)) + int64(own[len(own)-1])))
	host = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
		Clock:              clock,
		RandSource:         rand.NewSource(1),
		SecureRNG:          fixed{source},
	})
	peer = address(other)
	if err := host.CreateNIC(nic, link); err != nil {
		return fmt.Errorf("%s", err)
	}
	prefix := tcpip.AddressWithPrefix{Address: address(own), PrefixLen: 24}
	if err := host.AddProtocolAddress(nic, tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: prefix},
		stack.AddressProperties{}); err != nil {
		return fmt.Errorf("%s", err)
	}
	host.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return nil
}

// ---- packets and states ----

func state(local, remote uint16) string {
	found := "CLOSED"
	for _, each := range host.RegisteredEndpoints() {
		end, ok := each.(interface {
			State() uint32
			Info() tcpip.EndpointInfo
		})
		if !ok {
			continue
		}
		id := end.Info().(*stack.TransportEndpointInfo).ID
		state := tcp.EndpointState(end.State())
		if id.LocalPort != local || names[state] == "" {
			continue
		}
		if id.RemotePort == remote {
			return names[state]
		}
		if state == tcp.StateListen {
			found = names[state]
		}
	}
	return found
}

func stateOfSender(packet []byte) string {
	segment := header.TCP(header.IPv4(packet).Payload())
	return state(segment.SourcePort(), segment.DestinationPort())
}

// Prints what the host has sent. The states are those when the command is done: netstack sends first and changes its state then.
func printSent() {
	for buffer := link.Read(); !buffer.IsNil(); buffer = link.Read() {
		packet := buffer.ToView().AsSlice()
		fmt.Printf("out %s %x\n", stateOfSender(packet), packet)
		buffer.DecRef()
	}
}

func settle() {
	for i := 0; i < yields; i++ {
		runtime.Gosched()
	}
}

func pass(until int64) {
	for now < until {
		step := until - now
		if step > pollMS {
			step = pollMS
		}
		clock.Advance(time.Duration(step) * time.Millisecond)
		now += step
		settle()
	}
}

func arrive(packet []byte) {
	buffer := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: bufferv2.MakeWithData(packet)})
	link.InjectInbound(ipv4.ProtocolNumber, buffer)
	buffer.DecRef()
}

// ---- what a program does with a socket ----

func bound(port int) (tcpip.Endpoint, tcpip.Error) {
	end, err := host.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, &waiter.Queue{})
	if err != nil {
		return nil, err
	}
	end.SocketOptions().SetReuseAddress(true)
	if err := end.Bind(tcpip.FullAddress{Port: uint16(port)}); err != nil {
		end.Close()
		return nil, err
	}
	return end, nil
}

func listen(a []int) (int64, tcpip.Error) {
	end, err := bound(a[1])
	if err != nil {
		return 0, err
	}
	sockets[a[0]] = end
	return 0, end.Listen(a[2])
}

func connect(a []int) (int64, tcpip.Error) {
	end, err := bound(a[1])
	if err != nil {
		return 0, err
	}
	sockets[a[0]] = end
	err = end.Connect(tcpip.FullAddress{NIC: nic, Addr: peer, Port: uint16(a[2])})
	if _, started := err.(*tcpip.ErrConnectStarted); started {
		err = nil
	}
	return 0, err
}

func accept(a []int) (int64, tcpip.Error) {
	end, _, err := sockets[a[0]].Accept(nil)
	if err == nil {
		sockets[a[1]] = end
	}
	return 0, err
}

func send(a []int) (int64, tcpip.Error) {
	return sockets[a[0]].Write(bytes.NewReader(bytes.Repeat([]byte{'x'}, a[1])), tcpip.WriteOptions{})
}

func receive(a []int) (int64, tcpip.Error) {
	var data bytes.Buffer
	for {
		if _, err := sockets[a[0]].Read(&data, tcpip.ReadOptions{}); err != nil {
			return int64(data.Len()), nil
		}
	}
}

func shut(a []int) (int64, tcpip.Error) {
	return 0, sockets[a[0]].Shutdown(tcpip.ShutdownWrite)
}

func closeSocket(a []int) (int64, tcpip.Error) {
	sockets[a[0]].Close()
	return 0, nil
}

func abort(a []int) (int64, tcpip.Error) {
	sockets[a[0]].SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
	return closeSocket(a)
}

func keepAlive(a []int) (int64, tcpip.Error) {
	end := sockets[a[0]]
	idle, interval := tcpip.KeepaliveIdleOption(a[1])*1e6, tcpip.KeepaliveIntervalOption(a[2])*1e6
	end.SocketOptions().SetKeepAlive(true)
	if err := end.SetSockOpt(&idle); err != nil {
		return 0, err
	}
	if err := end.SetSockOpt(&interval); err != nil {
		return 0, err
	}
	return 0, end.SetSockOptInt(tcpip.KeepaliveCountOption, a[3])
}

// ---- commands ----

var commands = map[string]struct {
	numbers int
	run     func(a []int) (int64, tcpip.Error)
}{
	"listen": {3, listen}, "connect": {3, connect}, "accept": {2, accept}, "send": {2, send}, "recv": {1, receive}, "shut": {1, shut},
	"close": {1, closeSocket}, "abort": {1, abort}, "keepalive": {4, keepAlive},
}

func run(words []string) (int64, error) {
	if words[0] == "in" {
		packet, err := hex.DecodeString(words[1])
		if err == nil {
			arrive(packet)
		}
		return 0, err
	}
	numbers := []int{}
	for _, word := range words[1:] {
		number, err := strconv.Atoi(word)
		if err != nil {
			return 0, err
		}
		numbers = append(numbers, number)
	}
	if words[0] == "now" {
		pass(int64(numbers[0]))
		return pollMS, nil
	}
	command, known := commands[words[0]]
	if !known || len(numbers) != command.numbers {
		return 0, fmt.Errorf("no such command")
	}
	made := words[0] == "listen" || words[0] == "connect"
	if _, open := sockets[numbers[0]]; !open && !made {
		return 0, fmt.Errorf("the socket is gone")
	}
	if result, err := command.run(numbers); err != nil {
		return 0, fmt.Errorf("%s", err)
	} else {
		return result, nil
	}
}

func answer(words []string) {
	if words[0] == "state" {
		local, _ := strconv.Atoi(words[1])
		remote, _ := strconv.Atoi(words[2])
		fmt.Printf("ok %s\n", state(uint16(local), uint16(remote)))
		return
	}
	result, err := run(words)
	settle()
	printSent()
	if err != nil {
		fmt.Printf("err %s\n", err)
	} else {
		fmt.Printf("ok %d\n", result)
	}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintf(os.Stderr, "usage: %s ADDRESS PEER\n", os.Args[0])
		os.Exit(2)
	}
	runtime.GOMAXPROCS(1)
	if err := begin(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<18)
	for lines.Scan() {
		answer(strings.Fields(lines.Text()))
	}
}
