package referee

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// outlet implements sockets that record what is sent.
type outlet struct {
	sent   []int // descriptors
	closed []int
	broken map[int]bool
}

func (o *outlet) send(fd int, _ string) bool {
	o.sent = append(o.sent, fd)
	return !o.broken[fd]
}

func (o *outlet) close(fd int) { o.closed = append(o.closed, fd) }

func serving(c Config, fds ...int) (*server, *outlet) {
	o := &outlet{broken: map[int]bool{}}
	s := newServer(c, Clock{start: time.Now()}, o)
	for _, fd := range fds {
		s.accepted(fd)
	}
	return s, o
}

var wire = []byte(post("1.1", "", Body))

func TestCounts(t *testing.T) {
	s, o := serving(Config{Users: 2, Note: 3}, 5, 9)
	s.received(s.conns[5], wire, 100)
	s.received(s.conns[5], append(append([]byte{}, wire...), wire...), 200)
	s.received(s.conns[9], []byte("GET / HTTP/1.1\r\n\r\n"), 300)
	want := Log{Requests: 4, Strange: 1, Connections: 2, Active: 2, First: 100, Last: 300, AllActive: 300, Arrivals: []int64{100, 200, 200}}
	got := s.log
	if len(got.Answers) != 3 {
		t.Errorf("%d answers are noted, want as many as arrivals", len(got.Answers))
	}
	got.Answers = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{5, 5, 5, 9}, o.sent); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestARequestInPiecesIsOne(t *testing.T) {
	for size := 1; size < len(wire); size += 7 {
		s, o := serving(Config{}, 4)
		for at := 0; at < len(wire); at += size {
			s.received(s.conns[4], wire[at:min(at+size, len(wire))], int64(at+1))
		}
		if s.log.Requests != 1 || s.log.Strange != 0 || len(o.sent) != 1 {
			t.Errorf("in pieces of %d: %+v, %d answers", size, s.log, len(o.sent))
		}
	}
}

func TestAnswersWaitForTheirDelay(t *testing.T) {
	s, o := serving(Config{Delay: 1000}, 4, 5)
	s.received(s.conns[4], wire, 100)
	s.received(s.conns[5], wire, 300)
	for _, step := range []struct {
		now, wait int64
		sent      int
	}{{200, 900, 0}, {1099, 1, 0}, {1100, 200, 1}, {1300, -1, 2}, {1400, -1, 2}} {
		if wait := s.sendDue(step.now); wait != step.wait || len(o.sent) != step.sent {
			t.Errorf("at %d: %d answers and a wait of %d, want %d and %d", step.now, len(o.sent), wait, step.sent, step.wait)
		}
	}
}

func TestNoAnswerGoesToWhoCameAfterwards(t *testing.T) {
	s, o := serving(Config{Delay: 1000}, 4)
	s.received(s.conns[4], wire, 100)
	s.drop(s.conns[4])
	s.accepted(4)
	if s.sendDue(2000); len(o.sent) != 0 {
		t.Errorf("answers to %v", o.sent)
	}
}

func TestAConnectionThatTakesNoAnswerIsClosed(t *testing.T) {
	s, o := serving(Config{}, 4)
	o.broken[4] = true
	s.received(s.conns[4], append(append([]byte{}, wire...), wire...), 100)
	if s.log.Requests != 1 || s.conns[4] != nil || !cmp.Equal(o.closed, []int{4}) {
		t.Errorf("%d requests, closed %v", s.log.Requests, o.closed)
	}
}

func TestStallsOnce(t *testing.T) {
	s, _ := serving(Config{StallAfter: 500, StallFor: 70}, 4)
	var stalls []time.Duration
	at := func(now int64) { stalls = append(stalls, s.stalls(now)) }
	at(10_000)
	s.received(s.conns[4], wire, 10_000)
	for _, now := range []int64{10_499, 10_500, 10_501, 20_000} {
		at(now)
	}
	if diff := cmp.Diff([]time.Duration{0, 0, 70, 0, 0}, stalls); diff != "" || s.log.StallBegan != 10_500 {
		t.Errorf("began at %d (-want +got):\n%s", s.log.StallBegan, diff)
	}
}
