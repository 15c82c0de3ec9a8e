package agent

import (
	"context"
	"errors"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
)

// lastWord is how long a cancelled job may take to say how far it came.
const lastWord = 3 * time.Second

// errNoLastWord ends a cancelled job that the agent says nothing about.
var errNoLastWord = errors.New("the agent did not answer within 3 seconds of being stopped")

// call is a job that is waited for.
type call struct {
	in   chan message
	gone chan struct{} // nobody waits any more
}

// Ready waits until the API shows itself ready; plain says that all it showed
// is that it takes connections. When ctx ends before, the error is a *NotReady
// with the last answer seen.
func (c *Client) Ready(ctx context.Context, probe inference.Probe) (plain bool, err error) {
	done, err := c.do(ctx, message{Type: typeReady, Probe: &probe}, nil)
	if done.NotReady || err != nil && errors.Is(err, context.Cause(ctx)) {
		return false, &NotReady{Last: done.Last}
	}
	return done.Plain, err
}

// First sends one of each request to the API at address, in order, and ends at
// the first that fails; one that is refused or answered 503 only once within
// has passed. When ctx ends the outcomes so far come with its error.
func (c *Client) First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) (inference.Answers, error) {
	done, err := c.ask(ctx, message{Type: typeFirst, Address: address, Requests: requests, Within: within})
	return inference.Answers{Outcomes: done.Outcomes, Cookies: done.Cookies}, err
}

// Again sends one of each request to an API that has answered before, in order,
// and ends at the first that gets no answer in the time that it may take. When
// ctx ends the outcomes so far come with its error.
func (c *Client) Again(ctx context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error) {
	done, err := c.ask(ctx, message{Type: typeAgain, Address: address, Requests: requests})
	return done.Outcomes, err
}

// Connections are open connections to an API, which the agent holds until they
// are hung up.
type Connections struct {
	Job  int64    // that opened them
	From []string // this side of each, host:port
}

// Connect opens connections to the API at address, one after the other, over
// which nothing is sent at first; as many as could be opened.
func (c *Client) Connect(ctx context.Context, address string, number int) (Connections, error) {
	done, err := c.ask(ctx, message{Type: typeConnect, Address: address, Number: number})
	connections := Connections{Job: done.ID, From: done.From}
	if err != nil && done.ID > 0 {
		c.HangUp(connections)
	}
	return connections, err
}

// Over sends requests over one of the connections, in order, whatever each comes
// to, and ends where the API closes it. Each can be used once.
func (c *Client) Over(ctx context.Context, connections Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error) {
	done, err := c.ask(ctx, message{Type: typeOver, Job: connections.Job, Number: number, Requests: requests})
	return done.Outcomes, err
}

// HangUp closes connections.
func (c *Client) HangUp(connections Connections) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWord)
	defer cancel()
	_ = c.send(ctx, message{Type: typeCancel, ID: connections.Job}) // an agent that has gone holds none
}

// ask is a job whose last line, where ctx has ended it, comes with that error.
func (c *Client) ask(ctx context.Context, job message) (message, error) {
	done, err := c.do(ctx, job, nil)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return done, err
}

// Load puts a load on the addresses and tells rec, which may be nil, of every
// second. When ctx ends the load stops, and its result is what it had measured.
func (c *Client) Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error) {
	var series []engine.Window
	done, err := c.do(ctx, message{Type: typeLoad, Load: &load, Addresses: addresses}, func(w engine.Window) {
		series = append(series, w)
		if rec != nil {
			rec.Record(w)
		}
	})
	switch {
	case err != nil:
		return engine.Result{Series: series}, err
	case done.Result == nil:
		return engine.Result{Series: series}, errors.New("the agent ended the load without a result")
	}
	done.Result.Series = series
	return *done.Result, nil
}

// do sends a job and waits for its last line. When ctx ends it has the job
// cancelled and waits a little for that line.
func (c *Client) do(ctx context.Context, job message, record func(engine.Window)) (message, error) {
	if ctx.Err() != nil {
		return message{}, context.Cause(ctx)
	}
	id, waiting := c.enter()
	defer c.leave(id)
	job.ID = id
	if err := c.send(ctx, job); err != nil {
		return message{}, err
	}
	done, err := c.await(ctx, waiting, record)
	if _, lost := errors.AsType[*Lost](err); err != nil && !lost {
		done, err = c.stop(ctx, waiting, id, record)
	}
	if err == nil && done.Error != "" {
		err = errors.New(done.Error)
	}
	return done, err
}

// stop cancels a job and waits for its last line.
func (c *Client) stop(ctx context.Context, waiting *call, id int64, record func(engine.Window)) (message, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), lastWord, errNoLastWord)
	defer cancel()
	if err := c.send(ctx, message{Type: typeCancel, ID: id}); err != nil {
		return message{}, err
	}
	return c.await(ctx, waiting, record)
}

func (c *Client) send(ctx context.Context, m message) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	select {
	case c.out <- line:
		return nil
	case <-c.gone:
		return c.lost
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// await takes the lines of a job until its last one.
func (c *Client) await(ctx context.Context, waiting *call, record func(engine.Window)) (message, error) {
	for {
		select {
		case m := <-waiting.in:
			if m.Type != typeWindow {
				return m, nil
			}
			if m.Window != nil && record != nil {
				record(*m.Window)
			}
		case <-c.gone:
			return message{}, c.lost
		case <-ctx.Done():
			return message{}, context.Cause(ctx)
		}
	}
}

func (c *Client) enter() (int64, *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	waiting := &call{in: make(chan message), gone: make(chan struct{})}
	c.calls[c.last] = waiting
	return c.last, waiting
}

func (c *Client) leave(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.calls[id].gone)
	delete(c.calls, id)
}

// deliver hands a line to whoever waits for its job.
func (c *Client) deliver(m message) {
	c.mu.Lock()
	waiting := c.calls[m.ID]
	c.mu.Unlock()
	if waiting == nil {
		return
	}
	select {
	case waiting.in <- m:
	case <-waiting.gone:
	case <-c.quit:
	}
}
