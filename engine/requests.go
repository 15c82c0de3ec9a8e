package engine

import (
	"fmt"
	"slices"

	"plan/internal/exchange"
)

// compileRequests compiles all requests. The on_start requests follow those
// that are drawn by weight.
func (lr *loadRun) compileRequests() error {
	tables, err := exchange.NewTables(lr.load.Feeds)
	if err != nil {
		return err
	}
	all := lr.load.Feeds
	lr.feeds = &feeds{
		all: all, first: int64(lr.load.Agent), every: int64(lr.load.shares()),
		cursors: make([]cursor, len(all)), exhausted: make(chan struct{}),
	}
	lr.requests = slices.Concat(lr.load.Requests, lr.load.OnStart)
	for i, r := range lr.requests {
		pattern, err := tables.Pattern(r)
		switch {
		case err != nil && lr.isOnStart(i):
			return fmt.Errorf("on_start: %w", err)
		case err != nil:
			return fmt.Errorf("requests: %w", err)
		}
		lr.patterns = append(lr.patterns, pattern)
		lr.feeds.byRequest = append(lr.feeds.byRequest, pattern.Feeds())
	}
	return nil
}

// isOnStart reports whether users send the request before all others.
func (lr *loadRun) isOnStart(request int) bool { return request >= len(lr.load.Requests) }

// nextOnStart returns the index of the on_start request after done successful
// ones, and false after the last one.
func (lr *loadRun) nextOnStart(done int) (request int, more bool) {
	return len(lr.load.Requests) + done, done < len(lr.load.OnStart)
}

// keepsCookies reports whether users keep cookies: only loads with on_start
// requests, such as a login, need them.
func (lr *loadRun) keepsCookies() bool { return len(lr.load.OnStart) > 0 }
