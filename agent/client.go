package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"plan/internal/host"
)

// Client speaks to one agent. Its methods may be called at the same time.
type Client struct {
	stream io.ReadWriteCloser
	hello  Hello
	greet  chan Hello  // takes one
	out    chan []byte // lines to be written
	gone   chan struct{}
	lost   *Lost // set before gone is closed
	quit   chan struct{}
	once   sync.Once // closes quit and the stream

	mu      sync.Mutex
	reading time.Time // since when it waits for a line; zero while it hands one on
	last    int64     // number of a job
	calls   map[int64]*call
	figures *host.Figures
}

// Dial takes a stream to an agent that is starting and waits for its first
// line. From then on the client owns the stream and keeps the agent alive.
// When it fails the stream is closed.
func Dial(ctx context.Context, stream io.ReadWriteCloser) (*Client, error) {
	c := &Client{
		stream: stream,
		greet:  make(chan Hello, 1), out: make(chan []byte),
		gone: make(chan struct{}), quit: make(chan struct{}),
		calls: map[int64]*call{},
	}
	go c.read()
	go c.write()
	if err := c.greeting(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) greeting(ctx context.Context) error {
	select {
	case c.hello = <-c.greet:
	case <-c.gone:
		select {
		case c.hello = <-c.greet: // it greeted before it went
		default:
			return c.lost
		}
	case <-ctx.Done():
		return fmt.Errorf("the agent does not answer: %w", context.Cause(ctx))
	}
	if c.hello.Version != Version {
		return fmt.Errorf("the agent speaks version %d of the protocol and this command version %d: its image is of another plan", c.hello.Version, Version)
	}
	return nil
}

// Hello is what the agent said of itself.
func (c *Client) Hello() Hello { return c.hello }

// Host gives the newest figures of the agent's machine; false before the first.
func (c *Client) Host() (host.Figures, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.figures == nil {
		return host.Figures{}, false
	}
	return *c.figures, true
}

// Close closes the stream, on which the agent gives up its jobs and ends.
func (c *Client) Close() error {
	var err error
	c.once.Do(func() {
		close(c.quit)
		err = c.stream.Close()
	})
	<-c.gone
	return err
}

// read takes lines until the stream ends.
func (c *Client) read() {
	var other tail
	lines := newLines(c.stream)
	for c.next(lines) {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil || m.Type == "" {
			other.add(lines.Text())
			continue
		}
		c.take(m, &other)
	}
	c.lost = &Lost{Text: other.text, Err: lines.Err()}
	close(c.gone)
}

// next waits for a line and keeps since when.
func (c *Client) next(lines *bufio.Scanner) bool {
	c.wait(time.Now())
	defer c.wait(time.Time{})
	return lines.Scan()
}

func (c *Client) wait(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = since
}

// silent says whether the agent, which tells of its machine every second, has
// not been heard of for too long: whatever lies between hangs.
func (c *Client) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.reading.IsZero() && time.Since(c.reading) > deaf
}

func (c *Client) take(m message, other *tail) {
	switch m.Type {
	case typeHello:
		select {
		case c.greet <- Hello{Version: m.Version, BootID: m.BootID, Files: m.Files, CPUs: m.CPUs}:
		default: // it has greeted before
		}
	case typeHost:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.figures = m.Host
	case typeWindow, typeDone:
		c.deliver(m)
	case typeError:
		other.add(m.Error)
		c.deliver(m)
	}
}

// write is the only one that writes. It sends a heartbeat where nothing else
// is sent, and gives up when it cannot write any more or hears nothing.
func (c *Client) write() {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		line := []byte(`{"type":"` + typeHeartbeat + `"}` + "\n")
		select {
		case line = <-c.out:
		case <-beat.C:
			if c.silent() {
				c.giveUp()
				return
			}
		case <-c.quit:
			return
		case <-c.gone:
			return
		}
		if _, err := c.stream.Write(line); err != nil {
			c.giveUp()
			return
		}
	}
}

// giveUp closes the stream, so that reading ends too.
func (c *Client) giveUp() {
	c.once.Do(func() {
		close(c.quit)
		c.stream.Close()
	})
}

// tail keeps the last 4,000 bytes of some lines.
type tail struct{ text string }

func (t *tail) add(line string) {
	t.text = strings.TrimSpace(t.text + "\n" + line)
	if extra := len(t.text) - 4000; extra > 0 {
		t.text = t.text[extra:]
	}
}
