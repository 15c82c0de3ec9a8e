package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"plan/internal/exchange"
)

// piped implements sockets over any dialer, for tests in simulated time. Its
// events are edge-triggered, as with epoll.
type piped struct {
	dial   exchange.Dialer
	ctx    context.Context
	cancel context.CancelFunc
	signal chan struct{}
	work   sync.WaitGroup

	mu     sync.Mutex
	last   int
	open   map[int]*pipedConn
	events map[int]socketEvent
}

// pipedConn buffers received data and data to send.
type pipedConn struct {
	tag   uint64
	conn  net.Conn // nil before it is connected
	errno syscall.Errno
	in    []byte
	ended bool
	out   chan []byte
	write sync.Mutex // locked during a write
	taken int64      // bytes that the other side has read
}

func newPiped(dial exchange.Dialer) *piped {
	p := &piped{dial: dial, signal: make(chan struct{}, 1), open: map[int]*pipedConn{}, events: map[int]socketEvent{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

func (p *piped) connect(_ netip.AddrPort, tag uint64) (int, syscall.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	fd, c := p.last, &pipedConn{tag: tag, out: make(chan []byte, 100)}
	p.open[fd] = c
	p.work.Go(func() { p.serve(fd, c) })
	return fd, 0
}

// serve connects and reads until the end.
func (p *piped) serve(fd int, c *pipedConn) {
	conn, err := p.dial(p.ctx, "tcp", "service:80")
	if err != nil {
		p.change(fd, socketEvent{tag: c.tag, readable: true, writable: true, ended: true}, func() { c.errno = errnoOf(err) })
		return
	}
	p.work.Go(func() { p.send(conn, c) })
	if !p.change(fd, socketEvent{tag: c.tag, writable: true}, func() { c.conn = conn }) {
		conn.Close()
		return
	}
	b := make([]byte, 1000)
	for {
		n, err := conn.Read(b)
		if err != nil {
			c.settle()
		}
		p.change(fd, socketEvent{tag: c.tag, readable: true, writable: true, ended: err != nil}, func() {
			c.in = append(c.in, b[:n]...)
			c.ended = err != nil
		})
		if err != nil {
			return
		}
	}
}

// settle waits until the bytes that were taken are counted.
func (c *pipedConn) settle() {
	c.write.Lock()
	defer c.write.Unlock()
}

func (p *piped) send(to io.Writer, c *pipedConn) {
	for b := range c.out {
		c.write.Lock()
		n, _ := to.Write(b) // a failed write gets no response
		p.mu.Lock()
		c.taken += int64(n)
		p.mu.Unlock()
		c.write.Unlock()
	}
}

// errnoOf returns the errno for an error of the network of pipes.
func errnoOf(err error) syscall.Errno {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return syscall.ECONNABORTED
}

// change changes a connection and signals an event, unless it is closed.
func (p *piped) change(fd int, e socketEvent, do func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[fd] == nil {
		return false
	}
	do()
	e.ended = e.ended || p.events[fd].ended
	e.readable = e.readable || p.events[fd].readable
	p.events[fd] = e
	p.wake()
	return true
}

func (p *piped) established(fd int) syscall.Errno {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open[fd].errno
}

func (p *piped) write(fd int, b []byte) (int, syscall.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[fd].out <- b
	return len(b), 0
}

func (p *piped) read(fd int, b []byte) (int, syscall.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.open[fd]
	n := copy(b, c.in)
	c.in = c.in[n:]
	if n == 0 && !c.ended {
		return 0, syscall.EAGAIN
	}
	return n, 0
}

func (p *piped) acked(fd int) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open[fd].taken
}

func (p *piped) close(fd int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.open[fd]
	if c.conn != nil {
		c.conn.Close()
	}
	close(c.out)
	delete(p.open, fd)
	delete(p.events, fd)
}

func (p *piped) wait(timeout time.Duration) []socketEvent {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	if timeout > 0 {
		select {
		case <-p.signal:
		case <-timer.C:
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []socketEvent
	for fd, e := range p.events {
		all = append(all, e)
		delete(p.events, fd)
	}
	return all
}

func (p *piped) wake() {
	select {
	case p.signal <- struct{}{}:
	default:
	}
}

func (p *piped) release() {
	p.cancel()
	p.work.Wait()
}
