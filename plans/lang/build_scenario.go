package lang

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
)

// replayable are the methods whose requests do nothing that doing twice would
// spoil. POST is one here: a prediction changes nothing.
var replayable = []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST"}

// buildScenario reads the files that its requests send, too.
func (b *builder) buildScenario(r *decodedBlock) plans.Scenario {
	s := plans.Scenario{Address: r.address, ThinkTime: get[engine.ThinkTime](r, "think_time"), Guessed: get[bool](r,
		"guessed"), Decl: b.diags.decl(r.node)}
	// Of the feeds it has those that it uses. What each user asks for once it asks
	// for with one row, and so keeps that.
	used, once := feedsIn(r.node), []string{}
	if start := r.node.first("on_start"); start != nil {
		once = append(feedsIn(append(r.node.all("auth"), start)...), feedsAt(r.node)...)
	}
	for _, c := range r.all("feed") {
		if t := r.feeds.tables[c.label]; t != nil && slices.Contains(used, c.label) {
			s.Feeds = append(s.Feeds, exchange.Feed{
				Name: c.label, Order: exchange.Order(get[string](c, "order")), PerUser: slices.Contains(once, c.label),
				Columns: t.columns, Rows: t.rows,
			})
		}
	}
	common := overlaid(b.authorization(r.one("auth")), headers(r))
	for _, q := range r.all("request") {
		s.Requests = append(s.Requests, b.buildRequest(q, r, common))
	}
	if start := r.one("on_start"); start != nil {
		for _, q := range start.all("request") {
			s.OnStart = append(s.OnStart, b.buildRequest(q, r, common))
		}
	}
	return s
}

// buildRequest makes a request of its own values, and of those that all of its
// scenario have where it has none.
func (b *builder) buildRequest(r, scenario *decodedBlock, common map[string]string) exchange.Request {
	q := exchange.Request{
		Name:      r.label,
		Method:    get[string](r, "method"),
		Path:      r.feeds.path(get[string](r, "path")),
		Weight:    get[float64](r, "weight"),
		Timeout:   own[time.Duration](r, scenario, "timeout"),
		Redirects: own[int](r, scenario, "redirects"),
	}
	if query := r.feeds.encode(get[[]field](r, "query")); query != "" {
		switch { // the path may have a query already
		case strings.HasSuffix(q.Path, "?") || strings.HasSuffix(q.Path, "&"):
		case strings.Contains(q.Path, "?"):
			q.Path += "&"
		default:
			q.Path += "?"
		}
		q.Path += query
	}
	body := b.buildBody(r)
	q.Body, q.Header = body.data, body.headers(common, headers(r))
	if q.Method == "" {
		q.Method = "GET"
		if q.Body != nil {
			q.Method = "POST"
		}
	}
	if expect := r.one("expect"); expect != nil {
		q.Status = get[[]int](expect, "status")
		q.Checks = slices.Concat(get[[]exchange.Check](expect, "body"), get[[]exchange.Check](expect, "json"),
			inverted(get[[]exchange.Check](expect, "not_body")), inverted(get[[]exchange.Check](expect, "json_not")))
	}
	q.Replay = slices.Contains(replayable, q.Method)
	if scenario.has("retry_idle") {
		q.Replay = get[bool](scenario, "retry_idle")
	}
	return q
}

// inverted are checks of what a body must not hold.
func inverted(checks []exchange.Check) []exchange.Check {
	inverted := slices.Clone(checks)
	for i := range inverted {
		inverted[i].Not = true
	}
	return inverted
}

// own is an attribute's value, or where the plan leaves it out that of a
// weaker block.
func own[T any](r, weaker *decodedBlock, name string) T {
	if r.omits(name) {
		return get[T](weaker, name)
	}
	return get[T](r, name)
}

// authorization is the header that shows who asks. What a secret looks like in
// it is a secret, too.
func (b *builder) authorization(r *decodedBlock) map[string]string {
	if r == nil {
		return nil
	}
	if r.has("bearer") {
		return map[string]string{"Authorization": "Bearer " + r.feeds.text(get[string](r, "bearer"))}
	}
	basic := r.one("basic")
	if basic == nil {
		return nil
	}
	text := base64.StdEncoding.EncodeToString([]byte(get[string](basic, "username") + ":" + get[string](basic, "password")))
	if basic.secret["username"] || basic.secret["password"] {
		b.diags.secret(text)
	}
	return map[string]string{"Authorization": "Basic " + text}
}

// headers are those that a block gives.
func headers(r *decodedBlock) map[string]string {
	given := maps.Clone(get[map[string]string](r, "headers"))
	for name, value := range given {
		given[name] = r.feeds.text(value)
	}
	return given
}

// overlaid puts stronger headers over weaker ones, whatever their case.
func overlaid(weaker, stronger map[string]string) map[string]string {
	if len(weaker) == 0 {
		return stronger
	}
	headers := map[string]string{}
	for name, value := range weaker {
		headers[name] = value
	}
	for name, value := range stronger {
		headers[sameHeader(weaker, name)] = value
	}
	return headers
}

// sameHeader is how a header's name is written in a set of them, or the name
// as it is.
func sameHeader(headers map[string]string, name string) string {
	for other := range headers {
		if strings.EqualFold(other, name) {
			return other
		}
	}
	return name
}
