package engine

import (
	"fmt"
	"slices"

	"plan/internal/exchange"
)

// compileRequests makes of all requests what those who send them need. Those that a
// user begins with are numbered after those that it draws.
func (lr *loadRun) compileRequests() error {
	tables, err := exchange.NewTables(lr.load.Feeds)
	if err != nil {
		return err
	}
	lr.requests = slices.Concat(lr.load.Requests, lr.load.OnStart)
	for i, r := range lr.requests {
		pattern, err := tables.Pattern(r)
		if err != nil {
			return fmt.Errorf("%s: %w", lr.listName(i), err)
		}
		lr.patterns = append(lr.patterns, pattern)
	}
	lr.feeds = newFeeds(lr.load.Feeds, lr.patterns)
	return nil
}

func (lr *loadRun) listName(request int) string {
	if lr.isOnStart(request) {
		return "on_start"
	}
	return "requests"
}

// isOnStart tells whether a request is one that users begin with.
func (lr *loadRun) isOnStart(request int) bool { return request >= len(lr.load.Requests) }

// nextOnStart is the request that a user begins with after as many that went well;
// false when it has made them all.
func (lr *loadRun) nextOnStart(done int) (request int, more bool) {
	return len(lr.load.Requests) + done, done < len(lr.load.OnStart)
}

// keepsCookies tells whether users keep what the service gives them: a load
// whose users begin with nothing has none that it should.
func (lr *loadRun) keepsCookies() bool { return len(lr.load.OnStart) > 0 }

// followRedirects tells whether any request follows some.
func (lr *loadRun) followRedirects() bool {
	return slices.ContainsFunc(lr.requests, func(r exchange.Request) bool { return r.Redirects > 0 })
}
