package requests

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/judge"
)

// WithCookies adds to requests the cookies of a user that has asked before, so that
// on_start does not have to be repeated.
func WithCookies(requests []exchange.Request, cookies string) []exchange.Request {
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

// Paths returns the requests of a load by a foreign driver that their names define
// completely: GET and a path, which was answered at least once. A name with spaces or
// brackets stands for several paths.
func Paths(load engine.Result, service plans.Service) []exchange.Request {
	var requests []exchange.Request
	for _, name := range slices.Sorted(maps.Keys(load.ByRequest)) {
		path, is := strings.CutPrefix(name, http.MethodGet+" ")
		_, err := url.ParseRequestURI(path)
		valid := err == nil && strings.HasPrefix(path, "/") && !strings.ContainsAny(path, " ()[]{}<>")
		if !is || !valid || load.ByRequest[name].OK == 0 {
			continue
		}
		q := exchange.Request{Name: name, Method: http.MethodGet, Path: path, Timeout: exchange.DefaultTimeout}
		if longest := load.JudgedByRequest[name].Latency.Max; longest != nil {
			q.Timeout = max(q.Timeout, units.Seconds(engine.HungAfter**longest))
		}
		requests = append(requests, q)
	}
	return ByName(engine.Load{Requests: requests}, service).Requests
}

// mostTries limits how often a request without a response is sent.
const mostTries = 8

// Tries returns how often a request, by its name, is sent after a load before no
// response shows that the service has stopped. A service that loses as many
// requests as it did under the load leaves all tries without a response in at most
// 1 of 100 cases. Of a request that the load did not send, the share of all its
// requests counts.
func Tries(load *engine.Result, name string) int {
	if load == nil {
		return 1
	}
	counts, sent := load.ByRequest[name]
	if !sent {
		counts = load.Total
	}
	unanswered := counts.Failed
	for _, class := range []exchange.Class{exchange.HTTP4xx, exchange.HTTP5xx, exchange.HTTPOther, exchange.CheckFailed, exchange.ShortBody} {
		unanswered -= counts.Errors[class]
	}
	return triesAt(float64(unanswered) / float64(counts.OK+counts.Failed))
}

// FirstTries returns how often a request is sent before a load, before no response
// shows that the service gives none. A threshold may accept a share of failures.
func FirstTries(threshold []plans.Objective) int {
	accepted := 0.0
	for _, o := range threshold {
		if o.Metric == judge.ErrorRate {
			accepted = max(accepted, o.Limit)
		}
	}
	return triesAt(accepted)
}

// triesAt returns how many requests in a row a service that loses a share of them
// loses in at most 1 of 100 cases, mostTries at most.
func triesAt(share float64) int {
	tries := 1
	for chance := share; chance > 0.01 && tries < mostTries; tries++ {
		chance *= share
	}
	return tries
}

// ByName returns a load whose requests have the name of the service as Host, where
// they have no other one.
func ByName(l engine.Load, service plans.Service) engine.Load {
	if len(service.Expose) == 0 {
		return l
	}
	host := net.JoinHostPort(service.Name, strconv.Itoa(service.Expose[0]))
	named := func(requests []exchange.Request) []exchange.Request {
		var all []exchange.Request
		for _, q := range requests {
			q.Header = WithHost(q.Header, host)
			all = append(all, q)
		}
		return all
	}
	l.OnStart, l.Requests = named(l.OnStart), named(l.Requests)
	return l
}

// WithHost returns headers with a Host, where they have none: many services accept
// only their own name.
func WithHost(headers map[string]string, host string) map[string]string {
	named := map[string]string{"Host": host}
	for name, value := range headers {
		if strings.EqualFold(name, "Host") {
			name = "Host"
		}
		named[name] = value
	}
	return named
}
