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
	"strconv"
	"strings"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/judge"
)

// readiness is what waiting for a service came to.
type readiness struct {
	notReady string // the last answer, where it was not ready in time
	plain    bool   // it takes connections, and speaks no HTTP: it may still be coming up
	spoke    bool   // it was asked HTTP, and speaks it
	note     string // for people
}

// await waits until every replica is ready; all of them have the same time. It
// gives what came of each.
func (r *run) await(ctx context.Context, t team, service plans.Service, seen *judge.Observation) (all []readiness, err error) {
	deadline := time.Now().Add(service.Ready.Within)
	for i, instance := range t {
		service.Ready.Within = time.Until(deadline)
		seen.Asked = i
		got, err := r.waitReady(ctx, instance, service, containers.Subject)
		seen.NotReady = got.notReady
		if got.note != "" {
			seen.Notes = append(seen.Notes, t.who(i)+got.note)
		}
		all = append(all, got)
		if seen.NotReady != "" || err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
	return all, nil
}

// waitReady waits as the service's plan says, in the time that it gives. What a
// service without a path is there for is asked HTTP, but not a helper. It
// returns at once when ctx ends.
func (r *run) waitReady(ctx context.Context, instance Instance, service plans.Service, role containers.Role) (got readiness, err error) {
	ready := service.Ready
	within, cancel := context.WithTimeout(ctx, ready.Within)
	defer cancel()
	switch {
	case ready.Ended: // ctx ends when it does
		<-within.Done()
		return readiness{notReady: "it has not ended"}, nil
	case ready.Log != "":
		got.notReady, err = waitLog(within, instance, ready.Log, ready.Count)
		return got, err
	case len(ready.Command) > 0:
		got.note, got.notReady, err = waitCommand(within, instance, "the command of ready", containers.Healthcheck{Command: ready.Command, Timeout: ready.Timeout})
		return got, err
	case ready.Health:
		check, err := instance.Healthcheck(within)
		if err != nil && within.Err() == nil {
			return got, err
		}
		if len(check.Command) > 0 {
			got.note, got.notReady, err = waitCommand(within, instance, "its healthcheck", check)
			return got, err
		}
	}
	if ready.Path == "" && ready.TCP == 0 {
		return got, nil
	}
	got.plain, got.notReady, err = r.probe(within, probeOf(service, instance.Address(), role))
	got.spoke = err == nil && got.notReady == "" && !got.plain
	return got, err
}

// probe asks until it is answered as wanted, or ctx ends: then it gives the
// last answer.
func (r *run) probe(ctx context.Context, probe inference.Probe) (plain bool, notReady string, err error) {
	plain, err = r.agent.Ready(ctx, probe)
	var last *agent.NotReady
	if errors.As(err, &last) {
		return false, cmp.Or(last.Last, "no answer"), nil
	}
	return plain, "", err
}

func probeOf(service plans.Service, address string, role containers.Role) inference.Probe {
	ready := service.Ready
	at := withPort(address, cmp.Or(ready.Port, ready.TCP))
	if ready.Path == "" && role == containers.Helper {
		return inference.Probe{TCP: at, Timeout: ready.Timeout}
	}
	_, port, _ := net.SplitHostPort(at)
	return inference.Probe{
		URL: "http://" + at + cmp.Or(ready.Path, "/"), Status: ready.Status, Any: ready.Path == "",
		Header: withHost(ready.Headers, net.JoinHostPort(service.Name, port)), Timeout: ready.Timeout,
	}
}

// commandAgain is the pause between the end of a command that says whether a
// service is ready and its next run.
const commandAgain = time.Second

// waitCommand runs a command in the container until it ends with 0. The note
// says how often it ran and what was used meanwhile.
func waitCommand(ctx context.Context, instance Instance, what string, check containers.Healthcheck) (note, notReady string, err error) {
	last := what + " did not end"
	for times := 1; ctx.Err() == nil; times++ {
		before, _ := instance.Usage()
		begun := time.Now()
		exit, err := runOnce(ctx, instance, check)
		switch {
		case ctx.Err() != nil: // asked too late
		case lost(err):
			return "", "", err
		case err != nil: // such as of a container that is just started again
			last = what + " could not be run: " + err.Error()
		case exit.Code == 0:
			after, _ := instance.Usage()
			return commandNote(what, times, time.Since(begun), before, after), "", nil
		default:
			last = fmt.Sprintf("%s ends with %d", what, exit.Code)
			if exit.Output != "" {
				last += ": " + exit.Output
			}
		}
		wait.For(ctx, commandAgain)
	}
	return "", last, nil
}

func runOnce(ctx context.Context, instance Instance, check containers.Healthcheck) (containers.Exit, error) {
	if check.Timeout == 0 {
		return instance.Exec(ctx, check.Command)
	}
	cause := fmt.Errorf("it did not end within %s", check.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, check.Timeout, cause)
	defer cancel()
	exit, err := instance.Exec(ctx, check.Command)
	if err != nil && context.Cause(ctx) == cause {
		err = cause
	}
	return exit, err
}

// lost says whether the engine is gone.
func lost(err error) bool {
	fault, is := errors.AsType[*containers.Error](err)
	return is && fault.Kind == containers.EngineGone
}

// commandNote states what the last run of a command cost the service's limits.
func commandNote(what string, times int, took time.Duration, before, after containers.Usage) string {
	often := "once"
	if times > 1 {
		often = strconv.Itoa(times) + " times"
	}
	if before.CPUSeconds == nil || after.CPUSeconds == nil {
		return fmt.Sprintf("%s ran %s until it was ready; the CPU that this took is not known", what, often)
	}
	return fmt.Sprintf("%s ran %s until it was ready; in the %.2fs of the last run the container used %.2f CPU seconds",
		what, often, took.Seconds(), max(0, *after.CPUSeconds-*before.CPUSeconds))
}

// longestLine of a log that is waited for; services print whole configurations.
const longestLine = 64 << 20

// followAgain is the pause after a log that ended before the container did.
const followAgain = 250 * time.Millisecond

// waitLog reads the log until enough lines of one life of the container match.
func waitLog(ctx context.Context, instance Instance, pattern string, wanted int) (notReady string, err error) {
	match, most := regexp.MustCompile(pattern), 0 // the plan was checked
	for ctx.Err() == nil {
		log, err := instance.Follow(ctx)
		if err != nil {
			return "", err
		}
		found := matching(log, match, wanted)
		log.Close()
		if found == wanted {
			return "", nil
		}
		most = max(most, found)
		wait.For(ctx, followAgain)
	}
	if most == 0 {
		return fmt.Sprintf("no line of its log matched %q", pattern), nil
	}
	return fmt.Sprintf("%d of %d lines of its log matched %q", most, wanted, pattern), nil
}

// matching counts the lines that match, as far as they are wanted.
func matching(log io.Reader, match *regexp.Regexp, wanted int) (found int) {
	lines := bufio.NewScanner(log)
	for lines.Buffer(nil, longestLine); found < wanted && lines.Scan(); {
		if match.Match(lines.Bytes()) {
			found++
		}
	}
	return found
}

// byName has every request of a load ask for the service by its name, where it
// does not say another one.
func byName(l engine.Load, service plans.Service) engine.Load {
	if len(service.Expose) == 0 {
		return l
	}
	host := net.JoinHostPort(service.Name, strconv.Itoa(service.Expose[0]))
	named := func(requests []exchange.Request) []exchange.Request {
		var all []exchange.Request
		for _, q := range requests {
			q.Header = withHost(q.Header, host)
			all = append(all, q)
		}
		return all
	}
	l.OnStart, l.Requests = named(l.OnStart), named(l.Requests)
	return l
}

// withHost adds the name that a service is asked by, where headers have none:
// many take no other.
func withHost(headers map[string]string, host string) map[string]string {
	named := map[string]string{"Host": host}
	for name, value := range headers {
		if strings.EqualFold(name, "Host") {
			name = "Host"
		}
		named[name] = value
	}
	return named
}
