package readiness

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/requests"
)

// Result is the outcome of waiting for a service.
type Result struct {
	NotReady string // the last response or error, where it was not ready in time; else ""
	Plain    bool   // it accepts connections but does not speak HTTP: it may still be starting
	HTTP     bool   // it answered HTTP
	Note     string // for people
}

// Container is one that is to become ready.
type Container interface {
	Address() string // host:port
	Usage() (containers.Usage, bool)
	Healthcheck(ctx context.Context) (containers.Healthcheck, error)
	Exec(ctx context.Context, command []string) (containers.Exit, error)
	Follow(ctx context.Context) (io.ReadCloser, error)
	Logs(ctx context.Context, lines int) ([]string, error)
}

// Agent probes from inside the networks.
type Agent interface {
	Ready(ctx context.Context, probe inference.Probe) (plain bool, err error)
}

// Wait waits as `ready` of the service says, at most for its `within`. A service
// under test that has no path gets an HTTP request; of a helper a connection is
// enough. It returns at once when ctx ends. The error is the environment's.
func Wait(ctx context.Context, a Agent, c Container, service plans.Service, role containers.Role) (got Result, err error) {
	ready := service.Ready
	within, cancel := context.WithTimeout(ctx, ready.Within)
	defer cancel()
	switch {
	case ready.Ended: // ctx ends when the job does
		<-within.Done()
		return Result{NotReady: "it has not ended"}, nil
	case ready.Log != "":
		got.NotReady, err = waitLog(within, c, ready.Log, ready.Count)
		return got, err
	case len(ready.Command) > 0:
		got.Note, got.NotReady, err = waitCommand(within, c, "the command of ready", containers.Healthcheck{Command: ready.Command, Timeout: ready.Timeout})
		return got, err
	case ready.Health:
		check, err := c.Healthcheck(within)
		switch {
		case err != nil && within.Err() != nil: // the time is over
			return Result{NotReady: "its healthcheck is not known yet"}, nil
		case err != nil:
			return got, err
		case len(check.Command) > 0:
			got.Note, got.NotReady, err = waitCommand(within, c, "its healthcheck", check)
			return got, err
		}
	}
	if ready.Path == "" && ready.TCP == 0 {
		return got, nil
	}
	probe := probeOf(service, c.Address(), role)
	got.Plain, got.NotReady, err = ask(within, a, probe)
	if strings.HasPrefix(got.NotReady, "refused") && ctx.Err() == nil {
		got.NotReady += elsewhere(ctx, c, portOf(probe))
	}
	got.HTTP = err == nil && got.NotReady == "" && !got.Plain
	return got, err
}

// ask probes until the response is the expected one, or ctx ends: then it returns
// the last response.
func ask(ctx context.Context, a Agent, probe inference.Probe) (plain bool, notReady string, err error) {
	plain, err = a.Ready(ctx, probe)
	var last *agent.NotReady
	if errors.As(err, &last) {
		return false, cmp.Or(last.Last, "no answer"), nil
	}
	return plain, "", err
}

// Preflight probes until the response is the expected one. It returns the last
// response where that does not come in time.
func Preflight(ctx context.Context, a Agent, p plans.Preflight, within time.Duration) (notReady string, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_, notReady, err = ask(ctx, a, inference.Probe{URL: p.URL, TCP: p.TCP, Status: p.Status})
	return notReady, err
}

// Request returns the request that showed that a service is ready, and the
// host:port that it was sent to.
func Request(service plans.Service, c Container) (address string, request exchange.Request) {
	probe := probeOf(service, c.Address(), containers.Subject)
	target, _ := url.Parse(probe.URL) // it was parsed before
	return target.Host, exchange.Request{
		Name: "GET " + target.Path, Method: http.MethodGet, Path: target.RequestURI(), Header: probe.Header, Timeout: probe.Timeout,
	}
}

// probeOf returns the probe of a service at host:port.
func probeOf(service plans.Service, address string, role containers.Role) inference.Probe {
	ready := service.Ready
	at := address
	name, _, err := net.SplitHostPort(address)
	if other := cmp.Or(ready.Port, ready.TCP); err == nil && other != 0 {
		at = net.JoinHostPort(name, strconv.Itoa(other))
	}
	if ready.Path == "" && role == containers.Helper {
		return inference.Probe{TCP: at, Timeout: ready.Timeout}
	}
	_, port, _ := net.SplitHostPort(at)
	return inference.Probe{
		URL: "http://" + at + cmp.Or(ready.Path, "/"), Status: ready.Status, Any: ready.Path == "",
		Header: requests.WithHost(ready.Headers, net.JoinHostPort(service.Name, port)), Timeout: ready.Timeout,
	}
}

// portOf is the port that a probe asks.
func portOf(probe inference.Probe) string {
	address := probe.TCP
	if target, err := url.Parse(probe.URL); err == nil && address == "" {
		address = target.Host
	}
	_, port, _ := net.SplitHostPort(address)
	return port
}

// commandAgain is the pause between two runs of a readiness command.
const commandAgain = time.Second

// waitCommand runs a command in the container until it ends with 0. The note says
// how often it ran, and what the last run cost.
func waitCommand(ctx context.Context, c Container, what string, check containers.Healthcheck) (note, notReady string, err error) {
	last := what + " did not end"
	for times := 1; ctx.Err() == nil; times++ {
		before, _ := c.Usage()
		begun := time.Now()
		exit, err := runOnce(ctx, c, check)
		fault, is := errors.AsType[*containers.Error](err)
		switch {
		case ctx.Err() != nil: // the time is over
		case is && fault.Kind == containers.EngineGone:
			return "", "", err
		case err != nil: // such as of a container that is just started again
			last = what + " could not be run: " + err.Error()
		case exit.Code == 0:
			took := time.Since(begun)
			after, _ := c.Usage()
			often := "once"
			if times > 1 {
				often = strconv.Itoa(times) + " times"
			}
			if before.CPUSeconds == nil || after.CPUSeconds == nil {
				return fmt.Sprintf("%s ran %s until it was ready; the CPU time of these runs is not known", what, often), "", nil
			}
			return fmt.Sprintf("%s ran %s until it was ready; in the %.2fs of the last run the container used %.2f CPU seconds",
				what, often, took.Seconds(), max(0, *after.CPUSeconds-*before.CPUSeconds)), "", nil
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

// runOnce runs a command once, within its timeout.
func runOnce(ctx context.Context, c Container, check containers.Healthcheck) (containers.Exit, error) {
	if check.Timeout == 0 {
		return c.Exec(ctx, check.Command)
	}
	cause := fmt.Errorf("it did not end within %s", check.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, check.Timeout, cause)
	defer cancel()
	exit, err := c.Exec(ctx, check.Command)
	if err != nil && context.Cause(ctx) == cause {
		err = cause
	}
	return exit, err
}

// longestLine of a log, in bytes; services print whole configurations.
const longestLine = 64 << 20

// followAgain is the pause after a log that ended before the container did.
const followAgain = 250 * time.Millisecond

// waitLog reads the log until so many lines since one start of the container match.
func waitLog(ctx context.Context, c Container, pattern string, wanted int) (notReady string, err error) {
	match, most := regexp.MustCompile(pattern), 0 // valid, as the plan was checked
	for ctx.Err() == nil {
		log, err := c.Follow(ctx)
		switch {
		case err != nil && ctx.Err() != nil: // the time is over
			continue
		case err != nil:
			return "", err
		}
		found, lines := 0, bufio.NewScanner(log)
		for lines.Buffer(nil, longestLine); found < wanted && lines.Scan(); {
			if match.Match(lines.Bytes()) {
				found++
			}
		}
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
