package referee

import (
	"slices"
	"time"
)

// conn is a connection to a generator.
type conn struct {
	fd     int // -1 after it is closed
	active bool
	rest   []byte // of an incomplete request
}

// delayed is a delayed response.
type delayed struct {
	to  *conn
	old bool
	at  int64
}

// server is the state of the referee. Its methods in this file make system
// calls only through sockets.
type server struct {
	config Config
	clock  Clock
	sockets
	conns   []*conn   // by descriptor
	delayed []delayed // sorted by due time
	log     Log
}

// sockets are the system calls that the server needs.
type sockets interface {
	send(fd int, answer string) bool // false: close the connection
	close(fd int)
}

func newServer(c Config, clock Clock, s sockets) *server {
	return &server{
		config: c, clock: clock, sockets: s,
		log: Log{Arrivals: make([]int64, 0, c.Note), Answers: make([]int64, 0, c.Note)},
	}
}

// accepted adds a new connection.
func (s *server) accepted(fd int) {
	for fd >= len(s.conns) {
		s.conns = append(s.conns, make([]*conn, len(s.conns)+1024)...)
	}
	s.conns[fd] = &conn{fd: fd}
	s.log.Connections++
}

// drop closes a connection. Its delayed responses are dropped when they are
// due.
func (s *server) drop(c *conn) {
	s.conns[c.fd] = nil
	s.close(c.fd)
	c.fd = -1
}

// received handles bytes of a connection. They are valid only during the call.
func (s *server) received(c *conn, b []byte, at int64) {
	if len(c.rest) > 0 {
		c.rest = append(c.rest, b...)
		b = c.rest
	}
	for len(b) > 0 && c.fd >= 0 {
		r := parse(b)
		if r.length == 0 {
			break
		}
		b = b[r.length:]
		s.count(c, r, at)
		s.delayed = append(s.delayed, delayed{to: c, old: r.old, at: at + int64(s.config.Delay)})
		if s.config.Delay == 0 {
			s.sendDue(at)
		}
	}
	c.rest = append(c.rest[:0], b...)
}

// count logs a request.
func (s *server) count(c *conn, r request, at int64) {
	l := &s.log
	l.Requests++
	l.Last = at
	if l.First == 0 {
		l.First = at
	}
	if !r.expected {
		l.Strange++
	}
	if !c.active {
		c.active = true
		if l.Active++; l.Active == s.config.Users {
			l.AllActive = at
		}
	}
	if len(l.Arrivals) < cap(l.Arrivals) {
		l.Arrivals = append(l.Arrivals, at)
	}
}

// sendDue sends the responses that are due, and returns the time until the next
// one; -1 without any.
func (s *server) sendDue(now int64) (wait int64) {
	due := 0
	for due < len(s.delayed) && s.delayed[due].at <= now {
		s.answer(s.delayed[due])
		due++
	}
	s.delayed = slices.Delete(s.delayed, 0, due)
	if len(s.delayed) == 0 {
		return -1
	}
	return s.delayed[0].at - now
}

func (s *server) answer(o delayed) {
	text := answer
	if o.old {
		text = answer10
	}
	if o.to.fd >= 0 && !s.send(o.to.fd, text) {
		s.drop(o.to)
	}
	if len(s.log.Answers) < cap(s.log.Answers) {
		s.log.Answers = append(s.log.Answers, s.clock.Now())
	}
}

// stalls returns how long to do nothing now; once it is not 0.
func (s *server) stalls(now int64) time.Duration {
	l := &s.log
	if s.config.StallFor == 0 || l.StallBegan != 0 || l.First == 0 || now-l.First < int64(s.config.StallAfter) {
		return 0
	}
	l.StallBegan = now
	return s.config.StallFor
}
