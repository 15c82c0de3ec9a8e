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
	users                  int
	runtime, warmUp        time.Duration
	think                  engine.ThinkTime
	spawnRate, arrivalRate float64 // per second
	poisson                bool
	stages                 []engine.Stage

	method    string
	headers   []header
	body      string // text, @file, or @- for the standard input
	timeout   time.Duration
	status    []int
	redirects int
	insecure  bool

	threads int
	seed    uint64
	format  string
	given   func(flag string) bool
}

func newLoadAsked(cmd *cobra.Command) *loadAsked {
	a := &loadAsked{users: 10, runtime: 10 * time.Second, timeout: 10 * time.Second, given: cmd.Flags().Changed}
	a.modelFlags(cmd)
	a.requestFlags(cmd)
	f := cmd.Flags()
	parsed(f, &a.threads, "threads", "`number` of event loops for plain HTTP (default as many as help, at most one for each CPU)", wholeValue[int])
	parsed(f, &a.seed, "seed", "`number` that decides what is drawn at random (default another one each time)", wholeValue[uint64])
	f.StringVar(&a.format, "format", "human", "human, or json: a line each second, the last one as in a report")
	offer(cmd, "format", "human", "json")
	f.SortFlags = false
	return a
}

func (a *loadAsked) modelFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	parsed(f, &a.users, "users", "`number` of users, each with a connection of its own; with arrivals the most of them (default 10)", wholeValue[int])
	parsed(f, &a.runtime, "runtime", "`duration` of the load, a hard end (default 10s, or what the stages take)", spanValue)
	parsed(f, &a.think, "think-time", "`pause` after each answer: 2s, 1s-3s, or exponential:2s (default none)", thinkValue)
	parsed(f, &a.spawnRate, "spawn-rate", "`rate` at which users start, such as 50/s (default all at once)", rateValue)
	parsed(f, &a.arrivalRate, "arrival-rate", "`rate` at which requests begin whatever becomes of those before", rateValue)
	f.BoolVar(&a.poisson, "poisson", false, "arrivals at random, not at even distances")
	repeated(f, &a.stages, "stage", "`part` of a ramp: users=100,over=30s or rate=50/s,over=1m (may be repeated)", stageValue)
	parsed(f, &a.warmUp, "warm-up", "`duration` at the beginning that is left out of what is judged", durationValue)
}

func (a *loadAsked) requestFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.method, "method", "", "method (default GET, with a body POST)")
	offer(cmd, "method", methods...)
	repeated(f, &a.headers, "header", "`\"Name: value\"` (may be repeated)", headerValue)
	f.StringVar(&a.body, "body", "", "body: `text`, @FILE, or @- for the standard input")
	parsed(f, &a.timeout, "timeout", "`duration` that a whole answer may take (default 10s)", spanValue)
	f.IntSliceVar(&a.status, "expect-status", nil, "statuses that are OK (default any 2xx)")
	parsed(f, &a.redirects, "redirects", "`number` of redirects that are followed (default none)", wholeValue[int])
	f.BoolVar(&a.insecure, "insecure", false, "take any certificate")
}

// open tells whether requests arrive, or users ask.
func (a *loadAsked) open() bool {
	return a.arrivalRate > 0 || len(a.stages) > 0 && a.stages[0].Rate > 0
}

// check refuses what cannot go together.
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
	case a.users < 1:
		return fmt.Errorf("--users %d is not a number of users: write 1 or more", a.users)
	case a.poisson && !a.open():
		return errors.New("--poisson needs arrivals: add --arrival-rate 50/s, or take --think-time exponential:2s for users")
	case a.redirects < 0:
		return fmt.Errorf("--redirects %d is not a number of redirects: write 0 or more", a.redirects)
	}
	return nil
}

// checkStages holds the stages against each other and the other flags.
func (a *loadAsked) checkStages() error {
	for _, s := range a.stages {
		if (s.Rate > 0) != a.open() {
			return errors.New("--stage: all stages have users, or all have a rate")
		}
	}
	switch {
	case len(a.stages) == 0:
		return nil
	case !a.open() && a.given("users"):
		return errors.New("--users and --stage cannot go together: the stages say how many users there are")
	case !a.open() && a.mostUsers() == 0:
		return errors.New("--stage: no stage has a user")
	case a.open() && a.given("think-time"):
		return errors.New("--think-time and a --stage of a rate cannot go together: requests begin on a schedule, not after a pause")
	case a.given("runtime") && a.runtime < a.stagesTake():
		return fmt.Errorf("--runtime %v ends before the stages, which take %v: leave it out, or write at least %v", a.runtime, a.stagesTake(), a.stagesTake())
	case !a.given("runtime") && a.stagesTake() == 0:
		return errors.New("--stage: the stages take no time: add --runtime 10s")
	}
	return nil
}

func (a *loadAsked) mostUsers() (most int) {
	for _, s := range a.stages {
		most = max(most, s.Users)
	}
	return most
}

func (a *loadAsked) stagesTake() (sum time.Duration) {
	for _, s := range a.stages {
		sum += s.Over
	}
	return sum
}
