package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"runtime"
	"sync"
	"syscall"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
	"plan/internal/mask"
)

// ErrSilent ends an agent that reads nothing from its client.
var ErrSilent = errors.New("nothing from the client for 5 seconds")

// Serve reads jobs from in and writes results to out, until in ends, nothing is
// read for 5 seconds, or ctx ends. Then it cancels all jobs. It closes in if
// that is an io.Closer.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	bootID, err := host.BootID()
	if err != nil {
		return err
	}
	var files syscall.Rlimit // the hard limit counts, because Go raises the soft limit to it
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	most := int64(min(files.Cur, math.MaxInt64)) // RLIM_INFINITY exceeds it
	hello := Hello{Version: Version, BootID: bootID, Files: most, CPUs: runtime.GOMAXPROCS(0)}
	reader, err := host.NewReader()
	if err != nil {
		return err
	}
	return serve(ctx, in, out, hello, jobRunners{
		ready: inference.WaitReady, first: inference.First, again: inference.Again,
		load: engine.RunAfter, fetch: fetch, figures: reader.Read,
	})
}

// jobRunners are the functions that execute jobs.
type jobRunners struct {
	ready func(context.Context, inference.Probe) (plain bool, err error)
	first func(context.Context, string, []exchange.Request, time.Duration) inference.Answers
	again func(context.Context, string, []exchange.Request) []exchange.Outcome
	load  func(
		context.Context, engine.Load, []string, engine.Recorder, func(context.Context),
	) (engine.Result, error)
	fetch   func(context.Context, Page) (Answer, error)
	figures func() (host.Figures, error)
}

// server is a running agent.
type server struct {
	work jobRunners
	out  chan message
	done <-chan struct{} // closed when the agent ends

	running     sync.WaitGroup
	mu          sync.Mutex
	mask        *mask.Mask // hides secrets in outcomes; nil without secrets
	jobs        map[int64]context.CancelFunc
	held        map[int64]chan struct{}          // by job: closed when its load may start
	connections map[int64]*inference.Connections // by the job that opened them
}

func serve(ctx context.Context, in io.Reader, out io.Writer, hello Hello, work jobRunners) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{
		work: work, out: make(chan message, 64), done: ctx.Done(),
		jobs: map[int64]context.CancelFunc{}, held: map[int64]chan struct{}{},
		connections: map[int64]*inference.Connections{},
	}
	s.out <- message{Type: typeHello, Version: hello.Version, BootID: hello.BootID, Files: hello.Files, CPUs: hello.CPUs}
	go func() {
		defer cancel()
		s.write(ctx, out)
	}()
	heard := make(activity, 1)
	lines, read := make(chan []byte), make(chan error, 1)
	go func() { read <- s.read(heard.of(in), lines) }()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, held := range s.connections {
			held.Close()
		}
	}()
	defer s.running.Wait()
	defer cancel()
	if closer, ok := in.(io.Closer); ok {
		defer closer.Close()
	}
	quiet := time.NewTimer(clientTimeout)
	defer quiet.Stop()
	for {
		select {
		case <-heard:
			quiet.Reset(clientTimeout)
		case line := <-lines:
			s.handle(ctx, line)
			quiet.Reset(clientTimeout) // handling a long line takes time too
		case err := <-read:
			return err
		case <-quiet.C:
			return ErrSilent
		case <-ctx.Done():
			return nil
		}
	}
}

// activity signals that bytes were read: a long line may take longer than
// clientTimeout on a slow connection.
type activity chan struct{}

func (p activity) of(in io.Reader) io.Reader { return activityReader{in, p} }

type activityReader struct {
	io.Reader
	pulse activity
}

func (b activityReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n > 0 {
		select {
		case b.pulse <- struct{}{}:
		default: // a signal is pending
		}
	}
	return n, err
}

// read passes lines on until in ends.
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

// write is the only writer. It writes the messages of send, and the machine's
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
				continue // figures are optional
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

// send queues a line. It drops the line when the agent ends.
func (s *server) send(m message) {
	select {
	case s.out <- m:
	case <-s.done:
	}
}
