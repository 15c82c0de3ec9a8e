package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plan/engine"
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

func TestALoadEndsWhenItsLinesAreNotRead(t *testing.T) {
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
