package engine

import (
	"net/netip"
	"syscall"
	"time"
)

// sockets is the network of one event loop. Only wait blocks, and only wake may
// be called from another goroutine. An errno of 0 means success.
type sockets interface {
	// connect starts a connection whose events carry the tag. It returns
	// immediate errors; later ones arrive as an event.
	connect(to netip.AddrPort, tag uint64) (fd int, errno syscall.Errno)
	// established returns the error of a connect that has finished. A connection
	// to itself is refused.
	established(fd int) syscall.Errno
	write(fd int, b []byte) (n int, errno syscall.Errno)
	read(fd int, b []byte) (n int, errno syscall.Errno)
	// acked returns how many of the written bytes the peer has acknowledged,
	// also after the connection broke; negative if unknown.
	acked(fd int) int64
	close(fd int)
	// wait returns when there are events, when the timeout has passed, or when
	// wake is called. The events are valid until the next call. Events are
	// edge-triggered.
	wait(timeout time.Duration) []socketEvent
	wake()
	release()
}

// socketEvent is an event of a connection.
type socketEvent struct {
	tag      uint64
	readable bool // data or the end of the stream can be read
	writable bool
	ended    bool // the peer closed its side, or the connection broke
}
