package live

import (
	"bytes"
	"fmt"
	"plan/containers"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"go.uber.org/goleak"

	"plan/engine"
	"plan/internal/golden"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/report/fixture"
	"plan/runner"
	"plan/runner/journal"
)

var _ runner.Observer = (*Display)(nil)

// play tells a short run to an observer, never at a moment of drawing.
func play(l *Display) {
	r := fixture.Whole()
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
		l.Window(engine.Window{Second: second, Users: 1, OK: 2, Waiting: new(1), Latency: engine.Percentiles{P95: new(0.0084)}})
		pause()
	}
	l.Window(engine.Window{Second: 3, Users: 1, Failed: 2})
	pause()
	l.Trial(search.Trials[0], false)
	l.Trial(search.Trials[2], false)
	l.Stage(search, false)
}

// A quiet display prints only what is no progress: a remedy for what is left is in no report.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, terminal := range []bool{false, true} {
			var b bytes.Buffer
			l := New(&b, Options{Quiet: true, Terminal: terminal})
			play(l)
			l.Status(runner.Status{Stage: "ramp.users", Doing: "loading the image"})
			time.Sleep(2 * silence)
			l.Window(engine.Window{Second: 1, Users: 1, OK: 2})
			if doing := l.UnderWay(); !strings.Contains(doing, "loading the image") {
				t.Errorf("under way: %q", doing)
			}
			l.Note("remove them with: plan clean")
			l.Close()
			if got, want := b.String(), "pushed registry.example.org/api:latest\nremove them with: plan clean\n"; got != want {
				t.Errorf("terminal %v: %q", terminal, got)
			}
		}
	})
}

func TestTheClusterOfARun(t *testing.T) {
	run := fixture.Whole()
	run.Run.Host.Engine, run.Run.Platform = "v1.30.2", &journal.Platform{Name: "kubernetes"}
	var b bytes.Buffer
	New(&b, Options{}).Begin(run)
	if got := b.String(); !strings.HasSuffix(got, ", Kubernetes v1.30.2)\n") {
		t.Errorf("%q", got)
	}
}

func TestPlainLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{})
		play(l)
		l.Close()
		if text := b.String(); strings.ContainsAny(text, "\r\x1b") {
			t.Errorf("control characters in %q", text)
		}
		golden.Compare(t, "testdata/live-plain.txt", b.Bytes())
	})
}

// TestTheLineOfATrialSaysWhyItWasChosen: the line stays, on every output.
func TestTheLineOfATrialSaysWhyItWasChosen(t *testing.T) {
	for chosen, want := range map[string]string{
		"": "out of memory at start (exit 137)\n",
		"one step below the amount used, which passed": "out of memory at start (exit 137); chosen: one step below the amount used, which passed\n",
	} {
		for _, terminal := range []bool{false, true} {
			var b bytes.Buffer
			l := New(&b, Options{Terminal: terminal})
			trial := fixture.Found().Trials[2]
			trial.Chosen = chosen
			l.Trial(trial, false)
			l.Close()
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q, want %q", b.String(), want)
			}
		}
	}
}

// TestPlainLinesOfLongSteps: a step outside a trial has a line if it lasts, and then one.
func TestPlainLinesOfLongSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{})
		step := func(doing string, passes bool, seconds int) {
			l.Status(runner.Status{Doing: doing, Passes: passes})
			time.Sleep(time.Duration(seconds) * time.Second)
		}
		step("starting the agent", false, 9)
		step("asking http://mlflow", false, 11)
		step("asking http://mlflow", false, 30)
		step("pushing api", false, 9)
		for range 30 {
			step("pushing api: 3 of 9 layers", true, 1)
		}
		l.Note("pushed api")
		time.Sleep(30 * time.Second)
		step("asking http://minio", false, 5)
		l.Status(runner.Status{Trial: "search.memory/1", Doing: "starting"})
		time.Sleep(30 * time.Second)
		l.Status(runner.Status{Doing: "removing the resources"})
		l.Close()
		time.Sleep(30 * time.Second)
		if want := "asking http://mlflow\npushing api: 3 of 9 layers\npushed api\n"; b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	})
}

// TestPlainLinesOfALongRun: a run of thirty trials has a line for each of them, and one a
// minute while a load lasts long.
func TestPlainLinesOfALongRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{})
		l.Begin(fixture.Whole())
		for range 30 {
			for _, doing := range []string{"starting", "waiting until it is ready", "one request of each kind", "load for 20s", "removing it"} {
				l.Status(runner.Status{Stage: "ramp.users", Trial: "ramp.users/1", Doing: doing, Left: time.Minute})
				time.Sleep(5 * time.Second)
			}
			l.Trial(fixture.Held().Trials[0], false)
		}
		if n := strings.Count(b.String(), "\n"); n != 31 {
			t.Errorf("%d lines:\n%s", n, b.String())
		}
		b.Reset()
		l.Status(runner.Status{Stage: "ramp.users", Trial: "ramp.users/4", Doing: "load for 3m30s"})
		for second := range 210 {
			time.Sleep(time.Second)
			l.Window(engine.Window{Second: second, Users: 1, OK: 2})
		}
		if want := "ramp.users/4: 60s: 1 user, 2 OK/s\nramp.users/4: 120s: 1 user, 2 OK/s\nramp.users/4: 180s: 1 user, 2 OK/s\n"; b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
		l.Close()
	})
}

func TestTheMovingLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{Terminal: true, Color: true, Width: func() int { return 100 }})
		play(l)
		l.Close()
		// One line for each drawing, so that people can read it. A block is cleared from
		// its first line on.
		golden.Compare(t, "testdata/live-terminal.txt", []byte(strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r", "<CR>"), tty.ClearRest, "<CLEAR>\n")))
		if got := screen(b.String()); strings.Count(got, "\n") != 5 || strings.Contains(got, " left") || strings.Contains(got, "load ") {
			t.Errorf("something of the moving line is left:\n%s", got)
		}
	})
}

// screenTokens are the sequences that a block is drawn with, and what is between them.
var screenTokens = regexp.MustCompile(`\x1b\[\d+A|\x1b\[[KJ]|\r|\n|(?:[^\x1b\r\n]|\x1b\[\d*m)+`)

// screen is what a terminal shows after all: of a line that was written over, what was
// written last.
func screen(text string) string {
	lines, at, column := []string{""}, 0, 0
	for _, token := range screenTokens.FindAllString(text, -1) {
		switch {
		case token == "\r":
			column = 0
		case token == "\n":
			if at, column = at+1, 0; at == len(lines) {
				lines = append(lines, "")
			}
		case token == "\x1b[K" && column == 0:
			lines[at] = ""
		case token == "\x1b[J" && column == 0:
			lines = append(lines[:at:at], "")
		case strings.HasSuffix(token, "A") && strings.HasPrefix(token, "\x1b["):
			var up int
			fmt.Sscanf(token, "\x1b[%dA", &up)
			at -= up
		case !strings.HasPrefix(token, "\x1b[K"):
			lines[at], column = token, 1
		}
	}
	return strings.Join(lines, "\n")
}

func TestTheMovingLineIsDrawnTenTimesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{Terminal: true})
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
		l := New(&b, Options{Terminal: true})
		l.Status(runner.Status{Doing: "starting", Left: 3 * time.Second})
		time.Sleep(5 * time.Second)
		l.Close()
		for _, want := range []string{"\r≤ 2s left · starting", "\r≤ 1s left · starting", "\rstarting" + tty.ClearRest} {
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
		l := New(&b, Options{Terminal: true})
		for _, s := range []runner.Status{
			{Trial: "check.x/1", Doing: "starting"}, {Trial: "check.x/1", Doing: "waiting"}, {Trial: "check.x/2", Doing: "starting"},
		} {
			s.Left = time.Minute
			l.Status(s)
			time.Sleep(10*time.Second + tty.Refresh/2)
		}
		l.Close()
		for _, want := range []string{"x/1 · ≤ 50s left · starting", "x/1 · ≤ 49s left · waiting", "x/2 · ≤ 59s left · starting"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in %q", want, b.String())
			}
		}
		if strings.Contains(b.String(), "≤ 5s left · waiting") {
			t.Errorf("the time left grew: %q", b.String())
		}
	})
}

func TestLinesAreCutToTheWidth(t *testing.T) {
	m := state{at: fixture.Begun, status: runner.Status{Trial: "search.memory/1", Limits: "4G", Doing: "日本語日本語 \x1b[31mred\n" + strings.Repeat("long ", 40), Left: time.Hour}}
	for width := range 120 {
		line := block(m, m.at, width, false)
		if got := twwidth.Width(line); got > width || got < width-1 {
			t.Fatalf("%d cells where %d are wanted: %q", got, width, line)
		}
		if strings.ContainsAny(line, "\x1b\n") {
			t.Fatalf("control characters in %q", line)
		}
	}
}

func TestManyMayReportAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, terminal := range []bool{false, true} {
		var b bytes.Buffer
		l := New(&b, Options{Terminal: terminal})
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

// TestWhatTheBlockShows: trials of the stage, until another one begins; samples, until
// the trial ends; an expected time once a trial has ended.
func TestWhatTheBlockShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := New(&b, Options{Terminal: true, Width: func() int { return 100 }})
		shown := func() string {
			l.line.Lock()
			defer l.line.Unlock()
			return l.text(100)
		}
		l.Begin(fixture.Whole())
		l.Status(runner.Status{Stage: "search.memory", Trial: "search.memory/1", Doing: "starting", Left: 10 * time.Minute})
		for range 12 { // of which the newest ten are kept
			l.Sample(runner.Sample{Replicas: []containers.Usage{{WorkingSet: new(300 * units.MiB)}}})
			time.Sleep(200 * time.Millisecond)
		}
		if got := shown(); !strings.Contains(got, "memory  300M") || strings.Contains(got, "trials") || strings.Contains(got, "about") {
			t.Error(got)
		}
		if n := len(l.now.samples); n > 11 {
			t.Errorf("%d samples are kept", n)
		}
		l.Trial(fixture.Found().Trials[0], false)
		l.Status(runner.Status{Stage: "search.memory", Trial: "search.memory/2", Doing: "starting", Left: 8 * time.Minute})
		if got := shown(); strings.Contains(got, "memory  ") || !strings.Contains(got, "trials  4G, 0.5 CPU, 1 user ✓") || !strings.Contains(got, "about 9s left, ≤ 8m") {
			t.Error(got)
		}
		l.Trial(fixture.Found().Trials[2], false)
		l.Status(runner.Status{Stage: "ramp.users", Trial: "ramp.users/1", Doing: "starting", Left: 7 * time.Minute})
		if got := shown(); strings.Contains(got, "trials") {
			t.Error(got)
		}
		l.Close()
	})
}

// A run that is resumed takes trials from its journal: they are not printed as if they
// ran now.
func TestRecordedTrialsAreNamed(t *testing.T) {
	var b strings.Builder
	l := New(&b, Options{})
	search := fixture.Found()
	l.Trial(search.Trials[0], true)
	l.Trial(search.Trials[1], false)
	l.Stage(search, true)
	lines := strings.Split(b.String(), "\n")
	for i, want := range []string{"recorded: search.memory/1 at ", "search.memory/2 at ", "recorded: search.memory: "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("%q does not begin with %q", lines[i], want)
		}
	}
	l.now.status.Stage = "search.memory"
	if got := block(l.now, fixture.Begun, 200, false); !strings.Contains(got, "trials  1 recorded: ") {
		t.Error(got)
	}
	l.Trial(fixture.Held().Trials[0], false)
	if got := block(l.now, fixture.Begun, 200, false); strings.Contains(got, "recorded") {
		t.Errorf("another stage: %s", got)
	}
}
