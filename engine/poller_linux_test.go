package engine

import (
	"testing"
	"time"

	"plan/internal/exchange"
)

// TestBothWaysToWait loads a server with and without epoll_pwait2.
func TestBothWaysToWait(t *testing.T) {
	for name, pwait2 := range map[string]bool{"epoll_pwait2": true, "timerfd": false} {
		t.Run(name, func(t *testing.T) {
			load := Load{Users: 3, Runtime: 300 * time.Millisecond, ThinkTime: fixed(3 * time.Millisecond), Requests: []exchange.Request{aGet}}
			lr, err := newLoadRun(load, []string{scripted(t, says(good))})
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newEpollTransport(t.Context(), lr, lookUp, func() (sockets, error) { return openPoller(pwait2) })
			if err != nil {
				t.Fatal(err)
			}
			r := lr.measure(t.Context(), tr, nil)
			holds(t, load, r)
			if r.Total.OK == 0 || r.Total.Failed != 0 || r.Seconds != load.Runtime.Seconds() {
				t.Errorf("%+v in %v s", r.Total, r.Seconds)
			}
		})
	}
}

func TestAWakeEndsAWait(t *testing.T) {
	for _, pwait2 := range []bool{true, false} {
		p, err := openPoller(pwait2)
		if err != nil {
			t.Fatal(err)
		}
		p.wake()
		if events := p.wait(time.Hour); len(events) != 0 {
			t.Errorf("a wake came as %+v", events)
		}
		p.release()
	}
}
