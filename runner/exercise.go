package runner

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// exercise takes the service through its phases until one ends it. The error is
// the environment's.
func (r *run) exercise(ctx context.Context, t team, o order) (seen judge.Observation, err error) {
	seen = judge.Observation{Phase: journal.PhaseStart, Replicas: t.replicas()}
	begun := time.Now()
	r.status(o, "waiting until it is ready")
	if err := r.await(ctx, t, o.stage.Service.Ready, &seen); err != nil || seen.NotReady != "" || ctx.Err() != nil {
		return seen, err
	}
	seen.ReadyAfter, seen.ReadyAt = time.Since(begun), time.Now()
	for i, instance := range t {
		seen.Replicas[i].Rest, _ = instance.Usage()
	}
	if o.load != nil {
		if err := r.askAll(ctx, t, o, &seen); err != nil || ctx.Err() != nil || !answered(seen.First) {
			return seen, err
		}
	}
	seen.Phase = journal.PhaseHold
	r.status(o, "watching it live on")
	if pause(ctx, plans.Hold); ctx.Err() == nil {
		seen.Phase = journal.PhaseEnd
	}
	return seen, nil
}

// await waits until every replica is ready; all of them have the same time.
func (r *run) await(ctx context.Context, t team, ready plans.Ready, seen *judge.Observation) (err error) {
	deadline := time.Now().Add(ready.Within)
	for i, instance := range t {
		left := ready
		left.Within = time.Until(deadline)
		seen.Asked = i
		if seen.NotReady, err = r.waitReady(ctx, instance, left); seen.NotReady != "" || err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// loading notes what each replica had used before the load.
func (t team) loading(seen *judge.Observation) {
	seen.Phase = journal.PhaseLoad
	for i, instance := range t {
		seen.Replicas[i].Loaded, _ = instance.Usage()
	}
}

// askAll sends one request of each kind to every replica, then the load. What
// another driver asks is known to its own file alone.
func (r *run) askAll(ctx context.Context, t team, o order, seen *judge.Observation) error {
	if o.stage.Load.Driver != nil {
		t.loading(seen)
		return r.driveOther(ctx, t, o, seen)
	}
	load, err := r.first(ctx, t, o, seen)
	if err != nil || ctx.Err() != nil || !answered(seen.First) {
		return err
	}
	t.loading(seen)
	r.status(o, fmt.Sprintf("load for %s", units.Duration(load.Runtime)))
	result, err := r.agent.Load(ctx, load, t.addresses(), recorder{r.Observer})
	if err != nil {
		return err
	}
	seen.Load, seen.Source = &result, journal.Source{Driver: journal.OwnEngine, Way: journal.Network}
	return nil
}

// first sends one request of each kind to every replica, until one fails, and
// gives the load that is then to come.
func (r *run) first(ctx context.Context, t team, o order, seen *judge.Observation) (engine.Load, error) {
	seen.Phase = journal.PhaseFirst
	r.status(o, "one request of each kind")
	p, err := newProbe(*o.load)
	if err != nil {
		return engine.Load{}, err
	}
	for i, instance := range t {
		seen.Asked = i
		if seen.Requests, err = p.requests(); err != nil {
			return engine.Load{}, err
		}
		seen.First, err = r.agent.First(ctx, instance.Address(), seen.Requests)
		if err != nil || ctx.Err() != nil {
			return engine.Load{}, err
		}
		if !answered(seen.First) { // a dying service breaks the connection before its end is told
			pause(ctx, settleTime)
			return engine.Load{}, nil
		}
	}
	return p.rest(*o.load)
}

// driveOther puts the load on by another driver. One that ended before its
// first user is none.
func (r *run) driveOther(ctx context.Context, t team, o order, seen *judge.Observation) error {
	driven, err := r.driveLocust(ctx, o, r.behind(o, t), r.spec(o.stage.Service).Networks)
	if err == nil && driven.result.Seconds > 0 {
		seen.Load = &driven.result
		seen.Source = journal.Source{Driver: journal.Locust, Way: journal.Network, Version: driven.version, CPUShare: driven.cpuShare}
	}
	return err
}

// behind is the one host:port of all replicas: the address of the only one, or
// the name that only they share.
func (r *run) behind(o order, t team) string {
	if len(t) == 1 {
		return t[0].Address()
	}
	_, port, _ := net.SplitHostPort(t[0].Address())
	return net.JoinHostPort(r.alias(o.stage.Service), port)
}

func answered(first []exchange.Outcome) bool {
	for _, o := range first {
		if o.Class != exchange.OK {
			return false
		}
	}
	return true
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

type recorder struct{ Observer }

func (r recorder) Record(w engine.Window) { r.Window(w) }

// waitReady gives the last answer when the service was not ready in time. It
// returns at once when ctx ends.
func (r *run) waitReady(ctx context.Context, instance Instance, ready plans.Ready) (notReady string, err error) {
	within, cancel := context.WithTimeout(ctx, ready.Within)
	defer cancel()
	if ready.Log != "" {
		return waitLog(within, instance, ready.Log)
	}
	if ready.Health {
		if known, notReady, err := waitHealthy(within, instance); known || err != nil {
			return notReady, err
		}
	}
	if ready.Path == "" && ready.TCP == 0 {
		return "", nil
	}
	return r.probe(within, probeOf(ready, instance.Address()))
}

// askHealth is the pause between looks at what a healthcheck says.
const askHealth = 100 * time.Millisecond

// waitHealthy waits for the healthcheck of the image; known is false where it
// has none.
func waitHealthy(ctx context.Context, instance Instance) (known bool, notReady string, err error) {
	last := containers.Starting
	for ctx.Err() == nil {
		state, err := instance.State(ctx)
		if err != nil && ctx.Err() == nil {
			return true, "", err
		}
		switch {
		case err != nil: // asked too late
		case state.Health == containers.NoHealthcheck:
			return false, "", nil
		case state.Health == containers.Healthy:
			return true, "", nil
		default:
			last = state.Health
		}
		pause(ctx, askHealth)
	}
	return true, "its healthcheck says " + string(last), nil
}

// probe asks until it is answered as wanted, or ctx ends: then it gives the
// last answer.
func (r *run) probe(ctx context.Context, probe inference.Probe) (notReady string, err error) {
	err = r.agent.Ready(ctx, probe)
	var last *agent.NotReady
	if errors.As(err, &last) {
		return cmp.Or(last.Last, "no answer"), nil
	}
	return "", err
}

// longestLine of a log that is waited for; services print whole configurations.
const longestLine = 64 << 20

// followAgain is the pause after a log that ended before the container did.
const followAgain = 250 * time.Millisecond

// waitLog reads the log until a line matches.
func waitLog(ctx context.Context, instance Instance, pattern string) (notReady string, err error) {
	match := regexp.MustCompile(pattern) // the plan was checked
	for ctx.Err() == nil {
		log, err := instance.Follow(ctx)
		if err != nil {
			return "", err
		}
		found := hasLine(log, match)
		log.Close()
		if found {
			return "", nil
		}
		pause(ctx, followAgain)
	}
	return fmt.Sprintf("no line of its log matched %q", pattern), nil
}

func hasLine(log io.Reader, match *regexp.Regexp) bool {
	lines := bufio.NewScanner(log)
	for lines.Buffer(nil, longestLine); lines.Scan(); {
		if match.Match(lines.Bytes()) {
			return true
		}
	}
	return false
}

func probeOf(ready plans.Ready, address string) inference.Probe {
	if ready.Path != "" {
		return inference.Probe{URL: "http://" + address + ready.Path, Status: ready.Status}
	}
	return inference.Probe{TCP: withPort(address, ready.TCP)}
}
