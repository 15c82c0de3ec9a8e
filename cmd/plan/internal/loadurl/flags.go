// Package loadurl turns the command line of plan load into a load of the engine: flags,
// their values, the URL, the request, and what they may not be together.
package loadurl

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/oneof"
	"plan/engine"
	"plan/internal/exchange"
)

// Flags are the flags of a load.
type Flags struct {
	engine.Load // without its request

	method    string
	headers   []header
	body      string // text, @file, or @- for the standard input
	timeout   time.Duration
	status    []int
	redirects int

	yes     string // host whose address is neither loopback nor private
	format  string
	changed func(flag string) bool
}

// New adds the flags of a load to a command.
func New(cmd *cobra.Command) *Flags {
	a := &Flags{Load: engine.Load{Users: 10, Runtime: 10 * time.Second}, timeout: exchange.DefaultTimeout, changed: cmd.Flags().Changed}
	f := cmd.Flags()
	addFlag(f, &a.Users, "users", "`number` of users, each with its own connection; with arrivals the maximum (default 10)", wholeValue[int])
	addFlag(f, &a.Runtime, "runtime", "`duration` of the load, a hard end (default 10s, or that of the load stages)", positiveDuration)
	addFlag(f, &a.ThinkTime, "think-time", "`pause` after each response: 2s, 1s-3s, or exponential:2s (default none)", thinkValue)
	addFlag(f, &a.SpawnRate, "spawn-rate", "`rate` at which users start, such as 50/s (default all at once)", rateValue)
	addFlag(f, &a.ArrivalRate, "arrival-rate", "`rate` at which requests start, whether or not earlier ones have ended", rateValue)
	f.BoolVar(&a.Poisson, "poisson", false, "random arrivals instead of evenly spaced ones")
	addListFlag(f, &a.Stages, "stage", "load `stage`: users=100,over=30s or rate=50/s,over=1m (may be repeated)", stageValue)
	addFlag(f, &a.WarmUp, "warm-up", "`duration` at the beginning that is not judged", durationValue)
	f.StringVar(&a.method, "method", "", "`name` of the HTTP method (default GET, with a body POST)")
	oneof.Complete(cmd, "method", methods...)
	addListFlag(f, &a.headers, "header", "`\"Name: value\"` (may be repeated)", headerValue)
	f.StringVar(&a.body, "body", "", "body: `text`, @FILE, or @- for the standard input")
	addFlag(f, &a.timeout, "timeout", "`duration` that a whole response may take (default 10s)", positiveDuration)
	f.IntSliceVar(&a.status, "expect-status", nil, "`statuses` that are OK, such as 200,404 (default any 2xx)")
	addFlag(f, &a.redirects, "redirects", "`number` of redirects to follow (default 0)", wholeValue[int])
	f.BoolVar(&a.Insecure, "insecure", false, "accept any certificate")
	addFlag(f, &a.Threads, "threads", "`number` of event loops for plain HTTP (default automatic, at most one for each CPU)", wholeValue[int])
	addFlag(f, &a.Seed, "seed", "`number` that seeds random values (default random)", wholeValue[uint64])
	f.StringVar(&a.yes, "yes-load", "",
		"confirm that you may send a load to `HOST`; required if it is neither loopback nor private")
	f.StringVar(&a.format, "format", "human", "human, or json: a line each second, and the result as in a report")
	oneof.Complete(cmd, "format", "human", "json")
	f.SortFlags = false
	return a
}

// JSON reports whether the results are to be lines of JSON.
func (a *Flags) JSON() bool { return a.format == "json" }

// check returns an error for flags that exclude each other. engine.Load.Check checks
// the load that they make.
func (a *Flags) check() error {
	for _, pair := range []struct{ one, other, because string }{
		{"arrival-rate", "spawn-rate", "users begin when an arrival needs them"},
		{"arrival-rate", "think-time", "requests begin on a schedule, not after a pause"},
		{"arrival-rate", "stage", "the stages say the rate"},
		{"spawn-rate", "stage", "the stages say when users start"},
	} {
		if a.changed(pair.one) && a.changed(pair.other) {
			return fmt.Errorf("--%s and --%s cannot go together: %s", pair.one, pair.other, pair.because)
		}
	}
	switch take := a.StagesTake(); {
	case len(a.Stages) == 0:
	case !a.Open() && a.changed("users"):
		return errors.New("--users and --stage exclude each other: the load stages set the number of users")
	case a.Open() && a.changed("think-time"):
		return errors.New("--think-time and a --stage of a rate cannot go together: requests begin on a schedule, not after a pause")
	case a.changed("runtime") && a.Runtime < take:
		return fmt.Errorf("--runtime %v ends before the stages, which take %v: leave it out, or write at least %v", a.Runtime, take, take)
	case !a.changed("runtime") && take == 0:
		return errors.New("--stage: the load stages take no time: add --runtime 10s")
	}
	switch {
	case a.format != "human" && a.format != "json":
		return fmt.Errorf("--format %q is not known: write human or json", a.format)
	case a.Poisson && !a.Open():
		return errors.New("--poisson needs arrivals: add --arrival-rate 50/s, or take --think-time exponential:2s for users")
	case a.redirects < 0:
		return fmt.Errorf("--redirects %d is not a number of redirects: write 0 or more", a.redirects)
	}
	return nil
}
