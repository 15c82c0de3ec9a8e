package engine

import (
	"math"
	"time"

	"plan/internal/exchange"
)

// event is one exchange as it is counted.
type event struct {
	request, endpoint int
	began             time.Duration    // after the start of the load
	outcome           exchange.Outcome // Aborted: in flight at the end, and Took is how long it had waited
	judged            bool
	intent            intent
	lateness          time.Duration // actual minus intended start; means nothing if it was not scheduled
}

// intent is whether a request has an intended start.
type intent uint8

const (
	unscheduled intent = iota
	scheduled
	// together: it is the first request of a user that starts at the same moment
	// as others. Most of them are late by necessity, so that does not count as
	// saturation.
	together
)

// tally counts exchanges. Tallies can be added up.
type tally struct {
	requests   []counter       // by request
	judged     []judgedCounter // by request
	lateness   histogram
	judgedLate histogram // lateness of judged requests whose user did not start with others
	sentTo     []int64   // requests sent, by endpoint
	blocked    int64     // arrivals dropped because on_start of their users failed
	examples   map[exchange.Class]string
	keeps      bool       // exchanges, in this tally and in those that it is merged into
	exchanges  []Exchange // nil unless they are kept; Began is since the start of the load
}

// judgedCounter counts the judged exchanges, which thresholds apply to.
type judgedCounter struct {
	counter
	waits histogram // how long requests in flight at the end had waited
}

// counter counts the exchanges of one request.
type counter struct {
	ok, failed, inFlight, dropped, retried, bytes int64
	errors                                        map[exchange.Class]int64
	okLatency, failedLatency                      histogram
}

func newTally(requests, addresses int) *tally {
	return &tally{
		requests: make([]counter, requests),
		judged:   make([]judgedCounter, requests),
		sentTo:   make([]int64, addresses),
		examples: map[exchange.Class]string{},
	}
}

func (t *tally) add(e event) {
	t.requests[e.request].add(e.outcome)
	t.sentTo[e.endpoint]++
	if e.judged {
		t.judged[e.request].add(e.outcome)
	}
	if e.intent != unscheduled {
		t.lateness.record(e.lateness)
	} else {
		e.lateness = 0
	}
	if e.intent == scheduled && e.judged {
		t.judgedLate.record(e.lateness)
	}
	if class := e.outcome.Class; class != exchange.OK && class != exchange.Aborted {
		t.addExample(class, e.outcome.Detail)
	}
	if t.keeps {
		t.exchanges = append(t.exchanges, Exchange{
			Request: e.request, Endpoint: e.endpoint, Began: int64(e.began), Took: e.outcome.Took,
			Lateness: e.lateness, Class: e.outcome.Class, Status: e.outcome.Status, Bytes: e.outcome.Bytes,
			Retried: e.outcome.Retried, Judged: e.judged,
		})
	}
}

func (t *tally) hasExample(class exchange.Class) bool {
	_, ok := t.examples[class]
	return ok
}

func (t *tally) addExample(class exchange.Class, detail string) {
	if !t.hasExample(class) {
		t.examples[class] = detail
	}
}

func (c *counter) add(o exchange.Outcome) {
	c.bytes += o.Bytes
	if o.Retried {
		c.retried++
	}
	switch o.Class {
	case exchange.OK:
		c.ok++
		c.okLatency.record(o.Took)
	case exchange.Aborted:
		c.inFlight++
	default:
		c.failed++
		c.failedLatency.record(o.Took)
		c.addError(o.Class, 1)
	}
}

func (c *judgedCounter) add(o exchange.Outcome) {
	c.counter.add(o)
	if o.Class == exchange.Aborted {
		c.waits.record(o.Took)
	}
}

func (c *counter) addError(class exchange.Class, n int64) {
	if c.errors == nil {
		c.errors = map[exchange.Class]int64{}
	}
	c.errors[class] += n
}

func (t *tally) merge(from *tally) {
	for i := range from.requests {
		t.requests[i].merge(&from.requests[i])
		t.judged[i].merge(&from.judged[i])
	}
	for i, n := range from.sentTo {
		t.sentTo[i] += n
	}
	for class, detail := range from.examples {
		t.addExample(class, detail)
	}
	t.blocked += from.blocked
	if t.keeps {
		t.exchanges = append(t.exchanges, from.exchanges...)
	}
	t.lateness.merge(from.lateness)
	t.judgedLate.merge(from.judgedLate)
}

func (c *judgedCounter) merge(from *judgedCounter) {
	c.counter.merge(&from.counter)
	c.waits.merge(from.waits)
}

func (c *counter) merge(from *counter) {
	c.ok += from.ok
	c.failed += from.failed
	c.inFlight += from.inFlight
	c.dropped += from.dropped
	c.retried += from.retried
	c.bytes += from.bytes
	for class, n := range from.errors {
		c.addError(class, n)
	}
	c.okLatency.merge(from.okLatency)
	c.failedLatency.merge(from.failedLatency)
}

// dropBlocked counts an arrival whose user could not finish on_start. The
// service is the cause.
func (t *tally) dropBlocked(request int) {
	t.requests[request].dropped++
	t.blocked++
}

// dropUnsent counts n arrivals that were due and not handled. Their requests
// were never drawn, so they are distributed by weight.
func (t *tally) dropUnsent(n int64, c choice) {
	before := int64(0)
	for i, sum := range c {
		upTo := int64(math.Round(float64(n) * (sum / c[len(c)-1])))
		t.requests[i].dropped += upTo - before
		before = upTo
	}
}

// reset empties the tally and keeps its memory.
func (t *tally) reset() {
	for i := range t.requests {
		t.requests[i].reset()
		t.judged[i].reset()
	}
	clear(t.sentTo)
	t.blocked = 0
	t.exchanges = t.exchanges[:0]
	clear(t.examples)
	t.lateness.reset()
	t.judgedLate.reset()
}

func (c *judgedCounter) reset() {
	c.counter.reset()
	c.waits.reset()
}

func (c *counter) reset() {
	okTook, failedTook := c.okLatency, c.failedLatency
	okTook.reset()
	failedTook.reset()
	*c = counter{okLatency: okTook, failedLatency: failedTook}
}

// latency returns the latency of OK responses. Waits that the end cut short
// count where they raise a percentile. It is empty if all requests that ended
// have failed: the waits alone would look fast.
func (c *judgedCounter) latency() Percentiles {
	if c.ok == 0 && c.failed > 0 {
		return Percentiles{}
	}
	return withWaits(&c.okLatency, &c.waits)
}

func withWaits(took, waits *histogram) Percentiles {
	var all histogram
	all.merge(*took)
	all.merge(*waits)
	return all.percentiles().atLeast(took.percentiles())
}

// total returns the sum over all requests.
func (t *tally) total() *counter {
	var sum counter
	for i := range t.requests {
		sum.merge(&t.requests[i])
	}
	return &sum
}
