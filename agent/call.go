package agent

import (
	"context"
	"errors"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
)

// cancelTimeout is how long a cancelled job may take to return its result, unless it is
// a load.
const cancelTimeout = 3 * time.Second

// errCancelTimeout is the error of a cancelled job without a result.
var errCancelTimeout = errors.New("the agent did not respond in time after the job was cancelled")

// cancelTime returns how long a cancelled job may take to return its result. A load has
// as long as the agent may be silent: its many users end one after the other.
func cancelTime(job message) time.Duration {
	if job.Type == typeLoad {
		return agentTimeout
	}
	return cancelTimeout
}

// call is a job that a caller waits for.
type call struct {
	in   chan message
	done chan struct{} // closed when the caller no longer waits
}

// Ready probes the API until it is ready; plain reports that it only accepted
// connections. If ctx ends first, the error is a *NotReady with the result of
// the last attempt.
func (c *Client) Ready(ctx context.Context, probe inference.Probe) (plain bool, err error) {
	done, err := c.do(ctx, message{Type: typeReady, Probe: &probe}, nil)
	if done.NotReady || err != nil && errors.Is(err, context.Cause(ctx)) {
		return false, &NotReady{Last: done.Last}
	}
	return done.Plain, err
}

// First sends each request once to the API at address, in order, and stops
// after the first failure; see inference.First. If ctx ends, it returns the
// outcomes so far and the error of ctx.
func (c *Client) First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) (inference.Answers, error) {
	done, err := c.doPartial(ctx, message{Type: typeFirst, Address: address, Requests: requests, Within: within})
	return inference.Answers{Outcomes: done.Outcomes, Cookies: done.Cookies}, err
}

// Again sends each request once to an API that has responded before, and stops
// after the first one without a response; see inference.Again. If ctx ends, it
// returns the outcomes so far and the error of ctx.
func (c *Client) Again(ctx context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error) {
	done, err := c.doPartial(ctx, message{Type: typeAgain, Address: address, Requests: requests})
	return done.Outcomes, err
}

// Connections are connections to an API that the agent keeps open until HangUp.
type Connections struct {
	Job  int64    // job that opened them
	From []string // local address of each, host:port
}

// Connect opens number connections to the API at address, one after the other,
// and sends nothing. It may open fewer.
func (c *Client) Connect(ctx context.Context, address string, number int) (Connections, error) {
	done, err := c.doPartial(ctx, message{Type: typeConnect, Address: address, Number: number})
	connections := Connections{Job: done.ID, From: done.From}
	if err != nil && done.ID > 0 {
		c.HangUp(connections)
	}
	return connections, err
}

// Over sends requests over one of the connections, in order, whatever their
// outcomes, until the API closes it. A connection can be used once.
func (c *Client) Over(ctx context.Context, connections Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error) {
	done, err := c.doPartial(ctx, message{Type: typeOver, Job: connections.Job, Number: number, Requests: requests})
	return done.Outcomes, err
}

// HangUp closes connections.
func (c *Client) HangUp(connections Connections) {
	ctx, cancel := context.WithTimeout(context.Background(), cancelTimeout)
	defer cancel()
	_ = c.send(ctx, message{Type: typeCancel, ID: connections.Job}) // an agent that has ended has no connections
}

// doPartial runs a job. If ctx ends, it returns the job's last line and the
// error of ctx.
func (c *Client) doPartial(ctx context.Context, job message) (message, error) {
	done, err := c.do(ctx, job, nil)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return done, err
}

// Load sends a load to the addresses and passes each second to rec, which may
// be nil. If ctx ends, the load stops, and the result covers what was measured.
func (c *Client) Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error) {
	return c.load(ctx, message{Type: typeLoad, Load: &load, Addresses: addresses}, nil, rec)
}

// HeldLoad is Load with a pause: when the agent has prepared the load, prepared
// is called, and the load starts when it returns.
func (c *Client) HeldLoad(
	ctx context.Context, load engine.Load, addresses []string, prepared func(context.Context), rec engine.Recorder,
) (engine.Result, error) {
	return c.load(ctx, message{Type: typeLoad, Load: &load, Addresses: addresses, Held: true}, prepared, rec)
}

func (c *Client) load(
	ctx context.Context, job message, prepared func(context.Context), rec engine.Recorder,
) (engine.Result, error) {
	var series []engine.Window
	done, err := c.do(ctx, job, func(m message) error {
		switch {
		case m.Type == typePrepared && prepared != nil:
			prepared(ctx)
			return c.send(ctx, message{Type: typeStart, ID: m.ID})
		case m.Type == typeWindow && m.Window != nil:
			if rec != nil {
				rec.Record(*m.Window)
			}
			m.Window.Exchanges = nil
			series = append(series, *m.Window)
		}
		return nil
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

// do sends a job and waits for its last line. If ctx ends, it cancels the job
// and waits for up to its cancelTime.
func (c *Client) do(ctx context.Context, job message, handle func(message) error) (message, error) {
	if ctx.Err() != nil {
		return message{}, context.Cause(ctx)
	}
	waiting := &call{in: make(chan message), done: make(chan struct{})}
	c.mu.Lock()
	c.lastID++
	job.ID = c.lastID
	c.calls[job.ID] = waiting
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(waiting.done)
		delete(c.calls, job.ID)
	}()
	if err := c.send(ctx, job); err != nil {
		return message{}, err
	}
	done, err := c.await(ctx, waiting, handle)
	if _, lost := errors.AsType[*Lost](err); err != nil && !lost {
		last, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), cancelTime(job), errCancelTimeout)
		defer cancel()
		if err := c.send(last, message{Type: typeCancel, ID: job.ID}); err != nil {
			return message{}, err
		}
		done, err = c.await(last, waiting, handle)
	}
	if err == nil && done.Error != "" {
		err = errors.New(done.Error)
	}
	return done, err
}

func (c *Client) send(ctx context.Context, m message) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	select {
	case c.out <- line:
		return nil
	case <-c.ended:
		return c.lost
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// await receives the lines of a job up to the last one. handle gets the others;
// it may be nil.
func (c *Client) await(ctx context.Context, waiting *call, handle func(message) error) (message, error) {
	for {
		select {
		case m := <-waiting.in:
			switch {
			case m.Type == typeDone || m.Type == typeError:
				return m, nil
			case handle == nil:
				continue
			}
			if err := handle(m); err != nil {
				return message{}, err
			}
		case <-c.ended:
			return message{}, c.lost
		case <-ctx.Done():
			return message{}, context.Cause(ctx)
		}
	}
}

// deliver passes a line to the caller that waits for its job.
func (c *Client) deliver(m message) {
	c.mu.Lock()
	waiting := c.calls[m.ID]
	c.mu.Unlock()
	if waiting == nil {
		return
	}
	select {
	case waiting.in <- m:
	case <-waiting.done:
	case <-c.quit:
	}
}
