package engine

import (
	"fmt"
	"slices"

	"plan/internal/exchange"
)

// understand makes of all requests what those who send them need. Those that a
// user begins with are numbered after those that it draws.
func (c *crew) understand() error {
	tables, err := exchange.NewTables(c.load.Feeds)
	if err != nil {
		return err
	}
	c.requests = slices.Concat(c.load.Requests, c.load.OnStart)
	for i, r := range c.requests {
		pattern, err := tables.Pattern(r)
		if err != nil {
			return fmt.Errorf("%s: %w", c.kind(i), err)
		}
		c.patterns = append(c.patterns, pattern)
	}
	c.feeds = newFeeds(c.load.Feeds, c.patterns)
	return nil
}

func (c *crew) kind(request int) string {
	if c.starting(request) {
		return "on_start"
	}
	return "requests"
}

// starting tells whether a request is one that users begin with.
func (c *crew) starting(request int) bool { return request >= len(c.load.Requests) }

// opener is the request that a user begins with after as many that went well;
// false when it has made them all.
func (c *crew) opener(done int) (request int, more bool) {
	return len(c.load.Requests) + done, done < len(c.load.OnStart)
}

// keepsCookies tells whether users keep what the service gives them: a load
// whose users begin with nothing has none that it should.
func (c *crew) keepsCookies() bool { return len(c.load.OnStart) > 0 }

// redirects tells whether any request follows some.
func (c *crew) redirects() bool {
	return slices.ContainsFunc(c.requests, func(r exchange.Request) bool { return r.Redirects > 0 })
}
