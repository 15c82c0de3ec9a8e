package cgroup

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"plan/containers"
)

// Processes returns the processes in the group and its descendants.
func (g Group) Processes() ([]containers.Process, error) {
	ids, err := g.processes()
	if err != nil {
		return nil, err
	}
	return Processes(ids)
}

// Processes returns the processes with these IDs and their TCP sockets. They
// must share one network namespace. It ignores processes that have ended; a
// process without read permission is an error.
func Processes(ids []string) ([]containers.Process, error) {
	var all []containers.Process
	var sockets map[string]containers.Socket // by inode
	for _, id := range ids {
		stat, err := os.ReadFile(filepath.Join("/proc", id, "stat"))
		if err != nil {
			continue // it has ended
		}
		// The second field, the command name, may contain anything.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) < 2 {
			continue
		}
		parent, err := strconv.Atoi(string(fields[1]))
		if err != nil {
			continue
		}
		if sockets == nil {
			if sockets, err = socketsOf(id); err != nil {
				continue
			}
		}
		folder := filepath.Join("/proc", id, "fd")
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		if err != nil {
			entries = nil // it has ended
		}
		var held []string // inodes of the process's sockets, without duplicates
		for _, entry := range entries {
			link, err := os.Readlink(filepath.Join(folder, entry.Name()))
			if errors.Is(err, fs.ErrPermission) {
				return nil, err
			}
			if inode, is := strings.CutPrefix(link, "socket:["); is {
				held = append(held, strings.TrimSuffix(inode, "]"))
			}
		}
		slices.Sort(held)
		held = slices.Compact(held)
		number, _ := strconv.Atoi(id) // the kernel writes numbers
		process := containers.Process{ID: number, Parent: parent}
		for _, inode := range held {
			if socket, is := sockets[inode]; is {
				process.Sockets = append(process.Sockets, socket)
			}
		}
		all = append(all, process)
	}
	return all, nil
}

// socketsOf returns the sockets in the network namespace of a process by inode.
// Connections that were not accepted yet have no inode.
func socketsOf(id string) (map[string]containers.Socket, error) {
	all := map[string]containers.Socket{}
	for _, name := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(filepath.Join("/proc", id, "net", name))
		if errors.Is(err, fs.ErrNotExist) && name == "tcp6" { // a kernel without IPv6
			continue
		}
		if err != nil {
			return nil, err
		}
		parseSockets(text, all)
	}
	return all, nil
}

// Socket states in /proc/net/tcp.
const listening = "0A"

// parseSockets parses /proc/net/tcp or tcp6.
func parseSockets(text []byte, all map[string]containers.Socket) {
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) < 10 || fields[9] == "0" {
			continue
		}
		local, ok := parseAddress(fields[1])
		remote, also := parseAddress(fields[2])
		if !ok || !also {
			continue
		}
		socket := containers.Socket{Port: int(local.Port())}
		if fields[3] != listening {
			socket.Remote = remote.String()
		}
		all[fields[9]] = socket
	}
}

// parseAddress parses ADDRESS:PORT in hexadecimal. The address consists of
// words in the byte order of the machine, assumed to be little-endian.
func parseAddress(text string) (netip.AddrPort, bool) {
	address, port, ok := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	number, wrong := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || wrong != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), ok
}
