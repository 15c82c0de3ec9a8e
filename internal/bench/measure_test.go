package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
)

// As a child of the test, this program is the referee or a generator.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case refereeWord:
			os.Exit(status(execute(context.Background(), os.Args[1:])))
		case "generate":
			os.Exit(status(generate(os.Args[2])))
		}
	}
	os.Exit(m.Run())
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const generated = 50

// generate sends some requests, prints its core, and lives long enough for its
// memory to be measured on a busy machine.
func generate(url string) error {
	for range generated {
		response, err := http.Post(url, "application/json", strings.NewReader(referee.Body))
		if err != nil {
			return err
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	text, err := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(text), "Cpus_allowed_list:")
	fmt.Println(strings.Fields(rest)[0])
	time.Sleep(50 * sampling)
	return err
}

// benchOf returns a bench for a test. It pins the thread of the test to cores,
// and ends with the test.
func benchOf(t *testing.T) *bench {
	t.Helper()
	runtime.LockOSThread()
	both, err := twoCores()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{cores: both, self: os.Args[0], folder: t.TempDir()}
}

// generating returns a generator of this test.
func generating(arguments func(j peers.Job) []string, read func(string) (peers.Reported, error)) generator {
	return generator{Peer: peers.Peer{
		Name: "test",
		Call: func(_ string, j peers.Job) peers.Call { return peers.Call{Arguments: arguments(j)} },
		Read: read,
	}}
}

func TestMeasure(t *testing.T) {
	b := benchOf(t)
	var printed string
	g := generating(func(j peers.Job) []string { return []string{os.Args[0], "generate", j.URL} }, func(out string) (peers.Reported, error) {
		printed = strings.TrimSpace(out)
		return peers.Reported{Errors: new(int64(0))}, nil
	})
	r, err := b.measure(t.Context(), shape{name: "sat", model: peers.Closed, users: 1, seconds: 1}, g, 1)
	if err != nil || r.Failed != "" {
		t.Fatal(err, r.Failed)
	}
	if r.Requests != generated || r.Connections != 1 || r.Active != 1 {
		t.Errorf("%d requests over %d connections, %d of them active", r.Requests, r.Connections, r.Active)
	}
	if r.First == nil || r.Last == nil || r.AllActive == nil || *r.First <= 0 || *r.Last < *r.First || r.Wall < *r.Last {
		t.Errorf("%+v", r)
	}
	if r.CPU <= 0 || r.Reported.Errors == nil {
		t.Errorf("%+v", r)
	}
	if want := strconv.Itoa(b.generator); printed != want {
		t.Errorf("the generator ran on CPU %s, want %s", printed, want)
	}
}

func TestGeneratorsThatFail(t *testing.T) {
	b := benchOf(t)
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"not there":    {[]string{"/no/such/generator"}, "no such file"},
		"sent nothing": {[]string{"sh", "-c", "exit 3"}, "sent nothing, and ended with exit code 3"},
	} {
		g := generating(func(peers.Job) []string { return c.arguments }, nil)
		r, err := b.measure(t.Context(), shape{name: "sat", users: 1, seconds: 1}, g, 1)
		if err != nil || !strings.Contains(r.Failed, c.want) {
			t.Errorf("%s: %v, %q, want %q", name, err, r.Failed, c.want)
		}
	}
}

func TestAChildEndsAtItsDeadlineWithAllThatItStarted(t *testing.T) {
	b := benchOf(t)
	prefix := b.folder + "/out"
	call := peers.Call{Arguments: []string{"sh", "-c", "echo $PPID; sleep 600 & echo $!; cat; wait"}, Input: "read"}
	c, err := b.run(t.Context(), call, prefix, 300*time.Millisecond)
	if err != nil || !c.late || c.peak == 0 {
		t.Fatalf("%v, %+v", err, c)
	}
	words := strings.Fields(c.stdout)
	if len(words) != 3 || words[2] != "read" || words[0] != strconv.Itoa(os.Getpid()) {
		t.Fatalf("it printed %q", words)
	}
	for range 500 {
		state, err := os.ReadFile("/proc/" + words[1] + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %s is still there", words[1])
}

func TestAChildEndsWithTheContext(t *testing.T) {
	b := benchOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if c, err := b.run(ctx, peers.Call{Arguments: []string{"sleep", "600"}}, b.folder+"/out", time.Hour); err == nil || c.late {
		t.Errorf("%v, %+v", err, c)
	}
}
