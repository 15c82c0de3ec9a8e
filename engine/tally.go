package engine

import (
	"math"
	"time"

	"plan/internal/exchange"
)

// event is one exchange as it is counted.
type event struct {
	request, address int
	outcome          exchange.Outcome // Aborted: in flight at the end, Took is how long it had waited
	judged           bool
	scheduled        bool          // it had an intended start
	late             time.Duration // after that
}

// tally counts exchanges; tallies add up.
type tally struct {
	requests   []counter // by request
	judged     counter
	waits      histogram // how long what is judged and in flight at the end had waited
	lateness   histogram
	judgedLate histogram // lateness of what is judged
	sent       []int64   // by address
	unbegun    int64     // arrivals that were dropped since what their users begin with had failed
	examples   map[exchange.Class]string
}

// counter counts one kind of exchange.
type counter struct {
	ok, failed, inFlight, dropped, retried, bytes int64
	errors                                        map[exchange.Class]int64
	okTook, failedTook                            histogram
}

func newTally(requests, addresses int) *tally {
	return &tally{
		requests: make([]counter, requests),
		sent:     make([]int64, addresses),
		examples: map[exchange.Class]string{},
	}
}

func (t *tally) add(e event) {
	t.requests[e.request].add(e.outcome)
	t.sent[e.address]++
	if e.judged {
		t.judged.add(e.outcome)
	}
	if e.judged && e.outcome.Class == exchange.Aborted {
		t.waits.record(e.outcome.Took)
	}
	if e.scheduled {
		t.lateness.record(e.late)
	}
	if e.scheduled && e.judged {
		t.judgedLate.record(e.late)
	}
	if class := e.outcome.Class; class != exchange.OK && class != exchange.Aborted {
		t.example(class, e.outcome.Detail)
	}
}

func (t *tally) hasExample(class exchange.Class) bool {
	_, ok := t.examples[class]
	return ok
}

func (t *tally) example(class exchange.Class, detail string) {
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
		c.okTook.record(o.Took)
	case exchange.Aborted:
		c.inFlight++
	default:
		c.failed++
		c.failedTook.record(o.Took)
		c.fail(o.Class, 1)
	}
}

func (c *counter) fail(class exchange.Class, n int64) {
	if c.errors == nil {
		c.errors = map[exchange.Class]int64{}
	}
	c.errors[class] += n
}

func (t *tally) merge(from *tally) {
	for i := range from.requests {
		t.requests[i].merge(&from.requests[i])
	}
	for i, n := range from.sent {
		t.sent[i] += n
	}
	for class, detail := range from.examples {
		t.example(class, detail)
	}
	t.unbegun += from.unbegun
	t.judged.merge(&from.judged)
	t.waits.merge(from.waits)
	t.lateness.merge(from.lateness)
	t.judgedLate.merge(from.judgedLate)
}

func (c *counter) merge(from *counter) {
	c.ok += from.ok
	c.failed += from.failed
	c.inFlight += from.inFlight
	c.dropped += from.dropped
	c.retried += from.retried
	c.bytes += from.bytes
	for class, n := range from.errors {
		c.fail(class, n)
	}
	c.okTook.merge(from.okTook)
	c.failedTook.merge(from.failedTook)
}

// miss drops an arrival whose user could not begin: that is the service's doing.
func (t *tally) miss(request int) {
	t.requests[request].dropped++
	t.unbegun++
}

// forgo counts arrivals as dropped that nobody came to, so that nobody drew
// their requests: they are shared out by weight.
func (t *tally) forgo(n int64, c choice) {
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
	}
	clear(t.sent)
	t.unbegun = 0
	clear(t.examples)
	t.judged.reset()
	t.waits.reset()
	t.lateness.reset()
	t.judgedLate.reset()
}

func (c *counter) reset() {
	okTook, failedTook := c.okTook, c.failedTook
	okTook.reset()
	failedTook.reset()
	*c = counter{okTook: okTook, failedTook: failedTook}
}

// waited is how long judged requests took, or had waited at the end.
func (t *tally) waited() *histogram {
	var all histogram
	all.merge(t.judged.okTook)
	all.merge(t.waits)
	return &all
}

// whole is the sum over all requests.
func (t *tally) whole() *counter {
	var sum counter
	for i := range t.requests {
		sum.merge(&t.requests[i])
	}
	return &sum
}
