package exchange

import (
	"math/rand/v2"
	"net"
	"net/http/httptrace"
	"testing"
	"time"
)

const ms = time.Millisecond

// TestIdle is what each order of events on a kept connection means, where
// nothing is known of the server's idle time, and where it is 5 s.
func TestIdle(t *testing.T) {
	fiveSeconds := KeepAlive{at: 5 * time.Second, votes: enoughVotes}
	for _, c := range []struct {
		name             string
		b                Break
		unknown, learnt5 bool
	}{
		{"nothing could be sent", Break{Sent: 0, Acked: 0, Asked: time.Second, Broke: time.Second}, true, true},
		{"a FIN that acknowledges nothing", Break{Sent: 100, Acked: 0, Ended: true, Asked: time.Second, Broke: time.Second}, true, true},
		{"a FIN that acknowledges the request", Break{Sent: 100, Acked: 100, Ended: true, Asked: time.Second, Broke: time.Second}, false, false},
		{"a FIN that acknowledges a part of it", Break{Sent: 100, Acked: 1, Ended: true, Asked: time.Second, Broke: time.Second}, false, false},
		{"a FIN of which nothing is known", Break{Sent: 100, Acked: -1, Ended: true, Asked: time.Second, Broke: time.Second}, false, false},
		{"a reset that acknowledges nothing, soon", Break{Sent: 100, Acked: 0, Asked: 499 * ms, Broke: 499 * ms}, false, false},
		{"a reset that acknowledges nothing, after a while", Break{Sent: 100, Acked: 0, Asked: time.Second, Broke: time.Second}, true, false},
		{"a reset of what was acknowledged", Break{Sent: 100, Acked: 100, Asked: time.Second, Broke: time.Second}, false, false},
		{"a reset at the idle time", Break{Sent: 100, Acked: 100, Asked: 5 * time.Second, Broke: 5001 * ms}, false, true},
		{"a FIN at the idle time", Break{Sent: 100, Acked: 100, Ended: true, Asked: 4951 * ms, Broke: 5049 * ms}, false, true},
		{"sent too long before it", Break{Sent: 100, Acked: 100, Asked: 4949 * ms, Broke: 5000 * ms}, false, false},
		{"broken too long after it", Break{Sent: 100, Acked: 100, Asked: 5000 * ms, Broke: 5501 * ms}, false, false},
	} {
		var nothing KeepAlive
		if unknown, learnt := nothing.Idle(c.b), fiveSeconds.Idle(c.b); unknown != c.unknown || learnt != c.learnt5 {
			t.Errorf("%s: %v, at a known idle time %v", c.name, unknown, learnt)
		}
	}
}

// TestAnAnswerAfterLonger shows that no idle time is as short as that.
func TestAnAnswerAfterLonger(t *testing.T) {
	var k KeepAlive
	b := Break{Sent: 100, Acked: 0, Asked: time.Second, Broke: time.Second}
	k.Answered(1050 * ms)
	before := k.Idle(b)
	k.Answered(1051 * ms)
	if !before || k.Idle(b) {
		t.Errorf("%v before, %v after", before, k.Idle(b))
	}
}

// TestAnIdleTimeIsLearnt of closes that agree, and by nothing else.
func TestAnIdleTimeIsLearnt(t *testing.T) {
	race := func(k *KeepAlive, at time.Duration) bool {
		return k.Idle(Break{Sent: 1, Acked: 1, Asked: at, Broke: at + ms})
	}
	for _, c := range []struct {
		name   string
		closed []time.Duration
		then   []time.Duration // answers on connections that had been idle for so long
		at     time.Duration
		want   bool
	}{
		{"nothing", nil, nil, time.Second, false},
		{"one close", []time.Duration{time.Second}, nil, time.Second, false},
		{"two", []time.Duration{time.Second, 1005 * ms}, nil, time.Second, true},
		{"two, at another time", []time.Duration{time.Second, 1005 * ms}, nil, 2 * time.Second, false},
		{"two that differ", []time.Duration{time.Second, 3 * time.Second}, nil, time.Second, false},
		{"a stray one among many", []time.Duration{ms, 5 * time.Second, 5 * time.Second, 5001 * ms, 300 * ms, 5002 * ms}, nil, 5 * time.Second, true},
		{"a new one after another", []time.Duration{time.Second, time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second}, nil, 2 * time.Second, true},
		{"answers before it", []time.Duration{time.Second, time.Second}, []time.Duration{900 * ms, 900 * ms, 1005 * ms}, time.Second, true},
		{"answers after it", []time.Duration{time.Second, time.Second}, []time.Duration{1200 * ms}, time.Second, false},
		{"a short one", []time.Duration{100 * ms, 100 * ms}, nil, 91 * ms, true},
		{"too far from a short one", []time.Duration{100 * ms, 100 * ms}, nil, 89 * ms, false},
	} {
		var k KeepAlive
		for _, idle := range c.closed {
			k.Closed(idle)
		}
		for _, idle := range c.then {
			k.Answered(idle)
		}
		if got := race(&k, c.at); got != c.want {
			t.Errorf("%s: %v at %v, %+v", c.name, got, c.at, k)
		}
	}
}

// TestClosesByChanceAreNoIdleTime: a worker dies now and then, and with it all
// of its idle connections, for whatever time they had been idle.
func TestClosesByChanceAreNoIdleTime(t *testing.T) {
	for _, pause := range []time.Duration{ms, 5 * ms, 20 * ms, 200 * ms, time.Second, 10 * time.Second} {
		excused, random := 0, rand.New(rand.NewPCG(1, uint64(pause)))
		late := func() time.Duration { return time.Duration(random.ExpFloat64() * float64(ms/10)) }
		var k KeepAlive
		for crash := range 1000 {
			for range 24 {
				k.Answered(pause + late())
			}
			for range 1 + crash%5 {
				k.Closed(time.Duration(random.Float64() * float64(pause)))
			}
			if at := pause + late(); k.Idle(Break{Sent: 1, Acked: 1, Asked: at, Broke: at + ms}) {
				excused++
			}
		}
		if excused > 20 {
			t.Errorf("pause %v: %d of 1000 excused", pause, excused)
		}
	}
}

// pair is both ends of a TCP connection.
func pair(t *testing.T) (here, there *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client.(*net.TCPConn), server.(*net.TCPConn)
}

// TestALineTellsOfIdleCloses, and of those alone.
func TestALineTellsOfIdleCloses(t *testing.T) {
	for name, closes := range map[string]struct {
		end   func(here, there net.Conn)
		asked bool
		votes int
	}{
		"by the server":              {func(_, there net.Conn) { there.Close() }, false, 1},
		"by this side":               {func(here, _ net.Conn) { here.Close() }, false, 0},
		"by the server when asked":   {func(_, there net.Conn) { there.Close() }, true, 0},
		"by a reset of the server's": {func(_, there net.Conn) { reset(there.(*net.TCPConn)) }, false, 1},
	} {
		here, there := pair(t)
		l := &line{Conn: here, address: "there", known: &KeepAlives{}}
		l.rest()
		if closes.asked {
			take(httptrace.GotConnInfo{Conn: l})
		}
		closes.end(l, there)
		l.Read(make([]byte, 1))
		if got := l.known.at("there").votes; got != closes.votes {
			t.Errorf("%s: %d votes", name, got)
		}
	}
}
