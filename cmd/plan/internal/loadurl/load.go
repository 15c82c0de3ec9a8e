package loadurl

import (
	"context"
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

// Load is a load of one URL.
type Load struct {
	engine.Load
	Address string // scheme and host
	URL     string // without a password
}

// Of returns the load of the flags on a URL. It returns an error where the URL is wrong or
// may not be loaded, and where the flags contradict each other or exceed this machine.
func (a *Flags) Of(ctx context.Context, text string, stdin io.Reader) (Load, error) {
	u, err := Target(ctx, text, a.yes)
	if err != nil {
		return Load{}, err
	}
	address := Address(u)
	load, err := a.load(u, stdin)
	return Load{Load: load, Address: address, URL: address + u.RequestURI()}, err
}

func (a *Flags) load(u *url.URL, stdin io.Reader) (engine.Load, error) {
	if err := a.check(); err != nil {
		return engine.Load{}, err
	}
	if most := goruntime.GOMAXPROCS(0); a.Threads < 0 || a.Threads > most {
		return engine.Load{}, fmt.Errorf("--threads %d is not a number of event loops: this process may use %d CPUs", a.Threads, most)
	}
	if a.changed("threads") && (u.Scheme == "https" || a.redirects > 0) {
		return engine.Load{}, errors.New("--threads has no effect with https or --redirects: leave it out (net/http sends these requests, on all CPUs)")
	}
	request, err := a.request(u, stdin)
	if err != nil {
		return engine.Load{}, err
	}
	load := a.Load
	load.Requests = []exchange.Request{request}
	if !a.changed("seed") {
		load.Seed = uint64(time.Now().UnixNano())
	}
	if len(load.Stages) > 0 && !a.changed("runtime") {
		load.Runtime = load.StagesTake()
	}
	files := math.MaxInt32 // that this process may open; Go raises the soft limit to the hard one at its start
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur <= math.MaxInt32 {
		files = int(limit.Cur)
	}
	if err := a.setUsers(&load, files); err != nil {
		return engine.Load{}, err
	}
	if err := load.Check(); err != nil {
		return engine.Load{}, err
	}
	return load, checkJudgedTime(load)
}

// checkJudgedTime returns an error for a load that ends before its judged window begins.
func checkJudgedTime(load engine.Load) error {
	switch {
	case load.WarmUp >= load.Runtime:
		return fmt.Errorf("--warm-up %v leaves nothing to judge in a load of %v: write a shorter one", load.WarmUp,
			load.Runtime)
	case load.JudgedFrom() >= load.Runtime:
		return fmt.Errorf("nothing is left to judge: %d users at %g/s are all active after %v, then the warm-up takes %v, "+
			"and the load lasts %v: raise --spawn-rate or --runtime",
			load.Users, load.SpawnRate, load.Rise().Round(time.Millisecond), load.WarmUp, load.Runtime)
	}
	return nil
}

// setUsers sets the number of users. It returns an error where the process cannot open
// a connection for each.
func (a *Flags) setUsers(load *engine.Load, files int) error {
	if !a.changed("users") {
		load.Users = load.NeededUsers()
		if load.Open() {
			load.Users = max(1, min(load.Users, files-engine.SpareFiles))
		}
	}
	if need := load.NeededFiles(); need > files {
		return fmt.Errorf("%d users need %d open files, and this process may have %d: use fewer users, "+
			"or first run `ulimit -n %d` (as root if it is above `ulimit -Hn`)",
			load.Users, need, files, need)
	}
	return nil
}
