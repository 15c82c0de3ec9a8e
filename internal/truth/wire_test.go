package truth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wire is one side of a connection, with the kernel's timestamps of received
// data.
type wire struct {
	conn *net.TCPConn
	raw  syscall.RawConn
	in   []byte // received and not parsed yet
	from moment // when its first byte arrived
	at   moment // when its last byte arrived
	mem  [64 << 10]byte
	oob  [256]byte
}

func newWire(conn *net.TCPConn) (*wire, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	w := &wire{conn: conn, raw: raw}
	return w, w.control(func(fd int) error {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING, unix.SOF_TIMESTAMPING_RX_SOFTWARE|unix.SOF_TIMESTAMPING_SOFTWARE)
	})
}

func (w *wire) control(do func(fd int) error) (err error) {
	if failed := w.raw.Control(func(fd uintptr) { err = do(int(fd)) }); failed != nil {
		return failed
	}
	return err
}

// fill reads once, until the deadline of the connection.
func (w *wire) fill() error {
	var n, extra int
	var err error
	failed := w.raw.Read(func(fd uintptr) bool {
		n, extra, _, _, err = unix.Recvmsg(int(fd), w.mem[:], w.oob[:], 0)
		return err != unix.EAGAIN
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	}
	w.at = arrival(w.oob[:extra])
	if len(w.in) == 0 {
		w.from = w.at
	}
	w.in = append(w.in, w.mem[:n]...)
	return nil
}

// arrival returns when the last byte of a message arrived, from the kernel's
// CLOCK_REALTIME timestamp; without a timestamp it returns the current time.
func arrival(oob []byte) moment {
	messages, err := unix.ParseSocketControlMessage(oob)
	offset := read(unix.CLOCK_REALTIME) - now()
	for _, m := range messages {
		if m.Header.Type == unix.SCM_TIMESTAMPING && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			return moment((*unix.Timespec)(unsafe.Pointer(&m.Data[0])).Nano()) - offset
		}
	}
	if err != nil {
		panic(err)
	}
	return now()
}

// request is a parsed request.
type request struct {
	name string
	row  string // of a feed: the whole query
	head bool   // its method is HEAD
	cut  bool   // the other side closed before its end
}

// next reads a request. The error is how the connection ended; for an
// incomplete request it is nil.
func (w *wire) next() (r request, err error) {
	w.in = w.in[:0]
	header := -1
	for header < 0 {
		if err := w.fill(); err != nil && len(w.in) > 0 {
			return r, fmt.Errorf("a header that ends with %q: %w", w.in, errScript)
		} else if err != nil {
			return r, err
		}
		header = bytes.Index(w.in, []byte("\r\n\r\n"))
	}
	w.conn.SetReadDeadline(time.Time{}) // the timeout of the idle connection
	r, length, err := parse(w.in[:header])
	for err == nil && !r.cut && len(w.in) < header+4+length {
		r.cut = w.fill() != nil
	}
	if len(w.in) > header+4+length {
		err = fmt.Errorf("more came than a request: %q: %w", w.in, errScript)
	}
	return r, err
}

// errScript is a request that these loads never send.
var errScript = errors.New("not what was to come")

// parse reads the necessary parts of a header. The name of a request is the
// last part of its path.
func parse(header []byte) (r request, length int, err error) {
	first, rest, _ := bytes.Cut(header, []byte("\r\n"))
	words := bytes.Fields(first)
	if len(words) != 3 || string(words[2]) != "HTTP/1.1" {
		return r, 0, fmt.Errorf("no request line: %q: %w", first, errScript)
	}
	where, row, _ := strings.Cut(string(words[1]), "?")
	r.head, r.name, r.row = string(words[0]) == "HEAD", path.Base(where), row
	for line := range bytes.SplitSeq(rest, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(": "))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			length, err = strconv.Atoi(string(value))
		}
	}
	return r, length, err
}

// stateClose is the kernel's TCP_CLOSE (netinet/tcp.h).
const stateClose = 7

// delivered waits until the other side's kernel has received everything; false
// if the connection was reset before.
func (w *wire) delivered() (all bool) {
	for settled := false; !settled; time.Sleep(100 * time.Microsecond) {
		err := w.control(func(fd int) (err error) {
			all, settled, err = delivery(fd)
			return err
		})
		if err != nil {
			return false
		}
	}
	return all
}

// delivery checks once. The pending error distinguishes a reset connection from
// one that both sides have closed.
func delivery(fd int) (all, settled bool, err error) {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return false, false, err
	}
	if info.State == stateClose {
		errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		return errno == 0, true, err
	}
	done := info.Unacked == 0 && info.Notsent_bytes == 0
	return done, done, nil
}

// drain reads until the other side closes, and reports whether it received
// everything.
func (w *wire) drain() bool {
	for {
		if err := w.fill(); err != nil {
			return w.taken(err)
		}
	}
}

// taken decides that from how reading ended.
func (w *wire) taken(end error) bool { return errors.Is(end, io.EOF) && w.delivered() }

// reset ends the connection with a RST.
func (w *wire) reset() {
	w.conn.SetLinger(0)
	w.conn.Close()
}
