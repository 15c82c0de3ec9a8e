package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"plan/containers"
)

// TestACallThatWaitsForARegistryHasItsTime: also after an engine did not answer; its answer is one of the engine.
func TestACallThatWaitsForARegistryHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newTimed(nil)
		takes := func(limit, long time.Duration) error {
			return e.act(t.Context(), "call", limit, func(limited context.Context) error {
				sleep(limited, long)
				return limited.Err()
			})
		}
		if err := takes(readTime, readTime+time.Second); err == nil || !e.hung.Load() {
			t.Errorf("the engine did not answer, and that is %v", err)
		}
		if err := takes(loginTime, loginTime+time.Second); err == nil || !e.hung.Load() {
			t.Errorf("the registry did not answer, and that is %v, hung: %v", err, e.hung.Load())
		}
		if err := takes(loginTime, hungTime+time.Second); err != nil || e.hung.Load() {
			t.Errorf("the registry answered, and that is %v, hung: %v", err, e.hung.Load())
		}
	})
}

// faulty is an engine's HTTP server that answers every request in one way.
type faulty string

func (f faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, body io.ReadCloser) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Status: fmt.Sprint(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}, "Api-Version": {"1.41"}}, Body: body,
		}, nil
	}
	text := func(body string) io.ReadCloser { return io.NopCloser(strings.NewReader(body)) }
	switch f {
	case "closed":
		return nil, errors.New("EOF")
	case "hang":
		<-r.Context().Done()
		return nil, r.Context().Err()
	case "500":
		return answer(http.StatusInternalServerError, text(`{"message":"injected fault"}`))
	case "garbage":
		return answer(http.StatusOK, text("}{not json"))
	case "html":
		return answer(http.StatusBadGateway, text("<html>"+strings.Repeat("x", 100_000)))
	case "slow":
		time.Sleep(8 * time.Second)
		return answer(http.StatusOK, text("{}"))
	case "silent": // it answers, and then says nothing
		reader, writer := io.Pipe()
		context.AfterFunc(r.Context(), func() { writer.CloseWithError(context.Cause(r.Context())) })
		return answer(http.StatusOK, reader)
	}
	panic(f)
}

func faultyEngine(t *testing.T, mode faulty) *timed {
	t.Helper()
	c, err := client.NewClientWithOpts(client.WithHost("tcp://engine:1"), client.WithVersion("1.41"), client.WithHTTPClient(&http.Client{Transport: mode}))
	if err != nil {
		t.Fatal(err)
	}
	return newTimed(c)
}

// without are the methods that are not asked here: they wait for nothing, open a connection of their own, or may be
// silent for half an hour.
var without = []string{"Close", "DaemonHost", "ContainerAttach", "ContainerExecAttach", "ImageBuild"}

// TestEveryCallOfTheEngineEnds asks an engine everything that this package can ask.
//
// Right: each call ends in time. One that is not answered names itself; no other is blamed on time.
func TestEveryCallOfTheEngineEnds(t *testing.T) {
	calls := reflect.TypeFor[engine]()
	for _, mode := range []faulty{"closed", "hang", "500", "garbage", "html", "slow", "silent"} {
		for n := range calls.NumMethod() {
			name := calls.Method(n).Name
			if slices.Contains(without, name) {
				continue
			}
			patience := 9 * time.Second
			if slices.Contains([]string{"CopyToContainer", "ImageBuild", "ImageLoad"}, name) {
				patience *= 2 // a ping comes first
			}
			t.Run(string(mode)+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := faultyEngine(t, mode)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					begun := time.Now()
					err := ask(ctx, e, name)
					took := time.Since(begun)
					gone, timedOut := errors.AsType[*containers.Error](err)
					timedOut = timedOut && errors.Is(err, errTimedOut)
					switch {
					case took > 6*time.Minute:
						t.Errorf("it took %v", took)
					case mode == "hang" && (!timedOut || gone.Kind != containers.EngineGone || !strings.Contains(gone.Summary, "the engine did not answer ") || len(gone.Summary) < 40):
						t.Errorf("after %v: %v", took, err)
					case mode != "hang" && mode != "silent" && (timedOut || took > patience):
						t.Errorf("after %v: %v", took, err)
					case (mode == "closed" || mode == "500" || mode == "html") && err == nil && name != "Ping":
						t.Error("no error")
					}
					if waiting := e.calls.waiting(); len(waiting) > 0 {
						t.Errorf("still waiting: %q", waiting)
					}
				})
			})
		}
	}
}

// ask calls a method with arguments of its types, and reads the stream that it returns.
func ask(ctx context.Context, e *timed, name string) error {
	method := reflect.ValueOf(e).MethodByName(name)
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn(); i++ {
		if method.Type().IsVariadic() && i == method.Type().NumIn()-1 {
			break
		}
		switch in := method.Type().In(i); {
		case in.Kind() == reflect.String:
			args = append(args, reflect.ValueOf("docker.io/library/x"))
		case in == reflect.TypeFor[io.Reader]():
			args = append(args, reflect.ValueOf(strings.NewReader("x")))
		case in == reflect.TypeFor[*container.Config]():
			args = append(args, reflect.ValueOf(&container.Config{}))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	out := method.Call(args)
	if name == "Events" {
		select {
		case err := <-out[1].Interface().(<-chan error):
			return err
		case <-time.After(time.Second / 2): // a stream may be silent
			return nil
		}
	}
	if err, _ := out[len(out)-1].Interface().(error); err != nil {
		return err
	}
	if stream, ok := out[0].Interface().(io.ReadCloser); ok {
		defer stream.Close()
		_, err := io.Copy(io.Discard, stream)
		return err
	}
	return nil
}

func TestCallsThatWaitAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := faultyEngine(t, "hang")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- e.NetworkRemove(ctx, "plan-r1") }()
		time.Sleep(3 * time.Second)
		go func() { ended <- e.ContainerRemove(ctx, "plan-r1-api", container.RemoveOptions{}) }()
		time.Sleep(time.Second)
		if got := e.calls.waiting(); !slices.Equal(got, []string{"remove network plan-r1, since 4s", "remove container plan-r1-api, since 1s"}) {
			t.Errorf("waiting for %q", got)
		}
		cancel()
		for range 2 {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the end of the caller's context is %v", err)
			}
		}
	})
}

// TestTheEndOfARunOnAnEngineThatHangs: the engine answers nothing any more, and the run has three helpers and two replicas.
//
// Right: the first call is waited for, and all that follows ends within a minute with it.
func TestTheEndOfARunOnAnEngineThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake(faultyEngine(t, "hang").engine)
		d.watch.instances = map[string]*Instance{}
		var all []*Instance
		for n := range 5 {
			i := d.instance(containers.Spec{Service: fmt.Sprint("s", n)})
			i.id = fmt.Sprint("c", n)
			d.watch.add(i)
			all = append(all, i)
		}
		begun := time.Now()
		if _, err := all[0].State(t.Context()); err == nil {
			t.Error("the state is known")
		}
		last, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		all[0].LogCut(last)
		_, _ = all[0].Logs(last, 50)
		_ = all[0].Remove(last)
		_ = d.resources.discard(last, "agent")
		cleaning, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := d.Clean(cleaning); err == nil {
			t.Error("all was removed")
		}
		_ = d.Close()
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// TestAnEngineThatHangsIsWaitedForOnce: after a call without an answer, each has a short deadline until one is answered.
func TestAnEngineThatHangsIsWaitedForOnce(t *testing.T) {
	for name, c := range map[string]struct {
		takes []time.Duration // of each call
		fails bool            // they end with an error of the engine
		runs  time.Duration   // until the end of the run; 0: it goes on
		hung  bool
		limit time.Duration // of each call; 0: readTime
	}{
		"one that answers":                 {[]time.Duration{29 * time.Second}, false, 0, false, 0},
		"one that fails":                   {[]time.Duration{29 * time.Second}, true, 0, false, 0},
		"one that does not answer":         {[]time.Duration{31 * time.Second}, false, 0, true, 0},
		"one that answers in time then":    {[]time.Duration{31 * time.Second, 2 * time.Second}, false, 0, false, 0},
		"one that fails in time then":      {[]time.Duration{31 * time.Second, 2 * time.Second}, true, 0, false, 0},
		"one that answers late again":      {[]time.Duration{31 * time.Second, 4 * time.Second}, false, 0, true, 0},
		"the run ends after 3 s":           {[]time.Duration{31 * time.Second}, false, hungTime, true, 0},
		"the run ends a moment before 3 s": {[]time.Duration{31 * time.Second}, false, hungTime - time.Millisecond, false, 0},
		"one that removes":                 {[]time.Duration{61 * time.Second}, false, 0, true, makeTime},
		"one that a registry answers":      {[]time.Duration{121 * time.Second}, false, 0, false, loginTime},
		"one that copies":                  {[]time.Duration{301 * time.Second}, false, 0, false, copyTime},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newTimed(nil)
			for _, takes := range c.takes {
				ctx, cancel := context.WithCancel(t.Context())
				if c.runs > 0 {
					ctx, cancel = context.WithTimeout(ctx, c.runs)
				}
				_ = e.act(ctx, "remove container c1", cmp.Or(c.limit, readTime), func(limited context.Context) error {
					if !sleep(limited, takes) {
						return limited.Err()
					}
					if c.fails {
						return errors.New("in use")
					}
					return nil
				})
				cancel()
			}
			if got := e.hung.Load(); got != c.hung {
				t.Errorf("%s: hung is %v", name, got)
			}
		})
	}
}
