package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	goruntime "runtime"
	"syscall"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// load is what was asked, checked against itself and this machine.
func (a *loadAsked) load(u *url.URL, stdin io.Reader) (engine.Load, error) {
	if err := a.check(); err != nil {
		return engine.Load{}, err
	}
	if most := goruntime.GOMAXPROCS(0); a.threads < 0 || a.threads > most {
		return engine.Load{}, fmt.Errorf("--threads %d is not a number of event loops: this process may use %d CPUs", a.threads, most)
	}
	if a.given("threads") && (u.Scheme == "https" || a.redirects > 0) {
		return engine.Load{}, errors.New("--threads is of event loops: https and --redirects are carried by net/http, which uses all CPUs")
	}
	request, err := a.request(u, stdin)
	if err != nil {
		return engine.Load{}, err
	}
	load := engine.Load{
		Users: a.users, SpawnRate: a.spawnRate, Runtime: a.runtime, ThinkTime: a.think, WarmUp: a.warmUp,
		ArrivalRate: a.arrivalRate, Poisson: a.poisson, Stages: a.stages,
		Requests: []exchange.Request{request}, Insecure: a.insecure, Threads: a.threads, Seed: a.seed,
	}
	if !a.given("seed") {
		load.Seed = uint64(time.Now().UnixNano())
	}
	if len(a.stages) > 0 && !a.given("runtime") {
		load.Runtime = a.stagesTake()
	}
	if err := a.size(&load, openFiles()); err != nil {
		return engine.Load{}, err
	}
	return load, leavesTime(load)
}

// leavesTime refuses a load that would be over before all its users are active
// and its warm-up is.
func leavesTime(load engine.Load) error {
	var all time.Duration // until all are active
	if load.SpawnRate > 0 {
		all = time.Duration(float64(load.Users-1) / load.SpawnRate * float64(time.Second))
	}
	switch {
	case load.WarmUp >= load.Runtime:
		return fmt.Errorf("--warm-up %v leaves nothing of a load of %v", load.WarmUp, load.Runtime)
	case all+load.WarmUp >= load.Runtime:
		return fmt.Errorf("%d users at %g/s are all active after %v, which with a warm-up of %v leaves nothing of a load of %v: raise --spawn-rate or --runtime",
			load.Users, load.SpawnRate, all.Round(time.Millisecond), load.WarmUp, load.Runtime)
	}
	return nil
}

// spareFiles are those that a process has open besides its connections.
const spareFiles = 64

// mostArrivals is how many users arrivals may keep busy at the same time,
// where nobody says it.
const mostArrivals = 10_000

// size says how many users there are, so that each can have a connection.
func (a *loadAsked) size(load *engine.Load, files int) error {
	switch {
	case a.open() && !a.given("users"):
		load.Users = max(1, min(a.busy(), mostArrivals, files-spareFiles))
	case !a.open() && len(a.stages) > 0:
		load.Users = a.mostUsers()
	}
	if load.Users+spareFiles > files {
		return fmt.Errorf("%d users need %d open files, and this process may have %d: take fewer users, or run `ulimit -n %d` before (beyond `ulimit -Hn` as root)",
			load.Users, load.Users+spareFiles, files, load.Users+spareFiles)
	}
	return nil
}

// busy is how many users are waiting when arrivals are at their most and no
// answer comes before its timeout.
func (a *loadAsked) busy() int {
	rate := a.arrivalRate
	for _, s := range a.stages {
		rate = max(rate, s.Rate)
	}
	return int(min(math.Ceil(rate*a.timeout.Seconds()), mostArrivals))
}

// openFiles is how many files this process may have open. Go has raised the
// soft limit to the hard one when the process began.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(limit.Cur)
}
