package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"plan/internal/host"
)

// Client is a connection to one agent. It is safe for concurrent use.
type Client struct {
	stream io.ReadWriteCloser
	hello  Hello
	hellos chan Hello  // buffered, for the first line
	out    chan []byte // lines to write
	ended  chan struct{}
	lost   *Lost // set before ended is closed
	quit   chan struct{}
	once   sync.Once // closes quit and the stream

	mu           sync.Mutex
	readingSince time.Time // since when it waits for a line; zero while it handles one
	lastID       int64     // number of the last job
	calls        map[int64]*call
	figures      *host.Figures
}

// Dial waits for the first line of an agent that is starting, and passes it the
// secrets that no outcome may quote. From then on the client owns the stream and
// sends heartbeats. On an error it closes the
// stream.
func Dial(ctx context.Context, stream io.ReadWriteCloser, secrets []string) (*Client, error) {
	c := &Client{
		stream: stream,
		hellos: make(chan Hello, 1), out: make(chan []byte),
		ended: make(chan struct{}), quit: make(chan struct{}),
		calls: map[int64]*call{},
	}
	go c.read()
	go c.write()
	err := c.awaitHello(ctx)
	if err == nil && len(secrets) > 0 {
		err = c.send(ctx, message{Type: typeSecrets, Secrets: secrets})
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) awaitHello(ctx context.Context) error {
	select {
	case c.hello = <-c.hellos:
	case <-c.ended:
		select {
		case c.hello = <-c.hellos: // the greeting came before the end
		default:
			return c.lost
		}
	case <-ctx.Done():
		return fmt.Errorf("the agent does not respond: %w", context.Cause(ctx))
	}
	if c.hello.Version != Version {
		return fmt.Errorf("the agent has protocol version %d and this command version %d: "+
			"use an agent image of the same version of plan", c.hello.Version, Version)
	}
	return nil
}

// Hello returns the agent's greeting.
func (c *Client) Hello() Hello { return c.hello }

// Lost reports whether the stream to the agent has ended.
func (c *Client) Lost() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// Host returns the newest figures of the agent's machine; false before the
// first ones.
func (c *Client) Host() (host.Figures, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.figures == nil {
		return host.Figures{}, false
	}
	return *c.figures, true
}

// Close closes the stream. The agent then cancels its jobs and ends.
func (c *Client) Close() error {
	var err error
	c.once.Do(func() {
		close(c.quit)
		err = c.stream.Close()
	})
	<-c.ended
	return err
}

// read handles lines until the stream ends.
func (c *Client) read() {
	var other tail
	lines := newLines(c.stream)
	for {
		c.setReadingSince(time.Now())
		more := lines.Scan()
		c.setReadingSince(time.Time{})
		if !more {
			break
		}
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil || m.Type == "" {
			other.add(lines.Text())
			continue
		}
		switch m.Type {
		case typeHello:
			select {
			case c.hellos <- Hello{Version: m.Version, BootID: m.BootID, Files: m.Files, CPUs: m.CPUs}:
			default: // a second greeting is ignored
			}
		case typeHost:
			c.mu.Lock()
			c.figures = m.Host
			c.mu.Unlock()
		case typePrepared, typeWindow, typeDone:
			c.deliver(m)
		case typeError:
			other.add(m.Error)
			c.deliver(m)
		}
	}
	c.lost = &Lost{Text: other.text, Err: lines.Err()}
	close(c.ended)
}

func (c *Client) setReadingSince(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readingSince = since
}

// write is the only writer of the stream. It sends a heartbeat if there is
// nothing else to send. It closes the stream if writing fails, or if nothing
// came from the agent for longer than agentTimeout, although the agent sends
// figures every second: the connection hangs.
func (c *Client) write() {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		line := []byte(`{"type":"` + typeHeartbeat + `"}` + "\n")
		select {
		case line = <-c.out:
		case <-beat.C:
			c.mu.Lock()
			since := c.readingSince
			c.mu.Unlock()
			if !since.IsZero() && time.Since(since) > agentTimeout {
				c.giveUp()
				return
			}
		case <-c.quit:
			return
		case <-c.ended:
			return
		}
		if _, err := c.stream.Write(line); err != nil {
			c.giveUp()
			return
		}
	}
}

// giveUp closes the stream, so that read ends too.
func (c *Client) giveUp() {
	c.once.Do(func() {
		close(c.quit)
		c.stream.Close()
	})
}

// tail keeps the last 4,000 bytes of a series of lines.
type tail struct{ text string }

func (t *tail) add(line string) {
	t.text = strings.TrimSpace(t.text + "\n" + line)
	if extra := len(t.text) - 4000; extra > 0 {
		t.text = t.text[extra:]
	}
}
