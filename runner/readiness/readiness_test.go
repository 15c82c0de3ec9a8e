package readiness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/inference"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
)

// fake is a container with a log, whose commands end as exec says.
type fake struct {
	log  string
	exec func([]string) (containers.Exit, error)
	from time.Time // of the first sample
	none bool      // its samples have no anonymous memory
	mu   sync.Mutex
	used units.Bytes
}

func (*fake) Address() string { return "10.0.0.1:8000" }
func (*fake) Healthcheck(context.Context) (containers.Healthcheck, error) {
	return containers.Healthcheck{}, nil
}
func (f *fake) Exec(_ context.Context, command []string) (containers.Exit, error) {
	return f.exec(command)
}
func (f *fake) Follow(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(f.log)), nil
}
func (f *fake) Logs(context.Context, int) ([]string, error) {
	return strings.Split(f.log, "\n"), nil
}
func (f *fake) Usage() (containers.Usage, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	used, cpu := f.used, 0.0
	if time.Now().Before(f.from) {
		return containers.Usage{}, false
	}
	if f.none {
		return containers.Usage{At: time.Now(), CPUSeconds: &cpu}, true
	}
	return containers.Usage{At: time.Now(), Anonymous: &used, CPUSeconds: &cpu}, true
}
func (f *fake) use(b units.Bytes) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used = max(f.used, b)
}

func TestWhatIsAskedForReadiness(t *testing.T) {
	host := map[string]string{"Host": "api:8000"}
	for name, c := range map[string]struct {
		ready plans.Ready
		role  containers.Role
		want  inference.Probe
	}{
		"a path": {plans.Ready{Path: "/up", Status: 204}, containers.Subject, inference.Probe{URL: "http://10.0.0.1:8000/up", Status: 204, Header: host}},
		"a path on another port": {plans.Ready{Path: "/up", Port: 9}, containers.Subject,
			inference.Probe{URL: "http://10.0.0.1:9/up", Header: map[string]string{"Host": "api:9"}}},
		"a port":                     {plans.Ready{TCP: 8000}, containers.Subject, inference.Probe{URL: "http://10.0.0.1:8000/", Any: true, Header: host}},
		"a helper's port":            {plans.Ready{TCP: 9}, containers.Helper, inference.Probe{TCP: "10.0.0.1:9"}},
		"a helper's path":            {plans.Ready{Path: "/"}, containers.Helper, inference.Probe{URL: "http://10.0.0.1:8000/", Header: host}},
		"a host of the plan":         {plans.Ready{TCP: 8000, Headers: map[string]string{"host": "x"}}, containers.Subject, inference.Probe{URL: "http://10.0.0.1:8000/", Any: true, Header: map[string]string{"Host": "x"}}},
		"a bound of its own, by TCP": {plans.Ready{TCP: 9, Timeout: time.Second}, containers.Helper, inference.Probe{TCP: "10.0.0.1:9", Timeout: time.Second}},
	} {
		got := probeOf(plans.Service{Name: "api", Ready: c.ready}, "10.0.0.1:8000", c.role)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAtRest(t *testing.T) {
	at := time.Now()
	grown := func(mib ...units.Bytes) (levels []level) { // a second between two
		for i, x := range mib {
			levels = append(levels, level{at.Add(time.Duration(i) * time.Second), x * units.MiB})
		}
		return levels
	}
	for name, c := range map[string]struct {
		levels []level
		want   bool
	}{
		"seen too shortly":        {grown(100, 100, 100), false},
		"flat for 3 s":            {grown(100, 100, 100, 100), true},
		"less than 1 %":           {grown(1000, 1000, 1000, 1009), true},
		"1 %":                     {grown(1000, 1000, 1000, 1010), false},
		"grew before":             {grown(10, 500, 1000, 1000, 1000, 1000), true},
		"grew within the last 3s": {grown(10, 500, 1000, 1000, 1000), false},
		"shrinks":                 {grown(100, 90, 80, 70), true},
		"nothing":                 {grown(0, 0, 0, 0), true},
		"from nothing":            {grown(0, 0, 0, 1), false},
	} {
		if got := atRest(c.levels); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// What speaks no HTTP passes only once its memory has come to rest, and dies
// where it dies while it still grows.
func TestWhatSpeaksNoHTTPComesToRest(t *testing.T) {
	const unknown = "it accepts connections but does not speak HTTP, and its memory is not known: it may not have started completely"
	for name, c := range map[string]struct {
		sampled time.Duration // after it took connections
		none    bool          // its samples have no anonymous memory
		grows   time.Duration // by 100M a second after it took connections
		took    time.Duration
		note    string
	}{
		"at once": {0, false, 0, 3 * time.Second, ""},
		"later":   {0, false, 4 * time.Second, 7 * time.Second, ""},
		"not at all": {0, false, time.Hour, 10 * time.Second,
			"it accepts connections but does not speak HTTP, and its memory still grew after 10s: it may not have started completely"},
		"sampled later":         {2 * time.Second, false, 4 * time.Second, 7 * time.Second, ""},
		"sampled when it rests": {2 * time.Second, false, 0, 5 * time.Second, ""},
		"never sampled":         {time.Hour, false, 4 * time.Second, 10 * time.Second, unknown},
		"samples without it":    {0, true, 4 * time.Second, 0, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &fake{used: 100 * units.MiB, from: time.Now().Add(c.sampled), none: c.none}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					for begun := time.Now(); time.Since(begun) < c.grows && ctx.Err() == nil; wait.For(ctx, settleEvery/2) {
						i.use(i.used + 5*units.MiB)
					}
				}()
				begun := time.Now()
				notes := strings.Join(Settle(t.Context(), []*fake{i}), "; ")
				if took := time.Since(begun); notes != c.note || took < c.took || took > c.took+time.Second {
					t.Errorf("%q after %s", notes, took)
				}
			})
		})
	}
}

func TestLinesOfTheLogAreCounted(t *testing.T) {
	for wanted, notReady := range map[int]string{1: "", 2: "", 3: `2 of 3 lines of its log matched "ready"`} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			i := &fake{log: "ready\nloading\nready to serve\n"}
			if got, err := waitLog(ctx, i, "ready", wanted); got != notReady || err != nil {
				t.Errorf("%d: %q, %v", wanted, got, err)
			}
		})
	}
}

// A command is run again a second after it ended, until it ends with 0.
// late is a container whose engine responds only after a minute.
type late struct{ *fake }

func (late) Healthcheck(ctx context.Context) (containers.Healthcheck, error) {
	wait.For(ctx, time.Minute)
	return containers.Healthcheck{}, ctx.Err()
}
func (late) Follow(ctx context.Context) (io.ReadCloser, error) {
	if wait.For(ctx, time.Minute); ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return io.NopCloser(strings.NewReader("ready\n")), nil
}

// What the engine does not say in time is no error of the engine, and does not make ready.
func TestTheTimeEndsWhileTheEngineIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		ready plans.Ready
		want  string
	}{
		"a line":                         {plans.Ready{Log: "ready", Count: 1}, `no line of its log matched "ready"`},
		"a healthcheck without any port": {plans.Ready{Health: true}, "its healthcheck is not known yet"},
	} {
		for within, notReady := range map[time.Duration]string{10 * time.Second: c.want, 2 * time.Minute: ""} {
			synctest.Test(t, func(t *testing.T) {
				service := plans.Service{Ready: c.ready}
				service.Ready.Within = within
				if got, err := Wait(t.Context(), nil, late{&fake{}}, service, containers.Subject); got.NotReady != notReady || err != nil {
					t.Errorf("%s, within %s: %q, want %q; %v", name, within, got.NotReady, notReady, err)
				}
			})
		}
	}
}

func TestACommandMakesReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, times := time.Now(), 0
		i := &fake{exec: func([]string) (containers.Exit, error) {
			times++
			time.Sleep(time.Second / 2)
			switch times {
			case 1:
				return containers.Exit{}, &containers.Error{Kind: containers.Other, Summary: "it is being started"}
			case 2:
				return containers.Exit{Code: 1, Output: "no"}, nil
			}
			return containers.Exit{}, nil
		}}
		note, notReady, err := waitCommand(t.Context(), i, "its healthcheck", containers.Healthcheck{Command: []string{"x"}})
		want := "its healthcheck ran 3 times until it was ready; in the 0.50s of the last run the container used 0.00 CPU seconds"
		if took := time.Since(begun); note != want || notReady != "" || err != nil || took != 3500*time.Millisecond {
			t.Errorf("%q, %q, %v after %s", note, notReady, err, took)
		}
	})
}

func TestACommandThatNeverEndsWell(t *testing.T) {
	gone := &containers.Error{Kind: containers.EngineGone, Summary: "gone"}
	for name, c := range map[string]struct {
		exec func() (containers.Exit, error)
		want string
		err  error
	}{
		"another code": {func() (containers.Exit, error) { return containers.Exit{Code: 2, Output: "no"}, nil }, "it ends with 2: no", nil},
		"not there":    {func() (containers.Exit, error) { return containers.Exit{}, errors.New("no such file") }, "it could not be run: no such file", nil},
		"engine gone":  {func() (containers.Exit, error) { return containers.Exit{}, gone }, "", gone},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			i := &fake{exec: func([]string) (containers.Exit, error) { return c.exec() }}
			_, got, err := waitCommand(ctx, i, "it", containers.Healthcheck{Command: []string{"x"}})
			if got != c.want || err != c.err {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		})
	}
}

// hanging is an instance whose commands do not end.
type hanging struct{ *fake }

func (hanging) Exec(ctx context.Context, _ []string) (containers.Exit, error) {
	<-ctx.Done()
	return containers.Exit{}, fmt.Errorf("read: %w", io.ErrClosedPipe)
}

func TestACommandIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		check := containers.Healthcheck{Command: []string{"x"}, Timeout: 2 * time.Second}
		_, got, err := waitCommand(ctx, hanging{&fake{}}, "it", check)
		if got != "it could not be run: it did not end within 2s" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}
