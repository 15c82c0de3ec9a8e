package load

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/engine"
	"plan/internal/golden"
	"plan/internal/tty"
)

var _ engine.Recorder = (*Live)(nil)

func TestTheMovingLineOfALoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, 3*time.Second, func() int { return 80 })
		second := func(w engine.Window) {
			time.Sleep(time.Second + tty.Refresh/2)
			l.Record(w)
		}
		second(engine.Window{Users: 50, Requests: 1420, OK: 1420, Waiting: to(3), Latency: engine.Percentiles{P50: to(0.0084), P99: to(0.021)}})
		second(engine.Window{Second: 1, Users: 10000, Requests: 123456, OK: 123400, Failed: 56, Waiting: to(4321), Latency: engine.Percentiles{P50: to(0.0084), P99: to(0.021)}})
		second(engine.Window{Second: 2, Users: 10000, Failed: 10})
		time.Sleep(3 * time.Second)
		l.Close()
		// One line for each drawing, so that people can read it.
		golden.Compare(t, "testdata/live.txt", []byte(strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r", "<CR>"), tty.ClearRest, "<CLEAR>\n")))
		if left := b.String()[strings.LastIndex(b.String(), "\r")+1:]; left != tty.ClearRest {
			t.Errorf("something of the moving line is left: %q", left)
		}
	})
}
