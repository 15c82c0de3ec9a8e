package agent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
	"plan/internal/leaks"
)

func TestMain(m *testing.M) { leaks.VerifyTestMain(m) }

// pair connects a client and an agent, and returns how the agent ended.
func pair(t *testing.T) (*Client, <-chan error) {
	t.Helper()
	here, there := net.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(context.Background(), there, there)
		there.Close()
	}()
	client, err := Dial(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client, ended
}

func echo(t *testing.T, handler http.HandlerFunc) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // without this the server does not notice that the client has gone
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), asked
}

func ok(http.ResponseWriter, *http.Request) {}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not yet", code) }
}

var predict = exchange.Request{Name: "predict", Method: "POST", Path: "/predict", Body: []byte(`{"inputs":[]}`), Weight: 1}

func short(users int, runtime time.Duration) engine.Load {
	return engine.Load{
		Users: users, SpawnRate: 1000, Runtime: runtime, Requests: []exchange.Request{predict},
		ThinkTime: engine.ThinkTime{Kind: "fixed", Min: 10 * time.Millisecond},
	}
}

func TestHello(t *testing.T) {
	client, _ := pair(t)
	bootID, err := host.BootID()
	if err != nil {
		t.Fatal(err)
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if want := (Hello{Version: Version, BootID: bootID, Files: int64(files.Cur), CPUs: runtime.GOMAXPROCS(0)}); client.Hello() != want {
		t.Errorf("got %+v, want %+v", client.Hello(), want)
	}
}

func TestReady(t *testing.T) {
	client, _ := pair(t)
	address, _ := echo(t, ok)
	if _, err := client.Ready(t.Context(), inference.Probe{URL: "http://" + address + "/health"}); err != nil {
		t.Error(err)
	}
	if plain, err := client.Ready(t.Context(), inference.Probe{TCP: address}); err != nil || !plain {
		t.Error(err)
	}
	if _, err := client.Ready(t.Context(), inference.Probe{}); err == nil || !strings.Contains(err.Error(), "needs either a URL") {
		t.Errorf("empty probe: %v", err)
	}
}

func TestNotReadyHoldsTheLastAnswer(t *testing.T) {
	client, _ := pair(t)
	address, asked := echo(t, status(503))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := client.Ready(ctx, inference.Probe{URL: "http://" + address + "/health"})
	notReady, is := errors.AsType[*NotReady](err)
	if !is || notReady.Last != "503 Service Unavailable not yet" || asked.Load() < 2 {
		t.Errorf("got %v after %d attempts", err, asked.Load())
	}
	if _, err := client.Ready(ctx, inference.Probe{TCP: address}); !errors.As(err, &notReady) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestFirst(t *testing.T) {
	client, _ := pair(t)
	address, asked := echo(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(500)
		}
	})
	health := exchange.Request{Name: "health", Path: "/health"}
	broken := exchange.Request{Name: "broken", Path: "/broken"}
	answers, err := client.First(t.Context(), address, []exchange.Request{health, predict, broken, health}, 0)
	got := answers.Outcomes
	if err != nil || len(got) != 3 || asked.Load() != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got[0].Status != 200 || got[1].Status != 200 || got[2].Class != exchange.HTTP5xx {
		t.Errorf("got %+v", got)
	}
}

func TestAgain(t *testing.T) {
	client, _ := pair(t)
	address, asked := echo(t, status(500))
	got, err := client.Again(t.Context(), address, []exchange.Request{{Path: "/a"}, {Path: "/b"}})
	if err != nil || len(got) != 2 || got[1].Status != 500 || asked.Load() != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Connections stay open after the job that opened them, until HangUp.
func TestConnections(t *testing.T) {
	client, _ := pair(t)
	open := make(chan http.ConnState, 100)
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) { open <- state }
	s.Start()
	t.Cleanup(s.Close)
	connections, err := client.Connect(t.Context(), s.Listener.Addr().String(), 2)
	if err != nil || len(connections.From) != 2 {
		t.Fatalf("%+v, %v", connections, err)
	}
	got, err := client.Over(t.Context(), connections, 1, []exchange.Request{predict})
	if err != nil || len(got) != 1 || got[0].Status != 200 {
		t.Errorf("%+v, %v", got, err)
	}
	client.HangUp(connections)
	for closed := 0; closed < 2; {
		if state := <-open; state == http.StateClosed {
			closed++
		}
	}
	if _, err := client.Over(t.Context(), connections, 0, []exchange.Request{predict}); err == nil || !strings.Contains(err.Error(), "has no connections") {
		t.Errorf("hung up, and still used: %v", err)
	}
	if _, err := client.Connect(t.Context(), "127.0.0.1:1", 2); err == nil {
		t.Error("nobody listens there")
	}
}

type recorder struct{ windows []engine.Window }

func (r *recorder) Record(w engine.Window) { r.windows = append(r.windows, w) }

func TestLoad(t *testing.T) {
	client, _ := pair(t)
	address, asked := echo(t, ok)
	var rec recorder
	got, err := client.Load(t.Context(), short(4, 1200*time.Millisecond), []string{address}, &rec)
	if err != nil || len(rec.windows) != 2 || len(got.Series) != 2 {
		t.Fatalf("%d windows, %d in the series, %v", len(rec.windows), len(got.Series), err)
	}
	if n := asked.Load(); n < got.Total.OK || n > got.Total.Requests || got.Total.Failed != 0 || got.Total.OK < 40 {
		t.Errorf("the service was asked %d times: %+v", n, got.Total)
	}
	if rec.windows[0].Users != 4 || got.Judged.Latency.P95 == nil {
		t.Errorf("got %+v, judged %+v", rec.windows[0], got.Judged)
	}
	if _, ok := client.Host(); !ok {
		t.Error("no figures of the host after more than a second")
	}
}

// atThe20th returns a handler that calls a function at its 20th request.
func atThe20th(call func()) http.HandlerFunc {
	var requests atomic.Int64
	return func(http.ResponseWriter, *http.Request) {
		if requests.Add(1) == 20 {
			call()
		}
	}
}

func TestCancelledLoadGivesWhatItHad(t *testing.T) {
	client, _ := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	address, _ := echo(t, atThe20th(cancel))
	got, err := client.Load(ctx, short(4, time.Minute), []string{address}, nil)
	if err != nil || got.Total.Requests < 20 || got.Seconds > 5 {
		t.Errorf("got %+v in %.1f s, %v", got.Total, got.Seconds, err)
	}
}

func TestWrongLoad(t *testing.T) {
	client, _ := pair(t)
	if _, err := client.Load(t.Context(), engine.Load{}, nil, nil); err == nil || !strings.Contains(err.Error(), "at least one user") {
		t.Errorf("got %v", err)
	}
}

func TestJobsBesideEachOther(t *testing.T) {
	client, _ := pair(t)
	address, _ := echo(t, ok)
	loaded := make(chan error, 2)
	for range 2 {
		go func() {
			got, err := client.Load(t.Context(), short(2, 300*time.Millisecond), []string{address}, nil)
			if err == nil && got.Total.OK == 0 {
				err = errors.New("nothing answered")
			}
			loaded <- err
		}()
	}
	if _, err := client.First(t.Context(), address, []exchange.Request{predict}, 0); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-loaded; err != nil {
			t.Error(err)
		}
	}
}

func TestParentGone(t *testing.T) {
	client, ended := pair(t)
	arrived := make(chan struct{}, 50)
	address, _ := echo(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	loaded := make(chan error, 1)
	go func() {
		_, err := client.Load(context.Background(), short(50, time.Minute), []string{address}, nil)
		loaded <- err
	}()
	for range 50 {
		<-arrived
	}
	start := time.Now()
	client.Close()
	if err := <-ended; err != nil {
		t.Errorf("the agent ended with %v", err)
	}
	if took := time.Since(start); took > 2*time.Second { // some milliseconds on an idle machine
		t.Errorf("the agent ended %v after its client", took)
	}
	if _, lost := errors.AsType[*Lost](<-loaded); !lost {
		t.Error("the load did not end with Lost")
	}
}

// idle returns jobs that never end by themselves.
func idle(stopped *atomic.Int64) jobRunners {
	return jobRunners{
		ready: func(ctx context.Context, _ inference.Probe) (bool, error) {
			<-ctx.Done()
			stopped.Add(1)
			return false, &NotReady{Last: "http_5xx"}
		},
		first: func(context.Context, string, []exchange.Request, time.Duration) inference.Answers {
			return inference.Answers{}
		},
		again: func(context.Context, string, []exchange.Request) []exchange.Outcome { return nil },
		load: func(
			ctx context.Context, _ engine.Load, _ []string, rec engine.Recorder, prepared func(context.Context),
		) (engine.Result, error) {
			prepared(ctx)
			rec.Record(engine.Window{Second: 0, Requests: 7})
			<-ctx.Done()
			stopped.Add(1)
			return engine.Result{Total: engine.Counts{Requests: 7}}, nil
		},
		fetch: func(ctx context.Context, _ Page) (Answer, error) {
			<-ctx.Done()
			stopped.Add(1)
			return Answer{}, ctx.Err()
		},
		figures: func() (host.Figures, error) { return host.Figures{MemoryTotal: 1}, nil },
	}
}

func TestSilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped atomic.Int64
		in, lines := io.Pipe()
		start := time.Now()
		go func() {
			io.WriteString(lines, `{"type":"load","id":1,"load":{}}`+"\n")
			time.Sleep(4 * time.Second)
			io.WriteString(lines, `{"type":"heartbeat"}`+"\n")
		}()
		err := serve(t.Context(), in, io.Discard, Hello{Version: Version}, idle(&stopped))
		if !errors.Is(err, ErrSilent) || time.Since(start) != 4*time.Second+clientTimeout || stopped.Load() != 1 {
			t.Errorf("ended with %v after %v, %d jobs stopped", err, time.Since(start), stopped.Load())
		}
	})
}

func TestClientKeepsTheAgentAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped atomic.Int64
		here, there := net.Pipe()
		go serve(t.Context(), there, there, Hello{Version: Version}, idle(&stopped))
		client, err := Dial(t.Context(), here, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		got, err := client.Load(ctx, engine.Load{}, nil, nil)
		if err != nil || got.Total.Requests != 7 || len(got.Series) != 1 || got.Series[0].Requests != 7 {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, ok := client.Host(); !ok {
			t.Error("no figures of the host")
		}
		client.Close()
	})
}

// A long line on a slow connection is not silence.
func TestSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, lines := io.Pipe()
		go func() {
			for _, char := range `{"type":"load","id":1,"load":{}}` + "\n" {
				io.WriteString(lines, string(char))
				time.Sleep(time.Second)
			}
			lines.Close()
		}()
		var stopped atomic.Int64
		if err := serve(t.Context(), in, io.Discard, Hello{Version: Version}, idle(&stopped)); err != nil || stopped.Load() != 1 {
			t.Errorf("ended with %v, %d jobs stopped", err, stopped.Load())
		}
	})
}

// The client does not send a line above the limit, and continues.
func TestLoadThatIsTooLong(t *testing.T) {
	client, _ := pair(t)
	load := short(1, time.Second)
	load.Requests[0].Body = make([]byte, lineLimit)
	_, err := client.Load(t.Context(), load, []string{"127.0.0.1:1"}, nil)
	if err == nil || !strings.Contains(err.Error(), "have 85 MiB, above the limit of 64 MiB") {
		t.Errorf("got %v", err)
	}
	if _, err := client.First(t.Context(), "127.0.0.1:1", nil, 0); err != nil {
		t.Errorf("the next job: %v", err)
	}
}

// mute is the client of an agent that sends a greeting and then nothing.
func mute(t *testing.T) *Client {
	t.Helper()
	here, there := net.Pipe()
	go func() {
		io.WriteString(there, `{"type":"hello","version":5}`+"\n")
		io.Copy(io.Discard, there)
	}()
	client, err := Dial(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestNoFinalMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := mute(t)
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.Again(ctx, "", nil)
		if !errors.Is(err, errCancelTimeout) || time.Since(start) != time.Second+cancelTimeout {
			t.Errorf("ended with %v after %v", err, time.Since(start))
		}
	})
}

// A load of many users takes a while to end: the result comes as long as the agent is
// heard of.
func TestALoadThatEndsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go func() {
			io.WriteString(there, `{"type":"hello","version":5}`+"\n")
			lines := bufio.NewScanner(there)
			for lines.Scan() {
				if strings.Contains(lines.Text(), typeCancel) {
					time.AfterFunc(4*time.Second, func() { io.WriteString(there, `{"type":"done","id":1,"result":{"seconds":5}}`+"\n") })
				}
			}
		}()
		client, err := Dial(t.Context(), here, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if got, err := client.Load(ctx, engine.Load{}, nil, nil); err != nil || got.Seconds != 5 || time.Since(start) != 5*time.Second {
			t.Errorf("%+v, %v after %v", got, err, time.Since(start))
		}
	})
}

func TestAnAgentThatIsNotHeardOfIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := mute(t)
		defer client.Close()
		start := time.Now()
		_, err := client.Load(t.Context(), engine.Load{}, nil, nil)
		if _, lost := errors.AsType[*Lost](err); !lost || time.Since(start) > agentTimeout+time.Second {
			t.Errorf("ended with %v after %v", err, time.Since(start))
		}
	})
}

// stream is the output of an agent until it ends.
type stream struct{ io.Reader }

func (stream) Write(p []byte) (int, error) { return len(p), nil }
func (stream) Close() error                { return nil }

func TestDialFails(t *testing.T) {
	for name, c := range map[string]struct{ printed, want string }{
		"other version": {`{"type":"hello","version":1}` + "\n", "has protocol version 1 and this command version 5"},
		"no agent":      {"exec /plan: exec format error\n", `it printed "exec /plan: exec format error"`},
		"nothing":       {"", "the agent has ended"},
	} {
		if _, err := Dial(t.Context(), stream{strings.NewReader(c.printed)}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDialStopsAtItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go io.Copy(io.Discard, there)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Dial(ctx, here, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestLostKnowsWhatWasPrinted(t *testing.T) {
	here, there := net.Pipe()
	go func() {
		io.WriteString(there, `{"type":"hello","version":5}`+"\n")
		there.Read(make([]byte, 1<<10))
		io.WriteString(there, "fatal error: out of memory\n")
		there.Close()
	}()
	client, err := Dial(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Ready(t.Context(), inference.Probe{TCP: "127.0.0.1:1"})
	if lost, is := errors.AsType[*Lost](err); !is || lost.Text != "fatal error: out of memory" {
		t.Errorf("got %v", err)
	}
}
