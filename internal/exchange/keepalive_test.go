package exchange

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http/httptrace"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const ms = time.Millisecond

// learnt returns an estimate after these responses, and then these closes.
func learnt(closed, answered []time.Duration) *KeepAlive {
	k := new(KeepAlive)
	for _, idle := range answered {
		k.RecordResponse(idle)
	}
	for _, idle := range closed {
		time.Sleep(DecideAfter) // in simulated time
		k.RecordClose(idle)
	}
	return k
}

// times returns n times the same duration.
func times(n int, d time.Duration) []time.Duration { return slices.Repeat([]time.Duration{d}, n) }

// TestIdle lists the decision for each order of events on a reused connection,
// without an estimate and with one of 5 s.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		name             string
		b                Break
		unknown, learnt5 bool
	}{
		{"nothing could be sent", Break{Sent: 0, Acked: 0, IdleAtSend: time.Second, IdleAtBreak: time.Second}, true, true},
		{"a FIN that acknowledges nothing", Break{Sent: 100, Acked: 0, FIN: true, IdleAtSend: ms, IdleAtBreak: ms}, true, true},
		{"a FIN that acknowledges the request", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: time.Second, IdleAtBreak: time.Second}, false, false},
		{"a FIN that acknowledges a part of it", Break{Sent: 100, Acked: 1, FIN: true, IdleAtSend: time.Second, IdleAtBreak: time.Second}, false, false},
		{"a FIN of which nothing is known", Break{Sent: 100, Acked: -1, FIN: true, IdleAtSend: time.Second, IdleAtBreak: time.Second}, false, false},
		{"a reset that acknowledges nothing, soon", Break{Sent: 100, Acked: 0, IdleAtSend: 499 * ms, IdleAtBreak: 499 * ms}, false, false},
		{"a reset that acknowledges nothing, after a while", Break{Sent: 100, Acked: 0, IdleAtSend: 500 * ms, IdleAtBreak: 501 * ms}, true, false},
		{"a reset of what was acknowledged", Break{Sent: 100, Acked: 100, IdleAtSend: time.Second, IdleAtBreak: time.Second}, false, false},
		{"a reset of which nothing is known", Break{Sent: 100, Acked: -1, IdleAtSend: time.Second, IdleAtBreak: time.Second}, false, false},
		{"a reset at the idle time", Break{Sent: 100, Acked: 100, IdleAtSend: 5 * time.Second, IdleAtBreak: 5001 * ms}, false, true},
		{"a FIN at the idle time", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 4950 * ms, IdleAtBreak: 5049 * ms}, false, true},
		{"sent too long before it", Break{Sent: 100, Acked: 100, IdleAtSend: 4949 * ms, IdleAtBreak: 5000 * ms}, false, false},
		{"a reset of one that lived on", Break{Sent: 100, Acked: 100, IdleAtSend: 5900 * ms, IdleAtBreak: 7 * time.Second}, false, true},
		{"a FIN that is late", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 4950 * ms, IdleAtBreak: 5500 * ms}, false, true},
		{"too late", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 4950 * ms, IdleAtBreak: 5501 * ms}, false, false},
		{"a FIN to one that lived on", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 5900 * ms, IdleAtBreak: 6400 * ms}, false, true},
		{"too late for that", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 5900 * ms, IdleAtBreak: 6401 * ms}, false, false},
		{"a reset that acknowledges nothing, too long before it", Break{Sent: 100, Acked: 0, IdleAtSend: 4949 * ms, IdleAtBreak: 4950 * ms}, true, false},
		{"a reset that acknowledges nothing, long after it", Break{Sent: 100, Acked: 0, IdleAtSend: time.Minute, IdleAtBreak: 2 * time.Minute}, true, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			nothing, fiveSeconds := new(KeepAlive), learnt(times(2, 5*time.Second), nil)
			if unknown, known := nothing.ClosedIdle(c.b), fiveSeconds.ClosedIdle(c.b); unknown != c.unknown || known != c.learnt5 {
				t.Errorf("%s: %v, at a known idle time %v", c.name, unknown, known)
			}
			if doubts := nothing.Undecided(c.b); doubts != (!c.b.ClosedBeforeRequest() && c.b.IdleAtSend >= 500*ms) || fiveSeconds.Undecided(c.b) {
				t.Errorf("%s: in doubt %v, at a known idle time %v", c.name, doubts, fiveSeconds.Undecided(c.b))
			}
		})
	}
}

// TestAnswersShowThatItIsNoIdleTime: a reset at idle times with responses, or
// with responses after longer ones, is not a close of an idle connection.
func TestAnswersShowThatItIsNoIdleTime(t *testing.T) {
	ten := []time.Duration{950 * ms, 955 * ms, 960 * ms, 965 * ms, 970 * ms, 975 * ms, 980 * ms, 985 * ms, 990 * ms, 999 * ms}
	back := slices.Clone(ten)
	slices.Reverse(back)
	for _, c := range []struct {
		name         string
		answered     []time.Duration
		idle, doubts bool
	}{
		{"none", nil, true, true},
		{"sooner, however many", times(100, 949*ms), true, true},
		{"nine about then", times(9, time.Second), true, true},
		{"ten", times(10, time.Second), false, true},
		{"ten, somewhat sooner", times(10, 950*ms), false, true},
		{"ten, of which each was later", ten, false, true},
		{"ten, of which each was sooner", back, false, true},
		{"ten, then one somewhat later", append(times(10, time.Second), 1050*ms), false, true},
		{"nine about then, others sooner", append(times(9, time.Second), times(9, 949*ms)...), true, true},
		{"many sooner, then one", append(times(100, 900*ms), 951*ms), true, true},
		{"29", times(29, time.Second), false, true},
		{"30", times(30, time.Second), false, false},
		{"one, somewhat later", times(1, 1050*ms), true, true},
		{"one after longer", times(1, 1051*ms), false, false},
		{"many too soon to tell", times(100, 499*ms), true, true},
	} {
		k := learnt(nil, c.answered)
		b := Break{Sent: 100, Acked: 0, IdleAtSend: time.Second, IdleAtBreak: time.Second}
		if idle, doubts := k.ClosedIdle(b), k.Undecided(b); idle != c.idle || doubts != c.doubts {
			t.Errorf("%s: %v, in doubt %v", c.name, idle, doubts)
		}
	}
}

// TestAnIdleTimeIsLearnt only from closes that agree and outweigh other events.
func TestAnIdleTimeIsLearnt(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		name     string
		answered []time.Duration // before
		closed   []time.Duration
		then     []time.Duration // responded
		at       time.Duration
		want     bool
	}{
		{"nothing", nil, nil, nil, second, false},
		{"one close", nil, times(1, second), nil, second, false},
		{"two, of which one was late", nil, []time.Duration{second, 1500 * ms}, nil, 950 * ms, true},
		{"sooner than that", nil, []time.Duration{second, 1500 * ms}, nil, 949 * ms, false},
		{"two, of which the first was late", nil, []time.Duration{1500 * ms, second}, nil, 950 * ms, true},
		{"sooner than that", nil, []time.Duration{1500 * ms, second}, nil, 949 * ms, false},
		{"two, and after a long time", nil, times(2, second), nil, time.Hour, true},
		{"two that differ", nil, []time.Duration{second, 1501 * ms}, nil, 2 * second, false},
		{"the first of which is the later", nil, []time.Duration{1501 * ms, second}, nil, 2 * second, false},
		{"and two more", nil, []time.Duration{second, 1501 * ms, 1501 * ms, 1501 * ms}, nil, 1501 * ms, true},
		{"a stray one among many", nil, []time.Duration{3 * second, 900 * ms, 5 * second, 5 * second, 5001 * ms, 900 * ms, 5002 * ms}, nil, 4950 * ms, true},
		{"a new one after another", nil, append(times(2, second), times(4, 2*second)...), nil, 2 * second, true},
		{"a new one after long", nil, append(times(100, second), times(12, 2*second)...), nil, 2 * second, true},
		{"not yet", nil, append(times(100, second), times(9, 2*second)...), nil, second, false},
		{"answers before it", nil, times(2, second), times(100, 949*ms), second, true},
		{"two answers about it", nil, times(2, second), times(2, 950*ms), second, true},
		{"three", nil, times(2, second), times(3, 950*ms), second, false},
		{"two answers after it", nil, times(2, second), times(2, 1051*ms), second, true},
		{"three", nil, times(2, second), times(3, 1051*ms), second, false},
		{"as many answers before as one close outweighs", times(3, second), times(2, 1001*ms), nil, second, false},
		{"and another close", times(3, second), times(3, 1001*ms), nil, second, true},
		{"of which the time is the closes'", times(3, 960*ms), times(3, 1001*ms), nil, 951 * ms, true},
		{"and not the answers'", times(3, 960*ms), times(3, 1001*ms), nil, 950 * ms, false},
		{"many answers before", times(1000, second), times(11, second), nil, second, false},
		{"but more closes", times(1000, second), times(12, second), nil, second, true},
		{"closes sooner than answers", times(1, second), times(10, 949*ms), nil, 949 * ms, false},
		{"sooner, after as many answers as a close outweighs", times(3, second), []time.Duration{second, 600 * ms, 600 * ms, 600 * ms}, nil, 600 * ms, false},
		{"somewhat sooner", times(1, second), times(2, 950*ms), nil, 950 * ms, true},
		{"closes somewhat later than answers", times(100, second), times(2, 1050*ms), nil, 1050 * ms, false},
		{"closes later than answers", times(100, second), times(2, 1051*ms), nil, 1051 * ms, true},
		{"a short one", nil, times(2, 500*ms), nil, 500 * ms, true},
		{"a short one, and answers", nil, times(2, 500*ms), times(3, 500*ms), 500 * ms, false},
		{"too short a one", nil, times(10, 499*ms), nil, 499 * ms, false},
		{"a worker that ended", nil, append(times(10, second), 499*ms), nil, second, false},
		{"and what it says after that", nil, append(times(10, second), 499*ms, second, second), nil, second, true},
		{"answers are not forgotten by that", times(100, second), []time.Duration{499 * ms, second, second}, nil, second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := learnt(c.closed, c.answered)
			for _, idle := range c.then {
				k.RecordResponse(idle)
			}
			if got := k.ClosedIdle(Break{Sent: 1, Acked: 1, IdleAtSend: c.at, IdleAtBreak: c.at + ms}); got != c.want {
				t.Errorf("%s: %v at %v, %+v", c.name, got, c.at, k)
			}
		})
	}
}

// TestAnswersThatMakeUpForACloseShowMore: no connection is closed sooner than
// responses came, in either order.
func TestAnswersThatMakeUpForACloseShowMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := learnt(times(1, 960*ms), times(closeWeight, 1005*ms)), learnt(times(1, 960*ms), nil)
		for range closeWeight {
			after.RecordResponse(1005 * ms)
		}
		for asked, want := range map[time.Duration]bool{954 * ms: false, 955 * ms: true} {
			b := Break{Sent: 100, Acked: 0, IdleAtSend: asked, IdleAtBreak: asked}
			if before.ClosedIdle(b) != want || after.ClosedIdle(b) != want {
				t.Errorf("at %v: %v and %v", asked, before.ClosedIdle(b), after.ClosedIdle(b))
			}
		}
	})
}

// TestWhatABreakShows: a break counts like a close of an idle connection, if
// the connection was idle for long, or ended before the request.
func TestWhatABreakShows(t *testing.T) {
	for _, c := range []struct {
		name string
		b    Break
		want int // the score
		at   time.Duration
	}{
		{"a reset", Break{Sent: 100, Acked: 100, IdleAtSend: 1500 * ms, IdleAtBreak: 1500 * ms}, 2 * closeWeight, time.Second},
		{"a reset, sooner", Break{Sent: 100, Acked: 100, IdleAtSend: 500 * ms, IdleAtBreak: 500 * ms}, 2 * closeWeight, 500 * ms},
		{"a reset, soon", Break{Sent: 100, Acked: 100, IdleAtSend: 499 * ms, IdleAtBreak: 499 * ms}, closeWeight, time.Second},
		{"at another time", Break{Sent: 100, Acked: 100, IdleAtSend: 1501 * ms, IdleAtBreak: 2 * time.Second}, 0, 0},
		{"a FIN", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 1500 * ms, IdleAtBreak: 1500 * ms}, 2 * closeWeight, time.Second},
		{"a FIN, somewhat sooner", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 950 * ms, IdleAtBreak: time.Second}, 2 * closeWeight, time.Second},
		{"a FIN, sooner", Break{Sent: 100, Acked: 100, FIN: true, IdleAtSend: 949 * ms, IdleAtBreak: time.Second}, 0, 0},
		{"a FIN before", Break{Sent: 100, Acked: 0, FIN: true, IdleAtSend: 500 * ms, IdleAtBreak: time.Second}, 2 * closeWeight, 500 * ms},
		{"a FIN before, soon", Break{Sent: 100, Acked: 0, FIN: true, IdleAtSend: 499 * ms, IdleAtBreak: 499 * ms}, 0, 0},
		{"nothing was sent", Break{IdleAtSend: 500 * ms, IdleAtBreak: time.Second}, 2 * closeWeight, 500 * ms},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := learnt(times(1, time.Second), nil)
			if k.RecordBreak(c.b); k.score != c.want || k.idleTime != c.at {
				t.Errorf("%s: a score of %d, at %v", c.name, k.score, k.idleTime)
			}
		})
	}
}

// TestAWorkerThatEnds closes all of its connections at once: those that users
// in step are about to use, and those that they have just used.
func TestAWorkerThatEnds(t *testing.T) {
	for _, c := range []struct {
		pause time.Duration // after the first close
		want  bool
	}{{0, false}, {DecideAfter - 1, false}, {DecideAfter, true}} {
		synctest.Test(t, func(t *testing.T) {
			var k KeepAlive
			k.RecordClose(time.Second)
			k.RecordClose(ms)
			time.Sleep(c.pause)
			k.RecordClose(time.Second)
			k.RecordClose(time.Second)
			if got := k.ClosedIdle(Break{Sent: 1, Acked: 1, IdleAtSend: time.Second, IdleAtBreak: time.Second}); got != c.want {
				t.Errorf("%v later: %v", c.pause, got)
			}
		})
	}
}

// TestClosesByChanceAreNoIdleTime: a worker breaks requests now and then, or
// dies with all of its idle connections, whatever their idle times. Users pause
// for the same time each time, or in step.
func TestClosesByChanceAreNoIdleTime(t *testing.T) {
	for _, pause := range []time.Duration{ms, 5 * ms, 20 * ms, 200 * ms, time.Second, 10 * time.Second} {
		for name, c := range map[string]struct {
			others int // maximum number of connections closed with it
			since  func(*rand.Rand) time.Duration
		}{
			"alone":       {0, nil},
			"at any time": {5, func(r *rand.Rand) time.Duration { return time.Duration(r.Float64() * float64(pause)) }},
			"in step":     {5, func(r *rand.Rand) time.Duration { return time.Duration(r.IntN(2)) * pause }},
		} {
			synctest.Test(t, func(t *testing.T) {
				excused, random := 0, rand.New(rand.NewPCG(1, uint64(pause)))
				late := func() time.Duration { return time.Duration(random.ExpFloat64() * float64(ms/10)) }
				var k KeepAlive
				for crash := range 1000 {
					time.Sleep(pause)
					for range 24 {
						k.RecordResponse(pause + late())
					}
					for n := range c.others {
						if n <= crash%5 {
							k.RecordClose(c.since(random))
						}
					}
					at := pause + late()
					b := Break{Sent: 1, Acked: int64(crash % 2), IdleAtSend: at, IdleAtBreak: at + ms}
					k.RecordBreak(b)
					if k.ClosedIdle(b) {
						excused++
					}
				}
				if excused > 20 {
					t.Errorf("pause %v, %s: %d of 1000 excused", pause, name, excused)
				}
			})
		}
	}
}

// TestALineIsIdleFromItsAnswerToTheNextRequest, even if its user notices late.
func TestALineIsIdleFromItsAnswerToTheNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		tc := &trackedConn{Conn: here, keepAlive: new(KeepAlive)}
		go there.Write([]byte("ok"))
		tc.Read(make([]byte, 2))
		time.Sleep(100 * ms)
		tc.markIdle()
		time.Sleep(time.Second)
		turn := newConnUse(httptrace.GotConnInfo{Conn: tc, Reused: true})
		time.Sleep(10 * ms)
		go io.ReadFull(there, make([]byte, 3))
		tc.Write([]byte("ask"))
		time.Sleep(ms)
		there.Close()
		tc.Read(make([]byte, 1))
		if b, ok := turn.connBreak(); !ok || b.IdleAtSend != 1110*ms || b.IdleAtBreak != 1111*ms || b.Sent != 3 {
			t.Errorf("%v, %+v", ok, b)
		}
	})
}

// pair returns both ends of a TCP connection.
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

// TestALineReportsIdleCloses, and only of those.
func TestALineReportsIdleCloses(t *testing.T) {
	for name, closes := range map[string]struct {
		end   func(here, there net.Conn)
		asked bool
		score int
	}{
		"by the server":            {func(_, there net.Conn) { there.Close() }, false, closeWeight},
		"by this side":             {func(here, _ net.Conn) { here.Close() }, false, 0},
		"by the server when asked": {func(_, there net.Conn) { there.Close() }, true, 0},
		"by this side, as the server says": {func(here, there net.Conn) {
			there.Write([]byte("bye"))
			here.Read(make([]byte, 3))
			here.Close()
		}, false, closeWeight},
		"by this side, as it says so when asked": {func(here, there net.Conn) {
			there.Write([]byte("bye"))
			here.Read(make([]byte, 3))
			here.Close()
		}, true, 0},
		"by a reset of the server's": {func(_, there net.Conn) { reset(there.(*net.TCPConn)) }, false, closeWeight},
	} {
		here, there := pair(t)
		tc := &trackedConn{Conn: here, keepAlive: new(KeepAlive)}
		long := time.Now().Add(-time.Second)
		tc.idleSince.Store(&long)
		if closes.asked {
			newConnUse(httptrace.GotConnInfo{Conn: tc})
		}
		closes.end(tc, there)
		tc.Read(make([]byte, 1))
		if got := tc.keepAlive.score; got != closes.score {
			t.Errorf("%s: a score of %d", name, got)
		}
	}
}
