package referee

import (
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// loop is a server on raw sockets. Its waits are invisible to Go's scheduler,
// which is fine because nothing else runs in its process.
type loop struct {
	*server
	epoll, listener int
	control         int // the loop ends when this file ends
	events          [512]unix.EpollEvent
	buffer          [64 << 10]byte
}

// NewClock returns a clock.
func NewClock() (Clock, error) {
	var now unix.Timespec
	c := Clock{start: time.Now()}
	err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	c.base = now.Nano()
	return c, err
}

// open starts to listen, until the other end of the file descriptor control is
// closed. It prints its address.
func open(config Config, control int) (*loop, netip.AddrPort, error) {
	clock, err := NewClock()
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	l := &loop{control: control}
	l.server = newServer(config, clock, l)
	address, err := l.listen(config.Address)
	if err != nil {
		return nil, address, fmt.Errorf("the referee cannot listen on %s: %w", config.Address, err)
	}
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, address, err
	}
	for _, fd := range []int{l.listener, control} {
		if err := l.watch(fd); err != nil {
			return nil, address, err
		}
	}
	return l, address, nil
}

func (l *loop) listen(on string) (address netip.AddrPort, err error) {
	if address, err = netip.ParseAddrPort(on); err != nil {
		return address, err
	}
	l.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return address, err
	}
	if err = unix.Bind(l.listener, &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}); err != nil {
		return address, err
	}
	if err = unix.Listen(l.listener, 65535); err != nil {
		return address, err
	}
	bound, err := unix.Getsockname(l.listener)
	if err != nil {
		return address, err
	}
	return netip.AddrPortFrom(address.Addr(), uint16(bound.(*unix.SockaddrInet4).Port)), nil
}

func (l *loop) watch(fd int) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// run serves until control ends. It disables the garbage collector, which would
// wait for this thread; memory grows only with connections.
func (l *loop) run() error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil { // exact timers, for responses with a delay
		return err
	}
	for wait := int64(-1); ; wait = l.sendDue(l.clock.Now()) {
		n, err := l.await(wait)
		if err != nil {
			return err
		}
		if d := l.stalls(l.clock.Now()); d > 0 {
			time.Sleep(d)
			l.log.StallEnded = l.clock.Now()
		}
		for _, event := range l.events[:n] {
			if int(event.Fd) == l.control {
				return nil
			}
			l.handle(int(event.Fd))
		}
	}
}

// await waits for events for some nanoseconds; -1 means no timeout.
func (l *loop) await(wait int64) (n int, err error) {
	var limit *unix.Timespec
	if wait >= 0 {
		t := unix.NsecToTimespec(wait)
		limit = &t
	}
	r, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])), uintptr(len(l.events)), uintptr(unsafe.Pointer(limit)), 0, 0)
	switch errno {
	case 0:
		return int(r), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, fmt.Errorf("the referee cannot wait for events, which takes Linux 5.11: %w", errno)
}

func (l *loop) handle(fd int) {
	if fd == l.listener {
		l.accept()
		return
	}
	c := l.conns[fd]
	if c == nil {
		return
	}
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&l.buffer[0])), uintptr(len(l.buffer)))
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
	case errno != 0 || n == 0:
		l.drop(c)
	default:
		l.received(c, l.buffer[:n], l.clock.Now())
	}
}

func (l *loop) accept() {
	for {
		fd, _, err := unix.Accept4(l.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		if unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) != nil || l.watch(fd) != nil {
			unix.Close(fd)
			continue
		}
		l.accepted(fd)
	}
}

func (l *loop) send(fd int, answer string) bool {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.StringData(answer))), uintptr(len(answer)))
	return errno == 0 && int(n) == len(answer)
}

func (l *loop) close(fd int) { unix.Close(fd) }
