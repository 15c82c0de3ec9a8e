package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"plan/engine"
)

// loadAsked is what the command line asks of a load.
type loadAsked struct {
	engine.Load // as far as flags say it, without its request

	method    string
	headers   []header
	body      string // text, @file, or @- for the standard input
	timeout   time.Duration
	status    []int
	redirects int

	format string
	given  func(flag string) bool
}

func newLoadAsked(cmd *cobra.Command) *loadAsked {
	a := &loadAsked{Load: engine.Load{Users: 10, Runtime: 10 * time.Second}, timeout: 10 * time.Second, given: cmd.Flags().Changed}
	a.modelFlags(cmd)
	a.requestFlags(cmd)
	f := cmd.Flags()
	parsed(f, &a.Threads, "threads", "`number` of event loops for plain HTTP (default as many as help, at most one for each CPU)", wholeValue[int])
	parsed(f, &a.Seed, "seed", "`number` that seeds random values (default random)", wholeValue[uint64])
	f.StringVar(&a.format, "format", "human", "human, or json: a line each second, and the result as in a report")
	offer(cmd, "format", "human", "json")
	f.SortFlags = false
	return a
}

func (a *loadAsked) modelFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	parsed(f, &a.Users, "users", "`number` of users, each with its own connection; with arrivals the maximum (default 10)", wholeValue[int])
	parsed(f, &a.Runtime, "runtime", "`duration` of the load, a hard end (default 10s, or that of the load stages)", spanValue)
	parsed(f, &a.ThinkTime, "think-time", "`pause` after each response: 2s, 1s-3s, or exponential:2s (default none)", thinkValue)
	parsed(f, &a.SpawnRate, "spawn-rate", "`rate` at which users start, such as 50/s (default all at once)", rateValue)
	parsed(f, &a.ArrivalRate, "arrival-rate", "`rate` at which requests start, whether or not earlier ones have ended", rateValue)
	f.BoolVar(&a.Poisson, "poisson", false, "random arrivals instead of evenly spaced ones")
	repeated(f, &a.Stages, "stage", "load `stage`: users=100,over=30s or rate=50/s,over=1m (may be repeated)", stageValue)
	parsed(f, &a.WarmUp, "warm-up", "`duration` at the beginning that is not judged", durationValue)
}

func (a *loadAsked) requestFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.method, "method", "", "`name` of the HTTP method (default GET, with a body POST)")
	offer(cmd, "method", methods...)
	repeated(f, &a.headers, "header", "`\"Name: value\"` (may be repeated)", headerValue)
	f.StringVar(&a.body, "body", "", "body: `text`, @FILE, or @- for the standard input")
	parsed(f, &a.timeout, "timeout", "`duration` that a whole response may take (default 10s)", spanValue)
	f.IntSliceVar(&a.status, "expect-status", nil, "`statuses` that are OK, such as 200,404 (default any 2xx)")
	parsed(f, &a.redirects, "redirects", "`number` of redirects to follow (default 0)", wholeValue[int])
	f.BoolVar(&a.Insecure, "insecure", false, "accept any certificate")
}

// check refuses flags that cannot go together. What is wrong with the load that
// they make is said by its own Check.
func (a *loadAsked) check() error {
	for _, pair := range []struct{ one, other, because string }{
		{"arrival-rate", "spawn-rate", "users begin when an arrival needs them"},
		{"arrival-rate", "think-time", "requests begin on a schedule, not after a pause"},
		{"arrival-rate", "stage", "the stages say the rate"},
		{"spawn-rate", "stage", "the stages say when users start"},
	} {
		if a.given(pair.one) && a.given(pair.other) {
			return fmt.Errorf("--%s and --%s cannot go together: %s", pair.one, pair.other, pair.because)
		}
	}
	if err := a.checkStages(); err != nil {
		return err
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

// checkStages holds the stages against each other and the other flags.
func (a *loadAsked) checkStages() error {
	switch take := a.StagesTake(); {
	case len(a.Stages) == 0:
		return nil
	case !a.Open() && a.given("users"):
		return errors.New("--users and --stage cannot go together: the stages say how many users there are")
	case a.Open() && a.given("think-time"):
		return errors.New("--think-time and a --stage of a rate cannot go together: requests begin on a schedule, not after a pause")
	case a.given("runtime") && a.Runtime < take:
		return fmt.Errorf("--runtime %v ends before the stages, which take %v: leave it out, or write at least %v", a.Runtime, take, take)
	case !a.given("runtime") && take == 0:
		return errors.New("--stage: the stages take no time: add --runtime 10s")
	}
	return nil
}
