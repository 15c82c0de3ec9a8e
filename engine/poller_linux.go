package engine

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"plan/internal/exchange"
)

// poller implements sockets with epoll.
//
// It uses raw system calls for all that cannot block, because these skip Go's
// scheduler.
type poller struct {
	epoll, event int
	timer        int // -1 with epoll_pwait2; without it, epoll_wait has only a resolution of 1 ms
	timeout      unix.ItimerSpec
	raw          [batch]unix.EpollEvent
	out          [batch]socketEvent
}

// batch is the maximum number of events per wait. More events would delay the
// alarms that are due.
const batch = 64

// Tags of the poller's own events. Users never have them.
const (
	wakeTag  = ^uint64(0)
	timerTag = wakeTag - 1
)

// newPoller opens a poller. It waits by epoll_pwait2 if the kernel has that
// (Linux 5.11) and permits it, else by a timer.
func newPoller() (sockets, error) {
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, ^uintptr(0), 0, 0, 0, 0, 0)
	return openPoller(errno != unix.ENOSYS && errno != unix.EPERM)
}

// lockThread locks the goroutine to its thread and sets the thread's timer
// slack to 1 ns. The default slack is 50 µs. The thread ends with the
// goroutine.
func lockThread() {
	runtime.LockOSThread()
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, 1, 0)
}

func openPoller(pwait2 bool) (_ sockets, err error) {
	p := &poller{epoll: -1, event: -1, timer: -1}
	defer func() {
		if err != nil {
			p.release()
			err = fmt.Errorf("no event loop: %w", err)
		}
	}()
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.event, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, err
	}
	if errno := p.watch(p.event, unix.EPOLLIN|unix.EPOLLET, wakeTag); errno != 0 {
		return nil, errno
	}
	if pwait2 {
		return p, nil
	}
	if p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return nil, err
	}
	if errno := p.watch(p.timer, unix.EPOLLIN|unix.EPOLLET, timerTag); errno != 0 {
		return nil, errno
	}
	return p, nil
}

// watch adds a file descriptor to the epoll set. The tag is stored in the last
// eight bytes of the event.
func (p *poller) watch(fd int, events uint32, tag uint64) syscall.Errno {
	event := unix.EpollEvent{Events: events, Fd: int32(tag), Pad: int32(tag >> 32)}
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(p.epoll), unix.EPOLL_CTL_ADD, uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	return errno
}

func (p *poller) connect(to netip.AddrPort, tag uint64) (int, syscall.Errno) {
	family := unix.AF_INET
	if to.Addr().Is6() {
		family = unix.AF_INET6
	}
	r, _, errno := unix.RawSyscall(unix.SYS_SOCKET, uintptr(family), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	fd, noDelay := int(r), int32(1)
	_, _, errno = unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY,
		uintptr(unsafe.Pointer(&noDelay)), unsafe.Sizeof(noDelay), 0)
	if errno == 0 {
		errno = startConnect(fd, to)
	}
	if errno == 0 {
		errno = p.watch(fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|unix.EPOLLET, tag)
	}
	if errno != 0 {
		p.close(fd)
		return -1, errno
	}
	return fd, 0
}

// startConnect starts a connect. TCP_NODELAY is set before it: without that,
// the second part of a request that is larger than one segment would wait for
// an acknowledgement.
func startConnect(fd int, to netip.AddrPort) syscall.Errno {
	var errno syscall.Errno
	port := [2]byte{byte(to.Port() >> 8), byte(to.Port())}
	if to.Addr().Is6() {
		address := unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: *(*uint16)(unsafe.Pointer(&port)), Addr: to.Addr().As16(), Scope_id: zoneIndex(to.Addr().Zone())}
		_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&address)), unix.SizeofSockaddrInet6)
	} else {
		address := unix.RawSockaddrInet4{Family: unix.AF_INET, Port: *(*uint16)(unsafe.Pointer(&port)), Addr: to.Addr().As4()}
		_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&address)), unix.SizeofSockaddrInet4)
	}
	if errno == unix.EINPROGRESS {
		return 0
	}
	return errno
}

// zoneIndex returns the interface index of an IPv6 zone; 0 without a zone.
func zoneIndex(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if named, err := net.InterfaceByName(zone); err == nil {
		return uint32(named.Index)
	}
	return 0
}

func (p *poller) established(fd int) syscall.Errno {
	var value int32
	size := uint32(unsafe.Sizeof(value))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_ERROR, uintptr(unsafe.Pointer(&value)), uintptr(unsafe.Pointer(&size)), 0)
	switch {
	case errno != 0:
		return errno
	case value == 0 && connectedToItself(fd):
		return unix.ECONNREFUSED
	}
	return syscall.Errno(value)
}

// connectedToItself reports whether both ends of a connection are the same
// socket. TCP permits that: a socket whose ephemeral port is the one that it
// connects to meets its own SYN, if no server listens there.
func connectedToItself(fd int) bool {
	var ends [2][unix.SizeofSockaddrInet6]byte
	for i, name := range [2]uintptr{unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME} {
		size := uint32(len(ends[i]))
		_, _, errno := unix.RawSyscall(name, uintptr(fd), uintptr(unsafe.Pointer(&ends[i])), uintptr(unsafe.Pointer(&size)))
		if errno != 0 {
			return false
		}
	}
	return ends[0] == ends[1]
}

func (p *poller) write(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

func (p *poller) read(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	return int(n), errno
}

func (p *poller) acked(fd int) int64 { return exchange.Acked(fd) }

func (p *poller) close(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// wait first waits without releasing the scheduler's processor, and releases it
// if nothing happens for maxBusyWait: a release costs several thread switches,
// which is more than a request costs. A signal interrupts the wait, so that the
// garbage collector and other goroutines can run.
func (p *poller) wait(timeout time.Duration) []socketEvent {
	n := p.block(min(timeout, maxBusyWait), unix.RawSyscall6)
	if timeout > maxBusyWait && (n == 0 || n == 1 && tagOf(&p.raw[0]) == timerTag) {
		n = p.block(timeout-maxBusyWait, unix.Syscall6)
	}
	return p.events(n)
}

// maxBusyWait is how long a wait may keep the processor from other goroutines.
const maxBusyWait = time.Millisecond

// syscall6 is a system call, with or without notice to Go's scheduler.
type syscall6 func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

// block waits for events and returns their number; 0 after a signal.
func (p *poller) block(timeout time.Duration, call syscall6) int {
	var n uintptr
	var errno syscall.Errno
	p.timeout = unix.ItimerSpec{Value: unix.NsecToTimespec(max(0, timeout.Nanoseconds()))}
	if p.timer < 0 {
		n, _, errno = call(unix.SYS_EPOLL_PWAIT2, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.raw)), batch, uintptr(unsafe.Pointer(&p.timeout.Value)), 0, 0)
	} else {
		wait := uintptr(0) // poll
		if p.timeout.Value != (unix.Timespec{}) {
			wait = ^uintptr(0) // until the timer, or an event
			unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(p.timer), 0, uintptr(unsafe.Pointer(&p.timeout)), 0, 0, 0)
		}
		n, _, errno = call(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.raw)), batch, wait, 0, 0)
	}
	if errno != 0 {
		return 0
	}
	return int(n)
}

// events converts the first n raw events, without those of the poller itself.
func (p *poller) events(n int) []socketEvent {
	const ended = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	out := p.out[:0]
	for i := range p.raw[:n] {
		e := &p.raw[i]
		tag := tagOf(e)
		if tag >= timerTag {
			continue
		}
		out = append(out, socketEvent{
			tag:      tag,
			readable: e.Events&(unix.EPOLLIN|ended) != 0,
			writable: e.Events&(unix.EPOLLOUT|ended) != 0,
			ended:    e.Events&ended != 0,
		})
	}
	return out
}

func tagOf(e *unix.EpollEvent) uint64 { return uint64(uint32(e.Fd)) | uint64(uint32(e.Pad))<<32 }

func (p *poller) wake() {
	one := [8]byte{1}
	unix.Write(p.event, one[:])
}

func (p *poller) release() {
	for _, fd := range []int{p.timer, p.event, p.epoll} {
		if fd >= 0 {
			p.close(fd)
		}
	}
}
