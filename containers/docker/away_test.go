package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/client"

	"plan/containers"
)

// socket is an engine that lists no containers, whose socket comes and goes.
type socket struct {
	path     string
	server   *http.Server
	listener net.Listener
}

func (s *socket) open(t *testing.T) {
	listener, err := net.Listen("unix", s.path)
	if err != nil {
		t.Error(err)
		return
	}
	// The server closes the listener when it begins to serve after its end: then that must not remove the next socket.
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "[]")
	})}
	s.server, s.listener = server, listener
	go func() { _ = server.Serve(listener) }()
}

func (s *socket) close() {
	_ = s.server.Close()
	_ = s.listener.Close()
	_ = os.Remove(s.path)
}

// TestASocketThatGoesAndComesBack: the engine restarts while a run asks it.
//
// Right: the call waits, a person is told once, and the call is answered.
func TestASocketThatGoesAndComesBack(t *testing.T) {
	s := &socket{path: filepath.Join(t.TempDir(), "engine.sock")}
	s.open(t)
	e, err := client.NewClientWithOpts(client.WithHost("unix://"+s.path), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	d := newFake(e)
	told := make(chan string, 9)
	d.WaitWhileAway(time.Minute, func(text string) { told <- text })
	begun := time.Now()
	if away, err := d.Away(t.Context(), begun); away || err != nil {
		t.Fatalf("it answers: %v, %v", away, err)
	}
	s.close()
	answered := make(chan error, 1)
	go func() {
		_, err := d.engine.ContainerList(t.Context(), container.ListOptions{})
		answered <- err
	}()
	if got := <-told; got != "the engine is away: waiting for it, for 1m at the longest" {
		t.Error(got)
	}
	s.open(t)
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if got := <-told; !strings.HasPrefix(got, "the engine answers again after ") || len(told) > 0 {
		t.Error(got)
	}
	if away, err := d.Away(t.Context(), begun); !away || err != nil {
		t.Errorf("it was away: %v, %v", away, err)
	}
	if away, err := d.Away(t.Context(), time.Now()); away || err != nil {
		t.Errorf("it was away before: %v, %v", away, err)
	}
	s.close()
}

// absent is an engine that answers with an error so often.
type absent struct {
	fake
	mu    sync.Mutex
	times int
	err   error
	calls int

	removed []string // ids of containers
}

func (a *absent) answer() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calls++; a.calls <= a.times {
		return a.err
	}
	return nil
}

func (a *absent) Ping(context.Context) (types.Ping, error) { return types.Ping{}, a.answer() }

func (a *absent) ContainerList(context.Context, container.ListOptions) ([]container.Summary, error) {
	return nil, a.answer()
}

func (a *absent) ContainerStart(context.Context, string, container.StartOptions) error {
	return a.answer()
}

// CopyToContainer reads the body: a second call would send none.
func (a *absent) CopyToContainer(_ context.Context, _, _ string, content io.Reader, _ container.CopyToContainerOptions) error {
	if text, err := io.ReadAll(content); err != nil || string(text) != "body" {
		return fmt.Errorf("the body is %q, %w", text, err)
	}
	return a.answer()
}

func (a *absent) ContainerRemove(_ context.Context, id string, _ container.RemoveOptions) error {
	a.removed = append(a.removed, id)
	return a.answer()
}

// listening is a run that reads the events of an engine, whose first stream ends with an error
// that is sent.
func listening(t *testing.T, e *absent) (*Docker, chan<- error) {
	t.Helper()
	broken := make(chan error, 1)
	e.streams = make(chan eventStream, 2)
	e.streams <- eventStream{make(chan events.Message), broken}
	e.streams <- eventStream{make(chan events.Message), make(chan error)}
	d := newFake(e)
	if err := d.watch.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d, broken
}

// notReached returns the error of the client where no engine listens.
func notReached(t *testing.T) error {
	t.Helper()
	c, err := client.NewClientWithOpts(client.WithHost("unix:///nowhere.sock"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Ping(t.Context())
	return err
}

// brokenOff returns the error of the client where the engine reads a call and closes the
// connection.
func brokenOff(t *testing.T) error {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer s.Close()
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+s.Listener.Addr().String()), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	return c.ContainerStart(t.Context(), "c1", container.StartOptions{})
}

func TestWhichCallsWaitForAnEngineThatIsAway(t *testing.T) {
	cut := brokenOff(t)
	registry := errors.New(`Error response from daemon: Get "https://registry/v2/": EOF`)
	hijacked := errors.New("cannot connect to the Docker daemon. Is 'docker daemon' running on this host?: dial unix")
	gone, broken, other := notReached(t), errors.New("unexpected EOF"), errors.New("no space left on device")
	ping := func(ctx context.Context, d *Docker) error { _, err := d.engine.Ping(ctx); return err }
	start := func(ctx context.Context, d *Docker) error {
		return d.engine.ContainerStart(ctx, "c1", container.StartOptions{})
	}
	remove := func(ctx context.Context, d *Docker) error {
		return d.engine.ContainerRemove(ctx, "c1", container.RemoveOptions{})
	}
	send := func(ctx context.Context, d *Docker) error {
		return d.engine.CopyToContainer(ctx, "c1", "/", strings.NewReader("body"), container.CopyToContainerOptions{})
	}
	for name, c := range map[string]struct {
		err   error
		times int
		wait  time.Duration
		call  func(context.Context, *Docker) error
		fails bool
		told  int // texts
	}{
		"it answers":                           {gone, 0, time.Minute, ping, false, 0},
		"not reached":                          {gone, 5, time.Minute, ping, false, 2},
		"not reached, and nothing was started": {gone, 5, time.Minute, start, false, 2},
		"broken off, and read again":           {broken, 5, time.Minute, ping, false, 2},
		"broken off, and removed again":        {broken, 5, time.Minute, remove, false, 2},
		"broken off, and it may have started":  {broken, 5, time.Minute, start, true, 1},
		"cut by the engine, and read again":    {cut, 5, time.Minute, ping, false, 2},
		"cut by the engine: it may have begun": {cut, 5, time.Minute, start, true, 1},
		"not reached, for both directions":     {hijacked, 5, time.Minute, start, false, 2},
		"not reached, and a body is sent":      {gone, 5, time.Minute, send, false, 2},
		"a registry's connection broke":        {registry, 5, time.Minute, ping, true, 0},
		"another error":                        {other, 5, time.Minute, ping, true, 0},
		"it does not come back":                {gone, 1 << 30, time.Minute, ping, true, 1},
		"nobody waits for it":                  {gone, 5, 0, ping, true, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &absent{times: c.times, err: c.err}
			d := newFake(e)
			var told []string
			if c.wait > 0 {
				d.WaitWhileAway(c.wait, func(text string) { told = append(told, text) })
			}
			begun := time.Now()
			err := c.call(t.Context(), d)
			if (err != nil) != c.fails || len(told) != c.told {
				t.Errorf("%s: %v after %d calls, %q", name, err, e.calls, told)
			}
			if took := time.Since(begun); took > c.wait+retryEvery {
				t.Errorf("%s: it took %s", name, took)
			}
		})
	}
}

// TestWhatIsLeftOfATrialIsRemoved once an engine is back that was away: the containers of the
// trial and of a driver, and no helper, which lives on.
func TestWhatIsLeftOfATrialIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &absent{}
		d, _ := listening(t, e)
		defer d.Close()
		for id, role := range map[string]containers.Role{"service": "", "locust": containers.Generator, "db": containers.Helper} {
			i := d.instance(containers.Spec{Service: id, Role: role})
			i.id = id
			d.watch.add(i)
		}
		begun := time.Now()
		time.Sleep(time.Second)
		d.timed.absence.miss()
		if away, err := d.Away(t.Context(), begun); !away || err != nil {
			t.Errorf("%v, %v", away, err)
		}
		if slices.Sort(e.removed); !slices.Equal(e.removed, []string{"locust", "service"}) {
			t.Errorf("removed: %q", e.removed)
		}
	})
}

// An engine behind a socket that systemd holds answers each call, some of them late, while it
// is restarted. Its streams break.
//
// Right: it was away.
func TestAnEngineWhoseEventsBreakOffWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, broken := listening(t, &absent{})
		defer d.Close()
		begun := time.Now()
		time.Sleep(time.Second)
		broken <- io.EOF
		synctest.Wait()
		if away, err := d.Away(t.Context(), begun); !away || err != nil {
			t.Errorf("away %v, %v", away, err)
		}
	})
}

// A second call does not wait once more for an engine that did not come back.
func TestAnEngineThatStaysAwayIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake(&absent{times: 1 << 30, err: notReached(t)})
		d.WaitWhileAway(time.Minute, func(string) {})
		begun := time.Now()
		if _, err := d.engine.ContainerList(t.Context(), container.ListOptions{}); err == nil {
			t.Error("it was listed")
		}
		for range 3 {
			away, err := d.Away(t.Context(), begun)
			var fault *containers.Error
			if !away || !errors.As(err, &fault) || fault.Kind != containers.EngineGone {
				t.Errorf("%v, %v", away, err)
			}
		}
		if took := time.Since(begun); took > time.Minute+retryEvery {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAnEndedContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake(&absent{times: 1 << 30, err: notReached(t)})
		var told []string
		d.WaitWhileAway(time.Minute, func(text string) { told = append(told, text) })
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := d.engine.Ping(ctx); err == nil || time.Since(begun) > 4*time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		if !slices.Contains(told, "the engine is away: waiting for it, for 1m at the longest") {
			t.Errorf("%q", told)
		}
	})
}

// The client reports a call that its caller ended, for a reason of its own, as one whose
// connection broke.
//
// Right: the engine was not away.
func TestACallThatItsCallerEndsIsNoAbsence(t *testing.T) {
	d := newFake(&ended{})
	d.WaitWhileAway(time.Minute, func(text string) { t.Errorf("said: %s", text) })
	why := errors.New("the service ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := d.engine.ContainerList(ctx, container.ListOptions{}); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	if away, err := d.Away(t.Context(), time.Time{}); away || err != nil {
		t.Errorf("away %v: %v", away, err)
	}
}

// ended is an engine whose calls end with their context.
type ended struct{ fake }

func (*ended) ContainerList(ctx context.Context, _ container.ListOptions) ([]container.Summary, error) {
	<-ctx.Done()
	return nil, errors.New("error during connect: Get \"/containers/json\": " + context.Cause(ctx).Error())
}
