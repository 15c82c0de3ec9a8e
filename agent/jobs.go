package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/mask"
)

// handle executes one line. Jobs run concurrently.
func (s *server) handle(ctx context.Context, line []byte) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		s.send(message{Type: typeError, Error: err.Error()})
		return
	}
	switch m.Type {
	case typeHeartbeat:
	case typeCancel:
		s.cancel(m.ID)
	case typeStart:
		s.start(m.ID)
	case typeSecrets:
		s.mu.Lock()
		s.mask = mask.New(m.Secrets)
		s.mu.Unlock()
	case typeReady, typeFirst, typeAgain, typeConnect, typeOver, typeLoad, typeFetch:
		s.startJob(ctx, m)
	default:
		s.send(message{Type: typeError, ID: m.ID, Error: fmt.Sprintf("unknown line type %q", m.Type)})
	}
}

// cancel cancels a job and closes its connections. It ignores jobs that have
// ended.
func (s *server) cancel(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.jobs[id]; ok {
		cancel()
	}
	if held, ok := s.connections[id]; ok {
		held.Close()
		delete(s.connections, id)
	}
}

// start starts a load that is held. It ignores other jobs.
func (s *server) start(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held, ok := s.held[id]; ok {
		close(held)
		delete(s.held, id)
	}
}

func (s *server) startJob(ctx context.Context, m message) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.jobs[m.ID]; ok || m.ID <= 0 {
		cancel()
		s.send(message{Type: typeError, ID: m.ID, Error: "a job needs a unique id above 0"})
		return
	}
	s.jobs[m.ID] = cancel
	if m.Held {
		s.held[m.ID] = make(chan struct{})
	}
	with := s.mask
	m.hide(with)
	s.running.Go(func() {
		defer cancel()
		done := s.do(ctx, m).masked(with)
		done.Type, done.ID = typeDone, m.ID
		s.mu.Lock()
		delete(s.jobs, m.ID)
		delete(s.held, m.ID)
		s.mu.Unlock()
		s.send(done)
	})
}

// hide sets the mask of everything in a job that quotes responses.
func (m *message) hide(with *mask.Mask) {
	if m.Probe != nil {
		m.Probe.Mask = with
	}
	all := [][]exchange.Request{m.Requests}
	if m.Load != nil {
		all = append(all, m.Load.Requests, m.Load.OnStart)
	}
	for _, requests := range all {
		for i := range requests {
			requests[i].Mask = with
		}
	}
}

// masked returns the last line of a job without secrets in what it quotes.
func (m message) masked(with *mask.Mask) message {
	m.Last, m.Error = with.Text(m.Last), with.Text(m.Error)
	for i := range m.Outcomes {
		m.Outcomes[i].Detail = with.Text(m.Outcomes[i].Detail)
	}
	if m.Result != nil {
		for class, example := range m.Result.Examples {
			m.Result.Examples[class] = with.Text(example)
		}
	}
	return m
}

// do executes one job and returns its last line.
func (s *server) do(ctx context.Context, m message) message {
	switch {
	case m.Type == typeReady && m.Probe != nil:
		return s.ready(ctx, *m.Probe)
	case m.Type == typeFirst:
		answers := s.work.first(ctx, m.Address, m.Requests, m.Within)
		return message{Outcomes: answers.Outcomes, Cookies: answers.Cookies}
	case m.Type == typeAgain:
		return message{Outcomes: s.work.again(ctx, m.Address, m.Requests)}
	case m.Type == typeConnect:
		return s.connect(ctx, m)
	case m.Type == typeOver:
		return s.over(ctx, m)
	case m.Type == typeLoad && m.Load != nil:
		return s.load(ctx, m)
	case m.Type == typeFetch && m.Page != nil:
		return s.fetch(ctx, *m.Page)
	}
	return message{Error: "a job of type " + m.Type + " lacks its arguments"}
}

func (s *server) ready(ctx context.Context, probe inference.Probe) message {
	plain, err := s.work.ready(ctx, probe)
	if notReady, ok := errors.AsType[*NotReady](err); ok {
		return message{NotReady: true, Last: notReady.Last}
	}
	if err != nil {
		return message{Plain: plain, Error: err.Error()}
	}
	return message{Plain: plain}
}

func (s *server) load(ctx context.Context, m message) message {
	result, err := s.work.load(ctx, *m.Load, m.Addresses, windowSender{s, m.ID}, func(ctx context.Context) {
		s.mu.Lock()
		held := s.held[m.ID]
		s.mu.Unlock()
		if held == nil { // it is not held, or its start has come already
			return
		}
		s.send(message{Type: typePrepared, ID: m.ID})
		select {
		case <-held:
		case <-ctx.Done():
		}
	})
	if err != nil {
		return message{Error: err.Error()}
	}
	result.Series = nil // the client has received the windows
	return message{Result: &result}
}

// connect opens connections, which stay open until the job is cancelled.
func (s *server) connect(ctx context.Context, m message) message {
	connections, err := inference.Connect(ctx, m.Address, m.Number)
	if err != nil {
		return message{Error: err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil { // cancelled meanwhile
		connections.Close()
		return message{Error: ctx.Err().Error()}
	}
	s.connections[m.ID] = connections
	return message{From: connections.From()}
}

func (s *server) over(ctx context.Context, m message) message {
	s.mu.Lock()
	connections, ok := s.connections[m.Job]
	s.mu.Unlock()
	if !ok {
		return message{Error: fmt.Sprintf("job %d has no connections", m.Job)}
	}
	return message{Outcomes: connections.Ask(ctx, m.Number, m.Requests)}
}

func (s *server) fetch(ctx context.Context, page Page) message {
	answer, err := s.work.fetch(ctx, page)
	if err != nil {
		return message{Error: err.Error()}
	}
	return message{Answer: &answer}
}

// windowSender sends the windows of a load.
type windowSender struct {
	server *server
	id     int64
}

func (w windowSender) Record(window engine.Window) {
	w.server.send(message{Type: typeWindow, ID: w.id, Window: &window})
}
