package truth

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"plan/engine"
)

// task is a load for a process of its own.
type task struct {
	Load      engine.Load
	Addresses []string
}

// carried is the output of that process.
type carried struct {
	Began  moment
	Result engine.Result
}

// carry is the process: it prints that it is ready, waits for a line, runs the
// load and prints the result.
func carry(j task, in *bufio.Reader) error {
	fmt.Println("ready")
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	done := carried{Began: now()}
	var err error
	if done.Result, err = engine.Run(context.Background(), j.Load, j.Addresses, nil); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(done)
}

// observed is the result of a load with the log of its referee.
type observed struct {
	load      engine.Load
	addresses []string
	result    engine.Result
	log       []connection
	end       moment // after the runtime
}

// observe loads a referee, each in a process of its own. meanwhile, which may
// be nil, is called when the load starts.
func observe(t *testing.T, load engine.Load, o orders, transport engine.Transport, meanwhile func(load *child)) observed {
	t.Helper()
	e := engage(t, o)
	seen := observed{load: load, addresses: e.reached(transport)}
	c := spawn(t, asLoad, task{load, seen.addresses})
	if line := c.line(t); line != "ready" {
		t.Fatalf("%q from a load that begins", line)
	}
	e.begin(load.Runtime)
	fmt.Fprintln(c.in)
	if meanwhile != nil {
		meanwhile(c)
	}
	var done carried
	if err := json.Unmarshal(c.end(t), &done); err != nil {
		t.Fatal(err)
	}
	seen.result, seen.end, seen.log = done.Result, done.Began.plus(load.Runtime), e.log(t)
	if seen.result.Transport != transport {
		t.Fatalf("carried by %q, want %q", seen.result.Transport, transport)
	}
	return seen
}
