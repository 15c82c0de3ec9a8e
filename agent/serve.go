package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
)

// ErrSilent ends an agent that hears nothing from its client any more.
var ErrSilent = errors.New("no line from the client for 5 seconds")

// Serve does the jobs that are read from in and writes to out, until in ends,
// no line comes for 5 seconds, or ctx ends. Then it gives all jobs up. It
// closes in when that can be closed.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	bootID, err := host.BootID()
	if err != nil {
		return err
	}
	reader, err := host.NewReader()
	if err != nil {
		return err
	}
	return serve(ctx, in, out, bootID, work{
		ready: inference.WaitReady, first: inference.First, load: engine.Run, fetch: fetch, figures: reader.Read,
	})
}

// work is what an agent can do.
type work struct {
	ready   func(context.Context, inference.Probe) error
	first   func(context.Context, string, []exchange.Request) []exchange.Outcome
	load    func(context.Context, engine.Load, []string, engine.Recorder) (engine.Result, error)
	fetch   func(context.Context, Page) (Answer, error)
	figures func() (host.Figures, error)
}

// server is a running agent.
type server struct {
	work work
	out  chan message
	done <-chan struct{} // the agent ends

	running sync.WaitGroup
	mu      sync.Mutex
	jobs    map[int64]context.CancelFunc
}

func serve(ctx context.Context, in io.Reader, out io.Writer, bootID string, work work) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{work: work, out: make(chan message, 64), done: ctx.Done(), jobs: map[int64]context.CancelFunc{}}
	s.out <- message{Type: typeHello, Version: Version, BootID: bootID}
	go func() {
		defer cancel()
		s.write(ctx, out)
	}()
	lines, read := make(chan []byte), make(chan error, 1)
	go func() { read <- s.read(in, lines) }()
	defer s.running.Wait()
	defer cancel()
	if closer, ok := in.(io.Closer); ok {
		defer closer.Close()
	}
	return s.listen(ctx, lines, read)
}

// read hands lines on until their end.
func (s *server) read(in io.Reader, lines chan<- []byte) error {
	scanner := newLines(in)
	for scanner.Scan() {
		select {
		case lines <- append([]byte(nil), scanner.Bytes()...):
		case <-s.done:
			return nil
		}
	}
	return scanner.Err()
}

func (s *server) listen(ctx context.Context, lines <-chan []byte, read <-chan error) error {
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case line := <-lines:
			quiet.Reset(silence)
			s.handle(ctx, line)
		case err := <-read:
			return err
		case <-quiet.C:
			return ErrSilent
		case <-ctx.Done():
			return nil
		}
	}
}

// write is the only one that writes: what is sent to it, and the machine's
// figures once a second.
func (s *server) write(ctx context.Context, out io.Writer) {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	look := time.NewTimer(time.Second / 10)
	defer look.Stop()
	for {
		var m message
		select {
		case m = <-s.out:
		case <-look.C:
			look.Reset(time.Second)
			figures, err := s.work.figures()
			if err != nil {
				continue // the client sees that there are none
			}
			m = message{Type: typeHost, Host: &figures}
		case <-ctx.Done():
			return
		}
		if lines.Encode(m) != nil {
			return
		}
	}
}

// send queues a line; it is dropped when the agent ends.
func (s *server) send(m message) {
	select {
	case s.out <- m:
	case <-s.done:
	}
}
