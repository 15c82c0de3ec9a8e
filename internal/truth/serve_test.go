package truth

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"

	"plan/internal/exchange"
)

// session is one connection of the referee.
type session struct {
	referee *referee
	wire    *wire
	gone    bool // the state of the other side after a response
	seen    connection
}

// run executes the drawn deed for each request, until either side closes. Its
// error is an error of the test itself.
func (s *session) run(c *net.TCPConn) (err error) {
	if s.wire, err = newWire(c); err != nil {
		return err
	}
	for {
		q, err := s.next()
		if q.name == "" {
			return s.ended(err)
		}
		for i := range s.seen.Asked { // without this it would not send again
			s.seen.Asked[i].Taken = true
		}
		a := asked{Name: q.name, Row: q.row, Began: s.wire.from, Arrived: s.wire.at, Treated: now(), Deed: s.deed(q)}
		goOn := s.do(&a, q)
		s.seen.Asked = append(s.seen.Asked, a)
		if !goOn || err != nil {
			return err
		}
	}
}

// next waits for a request, and may close the connection while it is idle. It
// then continues to read requests that were on their way.
func (s *session) next() (request, error) {
	c := s.wire.conn
	if pause, closes := s.referee.idles(); closes && len(s.seen.Asked) > 0 {
		c.SetReadDeadline(time.Now().Add(pause))
	}
	q, err := s.wire.next()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.SetReadDeadline(time.Time{})
		c.CloseWrite()
		s.seen.Idle = true
		q, err = s.wire.next()
	}
	return q, err
}

// ended determines the fate of the last response from the way in which the
// other side closed.
func (s *session) ended(err error) error {
	if errors.Is(err, errScript) {
		return err
	}
	if n := len(s.seen.Asked); n > 0 {
		s.seen.Asked[n-1].Taken = !s.gone && s.wire.taken(err)
	}
	return nil
}

func (s *session) deed(q request) deed {
	switch {
	case s.seen.Idle:
		return tooLate
	case q.cut:
		return unheard
	}
	d := s.referee.draw(s.wire.from)
	if q.head && (d == tears || d == cuts) {
		return answers // there is no body to cut
	}
	return d
}

// do executes a deed, and reports whether the connection continues.
func (s *session) do(a *asked, q request) bool {
	switch a.Deed {
	case tooLate, unheard:
		return false
	case never, withheld:
		s.wire.drain()
		return false
	case hangsUp:
		s.wire.conn.CloseWrite()
		s.wire.drain()
		return false
	case resets:
		s.wire.reset()
		return false
	case tears:
		s.begin(a)
		s.wire.delivered()
		s.wire.reset()
		return false
	case cuts:
		s.begin(a)
	case waits:
		time.Sleep(s.referee.patience())
		fallthrough
	default:
		s.answer(a, q)
	}
	if a.Deed == parts || a.Deed == cuts {
		s.wire.conn.CloseWrite()
		a.Taken = !s.gone && s.wire.drain()
		return false
	}
	return true
}

// begin sends a part of a response.
func (s *session) begin(a *asked) {
	part := body(s.referee.size(50_000))
	a.Status, a.Body = 200, int64(len(part))
	s.send(a, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", part)
}

// answer sends a whole response.
func (s *session) answer(a *asked, q request) {
	a.Status = map[deed]int{moves: 302, refuses: 404, breaks: 503}[a.Deed]
	if a.Status == 0 {
		a.Status = 200
	}
	most := 300
	if a.Deed == fills {
		most = exchange.BodyLimit / 2
	}
	content := body(s.referee.size(most))
	header := fmt.Sprintf("HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n", a.Status, len(content))
	switch a.Deed {
	case moves:
		header = "HTTP/1.1 302 Found\r\nLocation: /elsewhere" + strings.TrimPrefix(header, "HTTP/1.1 302 Whatever")
	case parts:
		header = "HTTP/1.1 200 OK\r\nConnection: close" + strings.TrimPrefix(header, "HTTP/1.1 200 Whatever")
	case chunks:
		header = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n"
	}
	pieces := [][]byte{content}
	switch {
	case q.head:
		content, pieces = nil, nil
	case a.Deed == chunks:
		pieces = chunked(content)
	}
	s.send(a, header, pieces...)
	a.Body = int64(len(content))
}

// chunked divides a body into two chunks, with optional parts of chunks.
func chunked(content []byte) [][]byte {
	half := len(content) / 2
	return [][]byte{
		fmt.Appendf(nil, "%x;note=\"a;b\"\r\n%s\r\n", half, content[:half]),
		fmt.Appendf(nil, "%X\r\n%s\r\n0\r\nSum: none\r\n\r\n", len(content)-half, content[half:]),
	}
}

// send sends the parts of a response, the header with the first, and logs the
// time.
func (s *session) send(a *asked, header string, pieces ...[]byte) {
	first := []byte(header)
	if len(pieces) > 0 {
		first, pieces = append(first, pieces[0]...), pieces[1:]
	}
	s.write(first)
	a.First = now()
	a.Last = a.First
	for _, piece := range pieces {
		s.write(piece)
		a.Last = now()
	}
}

func (s *session) write(b []byte) {
	if _, err := s.wire.conn.Write(b); err != nil {
		s.gone = true
	}
}

// Bodies consist of filling, and never contain unwritten.
const (
	filling   = "x"
	unwritten = "y"
)

func body(length int) []byte { return bytes.Repeat([]byte(filling), length) }

// between draws a time with equal probability for each doubling.
func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return time.Duration(float64(least) * math.Pow(float64(most)/float64(least), random.Float64()))
}
