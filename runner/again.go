package runner

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/judge"
)

// asUser gives requests the cookies of a user that has asked before, so that
// nothing that users begin with has to be repeated.
func asUser(requests []exchange.Request, cookies string) []exchange.Request {
	if cookies == "" {
		return requests
	}
	named := make([]exchange.Request, len(requests))
	for i, q := range requests {
		header := map[string]string{"Cookie": cookies}
		for name, value := range q.Header {
			if strings.EqualFold(name, "Cookie") {
				name, value = "Cookie", cookies+"; "+value
			}
			header[name] = value
		}
		q.Header = header
		named[i] = q
	}
	return named
}

// pathsOf are the requests of a load by another driver that its names tell whole:
// GET and a path, which was answered at least once.
func pathsOf(load engine.Result, service plans.Service) []exchange.Request {
	var requests []exchange.Request
	for _, name := range slices.Sorted(maps.Keys(load.ByRequest)) {
		path, is := strings.CutPrefix(name, http.MethodGet+" ")
		if !is || !strings.HasPrefix(path, "/") || load.ByRequest[name].OK == 0 {
			continue
		}
		q := exchange.Request{Name: name, Method: http.MethodGet, Path: path, Timeout: exchange.DefaultTimeout}
		if longest := load.JudgedByRequest[name].Latency.Max; longest != nil {
			q.Timeout = max(q.Timeout, units.Seconds(engine.HungAfter**longest))
		}
		requests = append(requests, q)
	}
	return byName(engine.Load{Requests: requests}, service).Requests
}

// question is some requests to one address.
type question struct {
	at       string
	requests []exchange.Request
}

// askAfterLoad asks every replica once more after a load, whatever drove it: what
// showed that it is ready, where that was an answer, and one of each request,
// where it is known.
func (r *run) askAfterLoad(ctx context.Context, t team, o order, ready []readiness, seen *judge.Observation) error {
	kinds := seen.Again
	seen.Again, seen.Answers = make([][]exchange.Request, len(t)), make([][]exchange.Outcome, len(t))
	errs := make([]error, len(t))
	t.each(func(i int, instance Instance) {
		var questions []question
		if ready[i].spoke {
			questions = append(questions, readyAgain(o.stage.Service, instance.Address()))
		}
		if i < len(kinds) {
			questions = append(questions, question{instance.Address(), kinds[i]})
		}
		for _, q := range questions {
			got, err := r.agent.Again(ctx, q.at, q.requests)
			seen.Again[i], seen.Answers[i] = append(seen.Again[i], q.requests...), append(seen.Answers[i], got...)
			if errs[i] = err; err != nil || judge.Unanswered(got) >= 0 {
				return
			}
		}
	})
	return firstError(errs...)
}

// readyAgain is what showed that a service is ready, asked once.
func readyAgain(service plans.Service, address string) question {
	probe := probeOf(service, address, containers.Subject)
	target, _ := url.Parse(probe.URL) // it was asked before
	return question{target.Host, []exchange.Request{{
		Name: "GET " + target.Path, Method: http.MethodGet, Path: target.RequestURI(), Header: probe.Header, Timeout: probe.Timeout,
	}}}
}
