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
)

// ErrSilent ends an agent that hears nothing from its client any more.
var ErrSilent = errors.New("nothing from the client for 5 seconds")

// Serve does the jobs that are read from in and writes to out, until in ends,
// nothing comes for 5 seconds, or ctx ends. Then it gives all jobs up. It
// closes in when that can be closed.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	hello, err := greeting()
	if err != nil {
		return err
	}
	reader, err := host.NewReader()
	if err != nil {
		return err
	}
	return serve(ctx, in, out, hello, work{
		ready: inference.WaitReady, first: inference.First, again: inference.Again, load: engine.Run, fetch: fetch, figures: reader.Read,
	})
}

// greeting is what this process says of itself. Its limit of files is the hard
// one, as Go raises the soft one to it.
func greeting() (Hello, error) {
	bootID, err := host.BootID()
	if err != nil {
		return Hello{}, err
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return Hello{}, err
	}
	most := int64(min(files.Cur, math.MaxInt64)) // without a limit it is greater
	return Hello{Version: Version, BootID: bootID, Files: most, CPUs: runtime.GOMAXPROCS(0)}, nil
}

// work is what an agent can do.
type work struct {
	ready   func(context.Context, inference.Probe) (plain bool, err error)
	first   func(context.Context, string, []exchange.Request, time.Duration) inference.Answers
	again   func(context.Context, string, []exchange.Request) []exchange.Outcome
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
	held    map[int64]*inference.Connections // by the job that opened them
}

func serve(ctx context.Context, in io.Reader, out io.Writer, hello Hello, work work) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{work: work, out: make(chan message, 64), done: ctx.Done(), jobs: map[int64]context.CancelFunc{}, held: map[int64]*inference.Connections{}}
	s.out <- message{Type: typeHello, Version: hello.Version, BootID: hello.BootID, Files: hello.Files, CPUs: hello.CPUs}
	go func() {
		defer cancel()
		s.write(ctx, out)
	}()
	heard := make(pulse, 1)
	lines, read := make(chan []byte), make(chan error, 1)
	go func() { read <- s.read(heard.of(in), lines) }()
	defer s.hangUp()
	defer s.running.Wait()
	defer cancel()
	if closer, ok := in.(io.Closer); ok {
		defer closer.Close()
	}
	return s.listen(ctx, heard, lines, read)
}

// hangUp closes what connections are held.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, held := range s.held {
		held.Close()
	}
}

// pulse beats when something was read: a long line takes its time on a slow
// way, and its sender is no silent one.
type pulse chan struct{}

func (p pulse) of(in io.Reader) io.Reader { return beating{in, p} }

type beating struct {
	io.Reader
	pulse pulse
}

func (b beating) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n > 0 {
		select {
		case b.pulse <- struct{}{}:
		default: // it was not looked at since
		}
	}
	return n, err
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

func (s *server) listen(ctx context.Context, heard pulse, lines <-chan []byte, read <-chan error) error {
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case <-heard:
			quiet.Reset(silence)
		case line := <-lines:
			s.handle(ctx, line)
			quiet.Reset(silence) // a long line takes its time here too
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
