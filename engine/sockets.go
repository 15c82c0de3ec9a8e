package engine

import (
	"net/netip"
	"syscall"
	"time"
)

// sockets is the network of one loop. Nothing but wait blocks; only wake may
// be called from another goroutine. An errno of 0 is none.
type sockets interface {
	// connect begins a connection, whose events carry the tag. An error is one
	// that came at once; others come as an event.
	connect(to netip.AddrPort, tag uint64) (fd int, errno syscall.Errno)
	// established tells why a connection that had an event was not made.
	established(fd int) syscall.Errno
	write(fd int, b []byte) (n int, errno syscall.Errno)
	read(fd int, b []byte) (n int, errno syscall.Errno)
	// acked is how many of the bytes that were written the other side has
	// acknowledged, also after the connection broke; below 0: not known.
	acked(fd int) int64
	close(fd int)
	// wait waits for events until one is there, the timeout has passed, or
	// wake was called. They are good until the next call. An event comes once
	// each time that something changes.
	wait(timeout time.Duration) []socketEvent
	wake()
	release()
}

// socketEvent is an event.
type socketEvent struct {
	tag      uint64
	readable bool // there is something to read, the end included
	writable bool
	ended    bool // the other side has closed, or the connection broke
}
