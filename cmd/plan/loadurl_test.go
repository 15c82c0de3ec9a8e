package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"

	"plan/engine"
	"plan/internal/exchange"
	"plan/runner"
)

func TestTheLastLineIsTheLoadOfAReport(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	schema, err := jsonschema.NewCompiler().Compile("../../docs/report.schema.json#/$defs/load")
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"--users=2", "--arrival-rate=50/s"} {
		var out, told bytes.Buffer
		env := environment{stdin: strings.NewReader(""), stdout: &out, stderr: &told}
		code := execute(context.Background(), []string{"load", server.URL, model, "--runtime=200ms", "--format=json"}, env)
		if code != 0 && code != 5 { // on a busy machine the driver may be saturated, which the result says
			t.Fatalf("%s: exit code %d: %s", model, code, told.String())
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(lines[len(lines)-1]))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", model, err)
		}
	}
}

// closed is an output that nobody reads any more.
type closed struct{ writes int }

func (c *closed) Write([]byte) (int, error) {
	c.writes++
	return 0, errors.New("broken pipe")
}

func TestALoadEndsWhenNobodyReadsItsLines(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	var told bytes.Buffer
	out := &closed{}
	code := execute(context.Background(), []string{"load", server.URL, "--runtime=10m", "--think-time=100ms", "--format=json"},
		environment{stdin: strings.NewReader(""), stdout: out, stderr: &told})
	if code != runner.ExitUsage || out.writes != 1 || !strings.Contains(told.String(), "broken pipe") {
		t.Errorf("exit code %d after %d writes: %s", code, out.writes, told.String())
	}
}

func TestTheExitCodeOfALoad(t *testing.T) {
	well, failing, dead := engine.Counts{OK: 10}, engine.Counts{OK: 9, Failed: 1}, engine.Counts{Failed: 10}
	rate, cpu := []engine.Saturation{{Kind: engine.SaturationRate}}, []engine.Saturation{{Kind: engine.SaturationRate}, {Kind: engine.SaturationCPU}}
	for _, c := range []struct {
		total       engine.Counts
		invalid     []engine.Saturation
		interrupted bool
		want        int
	}{
		{well, nil, false, 0}, {failing, nil, false, 1}, {dead, nil, false, 1}, {engine.Counts{}, nil, false, 1},
		{well, rate, false, 5}, {failing, rate, false, 1}, {well, cpu, false, 5}, {failing, cpu, false, 5}, {dead, cpu, true, 130}, {well, nil, true, 130},
	} {
		if got := loadCode(engine.Result{Total: c.total, Saturated: c.invalid}, c.interrupted); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// asking is a command line as it was read.
func asking(t *testing.T, args ...string) *loadFlags {
	t.Helper()
	cmd := &cobra.Command{}
	asked := newLoadFlags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return asked
}

func TestUsersAreNoMoreThanConnections(t *testing.T) {
	for _, c := range []struct {
		args  []string
		files int
		want  int // 0: refused
	}{
		{nil, 110, 10}, {nil, 109, 0},
		{[]string{"--users=500"}, 600, 500}, {[]string{"--users=501"}, 600, 0},
		{[]string{"--stage=users=5,over=1s", "--stage=users=20,over=1s", "--stage=users=0,over=1s"}, 120, 20},
		{[]string{"--arrival-rate=50/s"}, 1 << 20, 500}, {[]string{"--arrival-rate=50/s", "--timeout=30ms"}, 1 << 20, 10},
		{[]string{"--arrival-rate=50/s"}, 200, 100}, {[]string{"--arrival-rate=50/s"}, 101, 1}, {[]string{"--arrival-rate=50/s"}, 100, 0}, {[]string{"--arrival-rate=1/h"}, 1 << 20, 10},
		{[]string{"--arrival-rate=1000000000/s"}, 1 << 20, 10000}, {[]string{"--arrival-rate=50/s", "--users=20000"}, 1 << 20, 20000},
		{[]string{"--stage=rate=5/s,over=1s", "--stage=rate=20/s,over=1s", "--timeout=1s"}, 1 << 20, 20},
	} {
		asked := asking(t, c.args...)
		load := asked.Load
		load.Requests = []exchange.Request{{Timeout: asked.timeout}}
		err := asked.setUsers(&load, c.files)
		if (err != nil) != (c.want == 0) || err == nil && load.Users != c.want {
			t.Errorf("%v with %d files: %d users, %v", c.args, c.files, load.Users, err)
		}
	}
}

func TestALoadLeavesTimeToJudge(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		load engine.Load
		ok   bool
	}{
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 10*s + 1}, true},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 10 * s}, false},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 12*s + 1, WarmUp: 2 * s}, true},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 12 * s, WarmUp: 2 * s}, false},
		{engine.Load{Users: 101, ArrivalRate: 10, Runtime: s, WarmUp: s - 1}, true},
		{engine.Load{Users: 101, ArrivalRate: 10, Runtime: s, WarmUp: s}, false},
		{engine.Load{Users: 101, Runtime: 1}, true},
		{engine.Load{Users: 101, SpawnRate: 1e-9, Runtime: s}, false}, // a time that no duration can be
	} {
		if err := checkJudgedTime(c.load); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.load, err)
		}
	}
}

func TestALoadIsWhatWasAsked(t *testing.T) {
	u, err := target("example.com:8000/a%20b?q=1 2#part")
	if err != nil {
		t.Fatal(err)
	}
	got, err := asking(t, "--stage=rate=30/m,over=2s", "--stage=rate=0.25/s,over=500ms", "--poisson", "--warm-up=1s", "--users=7", "--method=delete",
		"--expect-status=204,404", "--redirects=3", "--timeout=2s", "--header=x-a: b", "--insecure", "--seed=9").load(u, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Load{
		Users: 7, Runtime: 2500 * time.Millisecond, WarmUp: time.Second, Poisson: true, Insecure: true, Seed: 9,
		Stages: []engine.Stage{{Rate: 0.5, Over: 2 * time.Second}, {Rate: 0.25, Over: 500 * time.Millisecond}},
		Requests: []exchange.Request{{
			Name: "DELETE /a%20b", Method: "DELETE", Path: "/a%20b?q=1%202", Header: map[string]string{"X-A": "b"}, Body: []byte{},
			Weight: 1, Timeout: 2 * time.Second, Status: []int{204, 404}, Redirects: 3, Replay: true,
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if address(u) != "http://example.com:8000" || withoutPassword(u) != "http://example.com:8000/a%20b?q=1%202" {
		t.Errorf("%s, %s", address(u), withoutPassword(u))
	}
}

func TestOneSeedIsNotAnother(t *testing.T) {
	u, err := target("example.com")
	if err != nil {
		t.Fatal(err)
	}
	load, err := asking(t).load(u, nil)
	if err != nil || load.Seed == 0 {
		t.Errorf("seed %d, %v", load.Seed, err)
	}
}
