package cgroup

import (
	"net"
	"os"
	"slices"
	"strconv"
	"testing"

	"plan/containers"
)

const sockets = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 020011AC:1F40 030011AC:A122 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 020011AC:1F40 030011AC:A124 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
   3: nonsense
`

const sockets6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
   1: 0000000000000000FFFF0000020011AC:1F40 0000000000000000FFFF0000030011AC:A126 08 00000000:00000000 00:00000000 00000000     0        0 4714 1 0 20 4 30 10 -1
   2: B80D0120000000000000000001000000:1F40 B80D0120000000000000000002000000:A128 01 00000000:00000000 00:00000000 00000000     0        0 4715 1 0 20 4 30 10 -1
`

func TestSocketsOfANetwork(t *testing.T) {
	got := map[string]containers.Socket{}
	parseSockets([]byte(sockets), got)
	parseSockets([]byte(sockets6), got)
	want := map[string]containers.Socket{
		"4711": {Port: 8000}, "4712": {Port: 8000, Remote: "172.17.0.3:41250"},
		"4713": {Port: 8000}, "4714": {Port: 8000, Remote: "172.17.0.3:41254"}, "4715": {Port: 8000, Remote: "[2001:db8::2]:41256"},
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for inode, socket := range want {
		if got[inode] != socket {
			t.Errorf("%s: %+v, want %+v", inode, got[inode], socket)
		}
	}
}

// TestOwnSockets: a connection belongs to a process once it has accepted it.
func TestOwnSockets(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	accepted := containers.Socket{Port: port, Remote: connection.LocalAddr().String()}
	holds := func() (listens, accepts bool) {
		all, err := Processes([]string{strconv.Itoa(os.Getpid()), "0"})
		if err != nil || len(all) != 1 || all[0].ID != os.Getpid() || all[0].Parent != os.Getppid() {
			t.Fatalf("%+v, %v", all, err)
		}
		return slices.Contains(all[0].Sockets, containers.Socket{Port: port}), slices.Contains(all[0].Sockets, accepted)
	}
	if listens, accepts := holds(); !listens || accepts {
		t.Errorf("before: listens %t, accepted %t", listens, accepts)
	}
	served, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	if listens, accepts := holds(); !listens || !accepts {
		t.Errorf("after: listens %t, accepted %t", listens, accepts)
	}
}
