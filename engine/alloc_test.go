package engine

import (
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"plan/internal/exchange"
)

// mirror implements sockets on which every request is answered at once.
type mirror struct {
	left  int // number of events after which it stops its loop
	loop  *loop
	ready [mirrorBatch]socketEvent
	asked []socketEvent
}

const mirrorBatch = 64

func (m *mirror) connect(_ netip.AddrPort, tag uint64) (int, syscall.Errno) {
	m.asked = append(m.asked, socketEvent{tag: tag, writable: true})
	return int(uint32(tag)), 0
}

func (m *mirror) established(int) syscall.Errno { return 0 }

func (m *mirror) write(fd int, b []byte) (int, syscall.Errno) {
	m.asked = append(m.asked, socketEvent{tag: m.loop.users[fd].tag, readable: true, writable: true})
	return len(b), 0
}

func (m *mirror) read(_ int, b []byte) (int, syscall.Errno) { return copy(b, mirrored), 0 }

const mirrored = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: mirror\r\nContent-Length: 2\r\n\r\nok"

func (m *mirror) acked(int) int64 { return -1 }

func (m *mirror) close(int) {}

func (m *mirror) wait(time.Duration) []socketEvent {
	n := copy(m.ready[:], m.asked)
	m.asked = append(m.asked[:0], m.asked[n:]...)
	if m.left -= n; m.left <= 0 {
		m.loop.stopped.Store(true)
	}
	return m.ready[:n]
}

func (m *mirror) wake()    {}
func (m *mirror) release() {}

// mirrors returns a loop that will handle about that many events.
func mirrors(t testing.TB, load Load, events int) *epollTransport {
	t.Helper()
	load.Threads = 1
	lr, err := newLoadRun(load, []string{"127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	m := &mirror{left: events}
	tr, err := newEpollTransport(t.Context(), lr, anywhere, func() (sockets, error) { return m, nil })
	if err != nil {
		t.Fatal(err)
	}
	m.loop = tr.loops[0]
	return tr
}

// saturating is a load without pauses.
var saturating = Load{Users: 64, Runtime: time.Hour, Requests: []exchange.Request{aPost, {Name: "b", Path: "/b", Weight: 2}}}

func TestNoAllocationsPerRequest(t *testing.T) {
	for name, load := range map[string]Load{
		"without a pause": saturating,
		"with a pause":    {Users: 64, Runtime: time.Hour, ThinkTime: fixed(time.Microsecond), Requests: []exchange.Request{aGet}},
		"on a schedule":   {Users: 64, Runtime: time.Hour, ArrivalRate: 1e6, Poisson: true, Requests: []exchange.Request{aGet}},
		"that all fail":   {Users: 64, Runtime: time.Hour, Requests: []exchange.Request{wants3}},
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(events int) (mallocs uint64, requests int64) {
				tr := mirrors(t, load, events)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				tr.run.start = time.Now()
				tr.loops[0].serve()
				runtime.ReadMemStats(&after)
				for last := (loopReport{}); !last.final; {
					last = <-tr.loops[0].reports
					requests += last.counts.total().ok + last.counts.total().failed
				}
				return after.Mallocs - before.Mallocs, requests
			}
			few, _ := cost(10_000)
			many, requests := cost(60_000)
			if requests < 50_000 || many > few+100 { // windows allocate a few
				t.Errorf("%d allocations for 10,000 events, %d for 60,000 (%d requests)", few, many, requests)
			}
		})
	}
}

func TestAUserIsSmall(t *testing.T) {
	const most = 600 // in bytes, the parser included
	if size := unsafe.Sizeof(epollVU{}); size > most {
		t.Errorf("a user has %d bytes", size)
	}
}

// BenchmarkLoop measures a request in this process, without the system.
func BenchmarkLoop(b *testing.B) {
	b.ReportAllocs()
	tr := mirrors(b, saturating, b.N)
	tr.run.start = time.Now()
	b.ResetTimer()
	tr.loops[0].serve()
}
