package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"plan/engine"
	"plan/inference"
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
	s.running.Go(func() {
		defer cancel()
		done := s.do(ctx, m)
		done.Type, done.ID = typeDone, m.ID
		s.mu.Lock()
		delete(s.jobs, m.ID)
		s.mu.Unlock()
		s.send(done)
	})
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
	result, err := s.work.load(ctx, *m.Load, m.Addresses, windowSender{s, m.ID})
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
