package report

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"go.uber.org/goleak"

	"plan/engine"
	"plan/internal/tty"
	"plan/runner"
)

var _ runner.Observer = (*Live)(nil)

// play tells a short run to an observer, never at a moment of drawing.
func play(l *Live) {
	r := whole()
	search := r.Stages[0]
	pause := func() { time.Sleep(530 * time.Millisecond) }
	l.Begin(r)
	l.Status(runner.Status{Doing: "pushing registry.example.org/api:latest", Left: 10 * time.Minute})
	pause()
	for _, layers := range []string{"0 of 9", "5 of 9", "9 of 9"} {
		l.Status(runner.Status{Doing: "pushing registry.example.org/api:latest: " + layers + " layers", Passes: true, Left: 10 * time.Minute})
		pause()
	}
	l.Note("pushed registry.example.org/api:latest")
	at := runner.Status{Stage: "search.memory", Trial: "search.memory/1", Limits: "4G, 0.5 CPU", Users: 1, Left: 9 * time.Minute}
	for _, doing := range []string{"starting", "waiting until it is ready", "load of 1 users for 15s"} {
		at.Doing = doing
		l.Status(at)
		pause()
	}
	for second := range 3 {
		l.Window(engine.Window{Second: second, Users: 1, OK: 2, Waiting: to(1), Latency: engine.Percentiles{P95: to(0.0084)}})
		pause()
	}
	l.Window(engine.Window{Second: 3, Users: 1, Failed: 2})
	pause()
	l.Trial(search.Trials[0])
	l.Trial(search.Trials[2])
	l.Stage(search)
}

func TestPlainLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{})
		play(l)
		l.Close()
		if text := b.String(); strings.ContainsAny(text, "\r\x1b") {
			t.Errorf("control characters in %q", text)
		}
		golden(t, "live-plain.txt", b.Bytes())
	})
}

func TestTheMovingLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: true, Color: true, Width: func() int { return 100 }})
		play(l)
		l.Close()
		// One line for each drawing, so that people can read it.
		golden(t, "live-terminal.txt", []byte(strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r", "<CR>"), tty.ClearRest, "<CLEAR>\n")))
		if got := screen(b.String()); got != screen(strings.ReplaceAll(got, tty.ClearRest, "")) || strings.Contains(got, " left") {
			t.Errorf("something of the moving line is left:\n%s", got)
		}
	})
}

// screen is what a terminal shows after all: of a line that was written over,
// what was written last.
func screen(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		lines = append(lines, strings.TrimPrefix(line[strings.LastIndex(line, "\r")+1:], tty.ClearRest))
	}
	return strings.Join(lines, "\n")
}

func TestTheMovingLineIsDrawnTenTimesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: true})
		for i := range 1000 {
			l.Status(runner.Status{Doing: strings.Repeat("x", i%7)})
			time.Sleep(time.Millisecond)
		}
		l.Close()
		if n := strings.Count(b.String(), "\r"); n < 5 || n > 11 {
			t.Errorf("drawn %d times in a second", n)
		}
	})
}

func TestTheTimeLeftRunsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: true})
		l.Status(runner.Status{Doing: "starting", Left: 3 * time.Second})
		time.Sleep(5 * time.Second)
		l.Close()
		for _, want := range []string{"starting · ≤ 2s left", "starting · ≤ 1s left", "\rstarting" + tty.ClearRest} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in %q", want, b.String())
			}
		}
	})
}

// TestTheTimeLeftOfATrialNeverGrows: each step of it is told with the bound of
// the whole trial.
func TestTheTimeLeftOfATrialNeverGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: true})
		for _, s := range []runner.Status{
			{Trial: "check.x/1", Doing: "starting"}, {Trial: "check.x/1", Doing: "waiting"}, {Trial: "check.x/2", Doing: "starting"},
		} {
			s.Left = time.Minute
			l.Status(s)
			time.Sleep(10*time.Second + tty.Refresh/2)
		}
		l.Close()
		for _, want := range []string{"x/1 · starting · ≤ 50s left", "x/1 · waiting · ≤ 49s left", "x/2 · starting · ≤ 59s left"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in %q", want, b.String())
			}
		}
		if strings.Contains(b.String(), "waiting · ≤ 5") {
			t.Errorf("the time left grew: %q", b.String())
		}
	})
}

// TestFiguresStandBeforeWhatIsCut: on a narrow terminal they are what counts.
func TestFiguresStandBeforeWhatIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: true})
		s := runner.Status{Trial: "ramp.users/2", Limits: "300M, 0.5 CPU", Doing: "load by Locust for 12s, its page is at http://127.0.0.1:8089", Left: time.Minute}
		l.Status(s)
		l.Window(engine.Window{Second: 7, Users: 20, OK: 58, Latency: engine.Percentiles{P95: to(0.018)}})
		time.Sleep(2 * tty.Refresh)
		s.Doing = "watching it live on"
		l.Status(s)
		time.Sleep(2 * tty.Refresh)
		l.Close()
		for _, want := range []string{"CPU · 8s: 20 users, 58 OK/s, p95 18ms · ≤ 59s left · …", "CPU · watching it live on · ≤ 59s left"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in %q", want, b.String())
			}
		}
	})
}

func TestLinesAreCutToTheWidth(t *testing.T) {
	m := liveState{status: runner.Status{Trial: "search.memory/1", Limits: "4G", Doing: "日本語日本語 \x1b[31mred\n" + strings.Repeat("long ", 40), Left: time.Hour}}
	for width := range 120 {
		line := movingLine(m, 0, width)
		if got := twwidth.Width(line); got > width || got < width-1 {
			t.Fatalf("%d cells where %d are wanted: %q", got, width, line)
		}
		if strings.ContainsAny(line, "\x1b\n") {
			t.Fatalf("control characters in %q", line)
		}
	}
}

func TestManyMayTellAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, terminal := range []bool{false, true} {
		var b bytes.Buffer
		l := NewLive(&b, LiveOptions{Terminal: terminal})
		var tellers sync.WaitGroup
		for range 4 {
			tellers.Go(func() {
				for range 50 {
					l.Status(runner.Status{Doing: "starting"})
					l.Window(engine.Window{})
					l.Note("a note")
				}
			})
		}
		tellers.Wait()
		l.Close()
		l.Close()
		l.Note("after the end")
		if got := strings.Count(screen(b.String()), "a note\n"); got != 200 {
			t.Errorf("terminal %v: %d of 200 notes", terminal, got)
		}
		if !strings.HasSuffix(b.String(), "after the end\n") {
			t.Errorf("terminal %v: nothing is told after Close", terminal)
		}
	}
}
