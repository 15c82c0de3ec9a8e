package locust

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/internal/wait"
	"plan/runner/journal"
)

// fakeLocust is Locust as its log and its page show it: ten answers a second
// from its first user on.
type fakeLocust struct {
	ramp, drain time.Duration
	quits       time.Duration // its locustfile ends the load by itself, after the first user
	before      string        // lines of the log before the first user
	exit        int           // ends by itself before the first user
	dies        bool          // ends by itself two seconds after it
	silent      bool          // asks nothing
	raises      bool          // raises exceptions
	shape       bool          // the driver lets its LoadTestShape set the users
	quitState   string        // of a load that its locustfile has ended, for drain if the driver lets its LoadTestShape set the users; "" is stopped
	kills       bool          // its LoadTestShape stops users before its end, and some of them have to be killed
	loses       int           // users whose on_start raises
	stale       bool          // its web page does not show that
	grows       time.Duration // its LoadTestShape adds 3 users, so long after the first user; 0: none
	old         bool          // 2.12
	bounds      string        // a metric that a threshold bounds besides the median, which it measures
	cpus        float64
	takes       time.Duration // to answer a trifle
	warns       bool
	taken       bool          // its port on the host
	lost        int           // users that end while all are to be active
	resets      bool          // it resets its counters by itself once all users are active
	resetAgain  time.Duration // it resets them once more, so long after its first user

	startErr, removeErr error

	mu       sync.Mutex
	specs    []containers.Spec
	state    containers.State
	removed  chan struct{} // closed by Remove
	removals int
	began    time.Time
	counted  time.Time // since when
	stopped  time.Time // zero before
}

func (l *fakeLocust) start(spec containers.Spec) (Container, error) {
	l.specs = append(l.specs, spec)
	switch {
	case l.startErr != nil:
		return nil, l.startErr
	case l.taken && len(spec.Ports) > 0:
		return nil, &containers.Error{Kind: containers.PortInUse, Summary: "port 8089 is in use"}
	}
	l.state, l.removed = containers.State{Running: true}, make(chan struct{})
	return l, nil
}

func (l *fakeLocust) State(context.Context) (containers.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, nil
}

func (l *fakeLocust) Remove(context.Context) error {
	close(l.removed)
	l.removals++
	return l.removeErr
}

func (l *fakeLocust) Address() string { return "10.0.0.9:8089" }

func (l *fakeLocust) Logs(context.Context, int) ([]string, error) {
	return strings.Split("first\n"+l.before+"\n  \nlast", "\n"), nil
}

// Follow begins the log.
func (l *fakeLocust) Follow(ctx context.Context) (io.ReadCloser, error) {
	reader, writer := io.Pipe()
	go func() {
		<-l.removed
		writer.Close()
	}()
	go l.write(writer)
	return reader, nil
}

// wait lets time go by, unless it is removed.
func (l *fakeLocust) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-l.removed:
	}
}

func (l *fakeLocust) write(log *io.PipeWriter) {
	defer log.Close()
	fmt.Fprint(log, l.before+"[1] vm/INFO/locust.main: Starting Locust 2.47.0\n")
	l.wait(time.Second)
	if l.exit > 0 {
		l.finish(l.exit)
		return
	}
	l.mu.Lock()
	l.began, l.counted = time.Now(), time.Now()
	l.mu.Unlock()
	fmt.Fprint(log, "[1] vm/INFO/locust.runners: Ramping to 5 users at a rate of 1.00 per second\n")
	l.wait(l.ramp)
	if l.resets {
		l.mu.Lock()
		l.counted = time.Now()
		l.mu.Unlock()
	}
	fmt.Fprint(log, "[1] vm/INFO/locust.runners: All users spawned: {\"User\": 5} (5 total users)\n")
	for i := range l.loses {
		fmt.Fprintf(log, "[1] vm/ERROR/locust.user.users: no login\nTraceback (most recent call last):\n"+
			"  File \"/locustfile.py\", line 12, in on_start\nRuntimeError: no login\n"+
			"2026-11-29T04:49:38Z <Greenlet at 0x%d: run_user(<locustfile.Caller object at 0x1>)> failed with RuntimeError\n\n", i)
	}
	if l.warns {
		fmt.Fprint(log, "[1] vm/WARNING/root: CPU usage above 90%! This may constrain\n")
	}
	if l.dies {
		l.wait(2 * time.Second)
		l.finish(137)
		return
	}
	const killed = "[1] vm/INFO/locust.runners: Not all users finished their tasks & terminated in 10 seconds. Stopping them...\n"
	if l.kills {
		fmt.Fprint(log, killed)
	}
	if l.shape && l.quits > 0 && l.drain >= stopTime {
		l.wait(l.quits - l.ramp + stopTime)
		fmt.Fprint(log, killed)
	}
	<-l.removed
}

func (l *fakeLocust) finish(code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Running, l.state.ExitCode = false, &code
}

func (l *fakeLocust) Usage() (containers.Usage, bool) {
	used := 0.0
	if !l.began.IsZero() {
		used = time.Since(l.began).Seconds() * l.cpus
	}
	return containers.Usage{At: time.Now(), CPUSeconds: &used}, true
}

// page answers as Locust's page does.
func (l *fakeLocust) page(ctx context.Context, p agent.Page) (agent.Answer, error) {
	path := strings.TrimPrefix(p.URL, "http://10.0.0.9:8089")
	switch {
	case path != "/stop" && path != "/stats/reset":
		return agent.Answer{Status: 200, Body: []byte(l.tells(path)), Took: l.takes}, nil
	case l.old == (p.Method == "POST"):
		return agent.Answer{Status: 405}, nil
	case path == "/stats/reset":
		l.mu.Lock()
		defer l.mu.Unlock()
		l.counted = time.Now()
		return agent.Answer{Status: 200}, nil
	}
	l.mu.Lock()
	l.stopped = time.Now()
	l.mu.Unlock()
	if wait.For(ctx, l.drain); ctx.Err() != nil {
		return agent.Answer{}, ctx.Err()
	}
	return agent.Answer{Status: 200}, nil
}

// tells is the body of an answer.
func (l *fakeLocust) tells(path string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, until := "running", time.Now()
	if l.quits > 0 && time.Since(l.began) > l.quits {
		state, until = cmp.Or(l.quitState, "stopped"), l.began.Add(l.quits)
		if l.shape && time.Since(until) >= l.drain {
			state = "stopped"
		}
	}
	if !l.stopped.IsZero() {
		until = l.stopped
	}
	if l.resetAgain > 0 && time.Since(l.began) > l.resetAgain && l.counted.Before(l.began.Add(l.resetAgain)) {
		l.counted = l.began.Add(l.resetAgain)
	}
	n := int64(until.Sub(l.counted).Seconds() * 10)
	if l.shape && state == "stopped" && l.drain < stopTime {
		n += 5 // were in flight when the users were to stop
	}
	if l.silent {
		n = 0
	}
	switch path {
	case "/stats/requests":
		users := 5 - l.lost - l.loses
		if l.stale {
			users += l.loses
		}
		if l.grows > 0 && time.Since(l.began) >= l.grows {
			users += 3
		}
		return fmt.Sprintf(`{"state":%q,"user_count":%d}`, state, users)
	case "/stats/requests/csv":
		row := fmt.Sprintf("%d,%d,500,3,10,20,30,40", n, n/10)
		return "Type,Name,Request Count,Failure Count,Max Response Time,Average Content Size,Requests/s,50%,95%,99%\n" +
			"GET,/," + row + "\n,Aggregated," + row + "\n"
	case "/stats/failures/csv":
		return fmt.Sprintf("Method,Name,Error,Occurrences\nGET,/,LocustBadStatusCode(code=503),%d\n", n/10)
	}
	if l.raises {
		return "Count,Message,Traceback,Nodes\n3,nothing,at,local\n7,'predictions',at,local\n"
	}
	return "Count,Message,Traceback,Nodes\n"
}

// shown is what a load by the fake Locust came to.
type shown struct {
	result engine.Result // zero where there is none
	none   bool
	source journal.Source
}

// drives runs a load by the fake Locust.
func drives(t *testing.T, l *fakeLocust, check func(*testing.T, shown, error)) {
	t.Helper()
	drivesIn(t, l, func(ctx context.Context) context.Context { return ctx }, check)
}

func drivesIn(t *testing.T, l *fakeLocust, within func(context.Context) context.Context, check func(*testing.T, shown, error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		result, source, err := Driver{
			File: "loads/locustfile.py", Data: []byte("import locust"), Image: "locust:2", ImageID: "sha256:1", Trial: "check.x/1",
			Load: engine.Load{Users: 5, SpawnRate: 1, Runtime: 20 * time.Second}, Shape: l.shape, Bounds: []string{"p50", cmp.Or(l.bounds, "error_rate")},
			Host: "api:8000", Hosts: map[string]string{"api": "10.0.0.2"}, Networks: []string{"net"},
			Start: func(_ context.Context, spec containers.Spec) (Container, error) { return l.start(spec) },
			Fetch: l.page, Status: func(string) {}, Window: func(engine.Window) {}, Note: func(string) {},
		}.Run(within(t.Context()))
		got := shown{source: source, none: result == nil}
		if result != nil {
			got.result = *result
		}
		check(t, got, err)
		if started := l.removed != nil; started != (l.removals == 1) {
			t.Errorf("started %t, removed %d times", started, l.removals)
		}
	})
}

func TestLocustIsDriven(t *testing.T) {
	for _, old := range []bool{true, false} {
		l := &fakeLocust{ramp: 4 * time.Second, drain: 3 * time.Second, old: old, cpus: 0.5}
		drives(t, l, func(t *testing.T, got shown, err error) {
			if err != nil {
				t.Fatal(err)
			}
			r := got.result
			if r.Total.Requests != 200 || r.Total.Failed != 20 || r.Total.InFlight != nil || r.Seconds != 20 || r.Rate != 10 {
				t.Errorf("%+v in %v s, %v/s", r.Total, r.Seconds, r.Rate)
			}
			if j := r.Judged; j.From != 4 || j.Seconds != 16 || j.Requests != 160 || j.Failed != 16 || j.OKRate != 9 || *j.Latency.P95 != 0.03 {
				t.Errorf("judged %+v", j)
			}
			var windows int64
			for _, w := range r.Series {
				windows += w.Requests
			}
			if windows != 200 || len(r.Series) < 19 || r.Series[3].Users != 5 {
				t.Errorf("%d requests in %d windows", windows, len(r.Series))
			}
			if got.source.Version != "2.47.0" || *got.source.CPUShare != 0.5 {
				t.Errorf("%+v", got)
			}
			if len(r.Saturated) > 0 {
				t.Errorf("it is full: %+v", r.Saturated)
			}
			if lasted := time.Since(got.source.Began); lasted != 23*time.Second || got.source.RisesUntil != 0 {
				t.Errorf("it began %s before its end, and its users rose for %v s", lasted, got.source.RisesUntil)
			}
		})
		want := "--users 5 --spawn-rate 1 --run-time 35s --locustfile /locustfile.py --host http://api:8000 --loglevel INFO --stop-timeout 10"
		spec := l.specs[0]
		if !strings.HasPrefix(strings.Join(spec.Command, " "), want) || spec.Role != containers.Generator || string(spec.Files[0].Data) != "import locust" || spec.Hosts["api"] != "10.0.0.2" || spec.Image != "sha256:1" {
			t.Errorf("started as %+v", spec)
		}
	}
}

func TestLocustOfATrialThatEndsReportsWhatItHad(t *testing.T) {
	within := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(8500*time.Millisecond, cancel)
		return ctx
	}
	drivesIn(t, &fakeLocust{ramp: 4 * time.Second}, within, func(t *testing.T, got shown, err error) {
		if r := got.result; err != nil || r.Total.Requests != 75 || r.Judged.Requests != 35 || r.Judged.Seconds != 3.5 {
			t.Errorf("%+v, judged %+v, %v", r.Total, r.Judged, err)
		}
	})
}

func TestALocustfileThatEndsTheLoad(t *testing.T) {
	for _, state := range []string{"stopped", "cleanup", "stopping"} {
		drives(t, &fakeLocust{ramp: 4 * time.Second, quits: 10 * time.Second, quitState: state}, func(t *testing.T, got shown, err error) {
			r := got.result
			if err != nil || r.Total.Requests != 100 || r.Judged.Requests != 60 || r.Seconds > 12 {
				t.Errorf("%s: %+v, judged %+v, %v", state, r.Total, r.Judged, err)
			}
			want := "the locustfile ended the load after 11s of 20s, with 100 requests"
			if len(r.Saturated) != 1 || r.Saturated[0].Kind != engine.SaturationRate || r.Saturated[0].Text != want {
				t.Errorf("%s: %+v, want %q", state, r.Saturated, want)
			}
		})
	}
}

func TestUsersOfLocustThatAreNeverAllActive(t *testing.T) {
	drives(t, &fakeLocust{ramp: 20 * time.Second}, func(t *testing.T, got shown, err error) {
		if r := got.result; err != nil || r.Total.Requests != 200 || r.Judged.Requests != 0 {
			t.Errorf("%+v, judged %+v, %v", r.Total, r.Judged, err)
		}
	})
}

func TestAFullLocustIsReported(t *testing.T) {
	for want, l := range map[string]*fakeLocust{
		"it used 85 % of the one CPU":          {ramp: time.Second, cpus: 0.85},
		"it warned that it used more than 90":  {ramp: time.Second, cpus: 0.3, warns: true},
		"its web page took 45ms to respond":    {ramp: time.Second, cpus: 0.3, takes: 45 * time.Millisecond},
		"it had not started all users when":    {ramp: time.Hour, cpus: 0.3},
		"its web page did not respond in time": {ramp: time.Second, cpus: 0.3, drain: time.Hour},
		"the load ended before the users of the first step of its LoadTestShape had started": {
			ramp: time.Hour, shape: true, before: "[1] vm/INFO/locust.runners: Shape test starting.\n",
		},
		"Locust could not start all users: KeyError: 'key' (line 12 of the locustfile)": {
			ramp: time.Hour, before: "Traceback (most recent call last):\n  File \"/locustfile.py\", line 12, in __init__\nKeyError: 'key'\n" +
				"2026-11-30T19:12:36Z <Greenlet at 0x7f2a: <lambda>> failed with KeyError\n\n",
		},
	} {
		drives(t, l, func(t *testing.T, got shown, err error) {
			r := got.result
			if len(r.Saturated) != 1 || !strings.Contains(r.Saturated[0].Text, want) || err != nil || r.Total.Requests != 200 {
				t.Errorf("%+v, want %q; %+v, %v", r.Saturated, want, r.Total, err)
			}
		})
	}
}

// What Locust had counted before a reset that is not the driver's is lost.
func TestCountersOfLocustThatSomethingElseResets(t *testing.T) {
	for name, l := range map[string]*fakeLocust{
		"by --reset-stats":    {ramp: 4 * time.Second, resets: true},
		"in the judged part":  {ramp: 4 * time.Second, resetAgain: 12500 * time.Millisecond},
		"while users start":   {ramp: 15 * time.Second, resetAgain: 8500 * time.Millisecond},
		"after the last look": {ramp: 4 * time.Second, resetAgain: 19900 * time.Millisecond},
	} {
		drives(t, l, func(t *testing.T, got shown, err error) {
			const want = "the counters of Locust were reset during the load: what it had counted before is lost"
			r := got.result
			if err != nil || len(r.Saturated) != 1 || r.Saturated[0].Kind != engine.SaturationRate || r.Saturated[0].Text != want {
				t.Errorf("%s: %+v, want %q; %v", name, r.Saturated, want, err)
			}
			for _, w := range r.Series {
				if w.Requests < 0 || w.OK < 0 || w.Failed < 0 {
					t.Errorf("%s: %+v", name, w)
				}
			}
		})
	}
}

// Users that had ended, or whose end is not known, make a pass none.
func TestUsersOfLocustThatAreNotThere(t *testing.T) {
	for want, l := range map[string]*fakeLocust{
		"":                                {ramp: time.Second, cpus: 0.3, drain: stopTime - time.Second},
		"Locust ran only 3 of 5 users":    {ramp: time.Second, cpus: 0.3, lost: 2},
		"5 of 5 Locust users had not sto": {ramp: time.Second, cpus: 0.3, drain: stopTime},
		"Locust ran only 2 of 5 users at times: the others had ended, most often by RuntimeError: no login (line 12 of the": {
			ramp: time.Second, cpus: 0.3, loses: 3,
		},
		"Locust ran only 4 of 5 users at times: the others had ended, most often by RuntimeError: no login": {
			ramp: time.Second, cpus: 0.3, loses: 1, stale: true,
		},
	} {
		drives(t, l, func(t *testing.T, got shown, err error) {
			limits := got.result.Saturated
			if err != nil || (want == "") != (len(limits) == 0) || want != "" && (limits[0].Kind != engine.SaturationRate || !strings.HasPrefix(limits[0].Text, want)) {
				t.Errorf("%+v, want %q; %v", limits, want, err)
			}
		})
	}
}

func TestLocustWithoutItsPort(t *testing.T) {
	l := &fakeLocust{ramp: time.Second, taken: true}
	drives(t, l, func(t *testing.T, got shown, err error) {
		if err != nil || len(l.specs) != 2 || l.specs[1].Ports != nil {
			t.Errorf("%v, started as %+v", err, l.specs)
		}
	})
}

// The load is over by then: its result comes beside the error, where there is one.
func TestLocustThatCannotBeRemoved(t *testing.T) {
	stays := errors.New("the container stays")
	drives(t, &fakeLocust{ramp: time.Second, removeErr: stays}, func(t *testing.T, got shown, err error) {
		if !errors.Is(err, stays) || got.none || got.result.Total.Requests != 200 || got.source.Version != "2.47.0" {
			t.Errorf("%v; %+v by %+v", err, got.result.Total, got.source)
		}
	})
	drives(t, &fakeLocust{exit: 1, removeErr: stays}, func(t *testing.T, got shown, err error) {
		if !got.none || err == nil || !strings.Contains(err.Error(), "it ended before its first user") {
			t.Errorf("%v; %+v", err, got.result.Total)
		}
	})
	ends := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(500*time.Millisecond, cancel)
		return ctx
	}
	drivesIn(t, &fakeLocust{removeErr: stays}, ends, func(t *testing.T, got shown, err error) {
		if !errors.Is(err, stays) || !got.none {
			t.Errorf("before the first user: %v; %+v", err, got.result)
		}
	})
}

func TestLocustThatCannotRun(t *testing.T) {
	noLocust := &containers.Error{Kind: containers.CannotStart, Summary: `the command "locust" does not exist in the image (127)`}
	for _, c := range []struct {
		locust *fakeLocust
		start  error
		want   []string
	}{
		{&fakeLocust{exit: 1, before: "ModuleNotFoundError: No module named 'numpy'\n"}, nil, []string{"cannot run loads/locustfile.py: it ended before its first user (exit 1)", "No module named 'numpy'\nlast"}},
		{&fakeLocust{dies: true, ramp: time.Second}, nil, []string{"it ended during the load (exit 137)", "last"}},
		{&fakeLocust{ramp: time.Second, silent: true, raises: true}, nil, []string{"no user sent a request: it raised 10 exceptions, most often: 'predictions'"}},
		{&fakeLocust{ramp: time.Second, silent: true}, nil, []string{"no user sent a request", "last"}},
		{&fakeLocust{ramp: time.Second, silent: true, quits: 5 * time.Second}, nil, []string{"no user sent a request"}},
		{
			&fakeLocust{ramp: time.Second, silent: true, loses: 5}, nil,
			[]string{"5 users ended by an exception, most often: RuntimeError: no login (line 12 of the locustfile)"},
		},
		{&fakeLocust{before: "[1] vm/WARNING/locust.main: The specified locustfile contains a shape class but a conflicting argument\n"}, nil, []string{"LoadTestShape", "remove that class"}},
		{&fakeLocust{before: "[1] vm/INFO/locust.runners: Shape test starting.\n"}, nil, []string{"LoadTestShape", "remove that class"}},
		{&fakeLocust{ramp: time.Second, bounds: "p999"}, nil, []string{"it leaves out the column 99.9%, which a threshold needs", "locust.stats.PERCENTILES_TO_REPORT"}},
		{&fakeLocust{ramp: time.Hour, bounds: "p999"}, nil, []string{"it leaves out the column 99.9%, which a threshold needs"}},
		{&fakeLocust{}, noLocust, []string{"the image locust:2 of the driver cannot run Locust", "127", "name an image"}},
	} {
		c.locust.startErr = c.start
		drives(t, c.locust, func(t *testing.T, _ shown, err error) {
			fault, is := errors.AsType[*containers.Error](err)
			if !is || fault.Kind != containers.CannotStart || slices.ContainsFunc(c.want, func(part string) bool { return !strings.Contains(err.Error(), part) }) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestALoadWithoutAnyUserIsNone(t *testing.T) {
	for after, none := range map[time.Duration]bool{500 * time.Millisecond: true, 5 * time.Second: false} {
		within := func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(after, cancel)
			return ctx
		}
		drivesIn(t, &fakeLocust{}, within, func(t *testing.T, got shown, err error) {
			if err != nil || got.none != none {
				t.Errorf("ended after %s: %v, %+v", after, err, got.result)
			}
		})
	}
}

// Requests in flight until the users are killed are the service's, and no figure has them.
func TestALoadOfWhichNothingEnded(t *testing.T) {
	drives(t, &fakeLocust{ramp: time.Second, silent: true, drain: stopTime}, func(t *testing.T, got shown, err error) {
		if err != nil || got.none || got.result.Total.Requests != 0 {
			t.Errorf("%+v, %v", got.result, err)
		}
	})
}

func TestUsersThatEndAreInTheLog(t *testing.T) {
	parser := &logParser{}
	var ends []string
	for range 2 {
		for line := range strings.Lines("RuntimeError: no\n2026Z <Greenlet at 0x1: run_user(<f.A object at 0x2>)> failed with RuntimeError\n" +
			"<Greenlet at 0x3: other()> failed with KeyError\n") {
			if event, text := parser.parse(strings.TrimSpace(line)); event == eventUserEnded {
				ends = append(ends, text)
			}
		}
	}
	if strings.Join(ends, "; ") != "RuntimeError: no; RuntimeError: no" {
		t.Errorf("%q", ends)
	}
	for want, texts := range map[string][]string{"": nil, "a": {"b", "a"}, "b": {"b", "a", "b"}} {
		if got := mostFrequent(texts); got != want {
			t.Errorf("of %q: %q, want %q", texts, got, want)
		}
	}
}

func TestWhatLocustIsGiven(t *testing.T) {
	plain := Driver{Load: engine.Load{Users: 5, SpawnRate: 1, Runtime: 20 * time.Second}, Data: []byte("script")}
	whole := plain
	whole.Environment, whole.Args, whole.Tags = map[string]string{"KEY": "1"}, []string{"--model", "iris", "Visitor"}, []string{"predict", "fast"}
	whole.Files, whole.Requirements = []File{{Name: "helpers.py", Data: []byte("h")}, {Name: "samples/a.json"}}, []byte("requests")
	started := func(d Driver) containers.Spec {
		var spec containers.Spec
		d.Status = func(string) {}
		d.Start = func(_ context.Context, s containers.Spec) (Container, error) {
			spec = s
			return nil, errors.New("enough")
		}
		_, _ = d.start(t.Context())
		return spec
	}
	spec := started(plain)
	if spec.WorkingDir != "" || len(spec.Files) != 1 || spec.Files[0].Path != "/locustfile.py" || spec.Entrypoint[0] != "locust" ||
		!strings.HasPrefix(strings.Join(spec.Command, " "), "--users 5 --spawn-rate 1 --run-time 35s --locustfile /locustfile.py ") || plain.untilFirstUser() != startTime {
		t.Errorf("%+v", spec)
	}
	spec = started(whole)
	words := strings.Join(spec.Command, " ")
	if want := "--model iris Visitor --tags predict fast --users 5 --spawn-rate 1 --run-time 35s --locustfile /locust-files/locustfile.py --host "; !strings.HasPrefix(words, want) {
		t.Errorf("%q, want %q", words, want)
	}
	var paths []string
	for _, f := range spec.Files {
		paths = append(paths, f.Path)
	}
	want := []string{"/locust-files/locustfile.py", "/locust-files/helpers.py", "/locust-files/samples/a.json", "/requirements.txt"}
	if !slices.Equal(paths, want) || spec.WorkingDir != "/locust-files" || spec.Environment["KEY"] != "1" {
		t.Errorf("%v in %s with %v", paths, spec.WorkingDir, spec.Environment)
	}
	below := whole
	below.Folder, below.Files = "load", []File{{Name: "utils/pay.py"}, {Name: "load/locustfile.py", Data: []byte("another")}}
	below.Requirements = nil
	if s := started(below); len(s.Files) != 2 || s.Files[0].Path != "/locust-files/load/locustfile.py" || string(s.Files[0].Data) != "script" ||
		s.Files[1].Path != "/locust-files/utils/pay.py" || s.WorkingDir != "/locust-files" || !slices.Contains(s.Command, "/locust-files/load/locustfile.py") {
		t.Errorf("%+v", s)
	}
	if start := strings.Join(spec.Entrypoint, " "); !strings.Contains(start, "pip install") || !strings.Contains(start, `exec locust "$@"`) || whole.untilFirstUser() != startTime+pipTime {
		t.Errorf("%q", start)
	}
}

func TestTheLastRiseOfAShape(t *testing.T) {
	for grows, want := range map[time.Duration]float64{0: 1, 7500 * time.Millisecond: 8} {
		l := &fakeLocust{shape: true, before: "[1] vm/INFO/locust.runners: Shape test starting.\n", ramp: time.Second, quits: 10 * time.Second, grows: grows}
		drives(t, l, func(t *testing.T, got shown, err error) {
			if until := got.source.RisesUntil; err != nil || until < want-0.1 || until > want+0.1 {
				t.Errorf("added after %s: %v, %v", grows, until, err)
			}
		})
	}
}

func TestALoadTestShape(t *testing.T) {
	const starts = "[1] vm/INFO/locust.runners: Shape test starting.\n"
	const unstopped = "5 of 5 Locust users had not stopped 10s after the end of the load: their last requests are not counted"
	for name, c := range map[string]struct {
		locust    *fakeLocust
		requests  int64
		saturated string
	}{
		"it ends":                         {&fakeLocust{quits: 10 * time.Second}, 105, ""},
		"it ends after the runtime":       {&fakeLocust{}, 200, ""},
		"requests in flight at its end":   {&fakeLocust{quits: 10 * time.Second, quitState: "cleanup", drain: 7 * time.Second}, 105, ""},
		"users that are killed":           {&fakeLocust{quits: 10 * time.Second, quitState: "cleanup", drain: stopTime}, 100, unstopped},
		"users that are killed, later":    {&fakeLocust{quits: 10 * time.Second, quitState: "stopping", drain: stopTime + time.Second}, 100, unstopped},
		"users that never stop":           {&fakeLocust{quits: 10 * time.Second, quitState: "cleanup", drain: time.Hour}, 100, unstopped},
		"killed, and nothing was counted": {&fakeLocust{quits: 10 * time.Second, quitState: "cleanup", drain: stopTime, silent: true}, 0, unstopped},
		"killed while it goes on": {
			&fakeLocust{quits: 10 * time.Second, kills: true}, 105,
			"Locust users that the LoadTestShape stopped had not stopped 10s later: their last requests are not counted",
		},
	} {
		l := c.locust
		l.shape, l.before, l.ramp = true, starts, time.Second
		drives(t, l, func(t *testing.T, got shown, err error) {
			r, limits := got.result, ""
			for _, s := range r.Saturated {
				limits += s.Text
			}
			if err != nil || r.Total.Requests != c.requests || limits != c.saturated {
				t.Errorf("%s: %+v, %q, %v", name, r.Total, limits, err)
			}
			if l.quits > 0 && (r.Seconds < 10 || r.Seconds > 13) {
				t.Errorf("%s: it lasted %v s", name, r.Seconds)
			}
		})
		if words := strings.Join(l.specs[0].Command, " "); strings.Contains(words, "--users") || strings.Contains(words, "--run-time") {
			t.Errorf("%q", words)
		}
	}
	drives(t, &fakeLocust{shape: true, ramp: time.Second}, func(t *testing.T, _ shown, err error) {
		if err == nil || !strings.Contains(err.Error(), "it has no LoadTestShape, and the load has no users") {
			t.Error(err)
		}
	})
}
